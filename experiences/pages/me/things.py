"""My things, by brand, each with the next useful thing to do."""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.core.paginator import Page
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from experiences.cards import BrandCard, brand_card, product_card
from experiences.pages.me.frame import MeFrame, Way, me_frame, ways
from experiences.pages.modules import due_treatments, section_url
from experiences.pages.release_words import state_title
from experiences.pages.unit_page import Action, address_url, next_action
from experiences.tap import Tap
from ownership.models import Owner, Ownership, ReleaseRequest

AT_ONCE = 50  # things on a page
SOON = dt.timedelta(days=60)  # before its end a warranty is worth a word
CARE_SOON = dt.timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Thing:
    name: str
    serial: str
    picture_url: str
    url: str
    flags: str
    action: Action
    gone_url: str  # '' where the visitor only uses it


@dataclass(frozen=True, slots=True)
class Shelf:
    """The things of one owner: a person's, a household's or an organisation's, at one brand."""

    brand: str
    name: str  # of the household or organisation; '' for the visitor's own
    things: list[Thing]


@dataclass(frozen=True, slots=True)
class Waiting:
    """What is not the visitor's yet: they asked for it, or take it over."""

    name: str
    serial: str
    state: str
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ThingsPage(MeFrame):
    """What `me/things.html` shows."""

    shelves: list[Shelf]
    waiting: list[Waiting]
    ways: list[Way]
    done: str
    how_url: str
    find_url: str
    before_url: str
    after_url: str


def build_things_page(
    brand: BrandCard | None,
    page: Page[Ownership],
    taps: Sequence[Tap],
    *,
    looked_after: set[int],
    waiting: Iterable[ReleaseRequest] = (),
    done: str = "",
) -> ThingsPage:
    """`page`: the ownerships; `taps`: their units as read; `looked_after`: the owners for whom the visitor decides.

    `waiting`: the open requests for what somebody else owns still.
    """
    read = {tap.row.unit_id: tap for tap in taps}
    shelves: dict[int, Shelf] = {}
    for ownership in page.object_list:
        tap = read.get(ownership.unit_id)
        if tap is not None:
            owner: Owner = ownership.owner
            name = "" if owner.kind == Owner.Kind.PERSON else owner.name
            shelf = shelves.setdefault(owner.pk, Shelf(tap.brand.name, name, []))
            shelf.things.append(_thing(tap, may_let_go=owner.pk in looked_after))
    me = reverse("me")
    return ThingsPage(
        **me_frame(_("My things"), brand, me),
        shelves=list(shelves.values()),
        waiting=[_waiting(release) for release in waiting],
        ways=ways(),
        done=done,
        how_url=reverse("find_help"),
        find_url=reverse("find_brand", args=[brand.slug]) if brand else reverse("find"),
        before_url=f"{me}?page={page.previous_page_number()}" if page.has_previous() else "",
        after_url=f"{me}?page={page.next_page_number()}" if page.has_next() else "",
    )


def _waiting(release: ReleaseRequest) -> Waiting:
    unit = release.unit
    version, language = unit.brand.content_version, get_language() or "en"
    return Waiting(
        name=product_card(unit.product_id, version, language).name,
        serial=unit.serial,
        state=state_title(release, brand_card(unit.brand_id, version).name),
        url=reverse("release", args=[release.code]),
    )


def _thing(tap: Tap, *, may_let_go: bool) -> Thing:
    code = tap.row.public_code
    return Thing(
        name=tap.product.name,
        serial=tap.row.serial,
        picture_url=tap.product.picture_url,
        url=reverse("unit_home", args=[code]),
        flags=" ".join(tap.row.flags),
        action=_useful(tap),
        gone_url=reverse("let_go", args=[code]) if may_let_go and tap.row.status == "active" else "",
    )


def _useful(tap: Tap) -> Action:
    """Return what is open first, then what has a date, then what the unit's page leads with."""
    if tap.row.flags:
        return next_action(tap)
    if tap.row.viewer_unconfirmed:
        return Action("address", _("Confirm your address"), address_url(tap))
    today, until = tap.facts.today, tap.row.covered_until
    if until is not None and today <= until <= today + SOON:
        label = _("Warranty until %(date)s: is all well?") % {"date": date_format(until)}
        return Action("warranty", label, section_url(tap, "help"))
    due = due_treatments(tap)
    if due and due[0].on <= today + CARE_SOON:
        words = {"treatment": due[0].what, "date": date_format(due[0].on)}
        return Action("care", _("%(treatment)s: next on %(date)s") % words, section_url(tap, "care"))
    return next_action(tap)
