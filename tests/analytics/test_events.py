"""Events: appended by the service that made them true, in its transaction, and never without it."""

import datetime as dt
from decimal import Decimal

import pytest
from django.db import connection, transaction

from analytics.kinds import EventKind, Flag
from analytics.models import Event, UnitFacts
from analytics.services import (
    NewEvent,
    lock_unit,
    lower_flag,
    raise_flag,
    record_event,
    record_events,
    update_facts,
)

pytestmark = pytest.mark.django_db

NOW = dt.datetime(2026, 6, 15, 12, 0, 0, 1, tzinfo=dt.UTC)
LONG_AGO = dt.datetime(2019, 1, 2, 3, 4, 5, tzinfo=dt.UTC)


def test_an_event_tells_when_it_happened_and_when_it_was_recorded(unit, alice, sam):
    event = NewEvent(
        EventKind.UNIT_SOLD, unit.brand_id, LONG_AGO, unit_id=unit.pk, owner_id=alice.pk, actor_id=sam.pk,
        amount=Decimal("12.34"), data={"a": [1, {"é": None}]},
    )  # fmt: skip
    record_event(event, now=NOW)
    row = Event.objects.get()
    assert (row.kind, row.at, row.recorded_at) == ("unit.sold", LONG_AGO, NOW)
    assert (row.brand_id, row.unit_id, row.owner_id, row.actor_id) == (
        unit.brand_id, unit.pk, alice.pk, sam.pk,
    )  # fmt: skip
    assert (row.amount, row.data) == (Decimal("12.34"), {"a": [1, {"é": None}]})
    assert row.kind_label == "Sold"


def test_the_writing_transaction_is_noted_on_postgresql(unit):
    record_event(NewEvent(EventKind.UNIT_SOLD, unit.brand_id, NOW), now=NOW)
    expected = 0
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_current_xact_id()::text::bigint")
            expected = cursor.fetchone()[0]
        assert expected > 0
    assert Event.objects.get().transaction_id == expected


def test_a_kind_of_another_release_is_shown_by_its_name(unit):
    Event.objects.create(kind="moon.landed", at=NOW, recorded_at=NOW, brand=unit.brand)
    assert Event.objects.get().kind_label == "moon.landed"


def test_many_events_take_a_statement_per_thousand(unit, django_assert_num_queries):
    events = [NewEvent(EventKind.UNITS_IMPORTED, unit.brand_id, NOW, data={"n": n}) for n in range(2500)]
    statements = 3 if connection.vendor == "postgresql" else None
    if statements is None:
        record_events(events, now=NOW)
    else:
        with django_assert_num_queries(statements):
            record_events(events, now=NOW)
    assert [event.data["n"] for event in Event.objects.order_by("id")] == list(range(2500))


def test_no_events_are_no_statement(django_assert_num_queries):
    with django_assert_num_queries(0):
        record_events([], now=NOW)


def test_raising_a_flag_twice_is_one_event(unit, sam):
    assert raise_flag(unit, Flag.RECALL, now=NOW, actor_id=sam.pk, reason="R-1") is True
    assert raise_flag(unit, Flag.RECALL, now=NOW, actor_id=sam.pk) is False
    assert UnitFacts.objects.get(unit=unit).recall is True
    event = Event.objects.get()
    assert (event.kind, event.actor_id) == ("flag.raised", sam.pk)
    assert event.data == {"flag": "recall", "reason": "R-1"}
    assert lower_flag(unit, Flag.RECALL, now=NOW, actor_id=None) is True
    assert lower_flag(unit, Flag.RECALL, now=NOW, actor_id=None) is False
    assert UnitFacts.objects.get(unit=unit).recall is False
    assert list(Event.objects.order_by("id").values_list("kind", flat=True)) == [
        "flag.raised",
        "flag.lowered",
    ]


def test_lowering_a_flag_of_a_unit_without_facts_changes_nothing(unit):
    assert lower_flag(unit, Flag.LOST, now=NOW, actor_id=None) is False
    assert not Event.objects.exists()


@pytest.mark.parametrize("flag", Flag)
def test_every_flag_can_be_raised_alone(unit, flag):
    raise_flag(unit, flag, now=NOW, actor_id=None)
    facts = UnitFacts.objects.get(unit=unit)
    assert [other for other in Flag if getattr(facts, other.value)] == [flag]
    assert UnitFacts.objects.flagged(flag.value).get() == facts
    assert not UnitFacts.objects.flagged(*(set(Flag.values) - {flag.value})).exists()


def test_a_flag_and_its_event_are_rolled_back_together(unit):
    with transaction.atomic():
        raise_flag(unit, Flag.LOST, now=NOW, actor_id=None)
        transaction.set_rollback(True)
    assert not Event.objects.exists()
    assert not UnitFacts.objects.filter(lost=True).exists()


def test_a_flag_whose_event_can_not_be_written_is_not_raised(unit, monkeypatch):
    def fail(*_args, **_kwargs):
        raise RuntimeError("no ledger")

    monkeypatch.setattr("analytics.services.record_event", fail)
    with pytest.raises(RuntimeError):
        raise_flag(unit, Flag.LOST, now=NOW, actor_id=None)
    assert not UnitFacts.objects.filter(lost=True).exists()


def test_facts_are_made_when_first_needed_and_only_changed_after(unit):
    update_facts(unit.pk, opened_at=NOW)
    update_facts(unit.pk, claim=True)
    facts = UnitFacts.objects.get(unit=unit)
    assert (facts.opened_at, facts.claim, facts.recall) == (NOW, True, False)


def test_locking_a_unit_that_does_not_exist_says_so():
    from products.models import Unit

    with transaction.atomic(), pytest.raises(Unit.DoesNotExist):
        lock_unit(10**9)


def test_only_the_services_write_the_ledger():
    """`record_event`, `record_scan` and the demo's bulk history are the sole writers."""
    import re
    from pathlib import Path

    root = Path(__file__).parents[2]
    writing = re.compile(r"\b(Event|Scan)\.objects\.(create|bulk_create|update_or_create|get_or_create)\(")
    changing = re.compile(r"\b(Event|Scan)\.objects\.[^\n]*\.(update|delete)\(")
    writers = {
        str(path.relative_to(root))
        for app in ("config", "products", "ownership", "experiences", "warranty", "parts", "analytics")
        for path in (root / app).rglob("*.py")
        if writing.search(path.read_text()) or changing.search(path.read_text())
    }
    assert {writer for writer in writers if "/demo/" not in writer} == {"analytics/services.py"}
