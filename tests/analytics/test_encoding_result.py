"""What an encoding station reports becomes chips on units: once, with a reason for every row that can't be."""

import io
import secrets

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from analytics import encoding
from analytics.encoding import ResultImport, import_result
from analytics.models import Event
from products.errors import ProductsError
from products.models import EncodingOrder, Tag
from products.profiles import keyring
from products.services.chips import add_key_version, remove_key_version
from tests import factories

pytestmark = pytest.mark.django_db


def uid():
    return "04" + secrets.token_hex(6)


def order_of(brand, profile, **values):
    return EncodingOrder.objects.create(
        brand=brand, profile=profile, base_url="https://acme.example/t/a", created_at=timezone.now(), **values
    )


@pytest.fixture
def order(acme, profile):
    return order_of(acme, profile)


@pytest.fixture
def units(bag):
    return [factories.UnitFactory(product=bag, serial=f"A-{number}") for number in range(1, 5)]


def run(order, *lines, header="serial,uid"):
    problems = []
    task = ResultImport(order, problems.append, timezone.now(), actor_id=7, source={"file": "result.csv"})
    counts = import_result(io.BytesIO("\n".join([header, *lines]).encode()), task)
    return counts, [(problem.line, problem.column, problem.reason) for problem in problems]


def test_chips_are_bound_to_their_units_with_one_event_for_all(order, units, profile):
    chips = [uid() for _unit in units]
    counts, problems = run(
        order, *(f"{unit.serial},{chip.upper()}" for unit, chip in zip(units, chips, strict=True))
    )
    assert (counts.as_dict(), problems) == ({"bound": 4, "renewed": 0, "unchanged": 0, "bad": 0}, [])
    for unit, chip in zip(units, chips, strict=True):
        tag = Tag.objects.get(unit=unit)
        assert (tag.uid, tag.profile, tag.kind, tag.key_version, tag.last_counter) == (
            chip,
            profile,
            "chip",
            0,
            None,
        )
    event = Event.objects.get()
    assert (event.kind, event.actor_id, event.unit_id) == ("tag.bound", 7, None)
    assert event.data == {"chips": 4, "order": order.pk, "file": "result.csv"}


def test_the_same_file_again_changes_nothing(order, units):
    lines = [f"A-1,{uid()}", f"A-2,{uid()}"]
    run(order, *lines)
    counts, problems = run(order, *lines)
    assert (counts.bound, counts.unchanged, problems) == (0, 2, [])
    assert Event.objects.count() == 1


def test_a_bound_chip_taps_as_genuine(client, order, units, profile):
    chip = uid()
    run(order, f"A-1,{chip}")
    tag = Tag.objects.get(uid=chip)
    from products.profiles import to_sun
    from products.sun import VirtualChip

    link = VirtualChip(bytes.fromhex(chip), to_sun(tag.profile)).link(
        f"http://testserver/t/{profile.slug}", 1
    )
    page = client.get(link.removeprefix("http://testserver"))
    assert 'data-authenticity="genuine"' in page.content.decode()


def test_chips_under_a_key_that_was_removed_are_not_bound(order, units, profile):
    key = keyring(profile).file_read_keys[0]
    said = {"profile": profile, "actor_id": 7, "now": timezone.now()}
    add_key_version(version=1, key=b"\x44" * 16, **said)
    remove_key_version(version=0, **said)
    order.refresh_from_db()
    with pytest.raises(ProductsError, match="version 0 of this order was removed"):
        run(order, f"A-1,{uid()}")
    assert not Tag.objects.exists()
    add_key_version(version=0, key=key, **said)
    order.refresh_from_db()
    assert run(order, f"A-1,{uid()}")[0].bound == 1


@pytest.fixture
def busy(order, units, acme, globex, profile):
    """Chips that are somewhere already."""
    factories.put_chip_on(units[0], profile, "04aaaaaaaaaaaa")
    other = factories.ChipProfileFactory(brand=acme)
    factories.put_chip_on(units[1], other, "04bbbbbbbbbbbb")
    factories.put_chip_on(units[2], profile, "04cccccccccccc")
    Tag.objects.filter(uid="04cccccccccccc").update(state="withdrawn")
    type(units[3]).objects.filter(pk=units[3].pk).update(status="destroyed", retired_on="2026-01-01")
    factories.UnitFactory(product=factories.full_product(globex), serial="G-1")


