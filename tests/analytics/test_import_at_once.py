"""Imports beside others: nobody waits in a circle, nothing is half in, no chunk is lost for one row."""

import datetime as dt
import io
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection, transaction

from analytics.imports import ImportLedger
from analytics.models import Event
from products.imports import units
from products.imports.units import UnitImport, import_units
from products.models import Tag, Unit
from tests import factories

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]

NOW = dt.datetime(2026, 3, 1, 12, tzinfo=dt.UTC)
HEADER = "gtin,serial,batch,tag_uid,chip_profile"


def run(brand, lines):
    """Import the lines on a connection of its own; return the counts and the bad lines with their reasons."""
    problems = []
    task = UnitImport(
        brand=brand,
        ledger=ImportLedger(now=NOW, actor_id=None, source={}),
        report=problems.append,
        now=NOW,
    )
    try:
        return import_units(io.BytesIO("\n".join([HEADER, *lines]).encode()), task), problems
    finally:
        connection.close()


def wait_until_somebody_waits():
    """Return once a connection of this database waits for a lock."""
    for _try in range(400):
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_stat_clear_snapshot()")
            cursor.execute(
                "SELECT count(*) FROM pg_stat_activity"
                " WHERE datname = current_database() AND wait_event_type = 'Lock'"
            )
            if cursor.fetchone()[0]:
                return
        time.sleep(0.05)
    pytest.fail("nobody came to wait")


@pytest.fixture
def gtin(bag):
    return bag.trade_items.get().gtin


@pytest.mark.parametrize("copies", [True, False])
def test_two_files_that_put_the_same_chips_on_other_units_end_without_a_deadlock(
    acme, gtin, profile, monkeypatch, copies
):
    monkeypatch.setattr(units, "COPIED_CHUNK", 40)
    monkeypatch.setattr(units, "CHUNK", 40)
    if not copies:
        monkeypatch.setattr(units, "can_merge", lambda: False)
    files = [
        [f"{gtin},{name}{number:03d},L{number % 3},04{uid(number):012x},acme-a" for number in range(400)]
        for name, uid in (
            ("A", lambda number: number),
            ("B", lambda number: number // 40 * 40 + 39 - number % 40),
        )
    ]
    with ThreadPoolExecutor(2) as pool:
        ends = list(pool.map(lambda lines: run(acme, lines), files))
    assert sum(counts.new for counts, _problems in ends) == 400
    assert sum(counts.bad for counts, _problems in ends) == 400
    assert {problem.column for _counts, problems in ends for problem in problems} == {"tag_uid"}
    assert Unit.objects.count() == Tag.objects.count() == 400
    assert not Unit.objects.filter(tags__isnull=True).exists()
    assert sum(event.data["new"] for event in Event.objects.all()) == 400


def test_imports_of_one_brand_take_turns_and_those_of_another_do_not_wait(acme, globex, gtin):
    theirs = factories.full_product(globex).trade_items.get().gtin
    with ThreadPoolExecutor(2) as pool:
        with units._turn(acme):
            waiting = pool.submit(run, acme, [f"{gtin},S1,,,"])
            other = pool.submit(run, globex, [f"{theirs},S1,,,"])
            assert other.result(timeout=30)[0].new == 1
            wait_until_somebody_waits()
            assert not waiting.done()
            assert not Unit.objects.for_brand(acme).exists()
        assert waiting.result(timeout=30)[0].new == 1


def test_a_unit_made_in_the_console_at_that_moment_costs_no_other_row(acme, bag, gtin):
    lines = [f"{gtin},S{number},,," for number in range(50)]
    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            factories.UnitFactory(product=bag, serial="S7", made_in="Lyon")
            importing = pool.submit(run, acme, lines)
            wait_until_somebody_waits()
        counts, problems = importing.result()
    assert problems == []
    assert (counts.new, counts.changed) == (49, 1)  # S7 lacked a code to be printed
    assert Unit.objects.count() == Tag.objects.count() == 50
    assert Unit.objects.get(serial="S7").made_in == "Lyon"
    assert sum(event.data["new"] for event in Event.objects.all()) == 49


def test_a_tap_does_not_wait_for_an_import_of_its_unit(acme, bag, gtin, client):
    """The import holds the unit's row while it changes it; the tap's own rows go in beside it."""
    unit = factories.UnitFactory(product=bag, serial="S1")
    Tag.objects.create(brand=acme, unit=unit, kind="qr")
    with ThreadPoolExecutor(1) as pool, transaction.atomic():
        task = UnitImport(
            brand=acme, ledger=ImportLedger(now=NOW, actor_id=None, source={}), report=print, now=NOW
        )
        content = f"gtin,serial,made_in\n{gtin},S1,Lyon\n".encode()
        assert import_units(io.BytesIO(content), task).changed == 1

        def tap():
            try:
                return client.get(f"/q/{unit.public_code}").status_code
            finally:
                connection.close()

        assert pool.submit(tap).result(timeout=10) == 200
