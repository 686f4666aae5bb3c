"""`import_units`: good rows go in, bad rows come back with line, column and reason."""

import csv
import datetime as dt
import json

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from analytics.models import Event
from products.digital_link import gtin_check_digit
from products.imports.merging import can_merge
from products.imports.reading import COLUMNS
from products.models import Batch, Tag, Unit, Variant
from tests import factories

pytestmark = pytest.mark.django_db


class Importer:
    """Writes rows to a file, imports it, and keeps what came back."""

    def __init__(self, folder, gtin):
        self.folder, self.gtin = folder, gtin
        self.bad = []

    def row(self, serial, **cells):
        return {"gtin": self.gtin, "serial": serial, **cells}

    def rows(self, *rows, **options):
        with (self.folder / "units.csv").open("w", newline="") as output:
            writer = csv.DictWriter(output, COLUMNS)
            writer.writeheader()
            writer.writerows(rows)
        return self.run(**options)

    def text(self, text, **options):
        (self.folder / "units.csv").write_bytes(text if isinstance(text, bytes) else text.encode())
        return self.run(**options)

    def run(self, brand="acme", **options):
        """Return whether all rows were good."""
        errors = self.folder / "bad.csv"
        try:
            call_command(
                "import_units", str(self.folder / "units.csv"), brand=brand, errors=errors, **options
            )
            good = True
        except CommandError as error:
            self.returncode = error.returncode
            self.sentence = str(error)
            good = False
        with errors.open(newline="") as written:
            self.bad = [
                (int(line["line"]), line["column"], line["reason"]) for line in csv.DictReader(written)
            ]
        return good


@pytest.fixture
def importer(tmp_path, bag):
    return Importer(tmp_path, bag.trade_items.get().gtin)


def full_row(importer, serial="S1", **cells):
    return importer.row(
        serial,
        **{
            "batch": "L1",
            "variant": "tan",
            "made_on": "2024-03-01",
            "made_in": "Lyon",
            "origin": "Massif Central",
            "shipped_on": "2024-05-20",
            "sold_on": "2024-06-01",
            "market": "FR",
            "tag_uid": "04A1B2C3D4E5F6",
            "chip_profile": "acme-a",
            "attributes": '{"artisan": "Anna"}',
            **cells,
        },
    )


def test_a_row_becomes_a_unit_with_all_that_it_says(importer, bag, profile, capsys):
    assert importer.rows(full_row(importer))
    unit = Unit.objects.select_related("batch", "variant").get()
    assert (unit.product, unit.serial, unit.batch.code, unit.variant.code) == (bag, "S1", "L1", "tan")
    assert (unit.made_on, unit.shipped_on) == (dt.date(2024, 3, 1), dt.date(2024, 5, 20))
    assert unit.sold_on == dt.date(2024, 6, 1)
    assert (unit.made_in, unit.origin, unit.market) == ("Lyon", "Massif Central", "FR")
    assert unit.attributes == {"artisan": "Anna"}
    tag = Tag.objects.get()
    assert (tag.unit, tag.kind, tag.profile, tag.uid) == (unit, "chip", profile, "04a1b2c3d4e5f6")
    assert "1 new, 0 changed, 0 unchanged, 0 bad" in capsys.readouterr().out
    assert importer.bad == []


def test_an_imported_unit_answers_its_code(importer, client):
    importer.rows(importer.row("S1", made_in="Lyon"))
    unit = Unit.objects.get()
    assert unit.tags.get().kind == "qr"
    page = client.get(f"/q/{unit.public_code}").content.decode()
    assert "S1" in page
    assert "Lyon" in page


def test_one_event_is_written_for_a_file_and_none_for_its_repetition(importer, acme):
    rows = [importer.row(f"S{number}") for number in range(30)]
    importer.rows(*rows)
    event = Event.objects.get()
    assert (event.kind, event.brand_id, event.unit_id) == ("units.imported", acme.pk, None)
    assert event.data == {"new": 30, "changed": 0, "file": "units.csv"}
    importer.rows(*rows)
    assert Event.objects.count() == 1


