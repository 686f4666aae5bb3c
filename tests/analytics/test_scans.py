"""Recording a scan: the row, the activity of the unit, and how visitors are told apart."""

import datetime as dt

import pytest
from django.db import connection, transaction

from analytics.models import Scan, UnitActivity
from analytics.services import NewScan, record_scan, visitor_mark

pytestmark = pytest.mark.django_db

AT = dt.datetime(2026, 6, 15, 12, 0, 0, 654321, tzinfo=dt.UTC)


def scan_of(unit, visitor="a" * 32, at=AT, **changes) -> NewScan:
    values = {
        "at": at, "brand_id": unit.brand_id, "unit_id": unit.pk, "tag_id": None, "counter": None,
        "verdict": "identified", "stage": "discovery", "visitor": visitor, "locale": "en", "country": "",
    }  # fmt: skip
    return NewScan(**{**values, **changes})


def mark(number: int) -> str:
    return f"{number:08x}" + "0" * 24


def test_everything_of_a_scan_comes_back_as_it_went_in(unit, chip):
    record_scan(
        scan_of(unit, tag_id=chip.tag.pk, counter=0xFFFFFF, verdict="genuine", country="FR", locale="fr")
    )
    scan = Scan.objects.get()
    assert (scan.at, scan.brand_id, scan.unit_id, scan.tag_id) == (AT, unit.brand_id, unit.pk, chip.tag.pk)
    assert (scan.counter, scan.verdict, scan.stage) == (0xFFFFFF, "genuine", "discovery")
    assert (scan.visitor, scan.locale, scan.country) == ("a" * 32, "fr", "FR")
    assert scan.pk


def test_activity_keeps_first_and_last_and_counts(unit):
    for minutes in (0, 5, 9):
        record_scan(scan_of(unit, at=AT + dt.timedelta(minutes=minutes)))
    activity = UnitActivity.objects.get(unit=unit)
    assert (activity.first_scan_at, activity.last_scan_at) == (AT, AT + dt.timedelta(minutes=9))
    assert (activity.scans, activity.visitor_count) == (3, 1)


def test_the_first_eight_visitors_are_told_apart_and_no_more(unit):
    for number in [*range(8), 3, 8, 9, 0, 100]:
        record_scan(scan_of(unit, mark(number)))
    activity = UnitActivity.objects.get(unit=unit)
    assert activity.visitors == "".join(f"{number:08x}," for number in range(8))
    assert len(activity.visitors) == UnitActivity._meta.get_field("visitors").max_length
    assert (activity.visitor_count, activity.scans) == (8, 13)


def test_a_visitor_whose_mark_lies_across_two_others_is_a_new_one(unit):
    """Marks end with a comma, so that the end of one and the start of the next never look like a third."""
    for start in ("aaaabbbb", "ccccdddd", "bbbbcccc", "bbbb,ccc"):
        record_scan(scan_of(unit, start + "0" * 24))
    assert UnitActivity.objects.get(unit=unit).visitors == "aaaabbbb,ccccdddd,bbbbcccc,bbbb,ccc,"


def test_a_visitor_is_one_by_the_first_eight_characters():
    assert visitor_mark("0123456789") == "01234567,"


def test_units_have_their_own_activity(unit, bag):
    from tests import factories

    other = factories.UnitFactory(product=bag)
    record_scan(scan_of(unit))
    record_scan(scan_of(other))
    record_scan(scan_of(other, "b" * 32))
    counts = dict(UnitActivity.objects.values_list("unit", "scans"))
    assert counts == {unit.pk: 1, other.pk: 2}


def test_a_scan_and_its_activity_are_rolled_back_together(unit):
    with transaction.atomic():
        record_scan(scan_of(unit))
        transaction.set_rollback(True)
    assert not Scan.objects.exists()
    assert not UnitActivity.objects.exists()


@pytest.mark.parametrize("year", [1999, 2026, 2027, 2199])
def test_a_scan_of_any_time_is_kept(unit, year):
    at = AT.replace(year=year)
    record_scan(scan_of(unit, at=at))
    assert Scan.objects.of_unit(unit).get().at == at


@pytest.mark.parametrize("hostile", ["'; DROP TABLE analytics_scan; --", "%s%(at)s{}", "\\", "é\u202e"])
def test_values_are_bound_and_not_pasted(unit, hostile):
    record_scan(scan_of(unit, visitor=hostile, locale=hostile[:10]))
    assert Scan.objects.get().visitor == hostile


def test_a_scan_is_one_statement_on_postgresql_and_two_on_sqlite(unit, django_assert_num_queries):
    with django_assert_num_queries(1 if connection.vendor == "postgresql" else 2):
        record_scan(scan_of(unit))


def test_scans_are_read_per_brand(unit, globex):
    record_scan(scan_of(unit))
    assert Scan.objects.for_brand(unit.brand).count() == 1
    assert not Scan.objects.for_brand(globex).exists()
