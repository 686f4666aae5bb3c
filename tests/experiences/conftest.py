"""Units in every stage of their life."""

import datetime as dt

import pytest
from django.utils import timezone

from ownership.services import end_ownership
from products.models import Unit
from tests import factories


def ago(days: int) -> dt.datetime:
    return timezone.now() - dt.timedelta(days=days)


@pytest.fixture
def lives(bag, alice, bob) -> dict[str, Unit]:
    """One unit of the bag in every stage (the first weeks twice), in the order of a life."""

    def unit(sold: int | None, **extra) -> Unit:
        sold_on = ago(sold).date() if sold is not None else None
        return factories.UnitFactory(product=bag, sold_on=sold_on, **extra)

    def owned(days: int) -> Unit:
        made = unit(days)
        factories.own(made, alice, ago(days))
        return made

    resold = owned(1200)
    end_ownership(unit=resold, until=ago(6), now=timezone.now())
    factories.own(resold, bob, ago(5))
    retired = unit(1500, status=Unit.Status.RECYCLED, retired_on=ago(3).date())
    return {
        "discovery": unit(None),
        "unboxing": unit(2),
        "day 3": owned(3),
        "day 14": owned(14),
        "ownership": owned(190),
        "maturity": owned(1400),
        "resale": resold,
        "retired": retired,
    }
