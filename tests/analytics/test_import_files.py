"""What may be handed to `import_units`, and what it says on the way: gzip, workbooks, progress, many reasons, Ctrl-C."""

import csv
import gzip
import io
import os
import tracemalloc

import pytest
from django.core.management import CommandError, call_command
from django.utils import translation

from analytics.management.commands import import_units as command
from products.errors import ProductsError
from products.imports import opening, units
from products.imports.opening import open_csv
from products.models import Unit

pytestmark = pytest.mark.django_db


@pytest.fixture
def gtin(bag):
    return bag.trade_items.get().gtin


@pytest.fixture
def file(tmp_path):
    return tmp_path / "units.csv"


def csv_of(gtin, count):
    return "".join(["gtin,serial\n", *(f"{gtin},S{number}\n" for number in range(count))]).encode()


class Terminal(io.StringIO):
    def isatty(self):
        return True


def test_a_gzipped_file_is_unpacked_on_the_way(file, gtin):
    file.write_bytes(gzip.compress(csv_of(gtin, 3)))
    call_command("import_units", str(file), brand="acme")
    assert Unit.objects.count() == 3


@pytest.mark.parametrize("damage", [lambda raw: raw[:-20], lambda raw: raw[:40] + b"\x00" * 40 + raw[80:]])
def test_a_damaged_gzip_is_refused_before_anything_is_written(file, gtin, damage):
    file.write_bytes(damage(gzip.compress(csv_of(gtin, 5000))))
    with pytest.raises(CommandError, match="damaged or incomplete"):
        call_command("import_units", str(file), brand="acme")
    assert not Unit.objects.exists()


def test_a_gzip_that_would_never_end_is_refused(file, gtin, monkeypatch):
    monkeypatch.setattr(opening, "MAX_UNPACKED", 10_000)
    file.write_bytes(gzip.compress(b"gtin,serial\n" + b"\n" * 100_000))
    with pytest.raises(CommandError, match="holds more than"):
        call_command("import_units", str(file), brand="acme")


def test_a_workbook_inside_a_gzip_is_a_workbook():
    with pytest.raises(ProductsError, match="CSV UTF-8"):
        open_csv(io.BytesIO(gzip.compress(b"PK\x03\x04 and so on")))


def test_a_pipe_is_refused_in_a_sentence(gtin):
    read, write = os.pipe()
    os.close(write)
    with pytest.raises(CommandError, match="seek"):
        call_command("import_units", f"/dev/fd/{read}", brand="acme")
    os.close(read)


def test_a_terminal_sees_rows_and_speed_in_one_line(file, gtin, monkeypatch):
    ticks = iter(range(0, 10_000, 1))
    monkeypatch.setattr(command.time, "monotonic", lambda: next(ticks))
    monkeypatch.setattr(units, "CHUNK", 2)
    monkeypatch.setattr(units, "COPIED_CHUNK", 2)
    file.write_bytes(csv_of(gtin, 5) + b"123,S9\n")
    screen = Terminal()
    with pytest.raises(CommandError):
        call_command("import_units", str(file), brand="acme", stderr=screen)
    said = screen.getvalue()
    assert "2 of 6 rows, 2 rows/s, 0 bad so far" in said
    assert "6 of 6 rows, 2 rows/s, 1 bad so far" in said
    assert said.count("\n") == 1  # the one bad row; progress stays on its line
    assert said.endswith("\r\x1b[K")


def test_a_log_sees_no_line_for_a_short_import(file, gtin, capsys):
    file.write_bytes(csv_of(gtin, 5))
    call_command("import_units", str(file), brand="acme")
    assert capsys.readouterr().err == ""


def test_many_reasons_without_a_file_for_them_are_counted(file, gtin, capsys):
    file.write_bytes(b"gtin,serial\n" + b"1,S1\n" * 30)
    with pytest.raises(CommandError, match="30 rows were bad") as caught:
        call_command("import_units", str(file), brand="acme")
    assert "writes down all 30" in str(caught.value)
    assert capsys.readouterr().err.count("line ") == 20


def test_stopped_by_hand_it_says_how_to_go_on(file, gtin, monkeypatch):
    monkeypatch.setattr(units, "CHUNK", 2)
    monkeypatch.setattr(units, "COPIED_CHUNK", 2)
    judge = units._import_rows

    def stop_at_the_second(rows, task):
        if rows[0].serial == "S2":
            raise KeyboardInterrupt
        return judge(rows, task)

    monkeypatch.setattr(units, "_import_rows", stop_at_the_second)
    file.write_bytes(csv_of(gtin, 6))
    with pytest.raises(CommandError, match="Stopped after 2 rows"):
        call_command("import_units", str(file), brand="acme")
    monkeypatch.setattr(units, "_import_rows", judge)
    call_command("import_units", str(file), brand="acme")
    assert Unit.objects.count() == 6


def test_reasons_are_in_the_language_of_whoever_asked(file, gtin, capsys):
    """The file is read in a thread of its own, which knows no language by itself."""
    file.write_bytes(f"gtin,serial,market\n{gtin},S1,France\n".encode())
    with translation.override("fr"), pytest.raises(CommandError):
        call_command("import_units", str(file), brand="acme")
    assert "n’est pas un pays" in capsys.readouterr().err.replace("'", "’")


def test_memory_does_not_grow_with_the_file(file, gtin, monkeypatch):
    monkeypatch.setattr(units, "CHUNK", 300)
    monkeypatch.setattr(units, "COPIED_CHUNK", 300)

    def peak(rows):
        file.write_bytes(csv_of(gtin, rows))
        tracemalloc.start()
        call_command("import_units", str(file), brand="acme", dry_run=True)
        _current, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return most

    peak(900)
    assert peak(6_000) < peak(900) + 500_000  # bytes; a row held on to would cost a kilobyte


@pytest.mark.parametrize("value", ['=HYPERLINK("http://evil.example")', "+1+1", "-2+3", "@SUM(A1)"])
def test_a_bad_row_comes_back_as_text_and_never_as_a_formula(acme, file, tmp_path, value):
    """A factory's file may hold anything, and staff open the bad rows in a spreadsheet program."""
    with file.open("w", newline="") as output:
        csv.writer(output).writerows([["gtin", "serial"], [value, "S1"]])
    errors = tmp_path / "bad.csv"
    with pytest.raises(CommandError):
        call_command("import_units", str(file), "--brand", "acme", "--errors", str(errors))
    (row,) = csv.DictReader(errors.read_text().splitlines())
    assert (row["line"], row["column"]) == ("2", "gtin")
    assert not row["reason"].startswith(("=", "+", "-", "@"))
    assert value.lstrip("-")[:20] in row["reason"]