@pytest.mark.parametrize(
    ("line", "column", "words"),
    [
        ("A-2,04aaaaaaaaaaaa", "uid", "on another unit already"),
        ("A-1,04dddddddddddd", "uid", "carries the chip 04aaaaaaaaaaaa already"),
        ("A-2,04bbbbbbbbbbbb", "uid", "under another chip profile"),
        ("A-3,04cccccccccccc", "uid", "was withdrawn"),
        ("A-4,04dddddddddddd", "serial", "is retired"),
        ("A-9,04dddddddddddd", "serial", "no unit with this serial"),
        ("G-1,04dddddddddddd", "serial", "no unit with this serial"),
        ("A-3,04dd", "uid", "14 hexadecimal digits"),
        ("A-3,", "uid", "14 hexadecimal digits"),
        (",04dddddddddddd", "serial", "serial"),
        ("Ünit №3,04dddddddddddd", "serial", "serial"),
        ("A-3", "", "1 cells, the header has 2"),
        ('"A-3,04dddddddddddd', "", "quotation marks"),
    ],
)
def test_a_bad_row_says_why_and_the_others_go_in(order, busy, bag, line, column, words):
    factories.UnitFactory(product=bag, serial="A-5")
    counts, problems = run(order, line, "A-5,04eeeeeeeeeeee")
    assert (counts.bound, counts.bad) == (1, 1)
    ((number, where, reason),) = problems
    assert (number, where) == (2, column)
    assert words in reason


def test_one_chip_or_unit_twice_in_a_file(order, units):
    counts, problems = run(
        order, "A-1,04aaaaaaaaaaaa", "A-2,04aaaaaaaaaaaa", "A-1,04bbbbbbbbbbbb", "A-1,04aaaaaaaaaaaa"
    )
    assert (counts.bound, counts.unchanged, counts.bad) == (1, 1, 2)
    assert [line for line, _column, _reason in problems] == [3, 4]


def test_a_chip_encoded_anew_needs_a_newer_key_version_and_then_counts_from_the_start(
    acme, units, profile, order
):
    """Under its old version, links that it made before would pass again."""
    for version in (1, 2, 3):
        add_key_version(
            profile=profile, version=version, key=bytes([version]) * 16, actor_id=7, now=timezone.now()
        )
    profile.refresh_from_db()
    chip = factories.put_chip_on(units[0], profile, "04aaaaaaaaaaaa")
    Tag.objects.filter(pk=chip.tag.pk).update(key_version=2, last_counter=900, last_visitor="v")
    newer, older = order_of(acme, profile, key_version=3), order_of(acme, profile, key_version=1)
    _counts, problems = run(older, "A-1,04aaaaaaaaaaaa")
    assert "key version 2 already" in problems[0][2]
    assert Tag.objects.get(pk=chip.tag.pk).last_counter == 900
    counts, _problems = run(newer, "A-1,04aaaaaaaaaaaa", "A-1,04aaaaaaaaaaaa")
    assert (counts.renewed, counts.unchanged) == (1, 1)
    tag = Tag.objects.get(pk=chip.tag.pk)
    assert (tag.key_version, tag.last_counter, tag.last_visitor) == (3, None, "")
    event = Event.objects.get()
    assert (event.kind, event.unit_id) == ("tag.encoded_anew", units[0].pk)
    assert (event.data["tag"], event.data["key_version"]) == (tag.pk, 3)


def test_a_station_that_wrote_another_version_is_told_so(order, units):
    header = "serial,uid,key_version"
    counts, problems = run(
        order, "A-1,04aaaaaaaaaaaa,0", "A-2,04bbbbbbbbbbbb,4", "A-3,04cccccccccccc,x", header=header
    )
    assert (counts.bound, counts.bad) == (1, 2)
    assert [column for _line, column, _reason in problems] == ["key_version", "key_version"]


