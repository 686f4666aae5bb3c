"""Looking at new scans for signals: by beat every few minutes, never on the tap's path.

Each brand has a cursor in time (`DoubtWatch`). A scan is written at most as long after its `at` as a request may
last (a minute, deploy/gunicorn.conf.py), so each round looks a little further back than the last one came, and
nothing that was committed late is stepped over. Looking twice changes nothing: a doubt knows the last scan that
it has seen. A round that breaks off is begun again where the cursor stands.
"""

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from itertools import groupby, islice
from typing import Any

from django.db.models import F, Max, Min, OuterRef, Q, Subquery

from analytics.doubts.rules import sightings
from analytics.doubts.services import note_sightings
from analytics.doubts.story import Limits, Opening, UnitPast, told_apart
from analytics.kinds import DoubtKind, DoubtState, EventKind, Flag
from analytics.models import MOST_DAYS, Doubt, DoubtRules, DoubtWatch, Event, Scan
from products.models import Brand, Unit

LOOK_BACK = dt.timedelta(days=MOST_DAYS)  # what the rules see of a unit before a scan
OVERLAP = dt.timedelta(minutes=10)
WINDOW = dt.timedelta(hours=6)  # of scans at once, where there is something to catch up with
UNITS_AT_ONCE = 100
MOST_OPENINGS = 500  # the newest of a unit: a code that is everywhere must not hold up all others
BEFORE_TIME = dt.datetime.min.replace(tzinfo=dt.UTC)


@dataclass(frozen=True, slots=True)
class _Known:
    """Which scans a unit's doubts of one kind leave to look at."""

    dismissed_until: dt.datetime = BEFORE_TIME  # what staff dismissed is settled: only what follows counts
    seen_until: dt.datetime = BEFORE_TIME


@dataclass(frozen=True, slots=True)
class _Suspect:
    """A unit that was scanned in the window, and from when on its scans are read."""

    past: UnitPast
    since: dt.datetime


def sweep_brand(*, brand_id: int, now: dt.datetime) -> int:
    """Look at the brand's scans since its cursor; return how many doubts were raised or strengthened.

    A brand that was never looked at begins with its last 30 days.
    """
    brand = Brand.objects.only("pk", "records_shipping").get(pk=brand_id)
    limits = limits_of(brand)
    watch, _made = DoubtWatch.objects.get_or_create(brand=brand, defaults={"swept_until": now - LOOK_BACK})
    start, changed = watch.swept_until, 0
    while start < now:
        end = min(_next_scan(brand, start - OVERLAP, now) + WINDOW, now)
        changed += _look_at(brand, limits, start - OVERLAP, end, now)
        # Never back: another round may have come further meanwhile.
        DoubtWatch.objects.filter(brand=brand, swept_until__lt=end).update(swept_until=end)
        start = end
    return changed


def _next_scan(brand: Brand, after: dt.datetime, now: dt.datetime) -> dt.datetime:
    """Return when the next scan was, so that quiet days take no rounds; `now` where there is none."""
    scans = Scan.objects.for_brand(brand).filter(at__gt=after, at__lte=now)
    return scans.aggregate(next=Min("at"))["next"] or now


def limits_of(brand: Brand) -> Limits:
    """Return the brand's thresholds, or the defaults."""
    rules = DoubtRules.objects.filter(brand=brand).first() or DoubtRules()
    return Limits(**{field.name: getattr(rules, field.name) for field in fields(Limits)})


def _look_at(brand: Brand, limits: Limits, start: dt.datetime, end: dt.datetime, now: dt.datetime) -> int:
    scanned = Scan.objects.for_brand(brand).filter(at__gt=start, at__lte=end, unit__isnull=False)
    units = iter(scanned.order_by().values_list("unit_id", flat=True).distinct())
    changed = 0
    while chunk := list(islice(units, UNITS_AT_ONCE)):
        known = _known_doubts(chunk)
        suspects = _suspects(brand, chunk, start - LOOK_BACK, end)
        for unit_id, openings in _openings(suspects, end):
            for kind in DoubtKind:
                before = known.get((unit_id, kind.value), _Known())
                changed += _judge(
                    unit_id, kind, suspects[unit_id].past, limits, openings, before, start=start, now=now
                )
    return changed