def test_the_same_file_again_changes_nothing(importer, profile, capsys):
    rows = (full_row(importer), importer.row("S2"))
    importer.rows(*rows)
    before = [list(model.objects.order_by("pk").values()) for model in (Unit, Tag, Batch, Variant)]
    capsys.readouterr()
    assert importer.rows(*rows)
    assert [list(model.objects.order_by("pk").values()) for model in (Unit, Tag, Batch, Variant)] == before
    assert "0 new, 0 changed, 2 unchanged, 0 bad" in capsys.readouterr().out


def test_a_changed_row_updates_a_unit_that_was_never_used_and_an_empty_cell_clears_nothing(importer, profile):
    importer.rows(full_row(importer))
    Tag.objects.update(key_version=3)  # what the station said of the chip that is replaced
    changed = full_row(
        importer,
        batch="L2",
        variant="black",
        made_on="2024-03-02",
        made_in="",
        tag_uid="04ffffffffffff",
        attributes='{"artisan": "Ben"}',
    )
    assert importer.rows(changed)
    unit = Unit.objects.get()
    assert (unit.batch.code, unit.variant.code, unit.made_on) == ("L2", "black", dt.date(2024, 3, 2))
    assert (unit.made_in, unit.attributes) == ("Lyon", {"artisan": "Ben"})
    tag = unit.tags.get()
    assert (tag.uid, tag.key_version) == ("04ffffffffffff", 0)


def test_a_row_that_later_brings_a_chip_adds_it(importer, profile, client):
    importer.rows(importer.row("S1"))
    client.get(f"/q/{Unit.objects.get().public_code}")
    assert importer.rows(importer.row("S1", tag_uid="04a1b2c3d4e5f6", chip_profile="acme-a"))
    assert sorted(Tag.objects.values_list("kind", flat=True)) == ["chip", "qr"]


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("batch", "L2"),
        ("variant", "black"),
        ("made_on", "2024-03-02"),
        ("made_in", "Paris"),
        ("origin", "Auvergne"),
        ("shipped_on", "2024-05-21"),
        ("sold_on", "2024-06-02"),
        ("market", "DE"),
        ("tag_uid", "04ffffffffffff"),
        ("attributes", '{"artisan": "Ben"}'),
    ],
)
def test_history_is_not_contradicted(importer, profile, alice, column, value):
    importer.rows(full_row(importer))
    unit = Unit.objects.get()
    factories.own(unit, alice, dt.datetime(2024, 7, 1, tzinfo=dt.UTC))
    before = list(Unit.objects.values()), list(Tag.objects.values())
    assert not importer.rows(full_row(importer, **{column: value}))
    ((line, bad_column, reason),) = importer.bad
    assert (line, bad_column) == (2, column)
    assert reason
    assert (list(Unit.objects.values()), list(Tag.objects.values())) == before


def test_what_a_scanned_unit_does_not_say_yet_is_filled_in(importer, client):
    importer.rows(importer.row("S1"))
    client.get(f"/q/{Unit.objects.get().public_code}")
    assert importer.rows(importer.row("S1", sold_on="2024-06-01", market="FR", made_in="Lyon"))
    unit = Unit.objects.get()
    assert (unit.sold_on, unit.market, unit.made_in) == (dt.date(2024, 6, 1), "FR", "Lyon")
    assert not importer.rows(importer.row("S1", made_on="2024-07-01"))
    assert "before it was made" in importer.bad[0][2]


def test_another_chip_on_a_tapped_unit_is_a_bad_row(importer, profile, client, unit, chip):
    client.get(chip.tap())
    importer.gtin = unit.trade_item.gtin
    assert not importer.rows(
        importer.row(unit.serial, tag_uid="04ffffffffffff", chip_profile="acme-a"), importer.row("S2")
    )
    ((line, column, reason),) = importer.bad
    assert (line, column) == (2, "tag_uid")
    assert "used with another chip" in reason
    assert Tag.objects.chips().get().uid == chip.tag.uid
    assert Unit.objects.filter(serial="S2").exists()


