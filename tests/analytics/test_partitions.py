"""Monthly partitions: made ahead, found again, and no scan lost for want of one."""

import datetime as dt

import pytest
from django.db import connection

from analytics.models import Event, Scan
from analytics.partitions import ensure_partitions, ensure_partitions_ahead, months
from analytics.services import record_scan
from tests.analytics.test_scans import scan_of

pytestmark = pytest.mark.django_db


def at(year: int, month: int, day: int = 15) -> dt.datetime:
    return dt.datetime(year, month, day, 12, tzinfo=dt.UTC)


def place_of(scan: Scan) -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT tableoid::regclass::text FROM analytics_scan WHERE id = %s", [scan.pk])
        return cursor.fetchone()[0]


def indexes_of(table: str) -> set[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT indexdef FROM pg_indexes WHERE tablename = %s", [table])
        return {row[0].partition(" USING ")[2] for row in cursor.fetchall()}


def test_months_are_all_months_between_both_ends():
    assert list(months(dt.date(2025, 11, 30), dt.date(2026, 2, 1))) == [
        dt.date(2025, 11, 1), dt.date(2025, 12, 1), dt.date(2026, 1, 1), dt.date(2026, 2, 1),
    ]  # fmt: skip
    assert list(months(dt.date(2026, 2, 28), dt.date(2026, 2, 1))) == [dt.date(2026, 2, 1)]
    assert list(months(dt.date(2026, 3, 1), dt.date(2026, 2, 1))) == []


def test_sqlite_needs_none():
    if connection.vendor == "postgresql":
        return
    assert ensure_partitions(dt.date(2031, 1, 1), dt.date(2031, 3, 1)) == []


@pytest.mark.postgres
def test_partitions_are_made_once_for_both_tables():
    made = ensure_partitions(dt.date(2031, 1, 31), dt.date(2031, 2, 1))
    assert made == [
        "analytics_scan_2031_01", "analytics_scan_2031_02", "analytics_event_2031_01", "analytics_event_2031_02",
    ]  # fmt: skip
    assert ensure_partitions(dt.date(2031, 1, 31), dt.date(2031, 2, 1)) == []


@pytest.mark.postgres
def test_partitions_ahead_cover_this_month_and_the_next_three():
    names = ensure_partitions_ahead(dt.date(2031, 12, 31))
    assert [name for name in names if "scan" in name] == [
        f"analytics_scan_{month}" for month in ("2031_12", "2032_01", "2032_02", "2032_03")
    ]


@pytest.mark.postgres
def test_a_scan_lands_in_its_month_and_month_ends_belong_to_one(unit):
    ensure_partitions(dt.date(2031, 1, 1), dt.date(2031, 2, 1))
    edges = {
        dt.datetime(2031, 1, 1, tzinfo=dt.UTC): "analytics_scan_2031_01",
        dt.datetime(2031, 1, 31, 23, 59, 59, 999999, tzinfo=dt.UTC): "analytics_scan_2031_01",
        dt.datetime(2031, 2, 1, tzinfo=dt.UTC): "analytics_scan_2031_02",
        dt.datetime(2031, 2, 28, 23, 59, 59, 999999, tzinfo=dt.UTC): "analytics_scan_2031_02",
    }
    for moment in edges:
        record_scan(scan_of(unit, at=moment))
    assert {scan.at: place_of(scan) for scan in Scan.objects.all()} == edges


@pytest.mark.postgres
def test_a_scan_without_a_partition_is_kept_and_moved_when_its_month_is_made(unit):
    for moment in (at(1987, 5), at(2031, 4), at(2031, 5), at(2140, 1)):
        record_scan(scan_of(unit, at=moment))
    assert {place_of(scan) for scan in Scan.objects.all()} == {"analytics_scan_default"}
    before = list(Scan.objects.order_by("id").values())
    ensure_partitions(dt.date(2031, 4, 1), dt.date(2031, 4, 30))
    assert place_of(Scan.objects.get(at=at(2031, 4))) == "analytics_scan_2031_04"
    assert place_of(Scan.objects.get(at=at(2031, 5))) == "analytics_scan_default"
    assert list(Scan.objects.order_by("id").values()) == before


@pytest.mark.postgres
def test_a_partition_has_the_tables_indexes_and_draws_ids_from_one_sequence(unit):
    ensure_partitions(dt.date(2031, 1, 1), dt.date(2031, 2, 1))
    for table in ("analytics_scan", "analytics_event"):
        assert indexes_of(f"{table}_2031_01") == indexes_of(table)
        assert len(indexes_of(table)) >= 3
    for month in (1, 2, 3):
        record_scan(scan_of(unit, at=at(2031, month)))
    assert len(set(Scan.objects.values_list("id", flat=True))) == 3


@pytest.mark.postgres
def test_events_are_partitioned_alike(unit):
    Event.objects.create(kind="unit.sold", at=at(2031, 6), recorded_at=at(2031, 6), brand=unit.brand)
    ensure_partitions(dt.date(2031, 6, 1), dt.date(2031, 6, 1))
    with connection.cursor() as cursor:
        cursor.execute("SELECT tableoid::regclass::text FROM analytics_event")
        assert cursor.fetchall() == [("analytics_event_2031_06",)]
    assert Event.objects.get().at == at(2031, 6)


@pytest.mark.postgres
def test_no_foreign_key_points_to_the_ledger_or_from_it():
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT conname FROM pg_constraint WHERE contype = 'f' AND (conrelid::regclass::text ~ %s"
            " OR confrelid::regclass::text ~ %s)",
            ["^analytics_(scan|event)", "^analytics_(scan|event)"],
        )
        assert cursor.fetchall() == []


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_taps_go_on_while_a_partition_is_made(transactional_db):
    """A scan of the month that is being made, written meanwhile by another connection, is not lost."""
    import threading

    from django.db import connections

    from tests import factories

    unit = factories.UnitFactory()
    stop, failures, written = threading.Event(), [], []

    def tap():
        try:
            while not stop.is_set():
                record_scan(scan_of(unit, at=at(2033, 1)))
                written.append(1)
        except Exception as error:
            failures.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=tap, daemon=True) for _n in range(3)]
    for thread in threads:
        thread.start()
    try:
        assert "analytics_scan_2033_01" in ensure_partitions(dt.date(2033, 1, 1), dt.date(2033, 1, 1))
    finally:
        stop.set()
        for thread in threads:
            thread.join(20)
        count = Scan.objects.filter(unit=unit).count()
        with connection.cursor() as cursor:
            for table in ("scan", "event"):
                cursor.execute(f'DROP TABLE IF EXISTS "analytics_{table}_2033_01"')
    assert not failures
    assert count == len(written) > 0
