"""What the demo's brands stand for: coverage plans and the words of consents."""

import datetime as dt

from experiences.demo.spec import BrandSpec
from ownership.models import ConsentWording, Purpose
from products.models import Brand, Category, Product, Unit
from warranty.models import CoveragePlan
from warranty.services import choose_plan


def load_promises(brand: Brand, spec: BrandSpec, anchor: dt.date) -> None:
    """Make the brand's coverage plans and the versions of its consents' words."""
    products = dict(Product.objects.for_brand(brand).values_list("slug", "pk"))
    categories = dict(Category.objects.filter(brand=brand).values_list("slug", "pk"))
    CoveragePlan.objects.bulk_create(
        CoveragePlan(
            brand=brand,
            product_id=products[plan.product] if plan.product else None,
            category_id=categories[plan.category] if plan.category else None,
            market=plan.market,
            names=plan.names,
            months=plan.months,
            starts_from=plan.starts_from,
            covered=plan.covered,
            excluded=plan.excluded,
        )
        for plan in spec.plans
    )
    for version, wording in enumerate(spec.wordings, start=1):
        row = ConsentWording.objects.create(
            brand=brand, purpose=Purpose.MARKETING, version=version, texts=wording.texts
        )
        day = anchor - dt.timedelta(days=wording.since)
        in_use = dt.datetime.combine(day, dt.time(9), dt.UTC)
        ConsentWording.objects.filter(pk=row.pk).update(created_at=in_use)


class Promises:
    """A brand's plans and wordings, read once for all of its units."""

    def __init__(self, brand: Brand) -> None:
        self._wordings = list(
            ConsentWording.objects.filter(brand=brand, purpose=Purpose.MARKETING).order_by("created_at")
        )
        self._plans: dict[tuple[int, str], CoveragePlan | None] = {}

    def wording_at(self, at: dt.datetime) -> ConsentWording | None:
        """Return the words that were in use then."""
        return next((w for w in reversed(self._wordings) if w.created_at <= at), None)

    def plan_for(self, unit: Unit) -> CoveragePlan | None:
        """Return the plan that registering this unit activates."""
        place = (unit.product_id, unit.market)
        if place not in self._plans:
            self._plans[place] = choose_plan(unit)
        return self._plans[place]
