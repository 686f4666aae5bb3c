"""Who has reached what a rule gives points for, and has no points for it yet. Reads only."""

import datetime as dt
from collections.abc import Iterator
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import TruncDate

from analytics.kinds import EventKind, Verdict
from analytics.models import Event, Scan
from ownership.models import LoyaltyEntry, LoyaltyRule, Owner, Ownership
from ownership.models.loyalty import RuleBasis
from ownership.models.owners import OwnerKind
from products.days import add_months, day_in, market_zones
from products.models import Category

A_DAY = dt.timedelta(days=1)
# Links that were made by holding a telephone to the thing or by scanning it; an old link opened again is no use of it.
USES = (Verdict.GENUINE, Verdict.IDENTIFIED, Verdict.REFRESHED)
Reached = tuple[int, int | None]  # an owner, and the unit that it is about


def reached(rule: LoyaltyRule, *, now: dt.datetime, batch: int) -> Iterator[list[Reached]]:
    """Yield those who are to get the rule's points, at most `batch` at a time, each once."""
    for rows in _queries(rule, now):
        waiting = rows.filter(owner_id__in=_partakers(rule).values("pk"))
        last = 0
        while True:
            found = list(
                waiting.filter(pk__gt=last).order_by("pk").values_list("pk", "owner_id", "unit_id")[:batch]
            )
            if not found:
                break
            yield [(owner_id, unit_id) for _pk, owner_id, unit_id in found]
            last = found[-1][0]


def is_once_only(rule: LoyaltyRule) -> bool:
    """Whether an owner gets the points once at all, not once for each unit."""
    return rule.basis == RuleBasis.EVENT and not rule.repeats


def key_of(rule: LoyaltyRule, owner_id: int, unit_id: int | None) -> str:
    """Return what makes it the same award."""
    about = 0 if is_once_only(rule) else unit_id or 0
    return f"rule:{rule.pk}:{owner_id}:{about}"


def _partakers(rule: LoyaltyRule) -> QuerySet[Owner]:
    owners = Owner.objects.for_brand(rule.brand).taking_part()
    return owners if rule.for_several else owners.filter(kind=OwnerKind.PERSON)


def _queries(rule: LoyaltyRule, now: dt.datetime) -> Iterator[Any]:
    if rule.basis == RuleBasis.EVENT:
        yield _happened(rule, now)
        return
    for zone, units in _zones(rule):
        owned = Ownership.objects.current().filter(units, _things(rule), unit__brand=rule.brand)
        yield _unpaid(rule, _long_enough(rule, owned, zone, now))


def _happened(rule: LoyaltyRule, now: dt.datetime) -> Any:
    """Return the events since the rule counts; of those about a unit, the ones whose ownership was not annulled."""
    events = Event.objects.filter(
        _things(rule),
        brand=rule.brand_id,
        kind=rule.event_kind,
        at__gte=rule.starts_at,
        at__lte=now,
        owner_id__isnull=False,
    )
    if rule.event_kind != EventKind.CONSENT_GIVEN:
        owned = Ownership.objects.counted().filter(owner=OuterRef("owner_id"), unit=OuterRef("unit_id"))
        events = events.filter(Exists(owned))
    return _unpaid(rule, events)


def _unpaid(rule: LoyaltyRule, rows: Any) -> Any:
    paid = LoyaltyEntry.objects.of_rule(rule).filter(owner=OuterRef("owner_id"))
    if not is_once_only(rule):
        paid = paid.filter(unit=OuterRef("unit_id"))
    return rows.filter(~Exists(paid))


def _things(rule: LoyaltyRule) -> Q:
    """Return which units the rule is for: a product's, a category's and those below it, or all."""
    if rule.product_id:
        return Q(unit__product=rule.product_id)
    if rule.category_id:
        return Q(unit__product__category__in=_below(rule))
    return Q()


def _below(rule: LoyaltyRule) -> set[int]:
    parents = dict(Category.objects.for_brand(rule.brand).values_list("pk", "parent_id"))
    found: set[int] = set()
    more: set[int] = {rule.category_id or 0}
    while more:
        found |= more
        more = {child for child, parent in parents.items() if parent in more} - found
    return found


def _zones(rule: LoyaltyRule) -> Iterator[tuple[ZoneInfo, Q]]:
    """Yield each time zone of the brand with the units whose days are counted there."""
    markets = market_zones(rule.brand)
    own = rule.brand.time_zone
    for name in {own, *markets.values()}:
        there = [country for country, zone in markets.items() if zone == name]
        elsewhere = [country for country, zone in markets.items() if zone != name]
        yield ZoneInfo(name), ~Q(unit__market__in=elsewhere) if name == own else Q(unit__market__in=there)


def _long_enough(rule: LoyaltyRule, owned: Any, zone: ZoneInfo, now: dt.datetime) -> Any:
    today, counts_from = day_in(zone, now), day_in(zone, rule.starts_at)
    if rule.basis == RuleBasis.TENURE:
        months = rule.months or 0
        return owned.filter(
            since__lt=_midnight(_latest_start(today, months) + A_DAY, zone),
            since__gte=_midnight(add_months(counts_from, -months), zone),
        )
    wait = dt.timedelta(days=rule.use_days or 0)
    old = owned.filter(
        since__lt=_midnight(today - wait + A_DAY, zone), since__gte=_midnight(counts_from - wait, zone)
    )
    return _used(old, rule, zone, now)


def _used(owned: Any, rule: LoyaltyRule, zone: ZoneInfo, now: dt.datetime) -> Any:
    """Return those ownerships in which the unit was tapped on enough different days."""
    taps = Scan.objects.filter(
        unit=OuterRef("unit_id"), at__gte=OuterRef("since"), at__lte=now, verdict__in=USES
    ).order_by()
    days = taps.values("unit").annotate(days=Count(TruncDate("at", tzinfo=zone), distinct=True))
    return owned.annotate(days_used=Subquery(days.values("days"))).filter(days_used__gte=rule.use_taps)


def _latest_start(today: dt.date, months: int) -> dt.date:
    """Return the last day from which so many months have gone by today; at a month's end several days share one."""
    start = add_months(today, -months)
    while add_months(start + A_DAY, months) <= today:
        start += A_DAY
    return start


def _midnight(day: dt.date, zone: ZoneInfo) -> dt.datetime:
    return dt.datetime.combine(day, dt.time(), zone)
