"""What the pages of an organisation's fleet show."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.core.paginator import Page
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from experiences.bulk_registration import SHOWN, Checked
from experiences.cards import BrandCard, card_of, product_card
from experiences.contact import masked
from experiences.fleet_forms import FindForm, ListForm
from experiences.pages.me.frame import MeFrame, me_frame
from experiences.pages.people_pages import group_name
from experiences.transfer_form import OfferForm, grouped
from ownership.models import BulkRequest, Owner, Transfer
from products.imports.problems import Problem


@dataclass(frozen=True, slots=True)
class FleetUnit:
    pk: int
    name: str
    serial: str
    since: str
    url: str


@dataclass(frozen=True, slots=True)
class SentList:
    """A list that waits for staff, or that they answered."""

    rows: int
    sent_on: str
    state: str
    words: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FleetPage(MeFrame):
    """What `me/fleet.html` shows."""

    house: str
    form: FindForm
    units: list[FleetUnit]
    count: int
    number: int
    pages: int
    before_url: str
    after_url: str
    lists: list[SentList]
    urls: dict[str, str]
    problem: str
    notice: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterManyPage(MeFrame):
    """What `me/fleet_register.html` shows: the form, and what was found in the list."""

    house: str
    form: ListForm
    checked: Checked | None
    first_rows: list[Any]
    first_problems: list[Problem]
    more_problems: int
    can_send: bool
    url: str
    back_url: str
    problem: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PassOnPage(MeFrame):
    """What `me/fleet_transfer.html` shows: the chosen units, before they are offered together."""

    units: list[FleetUnit]
    form: OfferForm
    url: str
    back_url: str
    problem: str


@dataclass(frozen=True, slots=True)
class Offer:
    """Units that are offered together, and the link that accepts them."""

    bundle: str
    count: int
    link: str
    code: str
    until: str
    recipient: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OffersPage(MeFrame):
    """What `me/fleet_offers.html` shows: what waits for its next owner."""

    offers: list[Offer]
    refused: list[tuple[str, str]]
    url: str
    back_url: str
    problem: str


def fleet_units(owned: Any, locale: str) -> list[FleetUnit]:
    """Return the units of these ownerships (with unit and brand)."""
    found = []
    for ownership in owned:
        unit = ownership.unit
        name = product_card(unit.product_id, unit.brand.content_version, locale).name
        url = reverse("unit_home", args=[unit.public_code])
        found.append(FleetUnit(unit.pk, name, unit.serial, date_format(ownership.since.date()), url))
    return found


def build_fleet_page(
    brand: BrandCard | None,
    group: Owner,
    form: FindForm,
    page: Page,
    lists: Sequence[BulkRequest],
    *,
    asked: dict[str, Any],
    problem: str = "",
    notice: str = "",
) -> FleetPage:
    """`asked`: what the list was narrowed to, for the links to its other pages."""
    url = reverse("fleet", args=[group.pk])
    frame = me_frame(_("All units of %(name)s") % {"name": group_name(group)}, brand, url)

    def at(number: int) -> str:
        return f"{url}?{urlencode({**asked, 'page': number})}"

    return FleetPage(
        **frame,
        house=group.brand.name,
        form=form,
        units=fleet_units(page.object_list, frame["locale"]),
        count=page.paginator.count,
        number=page.number,
        pages=page.paginator.num_pages,
        before_url=at(page.previous_page_number()) if page.has_previous() else "",
        after_url=at(page.next_page_number()) if page.has_next() else "",
        lists=[_sent(row) for row in lists],
        urls=_urls(group, asked),
        problem=problem,
        notice=notice,
    )


def _urls(group: Owner, asked: dict[str, Any]) -> dict[str, str]:
    csv_url = reverse("fleet_csv", args=[group.pk])
    return {
        "fleet": reverse("fleet", args=[group.pk]),
        "csv": f"{csv_url}?{urlencode(asked)}" if asked else csv_url,
        "register": reverse("fleet_register", args=[group.pk]),
        "transfer": reverse("fleet_transfer", args=[group.pk]),
        "offers": reverse("fleet_offers", args=[group.pk]),
        "group": reverse("me_group", args=[group.pk]),
    }


def _sent(request: BulkRequest) -> SentList:
    words = {
        "waiting": _("Staff look at it"),
        "approved": _("Approved: its units are registered"),
        "refused": _("Not registered"),
    }
    day = date_format(request.sent_at.date())
    return SentList(request.rows, day, request.state, words[request.state], request.reason)


def build_register_page(
    brand: BrandCard | None,
    group: Owner,
    form: ListForm,
    *,
    checked: Checked | None = None,
    problem: str = "",
) -> RegisterManyPage:
    url = reverse("fleet_register", args=[group.pk])
    problems = checked.problems if checked else []
    return RegisterManyPage(
        **me_frame(_("Register many at once"), brand, url),
        house=group.brand.name,
        form=form,
        checked=checked,
        first_rows=checked.rows[:SHOWN] if checked else [],
        first_problems=problems[:SHOWN],
        more_problems=max(0, len(problems) - SHOWN),
        can_send=bool(checked and checked.rows),
        url=url,
        back_url=reverse("fleet", args=[group.pk]),
        problem=problem,
    )


def build_pass_on_page(
    brand: BrandCard | None, group: Owner, owned: Any, form: OfferForm, *, problem: str = ""
) -> PassOnPage:
    """`owned`: the ownerships of the chosen units."""
    url = reverse("fleet_transfer", args=[group.pk])
    frame = me_frame(_("Pass these on together"), brand, url)
    return PassOnPage(
        **frame,
        units=fleet_units(owned, frame["locale"]),
        form=form,
        url=url,
        back_url=reverse("fleet", args=[group.pk]),
        problem=problem,
    )


def build_offers_page(
    brand: BrandCard | None,
    group: Owner,
    bundles: dict[str, list[Transfer]],
    *,
    refused: list[tuple[str, str]],
    problem: str = "",
) -> OffersPage:
    """`bundles`: the open offers by the code that accepts them; `refused`: unit and why it was left out."""
    url = reverse("fleet_offers", args=[group.pk])
    base_url = card_of(group.brand).base_url
    offers = [
        Offer(
            bundle=code,
            count=len(found),
            link=base_url + reverse("transfer_link", args=[code]),
            code=grouped(code),
            until=date_format(found[0].expires_at.date()),
            recipient=masked(found[0].recipient),
        )
        for code, found in bundles.items()
    ]
    return OffersPage(
        **me_frame(_("Waiting for their next owner"), brand, url),
        offers=offers,
        refused=refused,
        url=url,
        back_url=reverse("fleet", args=[group.pk]),
        problem=problem,
    )