def test_a_dry_run_finds_everything_and_writes_nothing(importer, unit, chip, capsys):
    rows = (
        importer.row("S1", batch="L1"),
        importer.row("S1", batch="L1"),
        importer.row("S2", tag_uid=chip.tag.uid, chip_profile="acme-a"),
        importer.row("S3", market="France"),
    )
    assert not importer.rows(*rows, dry_run=True)
    assert [bad[:2] for bad in importer.bad] == [(4, "tag_uid"), (5, "market")]
    assert (
        "Nothing was written. Without --dry-run: 1 new, 0 changed, 1 unchanged, 2 bad"
        in capsys.readouterr().out
    )
    assert (Unit.objects.count(), Batch.objects.count(), Event.objects.count()) == (1, 0, 0)


def test_duplicates_within_a_file_name_the_first_line(importer, profile):
    chip = {"tag_uid": "04a1b2c3d4e5f6", "chip_profile": "acme-a"}
    assert not importer.rows(
        importer.row("S1", **chip),
        importer.row("S1", **{**chip, "tag_uid": "04A1B2C3D4E5F6"}),
        importer.row("S1", made_in="Lyon"),
        importer.row("S2", **chip),
        importer.row("S2", **chip),
    )
    assert [(line, column) for line, column, _reason in importer.bad] == [
        (4, "serial"),
        (5, "tag_uid"),
        (6, ""),
    ]
    assert "line 2" in importer.bad[0][2]
    assert "line 2" in importer.bad[1][2]
    assert "line 5" in importer.bad[2][2]
    assert list(Unit.objects.values_list("serial", flat=True)) == ["S1"]


def test_another_brands_rows_stay_hidden_and_untouched(importer, globex):
    """Tenancy: a GTIN, chip profile or chip of Globex is as unknown to Acme as one that nobody has."""
    rival = factories.full_product(globex)
    gtin = rival.trade_items.get().gtin
    factories.ChipProfileFactory(brand=globex, slug="globex-a")
    foreign = {"tag_uid": "04a1b2c3d4e5f6", "chip_profile": "globex-a"}
    nobody = {"tag_uid": "04a1b2c3d4e5f6", "chip_profile": "nobody-a"}
    unused = factories.gtin_of(999_999)
    assert not importer.rows(
        {"gtin": gtin, "serial": "S1"},
        {"gtin": unused, "serial": "S1"},
        importer.row("S1", **foreign),
        importer.row("S2", **nobody),
    )
    reasons = [
        reason.replace(gtin.zfill(14), "GTIN").replace(unused.zfill(14), "GTIN").replace("globex", "nobody")
        for _line, _column, reason in importer.bad
    ]
    assert reasons[0] == reasons[1]
    assert reasons[2] == reasons[3]
    assert not Unit.objects.exists()


def test_a_gtin_of_a_variant_names_it(importer, bag):
    tan = Variant.objects.create(product=bag, code="tan")
    item = factories.TradeItemFactory(product=bag, variant=tan)
    importer.gtin = item.gtin
    assert not importer.rows(importer.row("S1"), importer.row("S2", variant="black"))
    assert Unit.objects.get().variant == tan
    assert importer.bad[0][:2] == (3, "variant")


