"""Activating coverage."""

import datetime as dt

from django.db import transaction

from analytics.kinds import EventKind
from analytics.services import NewEvent, lock_unit, record_event
from products.codes import new_public_code
from products.days import add_months, day_in, zone_of
from products.models import Category, Unit
from warranty.models import Coverage, CoveragePlan, StartsFrom


@transaction.atomic
def activate_coverage(*, unit_id: int, now: dt.datetime) -> Coverage | None:
    """Give the unit the brand's coverage for its product and market, once; None where the brand has no plan for it.

    Days are days in the unit's market; the last day is covered whole.
    """
    unit = lock_unit(unit_id)
    known: Coverage | None = Coverage.objects.filter(unit=unit).first()
    if known:
        return known
    plan = choose_plan(unit)
    if plan is None:
        return None
    starts_on = _first_day(unit, plan, now)
    coverage: Coverage = Coverage.objects.create(
        brand_id=unit.brand_id,
        unit=unit,
        plan=plan,
        market=unit.market,
        starts_on=starts_on,
        ends_on=last_day(starts_on, plan.months),
        activated_at=now,
        certificate_code=new_public_code(),
    )
    data = {"plan": plan.pk, "starts_on": starts_on.isoformat(), "ends_on": coverage.ends_on.isoformat()}
    record_event(
        NewEvent(EventKind.COVERAGE_ACTIVATED, unit.brand_id, now, unit_id=unit.pk, data=data), now=now
    )
    return coverage


def last_day(starts_on: dt.date, months: int) -> dt.date:
    """Return the last covered day: two years from 12 March end with 11 March."""
    return add_months(starts_on, months) - dt.timedelta(days=1)


def choose_plan(unit: Unit) -> CoveragePlan | None:
    """Return the most particular active plan: product before category before brand, a market's own before all markets'."""
    lineage = category_lineage(unit)
    plans = CoveragePlan.objects.offered_for(unit, lineage)

    def particular(plan: CoveragePlan) -> tuple[int, bool, int]:
        above = lineage.index(plan.category_id) if plan.category_id else len(lineage)
        return (0 if plan.product_id else 1 + above), not plan.market, -plan.pk

    return min(plans, key=particular, default=None)


def category_lineage(unit: Unit) -> list[int]:
    """Return the ids of the product's category and those above it, nearest first."""
    parents = dict(Category.objects.filter(brand_id=unit.brand_id).values_list("pk", "parent_id"))
    lineage: list[int] = []
    category: int | None = unit.product.category_id
    while category is not None and category not in lineage:
        lineage.append(category)
        category = parents.get(category)
    return lineage


def _first_day(unit: Unit, plan: CoveragePlan, now: dt.datetime) -> dt.date:
    if plan.starts_from == StartsFrom.SALE and unit.sold_on:
        return unit.sold_on
    zones = dict(unit.brand.markets.values_list("country", "time_zone"))
    return day_in(zone_of(unit.market, zones, unit.brand.time_zone), now)
