"""What a tap reads of a unit: types, fallbacks and days, alike on both databases."""

import datetime as dt

import pytest
import time_machine
from django.test import Client

from analytics.models import Scan
from experiences.facts import (
    ChipKey,
    consume_and_read,
    read_by_chip,
    read_by_code,
    read_by_key,
    stage_facts,
    uid_by_code,
)
from products.days import ZoneInfo
from products.models import Market, Tag, Unit
from tests import factories
from tests.reading import main_attributes, text_of

pytestmark = pytest.mark.django_db

UTC = ZoneInfo("UTC")
AT = dt.datetime(2026, 3, 1, 23, 30, 15, 123456, tzinfo=dt.UTC)


def test_a_bare_unit_reads_as_nothing_known(unit):
    row = read_by_code(unit.public_code)
    assert (row.unit_id, row.serial, row.gtin) == (unit.pk, unit.serial, unit.trade_item.gtin)
    assert (row.batch, row.made_on, row.made_in, row.origin, row.sold_on) == (None, None, "", "", None)
    assert (row.tag_id, row.last_counter, row.consumed) == (None, None, False)
    assert (row.first_scan_at, row.scans, row.visitors) == (None, 0, "")
    assert (row.owner_id, row.ownerships, row.flags) == (None, 0, ())
    assert row.attributes == {}


def test_facts_come_back_in_their_types(unit, alice):
    factories.own(unit, alice, AT)
    factories.facts(unit, opened_at=AT, holder_spoke_up_at=AT, recall=True, dispute=True)
    Unit.objects.filter(pk=unit.pk).update(
        sold_on=dt.date(2026, 2, 28), made_on=dt.date(2024, 2, 29), attributes={"artisan": "Noor", "no": 7}
    )
    row = read_by_code(unit.public_code)
    assert (row.sold_on, row.made_on) == (dt.date(2026, 2, 28), dt.date(2024, 2, 29))
    assert row.attributes == {"artisan": "Noor", "no": 7}
    assert row.owned_since == row.first_owned_at == row.opened_at == row.spoke_up_at == AT
    assert (row.owner_id, row.ownerships, row.recall, row.claim) == (alice.pk, 1, True, False)
    assert row.flags == ("recall", "dispute")


def test_what_the_unit_says_goes_before_what_its_batch_says(unit, bag):
    batch = factories.BatchFactory(
        product=bag, code="L7", made_on=dt.date(2024, 1, 1), made_in="Lyon", origin="Auvergne",
        composition=[{"name": "Hide", "value": "Calf"}],
    )  # fmt: skip
    Unit.objects.filter(pk=unit.pk).update(batch=batch, made_in="Nantes")
    row = read_by_code(unit.public_code)
    assert (row.batch, row.made_on, row.made_in, row.origin) == (
        "L7", dt.date(2024, 1, 1), "Nantes", "Auvergne",
    )  # fmt: skip
    assert row.composition == [{"name": "Hide", "value": "Calf"}]


def consume(chip, counter: int, *, version: int = 0, visitor: str = "a", uid: str = ""):
    key = ChipKey(chip.tag.profile_id, uid or chip.tag.uid)
    return consume_and_read(key, counter=counter, version=version, visitor=visitor * 32)


def test_all_ways_read_the_same_unit(chip, unit):
    ways = [
        read_by_code(unit.public_code),
        read_by_key(unit.trade_item.gtin, unit.serial),
        read_by_chip(ChipKey(chip.tag.profile_id, chip.tag.uid)),
        consume(chip, 5),
    ]
    assert {row.unit_id for row in ways} == {unit.pk}
    assert [row.consumed for row in ways] == [False, False, False, True]
    assert [row.tag_id for row in ways] == [None, None, chip.tag.pk, chip.tag.pk]


def test_consuming_is_refused_for_the_same_a_lower_and_a_withdrawn_counter(chip):
    assert consume(chip, 5).consumed
    assert not consume(chip, 5, visitor="b").consumed
    assert not consume(chip, 4, visitor="b").consumed
    assert consume(chip, 6, visitor="c").consumed
    Tag.objects.filter(pk=chip.tag.pk).update(state="withdrawn")
    assert not consume(chip, 7, visitor="d").consumed
    tag = Tag.objects.get(pk=chip.tag.pk)
    assert (tag.last_counter, tag.last_visitor) == (6, "c" * 32)
    assert consume(chip, 1, uid="ff" * 7) is None