BAD_CELLS = [
    ("gtin", "9506000134353", "check digit"),
    ("gtin", "4.00638E+12", "only digits"),
    ("gtin", "", "empty"),
    ("serial", "", "empty"),
    ("serial", "x" * 21, "longer than 20"),
    ("serial", "É1", "does not allow"),
    ("batch", "x" * 21, "longer than 20"),
    ("variant", "x" * 61, "longer than 60"),
    ("made_on", "03/04/2024", "write year-month-day, like 2026-03-31"),
    ("made_on", "4 March 2024", "write year-month-day"),
    ("made_on", "20240304", "write year-month-day"),
    ("made_on", "2024-02-30", "There is no day 2024-02-30"),
    ("made_on", "0024-02-03", "can't be right"),
    ("made_on", "2999-01-01", "in the future"),
    ("made_in", "x" * 121, "longer than 120"),
    ("origin", "Ly\x00on", "can't be printed"),
    ("origin", "x" * 201, "longer than 200"),
    ("shipped_on", "20/05/2024", "write year-month-day"),
    ("shipped_on", "2999-01-01", "in the future"),
    ("sold_on", "2999-01-01", "in the future"),
    ("market", "fr", "two capital letters"),
    ("market", "FRA", "two capital letters"),
    ("tag_uid", "04a1b2", "14 hexadecimal digits"),
    ("tag_uid", "04a1b2c3d4e5g6", "14 hexadecimal digits"),
    ("chip_profile", "acme-a", "needs the chip's UID"),
    ("attributes", "artisan: Anna", "not JSON"),
    ("attributes", '["Anna"]', "must be a JSON object"),
    ("attributes", '{"a": NaN}', "not JSON"),
    ("attributes", '{"a": 1e999}', "not JSON"),
    ("attributes", '{"a": "\\u0000"}', "stands for no character"),
    ("attributes", '{"a": "\\ud800"}', "stands for no character"),
    ("attributes", "[" * 5000, "not JSON"),
    ("attributes", json.dumps({"a": "x" * 9000}), "longer than 8192"),
]


@pytest.mark.parametrize(("column", "value", "reason"), BAD_CELLS)
def test_a_bad_cell_gets_its_reason_and_its_neighbours_go_in(importer, profile, column, value, reason):
    bad = {**importer.row("S2"), column: value}
    if column == "chip_profile":
        bad["tag_uid"] = ""
    assert not importer.rows(importer.row("S1"), bad, importer.row("S3"))
    mine = [found for found in importer.bad if reason in found[2]]
    assert mine, importer.bad
    assert all(found[0] == 3 for found in importer.bad)
    assert sorted(Unit.objects.values_list("serial", flat=True)) == ["S1", "S3"]


def test_every_problem_of_a_row_is_reported(importer):
    assert not importer.rows(
        {
            "gtin": "1",
            "serial": "S1",
            "made_on": "2024-05-01",
            "shipped_on": "2024-04-30",
            "sold_on": "2024-04-01",
            "tag_uid": "04a1b2c3d4e5f6",
        }
    )
    assert [column for _line, column, _reason in importer.bad] == [
        "gtin",
        "shipped_on",
        "sold_on",
        "chip_profile",
    ]
    assert importer.sentence.startswith("1 row was bad.")
    assert importer.returncode == 1


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("start", ["", "\ufeff"])
@pytest.mark.parametrize("ending", ["\n", "\r\n"])
def test_files_of_every_office_are_read(importer, delimiter, start, ending):
    lines = [
        ["gtin", "Serial ", "attributes"],
        [importer.gtin, "S1", '"{""artisan"": ""Anna; Ben, Cleo""}"'],
        ["", "", ""],
        [importer.gtin, "S2", ""],
    ]
    text = ending.join(delimiter.join(line) for line in lines) + ending + ending
    assert importer.text(start + text), importer.bad
    assert Unit.objects.get(serial="S1").attributes == {"artisan": "Anna; Ben, Cleo"}
    assert Unit.objects.count() == 2


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "The file is empty"),
        (b"\xef\xbb\xbf", "The file is empty"),
        ("gtin,serial\n".encode("utf-16"), "Save the file as CSV in UTF-8"),
        (b"x" * 70_000, "can't be read"),
        (b"gtin,batch\n", "lacks the column serial"),
        (b"gtin,serial,colour\n", "not known: “colour”"),
        (b"gtin,serial,serial\n", "serial stands in the file twice"),
        (b"PK\x03\x04\x00\x00", "a workbook or an archive, not a CSV"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1", "a workbook or an archive, not a CSV"),
    ],
)
def test_a_file_that_is_no_such_csv_is_refused_in_a_sentence(importer, content, sentence):
    assert not importer.text(content)
    assert sentence in importer.sentence


