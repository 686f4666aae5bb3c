"""Activating coverage, and taking it back."""

import datetime as dt

from django.db import transaction

from analytics.kinds import EventKind
from analytics.services import NewEvent, lock_unit, record_event
from products.codes import new_public_code
from products.days import day_in, last_day, market_zones, zone_of
from products.lineage import lineage
from products.models import Category, Product, Unit
from warranty.models import Coverage, CoveragePlan, StartsFrom, WithdrawnCertificate


@transaction.atomic
def activate_coverage(*, unit_id: int, now: dt.datetime) -> Coverage | None:
    """Give the unit the brand's coverage for its product and market, once; None where the brand has no plan for it.

    An older piece that got its code on request is covered from its sale or not at all (`first_day`).

    Days are days in the unit's market; the last day is covered whole.
    """
    unit = lock_unit(unit_id)
    known: Coverage | None = Coverage.objects.filter(unit=unit).first()
    if known:
        return known
    plan = choose_plan(unit)
    if plan is None:
        return None
    today = day_in(zone_of(unit.market, market_zones(unit.brand), unit.brand.time_zone), now)
    is_older = unit.identity_given_on is not None
    starts_on = first_day(plan.starts_from, sold_on=unit.sold_on, today=today, is_older=is_older)
    if starts_on is None:
        return None
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


@transaction.atomic
def reset_coverage(*, unit_id: int, now: dt.datetime, actor_id: int | None, reason: str) -> bool:
    """Take the unit's coverage back, as if it had never begun: the next registration begins a term of its own.

    Its certificate no longer stands, and says so to whoever has its code. `reason`: a word of ours for
    the ledger, like `returned`. Returns whether there was any coverage.
    """
    unit = lock_unit(unit_id)
    coverage: Coverage | None = Coverage.objects.filter(unit=unit).first()
    if coverage is None:
        return False
    WithdrawnCertificate.objects.create(
        brand_id=unit.brand_id, unit=unit, code=coverage.certificate_code, withdrawn_at=now
    )
    data = {
        "plan": coverage.plan_id, "starts_on": coverage.starts_on.isoformat(),
        "ends_on": coverage.ends_on.isoformat(), "reason": reason,
    }  # fmt: skip
    coverage.delete()
    record_event(
        NewEvent(EventKind.COVERAGE_RESET, unit.brand_id, now, unit_id=unit.pk, actor_id=actor_id, data=data),
        now=now,
    )
    return True


def choose_plan(unit: Unit) -> CoveragePlan | None:
    """Return the most particular active plan: product before category before brand, a market's own before all markets'."""
    plans = plans_for(unit.product, lineage(unit.product))
    return next((plan for plan in plans if plan.market in ("", unit.market)), None)


def plans_for(product: Product, categories: list[Category]) -> list[CoveragePlan]:
    """Return the product's active plans for all markets, the most particular first.

    `categories`: its own and those above it, nearest first (`products.lineage`).
    """
    ids = [category.pk for category in categories]

    def particular(plan: CoveragePlan) -> tuple[int, bool, int]:
        above = ids.index(plan.category_id) if plan.category_id else len(ids)
        return (0 if plan.product_id else 1 + above), not plan.market, -plan.pk

    return sorted(CoveragePlan.objects.offered_for(product, ids), key=particular)


def first_day(
    starts_from: str, *, sold_on: dt.date | None, today: dt.date, is_older: bool = False
) -> dt.date | None:
    """Return the first covered day of a unit that is registered today (a day of its market).

    A sale that lies ahead was entered wrongly: whoever registers today is covered today. `is_older`: a piece
    from before the codes, whose holder asked for one; it was sold long ago, so registering begins no term (None),
    unless the plan runs from the sale and its day is known.
    """
    from_the_sale = starts_from == StartsFrom.SALE and sold_on is not None and sold_on < today
    if from_the_sale:
        return sold_on
    return None if is_older else today
