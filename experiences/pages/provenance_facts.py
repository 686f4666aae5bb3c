"""The facts of a shared history (C7), each from rows and none from words: a buyer relies on them.

`FACTS` is the list, in the order of the page. What comes to the platform later adds its builder there: records of
service and settled claims have no table yet, so nothing is said of them, not even that there are none.
"""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from analytics.kinds import Verdict
from analytics.models import Scan
from experiences.pages.identity import made, retirement_in_words
from experiences.tap import Tap
from products.days import day_in


@dataclass(frozen=True, slots=True)
class Fact:
    """One line of the page; `warns` where a buyer should stop and think."""

    label: str
    value: str
    warns: bool = False


def facts_of(tap: Tap) -> list[Fact]:
    """Return what is on record of the unit, in the active language."""
    return [fact for build in FACTS if (fact := build(tap))]


def genuine(tap: Tap) -> Fact:
    """Say when the chip last proved itself, or that a printed code can't."""
    label = _("Genuine")
    if not tap.row.has_chip:
        return Fact(
            label,
            _("It carries a printed code, which can be copied: it names this piece and proves nothing."),
            warns=True,
        )
    last = Scan.objects.filter(unit=tap.row.unit_id, verdict=Verdict.GENUINE).order_by("-at").first()
    if last is None:
        return Fact(label, _("It carries a chip that nobody has read yet."), warns=True)
    return Fact(label, _("Its chip last proved itself on %(date)s.") % {"date": _day(tap, last.at)})


def made_when_and_where(tap: Tap) -> Fact | None:
    return Fact(_("Made"), made(tap)) if made(tap) else None


def made_of(tap: Tap) -> Fact | None:
    names = [material.name for material in tap.product.materials]
    return Fact(_("Made of"), ", ".join(names)) if names else None


def origin(tap: Tap) -> Fact | None:
    return Fact(_("Origin"), tap.row.origin) if tap.row.origin else None


def sold(tap: Tap) -> Fact | None:
    return Fact(_("Sold new"), date_format(tap.row.sold_on)) if tap.row.sold_on else None


def owners(tap: Tap) -> Fact:
    count = tap.row.ownerships
    value = ngettext(
        "%(count)s so far, the present one included", "%(count)s so far, the present one included", count
    )
    return Fact(_("Owners"), value % {"count": count})


def owned_since(tap: Tap) -> Fact | None:
    since = tap.facts.owned_since_on
    return Fact(_("With its present owner since"), date_format(since)) if since else None


def coverage(tap: Tap) -> Fact:
    label, until = _("Warranty"), tap.row.covered_until
    if until is None:
        return Fact(label, _("None on record"))
    values = {"date": date_format(until)}
    if until < tap.facts.today:
        return Fact(label, _("Ended on %(date)s") % values)
    return Fact(label, _("Until and including %(date)s; it stays with the piece") % values)


def missed(tap: Tap) -> Fact:
    label = _("Lost or stolen")
    if tap.row.stolen:
        return Fact(label, _("Reported stolen: it is not for sale"), warns=True)
    if tap.row.lost:
        return Fact(label, _("Reported lost: it is not for sale"), warns=True)
    return Fact(label, _("Not reported lost or stolen"))


def recall(tap: Tap) -> Fact:
    label = _("Recall")
    if tap.row.recall:
        return Fact(label, _("A recall of this very piece is open; its remedy is free"), warns=True)
    return Fact(label, _("None open"))


def dispute(tap: Tap) -> Fact | None:
    if not tap.row.dispute:
        return None
    return Fact(_("Ownership"), _("It is being clarified whose it is; it can't be passed on"), warns=True)


def transfer(tap: Tap) -> Fact | None:
    if not tap.row.transfer:
        return None
    return Fact(_("Change of owner"), _("One is open and not accepted yet"), warns=True)


def claim(tap: Tap) -> Fact | None:
    return Fact(_("Claim"), _("One is open")) if tap.row.claim else None


def service(tap: Tap) -> Fact | None:
    return Fact(_("Service"), _("An appointment is booked")) if tap.row.service else None


def end_of_life(tap: Tap) -> Fact | None:
    if tap.row.status == "active":
        return None
    return Fact(_("Its life has ended"), retirement_in_words(tap.row.status), warns=True)


FACTS: tuple[Callable[[Tap], Fact | None], ...] = (
    end_of_life,
    missed,
    dispute,
    genuine,
    made_when_and_where,
    made_of,
    origin,
    sold,
    owners,
    owned_since,
    coverage,
    recall,
    claim,
    service,
    transfer,
)


def _day(tap: Tap, at: dt.datetime) -> str:
    return date_format(day_in(tap.brand.zone(tap.row.market), at))