def test_a_serial_of_several_products_takes_the_gtin(order, units, acme):
    twin = factories.UnitFactory(product=factories.full_product(acme), serial="A-1")
    _counts, problems = run(order, "A-1,04aaaaaaaaaaaa")
    assert "add a column gtin" in problems[0][2]
    counts, _problems = run(order, f"A-1;04aaaaaaaaaaaa;{twin.trade_item.gtin}", header="serial;uid;gtin")
    assert counts.bound == 1
    assert Tag.objects.get(uid="04aaaaaaaaaaaa").unit == twin


def test_an_order_for_a_batch_takes_units_of_the_batch_only(acme, profile, units, bag):
    batch = factories.BatchFactory(product=bag)
    factories.UnitFactory(product=bag, batch=batch, serial="B-1")
    counts, _problems = run(order_of(acme, profile, batch=batch), "B-1,04aaaaaaaaaaaa", "A-1,04bbbbbbbbbbbb")
    assert (counts.bound, counts.bad) == (1, 1)


def test_a_chip_withdrawn_under_another_profile_may_serve_again(acme, order, units, profile):
    chip = factories.put_chip_on(units[0], factories.ChipProfileFactory(brand=acme), "04aaaaaaaaaaaa")
    Tag.objects.filter(pk=chip.tag.pk).update(state="withdrawn")
    counts, problems = run(order, "A-2,04aaaaaaaaaaaa")
    assert (counts.bound, problems) == (1, [])


def test_many_rows_go_in_by_the_thousand(order, bag, monkeypatch):
    monkeypatch.setattr(encoding, "CHUNK", 2)
    for number in range(5):
        factories.UnitFactory(product=bag, serial=f"C-{number}")
    counts, _problems = run(order, *(f"C-{number},{uid()}" for number in range(5)))
    assert counts.bound == 5
    assert sorted(Event.objects.values_list("data__chips", flat=True)) == [1, 2, 2]


def test_a_chip_that_somebody_binds_at_the_same_moment_is_one_bad_row(order, units, profile, monkeypatch):
    load = encoding._load

    def forgetful(rows, order):
        known = load(rows, order)
        known.by_uid.pop("04aaaaaaaaaaaa", None)
        return known

    factories.put_chip_on(units[3], profile, "04aaaaaaaaaaaa")
    monkeypatch.setattr(encoding, "_load", forgetful)
    counts, problems = run(order, "A-1,04aaaaaaaaaaaa", "A-2,04bbbbbbbbbbbb")
    assert (counts.bound, counts.bad) == (1, 1)
    assert "at the same moment" in problems[0][2]
    assert Event.objects.get().data["chips"] == 1


def test_the_command_binds_and_reports(order, units, tmp_path, capsys):
    file = tmp_path / "result.csv"
    file.write_text("serial,uid\nA-1,04aaaaaaaaaaaa\n")
    call_command("import_encoding_result", file, order=order.pk)
    assert capsys.readouterr().out == "1 bound, 0 encoded anew, 0 unchanged, 0 bad.\n"
    file.write_text("serial,uid\nA-1,04aaaaaaaaaaaa\nA-2,xx\n")
    with pytest.raises(CommandError, match="1 row was bad"):
        call_command("import_encoding_result", file, order=order.pk, errors=tmp_path / "bad.csv")
    assert (tmp_path / "bad.csv").read_text().startswith("line,column,reason\n3,uid,")


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "The file is empty"),
        (b"uid\n04aaaaaaaaaaaa\n", "lacks the column serial"),
        (b"serial,uid,colour\n", "a column that is not known"),
        (b"\xff\xfe\x00", "can't be read"),
    ],
)
def test_a_file_that_is_none_is_refused_whole(order, tmp_path, content, words):
    file = tmp_path / "result.csv"
    file.write_bytes(content)
    with pytest.raises(CommandError, match=words):
        call_command("import_encoding_result", file, order=order.pk)


def test_the_command_names_what_is_missing(order, tmp_path):
    with pytest.raises(CommandError, match="There is no encoding order 999999"):
        call_command("import_encoding_result", tmp_path / "x.csv", order=999999)
    with pytest.raises(CommandError, match="No such file"):
        call_command("import_encoding_result", tmp_path / "x.csv", order=order.pk)