def _judge(
    unit_id: int, kind: DoubtKind, past: UnitPast, limits: Limits, openings: Sequence[Opening],
    known: _Known, *, start: dt.datetime, now: dt.datetime,
) -> bool:  # fmt: skip
    unsettled = [opening for opening in openings if opening.at > known.dismissed_until]
    found = list(sightings(kind, past, limits, unsettled, since=max(start, known.seen_until)))
    return bool(found and note_sightings(unit_id=unit_id, kind=kind, sightings=found, now=now))


def _known_doubts(unit_ids: list[int]) -> dict[tuple[int, str], _Known]:
    """Return per unit and kind until when it was dismissed, and until when it was seen."""
    is_dismissed = Q(state=DoubtState.DISMISSED)
    rows = (
        Doubt.objects.filter(unit__in=unit_ids)
        .order_by()
        .values_list("unit_id", "kind")
        .annotate(
            dismissed=Max("decided_at", filter=is_dismissed), seen=Max("last_seen_at", filter=~is_dismissed)
        )
    )
    return {
        (unit_id, kind): _Known(dismissed or BEFORE_TIME, seen or BEFORE_TIME)
        for unit_id, kind, dismissed, seen in rows
    }


def _suspects(
    brand: Brand, unit_ids: list[int], since: dt.datetime, until: dt.datetime
) -> dict[int, _Suspect]:
    own = Scan.objects.filter(unit=OuterRef("pk"), at__gt=since, at__lte=until).order_by("-at").values("at")
    raised = Event.objects.filter(
        unit=OuterRef("pk"), kind=EventKind.FLAG_RAISED, data__flag__in=[Flag.LOST.value, Flag.STOLEN.value]
    )
    rows = Unit.objects.filter(pk__in=unit_ids).values(
        "pk", "market", "shipped_on", "sold_on", "retired_on",
        is_lost=F("facts__lost"),
        is_stolen=F("facts__stolen"),
        reported_at=Subquery(raised.order_by("-at").values("at")[:1]),
        # One look into the index, which finds something only for a unit with more scans than are read.
        cut_at=Subquery(own[MOST_OPENINGS : MOST_OPENINGS + 1]),
    )  # fmt: skip
    return {row["pk"]: _Suspect(_past(brand, row), row["cut_at"] or since) for row in rows}


def _past(brand: Brand, row: dict[str, Any]) -> UnitPast:
    return UnitPast(
        market=row["market"],
        shipped_on=row["shipped_on"],
        sold_on=row["sold_on"],
        retired_on=row["retired_on"],
        reported_at=row["reported_at"] if row["is_lost"] or row["is_stolen"] else None,
        shipping_is_recorded=brand.records_shipping,
    )


def _openings(suspects: dict[int, _Suspect], until: dt.datetime) -> Iterator[tuple[int, list[Opening]]]:
    """Yield each unit with its openings, oldest first."""
    by_start: dict[dt.datetime, list[int]] = {}
    for unit_id, suspect in suspects.items():
        by_start.setdefault(suspect.since, []).append(unit_id)
    for since, unit_ids in by_start.items():
        rows = (
            Scan.objects.filter(unit__in=unit_ids, at__gt=since, at__lte=until)
            .order_by("unit_id", "at", "id")
            .values_list("unit_id", "id", "at", "tag_id", "counter", "verdict", "visitor", "country")
        )
        for unit_id, scans in groupby(rows, key=lambda row: row[0]):
            yield unit_id, told_apart(Opening(*scan[1:]) for scan in scans)