def test_a_higher_key_version_counts_from_the_start_and_a_lower_one_never_again(chip):
    assert consume(chip, 900).consumed
    anew = consume(chip, 1, version=2)
    assert (anew.consumed, anew.key_version, anew.last_counter) == (True, 0, 900)  # as it was before
    for version, counter in ((0, 901), (1, 5), (2, 1), (2, 0)):
        assert not consume(chip, counter, version=version).consumed, (version, counter)
    assert consume(chip, 2, version=2).consumed
    tag = Tag.objects.get(pk=chip.tag.pk)
    assert (tag.key_version, tag.last_counter) == (2, 2)


def test_a_chip_recorded_as_encoded_anew_refuses_older_links_before_its_first_tap(chip):
    Tag.objects.filter(pk=chip.tag.pk).update(key_version=1)
    assert not consume(chip, 5).consumed
    assert consume(chip, 0, version=1).consumed


def test_a_chip_of_another_profile_is_not_this_one(chip, acme):
    other = factories.ChipProfileFactory(brand=acme)
    assert read_by_chip(ChipKey(other.pk, chip.tag.uid)) is None
    assert consume_and_read(ChipKey(other.pk, chip.tag.uid), counter=9, version=0, visitor="a" * 32) is None


def test_a_code_names_the_newest_chip_in_use_of_its_profile(chip, unit, profile, bag):
    newer = factories.put_chip_on(unit, profile)
    of_another = factories.put_chip_on(factories.UnitFactory(product=bag), profile)
    key = ChipKey(profile.pk, code=unit.public_code)
    assert read_by_chip(key).tag_id == newer.tag.pk
    Tag.objects.filter(pk=newer.tag.pk).update(state="withdrawn")
    assert read_by_chip(key).tag_id == chip.tag.pk
    assert uid_by_code(profile.pk, unit.public_code).hex() == chip.tag.uid
    assert uid_by_code(profile.pk, "nothing") is None
    assert read_by_chip(ChipKey(profile.pk, of_another.tag.uid, unit.public_code)) is None
    assert consume_and_read(key, counter=3, version=0, visitor="a" * 32).consumed
    assert dict(Tag.objects.chips().values_list("pk", "last_counter")) == {
        chip.tag.pk: 3,
        newer.tag.pk: None,
        of_another.tag.pk: None,
    }


def test_two_chips_on_one_unit_count_by_themselves(client, chip, unit, profile):
    second = factories.put_chip_on(unit, profile)
    assert main_attributes(client.get(chip.tap(50)))["authenticity"] == "genuine"
    assert main_attributes(client.get(second.tap(1)))["authenticity"] == "genuine"
    assert set(Scan.objects.values_list("tag", "counter")) == {(chip.tag.pk, 50), (second.tag.pk, 1)}


def test_several_printed_tags_never_double_a_unit(unit):
    Tag.objects.create(brand=unit.brand, unit=unit, kind="qr", state="withdrawn")
    Tag.objects.create(brand=unit.brand, unit=unit, kind="qr", state="withdrawn")
    current = Tag.objects.create(brand=unit.brand, unit=unit, kind="qr")
    assert read_by_code(unit.public_code).tag_id == current.pk


@pytest.mark.parametrize(
    ("seen", "visitor", "expected"),
    [
        ("", "a" * 32, 1),
        ("aaaaaaaa,", "a" * 32, 1),
        ("aaaaaaaa,", "b" * 32, 2),
        ("aaaaaaaa,", None, 1),
        ("aaaaaaab,", "a" * 32, 2),
        ("".join(f"{n:08x}," for n in range(8)), "f" * 32, 8),
        ("".join(f"{n:08x}," for n in range(7)), "f" * 32, 8),
        # The end of one mark and the beginning of the next are not a visitor.
        ("aaaabbbb,ccccdddd,", "bbbb,ccc" + "0" * 24, 3),
    ],
)
def test_the_tap_being_handled_counts_its_visitor(unit, seen, visitor, expected):
    from analytics.models import UnitActivity

    if seen:
        UnitActivity.objects.create(
            unit=unit, first_scan_at=AT, last_scan_at=AT, scans=seen.count(","), visitors=seen
        )
    row = read_by_code(unit.public_code)
    assert stage_facts(row, zone=UTC, now=AT, visitor=visitor).visitors == expected