def test_a_broken_line_costs_that_line_only(importer):
    gtin = importer.gtin
    lines = [
        b"gtin,serial,made_in,attributes",
        f'{gtin},S2,Lyon,"{{""a"": 1}}"'.encode(),
        f'{gtin},S3,"Lyon,'.encode(),  # a quotation mark that is never closed
        f'{gtin},S4,Lyon,"{{""a"": 1}}"'.encode(),
        f'{gtin},S5,"Ly"on,'.encode(),
        f"{gtin},S6,Besan\xe7on,".encode("latin-1"),
        f"{gtin},S7".encode(),
        f"{gtin},S8,Lyon,,,".encode(),
        f"{gtin},S9,{'x' * 70_000},".encode(),
        f'{gtin},S10,"Lyon\nVaise",'.encode(),  # two lines, and a cell that may not have them
        f'{gtin},S11,Lyon,"{{""a"":\n 1}}"'.encode(),  # two lines, rightly
        f"{gtin},S12,Lyon,".encode(),
        f'{gtin},S13,"Lyon,'.encode(),  # never closed, and the file ends
    ]
    assert not importer.text(b"\n".join(lines))
    assert [line for line, _column, _reason in importer.bad] == [3, 5, 6, 7, 8, 9, 10, 15]
    assert sorted(Unit.objects.values_list("serial", flat=True)) == ["S11", "S12", "S2", "S4"]


def test_without_an_errors_file_the_reasons_are_printed(tmp_path, bag, capsys):
    file = tmp_path / "units.csv"
    file.write_text("gtin,serial\n1,S1\n")
    with pytest.raises(CommandError, match="1 row was bad"):
        call_command("import_units", str(file), brand="acme")
    assert "line 2, gtin:" in capsys.readouterr().err


def test_an_unknown_brand_a_missing_file_and_a_folder_are_named(importer, tmp_path):
    assert not importer.text("gtin,serial\n", brand="initech")
    assert "initech" in importer.sentence
    with pytest.raises(CommandError, match="No such file"):
        call_command("import_units", str(tmp_path / "none.csv"), brand="acme")
    with pytest.raises(CommandError, match="Is a directory"):
        call_command("import_units", str(tmp_path), brand="acme")


def test_somebody_who_was_faster_costs_one_row_not_the_chunk(importer, profile, monkeypatch):
    """The chunk is tried again row by row, so that the others go in and the count is true."""
    from django.db import IntegrityError

    from products.imports import units

    def refuse_all(*_args, **_options):
        raise IntegrityError

    monkeypatch.setattr(units, "merge_rows", refuse_all)
    write = units.write_plans

    def refuse_s2(plans, brand):
        if any(plan.row.serial == "S2" for plan in plans):
            raise IntegrityError
        write(plans, brand)

    monkeypatch.setattr(units, "write_plans", refuse_s2)
    assert not importer.rows(*[importer.row(f"S{number}") for number in (1, 2, 3)])
    assert importer.bad[0][0] == 3
    assert "at the same moment" in importer.bad[0][2]
    assert sorted(Unit.objects.values_list("serial", flat=True)) == ["S1", "S3"]
    assert Event.objects.get().data["new"] == 2


def test_a_chip_used_while_its_unit_is_imported_stays(importer, profile, monkeypatch):
    from products.imports import units

    importer.rows(full_row(importer))
    write = units.write_plans

    def tap_first(plans, brand):
        Tag.objects.update(last_counter=1)
        write(plans, brand)

    monkeypatch.setattr(units, "write_plans", tap_first)
    assert not importer.rows(full_row(importer, tag_uid="04ffffffffffff"))
    assert Tag.objects.get().uid == "04a1b2c3d4e5f6"


