"""Why a unit is in its stage, for staff: every stage considered, and where each threshold was set."""

import datetime as dt
from dataclasses import dataclass, fields
from typing import Any, cast

from django.utils.translation import gettext as _

from analytics.kinds import Stage
from experiences.cards import brand_card, product_card
from experiences.facts import UnitRow, stage_facts
from experiences.reasons import sentence
from experiences.stages import StagePolicy, choose_stage
from products.lineage import lineage
from products.models import Brand, Product, StageThresholds, Unit


@dataclass(frozen=True, slots=True)
class Considered:
    """A stage that was considered, whether it was chosen, and why."""

    label: str
    chosen: bool
    sentence: str


@dataclass(frozen=True, slots=True)
class Threshold:
    """A threshold as it counts for this unit, and the level that sets it."""

    label: str
    value: int
    level: str


@dataclass(frozen=True, slots=True)
class Why:
    stage: str
    label: str
    considered: tuple[Considered, ...]
    thresholds: tuple[Threshold, ...]


def why_this_stage(unit: Unit, row: UnitRow, now: dt.datetime, locale: str) -> Why:
    """Return the stage that the next visitor gets, with its reasons and the thresholds behind them."""
    brand = brand_card(row.brand_id, row.content_version)
    policy = product_card(row.product_id, row.content_version, locale).policy
    # Staff are no visitor: looking at this page doesn't count as one.
    facts = stage_facts(row, zone=brand.zone(row.market), now=now, visitor=None)
    decision = choose_stage(facts, policy)
    considered = tuple(
        Considered(str(Stage(reason.stage).label), reason.holds, sentence(reason))
        for reason in decision.reasons
    )
    return Why(decision.stage.value, str(decision.stage.label), considered, _thresholds(unit.product, policy))


def _thresholds(product: Product, policy: StagePolicy) -> tuple[Threshold, ...]:
    levels: list[StageThresholds] = [product, *lineage(product), product.brand]
    return tuple(
        Threshold(
            str(_label(field.name)),
            getattr(policy, field.name),
            _level(levels, field.name),
        )
        for field in fields(StagePolicy)
    )


def _label(name: str) -> Any:
    return cast(Any, StageThresholds._meta.get_field(name)).verbose_name


def _level(levels: list[StageThresholds], name: str) -> str:
    for level in levels:
        if getattr(level, name) is None:
            continue
        if isinstance(level, Product):
            return _("set on the product")
        if isinstance(level, Brand):
            return _("set on the brand")
        return _("set on the category “%(name)s”") % {"name": level}
    return _("the installation's default")
