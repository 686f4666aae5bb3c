"""Which modules a page has, in which order, and what it offers first: per stage of the unit's life.

The order is the product's promise (usefulness first): help leads at month six, service in year
five, recycling at the end; a story leads only where somebody is still asking what this is.
"""

from dataclasses import dataclass

from analytics.kinds import Flag, Stage, Verdict
from experiences.stages import StageDecision, StageFacts

FIRST_DAYS = 7  # of onboarding: set-up leads; afterwards care does


@dataclass(frozen=True, slots=True)
class Layout:
    """`actions` in the order of preference: the first that can be offered leads the page."""

    actions: tuple[str, ...]
    modules: tuple[str, ...]


DISCOVERY = Layout(
    ("explore", "care", "help"), ("authenticity", "identity", "story", "register", "care", "help")
)
UNBOXING = Layout(
    ("register", "setup", "help"), ("authenticity", "register", "identity", "setup", "care", "help")
)
FIRST_DAYS_LAYOUT = Layout(
    ("setup", "care", "help"), ("authenticity", "setup", "coverage", "tips", "identity", "care", "help")
)
FIRST_WEEKS = Layout(
    ("care", "help"), ("authenticity", "care", "coverage", "tips", "help", "setup", "identity")
)
OWNERSHIP = Layout(("help",), ("authenticity", "help", "care", "coverage", "service", "identity", "register"))
MATURITY = Layout(
    ("service", "help"),
    ("authenticity", "service", "care", "help", "coverage", "provenance", "identity", "recycle"),
)
RESALE = Layout(
    ("provenance",),
    ("authenticity", "provenance", "coverage", "identity", "care", "help", "service", "setup"),
)
RETIRED = Layout(("recycle", "help"), ("authenticity", "recycle", "identity", "provenance", "help"))

DOUBTFUL = (Verdict.REPLAYED, Verdict.TAMPERED, Verdict.INVALID)


def layout_for(decision: StageDecision, facts: StageFacts) -> Layout:
    """Return the layout of the stage; the first weeks have two."""
    if decision.stage is Stage.ONBOARDING and facts.owned_since_on:
        early = facts.days_since(facts.owned_since_on) < FIRST_DAYS
        return FIRST_DAYS_LAYOUT if early else FIRST_WEEKS
    return {
        Stage.DISCOVERY: DISCOVERY,
        Stage.UNBOXING: UNBOXING,
        Stage.OWNERSHIP: OWNERSHIP,
        Stage.MATURITY: MATURITY,
        Stage.RESALE: RESALE,
        Stage.RETIRED: RETIRED,
    }[decision.stage]


def order_modules(modules: tuple[str, ...], flags: tuple[str, ...], verdict: Verdict) -> tuple[str, ...]:
    """Put raised flags before everything else, and a doubtful verdict before even those; a giver's words come next."""
    leading = (*flags, *(name for name in modules if name == "gift"))
    rest = tuple(name for name in modules if name not in leading and name != "authenticity")
    if verdict in DOUBTFUL:
        return ("authenticity", *leading, *rest)
    return (*leading, "authenticity", *rest)


def leading_flag(flags: tuple[str, ...]) -> Flag | None:
    return Flag(flags[0]) if flags else None