def test_statements_do_not_grow_with_the_rows(importer, profile):
    """What is read is read once per chunk; SQLite takes its rows in more than one INSERT."""

    def selects(count, prefix):
        rows = [
            importer.row(f"{prefix}{number}", tag_uid=f"04{prefix}{number:010x}", chip_profile="acme-a")
            for number in range(count)
        ]
        with CaptureQueriesContext(
            connection,
        ) as queries:
            assert importer.rows(*rows)
        return sum(query["sql"].startswith("SELECT") for query in queries)

    assert selects(200, "aa") == selects(2, "bb")


def fifty_bad_rows(importer):
    """Return good rows with one bad row every 200 lines, of ten kinds, and the lines of the bad ones."""
    wrong = importer.gtin[:-1] + str((gtin_check_digit(importer.gtin[:-1]) + 1) % 10)
    kinds = [
        lambda row: {**row, "gtin": wrong},
        lambda row: {**row, "gtin": factories.gtin_of(888_888)},
        lambda row: {**row, "serial": "with space"},
        lambda row: {**row, "serial": "N1"},
        lambda row: {**row, "made_on": "03.04.2024"},
        lambda row: {**row, "made_on": "2024-05-02", "sold_on": "2024-05-01"},
        lambda row: {**row, "market": "Germany"},
        lambda row: {**row, "tag_uid": "04000000000001"},
        lambda row: {**row, "chip_profile": "nobody"},
        lambda row: {**row, "attributes": "{artisan}"},
    ]
    rows, bad_lines = [], []
    for number in range(1, 10_001):
        row = importer.row(
            f"N{number}", batch=f"L{number % 7}", tag_uid=f"04{number:012x}", chip_profile="acme-a"
        )
        if number % 200 == 0:
            row = kinds[number // 200 % len(kinds)](row)
            bad_lines.append(number + 1)
        rows.append(row)
    return rows, bad_lines


def test_ten_thousand_units_with_fifty_bad_rows(importer, profile, capsys):
    """G5: each bad row is reported with its line; the others are in, whole."""
    rows, bad_lines = fifty_bad_rows(importer)
    assert not importer.rows(*rows)
    assert [line for line, _column, _reason in importer.bad] == bad_lines
    assert all(column and reason for _line, column, reason in importer.bad)
    assert "9950 new, 0 changed, 0 unchanged, 50 bad" in capsys.readouterr().out
    assert (Unit.objects.count(), Tag.objects.chips().count(), Batch.objects.count()) == (9950, 9950, 7)
    assert sum(event.data["new"] for event in Event.objects.all()) == 9950
    assert Event.objects.count() == (1 if can_merge() else 10)  # one for each transaction


def test_a_long_file_of_broken_lines_is_read_in_a_moment_and_in_little_memory(importer):
    """Every line opens a quotation mark; none is read more than a few times."""
    import tracemalloc

    from products.imports.reading import read_records

    lines = b"gtin,serial\n" + b"".join(
        b'%d,"open\n' % number if number % 3 else b'%d,"a"b\n' % number for number in range(20_000)
    )
    file = importer.folder / "broken.csv"
    file.write_bytes(lines)
    tracemalloc.start()
    with file.open("rb") as stream:
        found = sum(1 for _record in read_records(stream))
    _current, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert found > 10_000
    assert peak < 2_000_000  # bytes


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_two_imports_of_one_file_at_the_same_moment_make_each_unit_once(importer, profile):
    from concurrent.futures import ThreadPoolExecutor

    rows = [
        importer.row(f"N{number}", batch=f"L{number % 5}", tag_uid=f"04{number:012x}", chip_profile="acme-a")
        for number in range(3_000)
    ]
    importer.rows(rows[0])
    with (importer.folder / "units.csv").open("w", newline="") as output:
        writer = csv.DictWriter(output, COLUMNS)
        writer.writeheader()
        writer.writerows(rows)

    def run(_number):
        try:
            call_command("import_units", str(importer.folder / "units.csv"), brand="acme")
        finally:
            connection.close()

    with ThreadPoolExecutor(3) as pool:
        list(pool.map(run, range(3)))
    assert Unit.objects.count() == Tag.objects.count() == 3_000
    assert sum(event.data["new"] for event in Event.objects.all()) == 3_000