def test_days_are_days_in_the_units_market(unit, alice):
    """23:30 UTC on 1 March is 2 March in Paris and 1 March in New York."""
    factories.own(unit, alice, AT)
    row = read_by_code(unit.public_code)
    paris = stage_facts(row, zone=ZoneInfo("Europe/Paris"), now=AT, visitor=None)
    new_york = stage_facts(row, zone=ZoneInfo("America/New_York"), now=AT, visitor=None)
    assert (paris.today, paris.owned_since_on) == (dt.date(2026, 3, 2), dt.date(2026, 3, 2))
    assert (new_york.today, new_york.owned_since_on) == (dt.date(2026, 3, 1), dt.date(2026, 3, 1))


def test_around_midnight_the_stage_is_that_of_the_units_own_market(acme, bag):
    """At 02:00 UTC it is already the fifteenth day in Paris and still the fourteenth in New York."""
    Market.objects.create(brand=acme, country="US", time_zone="America/New_York")
    Market.objects.create(brand=acme, country="FR", time_zone="Europe/Paris")
    sold = dt.date(2026, 6, 1)
    units = {
        market: factories.UnitFactory(product=bag, market=market, sold_on=sold) for market in ("US", "FR", "")
    }
    with time_machine.travel(dt.datetime(2026, 6, 15, 2, tzinfo=dt.UTC), tick=False):
        stages = {
            market: main_attributes(Client().get(f"/q/{unit.public_code}"))["stage"]
            for market, unit in units.items()
        }
    assert stages == {"US": "unboxing", "FR": "ownership", "": "ownership"}


def test_a_day_of_25_hours_is_one_day(unit, alice):
    """Clocks go back in Paris on 25 October 2026: 29 days are 29 days."""
    since = dt.datetime(2026, 10, 1, 22, 30, tzinfo=dt.UTC)  # 2 October, 00:30 in Paris
    factories.own(unit, alice, since)
    row = read_by_code(unit.public_code)
    last = dt.datetime(2026, 10, 31, 22, 30, tzinfo=dt.UTC)  # 31 October, 23:30 in Paris
    facts = stage_facts(row, zone=ZoneInfo("Europe/Paris"), now=last, visitor=None)
    assert facts.days_since(facts.owned_since_on) == 29
    later = stage_facts(row, zone=ZoneInfo("Europe/Paris"), now=last + dt.timedelta(minutes=30), visitor=None)
    assert later.days_since(later.owned_since_on) == 30


def test_units_of_one_product_show_what_is_their_own(client, bag):
    """A1: serial, batch, origin and history are the unit's own."""
    first = factories.UnitFactory(
        product=bag, serial="ONE-1", origin="Lozère", made_in="Lyon", attributes={"artisan": "Noor"},
        batch=factories.BatchFactory(product=bag, code="B-ONE"), sold_on=dt.date(2021, 5, 4),
    )  # fmt: skip
    second = factories.UnitFactory(
        product=bag, serial="TWO-2", origin="Aubrac", made_in="Nantes", attributes={"artisan": "Ewa"},
        batch=factories.BatchFactory(product=bag, code="B-TWO"), sold_on=dt.date(2022, 9, 8),
    )  # fmt: skip
    one, two = (text_of(client.get(f"/q/{unit.public_code}")) for unit in (first, second))
    own = {"ONE-1", "B-ONE", "Lozère", "Lyon", "Noor"}, {"TWO-2", "B-TWO", "Aubrac", "Nantes", "Ewa"}
    for words, mine, others in ((one, *own), (two, *reversed(own))):
        assert all(word in words for word in mine)
        assert not any(word in words for word in others)
