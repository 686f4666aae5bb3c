"""Choosing the stage of a unit's life from its facts: pure, ordered, and able to say why.

The order and the thresholds are those of the product's definition; each brand, category and
product may set its own thresholds. Days are days in the unit's market.
"""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from analytics.kinds import Stage
from products.days import add_months


@dataclass(frozen=True, slots=True)
class StagePolicy:
    """Thresholds; the values here are the installation's defaults."""

    discovery_days: int = 30
    unboxing_days: int = 14
    onboarding_days: int = 30
    resale_days: int = 30
    maturity_months: int = 24
    display_visitors: int = 3


@dataclass(frozen=True, slots=True)
class StageFacts:
    """What is known of the unit, the tap being handled included. Dates are days in its market."""

    today: dt.date
    status: str = "active"
    sold_on: dt.date | None = None
    first_scan_on: dt.date | None = None
    visitors: int = 1
    opened_on: dt.date | None = None
    spoke_up_on: dt.date | None = None
    ownerships: int = 0
    owned_since_on: dt.date | None = None
    first_owned_on: dt.date | None = None
    transfer: bool = False
    given: bool = False  # a giver left words for whoever unpacks it

    @property
    def is_owned(self) -> bool:
        return self.owned_since_on is not None

    @property
    def was_registered(self) -> bool:
        return self.ownerships > 0

    @property
    def held_from(self) -> dt.date | None:
        """The first day with its holder: what the holder said counts before what others recorded."""
        if self.spoke_up_on:
            return self.spoke_up_on
        known = [day for day in (self.sold_on, self.opened_on) if day]
        return min(known) if known else None

    @property
    def age_from(self) -> dt.date | None:
        """The day from which age runs: the sale, else the first ownership, else the first scan."""
        return self.sold_on or self.first_owned_on or self.first_scan_on

    def days_since(self, day: dt.date) -> int:
        return (self.today - day).days


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a stage was chosen, or passed over: a code (worded in `experiences/reasons.py`) and its values."""

    stage: Stage
    holds: bool
    code: str
    values: dict[str, Any]


@dataclass(frozen=True, slots=True)
class StageDecision:
    stage: Stage
    reasons: tuple[Reason, ...]


Finding = tuple[bool, str, dict[str, Any]]
Rule = Callable[[StageFacts, StagePolicy], Finding]


def choose_stage(facts: StageFacts, policy: StagePolicy) -> StageDecision:
    """Return the first stage whose rule holds, with the reasons of every stage considered on the way."""
    reasons: list[Reason] = []
    for stage, rule in RULES:
        holds, code, values = rule(facts, policy)
        reasons.append(Reason(stage, holds, code, values))
        if holds:
            return StageDecision(stage, tuple(reasons))
    raise AssertionError("the last rule always holds")


def _retired(facts: StageFacts, _policy: StagePolicy) -> Finding:
    if facts.status == "active":
        return False, "still_active", {}
    return True, "life_ended", {"status": facts.status}


def _resale(facts: StageFacts, policy: StagePolicy) -> Finding:
    if facts.transfer:
        return True, "transfer_open", {}
    if facts.owned_since_on is None or facts.ownerships < 2:
        return False, "no_change_of_hands", {}
    days = facts.days_since(facts.owned_since_on)
    values = {"ordinal": facts.ownerships, "days": days, "limit": policy.resale_days}
    if days < policy.resale_days:
        return True, "new_later_owner", values
    return False, "later_owner_settled", values


def _discovery(facts: StageFacts, policy: StagePolicy) -> Finding:
    if facts.was_registered:
        return False, "was_registered", {}
    if facts.given:
        return False, "given_away", {}
    days = facts.days_since(facts.first_scan_on or facts.today)
    if days >= policy.discovery_days:
        return False, "first_scan_long_ago", {"days": days, "limit": policy.discovery_days}
    if facts.spoke_up_on:
        return False, "holder_spoke_up", {"day": facts.spoke_up_on}
    if facts.held_from is None:
        return True, "not_sold_as_far_as_known", {"days": days}
    values = {"visitors": facts.visitors, "limit": policy.display_visitors}
    if facts.visitors >= policy.display_visitors:
        return True, "many_visitors", values
    return False, "few_visitors", values


def _unboxing(facts: StageFacts, policy: StagePolicy) -> Finding:
    if facts.was_registered:
        return False, "was_registered", {}
    if facts.given:
        return True, "given_away", {}
    if facts.held_from is None:
        return False, "no_holder_known", {}
    days = facts.days_since(facts.held_from)
    values = {"day": facts.held_from, "days": days, "limit": policy.unboxing_days}
    if days < policy.unboxing_days:
        return True, "first_days_with_holder", values
    return False, "first_days_over", values


def _onboarding(facts: StageFacts, policy: StagePolicy) -> Finding:
    if facts.owned_since_on is None or facts.ownerships != 1:
        return False, "not_first_ownership", {}
    days = facts.days_since(facts.owned_since_on)
    values = {"days": days, "limit": policy.onboarding_days}
    if days < policy.onboarding_days:
        return True, "first_weeks_of_ownership", values
    return False, "first_weeks_over", values


def _maturity(facts: StageFacts, policy: StagePolicy) -> Finding:
    if facts.age_from is None:
        return False, "age_unknown", {}
    mature_on = add_months(facts.age_from, policy.maturity_months)
    values = {"from": facts.age_from, "months": policy.maturity_months, "day": mature_on}
    if facts.today >= mature_on:
        return True, "old_enough", values
    return False, "not_old_enough", values


def _ownership(_facts: StageFacts, _policy: StagePolicy) -> Finding:
    return True, "nothing_else", {}


# Maturity is tried before ownership, which lasts "until maturity" and so is what remains.
RULES: tuple[tuple[Stage, Rule], ...] = (
    (Stage.RETIRED, _retired),
    (Stage.RESALE, _resale),
    (Stage.DISCOVERY, _discovery),
    (Stage.UNBOXING, _unboxing),
    (Stage.ONBOARDING, _onboarding),
    (Stage.MATURITY, _maturity),
    (Stage.OWNERSHIP, _ownership),
)
