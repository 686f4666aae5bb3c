"""The sole writers of the ledger."""

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db import connection, transaction
from django.db.models import BigIntegerField, Func

from analytics.kinds import EventKind, Flag, Verdict
from analytics.models import Event, UnitFacts
from products.hot_sql import hot_cursor
from products.models import Unit


class CurrentTransaction(Func):
    """The id of the running transaction on PostgreSQL; 0 where writers wait in line anyway."""

    template = "0"
    output_field = BigIntegerField()

    def as_postgresql(self, compiler: Any, connection: Any, **context: Any) -> Any:
        return self.as_sql(compiler, connection, template="pg_current_xact_id()::text::bigint", **context)


@dataclass(frozen=True, slots=True)
class NewEvent:
    """An event about to be written; `at` is when it happened, which may be long before it is recorded."""

    kind: EventKind
    brand_id: int
    at: dt.datetime
    unit_id: int | None = None
    owner_id: int | None = None
    actor_id: int | None = None
    amount: Decimal | None = None
    data: dict[str, Any] | None = None


def record_event(event: NewEvent, *, now: dt.datetime) -> None:
    """Append one event. Call it in the transaction that makes it true, after locking the unit's row."""
    record_events([event], now=now)


def record_events(events: list[NewEvent], *, now: dt.datetime) -> None:
    """Append many events with one statement per thousand."""
    Event.objects.bulk_create(
        [
            Event(
                kind=event.kind,
                brand_id=event.brand_id,
                unit_id=event.unit_id,
                owner_id=event.owner_id,
                actor_id=event.actor_id,
                amount=event.amount,
                at=event.at,
                recorded_at=now,
                data=event.data or {},
                transaction_id=CurrentTransaction(),
            )
            for event in events
        ],
        batch_size=1000,
    )


def lock_unit(unit_id: int) -> Unit:
    """Lock the unit's row, first of all locks, so that its events are numbered in the order they happen.

    The weaker lock (FOR NO KEY UPDATE) lets a unit's first tap insert its activity, whose foreign key asks
    for the row: a slow transaction on the unit never blocks a tap.
    """
    unit: Unit = Unit.objects.select_for_update(no_key=True).get(pk=unit_id)
    return unit


def update_facts(unit_id: int, **changes: Any) -> None:
    """Set facts of a unit, making its row if it has none yet."""
    UnitFacts.objects.update_or_create(unit_id=unit_id, defaults=changes)


def raise_flag(unit: Unit, flag: Flag, *, now: dt.datetime, actor_id: int | None, reason: str = "") -> bool:
    """Raise a flag so that it leads the unit's next page; return False if it was up already."""
    return _set_flag(unit, flag, up=True, now=now, actor_id=actor_id, reason=reason)


def lower_flag(unit: Unit, flag: Flag, *, now: dt.datetime, actor_id: int | None, reason: str = "") -> bool:
    """Lower a flag; return False if it was down already."""
    return _set_flag(unit, flag, up=False, now=now, actor_id=actor_id, reason=reason)


@transaction.atomic
def _set_flag(
    unit: Unit, flag: Flag, *, up: bool, now: dt.datetime, actor_id: int | None, reason: str
) -> bool:
    unit = lock_unit(unit.pk)
    facts, _made = UnitFacts.objects.get_or_create(unit=unit)
    if getattr(facts, flag.value) is up:
        return False
    UnitFacts.objects.filter(unit=unit).update(**{flag.value: up})
    kind = EventKind.FLAG_RAISED if up else EventKind.FLAG_LOWERED
    data = {"flag": flag.value, "reason": reason}
    record_event(NewEvent(kind, unit.brand_id, now, unit_id=unit.pk, actor_id=actor_id, data=data), now=now)
    return True


@dataclass(frozen=True, slots=True)
class NewScan:
    """A scan about to be written (see `Scan`)."""

    at: dt.datetime
    brand_id: int
    unit_id: int
    tag_id: int | None
    counter: int | None
    verdict: str
    stage: str
    visitor: str
    locale: str
    country: str


_SCAN_VALUES = (
    "INSERT INTO analytics_scan (at, brand_id, unit_id, tag_id, counter, verdict, stage, visitor, locale, country)"
    " VALUES (%(at)s, %(brand_id)s, %(unit_id)s, %(tag_id)s, %(counter)s, %(verdict)s, %(stage)s, %(visitor)s,"
    " %(locale)s, %(country)s)"
)
# A visitor is remembered by its first eight characters, while there are fewer than eight of them.
_ACTIVITY = (
    "INSERT INTO analytics_unitactivity (unit_id, first_scan_at, last_scan_at, scans, visitors)"
    " VALUES (%(unit_id)s, %(at)s, %(at)s, 1, %(seen)s)"
    " ON CONFLICT (unit_id) DO UPDATE SET last_scan_at = excluded.last_scan_at,"
    " scans = analytics_unitactivity.scans + 1,"
    " visitors = CASE WHEN {position} > 0 OR length(analytics_unitactivity.visitors) >= 72"
    " THEN analytics_unitactivity.visitors ELSE analytics_unitactivity.visitors || excluded.visitors END"
)
_ACTIVITY_POSTGRESQL = _ACTIVITY.format(
    position="position(excluded.visitors in analytics_unitactivity.visitors)"
)
_ACTIVITY_SQLITE = _ACTIVITY.format(position="instr(analytics_unitactivity.visitors, excluded.visitors)")
_RECORD_POSTGRESQL = f"WITH scan AS ({_SCAN_VALUES}) {_ACTIVITY_POSTGRESQL}"


# Links that were made by scanning the unit itself. A link that was passed on and opened again by others says
# nothing of how many people stood before the unit.
SCANS_THE_UNIT = (Verdict.GENUINE.value, Verdict.IDENTIFIED.value)


def visitor_mark(visitor: str) -> str:
    """Return what `UnitActivity.visitors` keeps of a visitor."""
    return f"{visitor[:8]},"


def record_scan(scan: NewScan) -> None:
    """Append the scan and bring the unit's activity up to date: one statement on PostgreSQL, two on SQLite."""
    values: dict[str, Any] = {
        "at": scan.at,
        "brand_id": scan.brand_id,
        "unit_id": scan.unit_id,
        "tag_id": scan.tag_id,
        "counter": scan.counter,
        "verdict": scan.verdict,
        "stage": scan.stage,
        "visitor": scan.visitor,
        "locale": scan.locale,
        "country": scan.country,
        "seen": visitor_mark(scan.visitor) if scan.verdict in SCANS_THE_UNIT else "",
    }
    with hot_cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(_RECORD_POSTGRESQL, values)
            return
        values["at"] = connection.ops.adapt_datetimefield_value(scan.at)
        cursor.execute(_SCAN_VALUES, values)
        cursor.execute(_ACTIVITY_SQLITE, values)
