"""The shared history as a buyer reads it, and the owner's list of links to it."""

import datetime as dt
from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import get_language_bidi
from django.utils.translation import gettext as _

from experiences.cards import BrandCard, ProductCard
from experiences.pages.modules import Contact, contact_of
from experiences.pages.provenance_facts import Fact, facts_of
from experiences.pages.unit_frame import UnitFrame, unit_frame
from experiences.pages.unit_page import Language, languages_at, subject_of
from experiences.provenance import token_of
from experiences.tap import Tap
from ownership.models import ProvenanceLink
from products.days import day_in


@dataclass(frozen=True, slots=True)
class ProvenancePage:
    """What `experiences/provenance.html` shows: facts of the unit, and of no person."""

    title: str
    brand: BrandCard
    product: ProductCard
    variant: str
    serial: str
    facts: list[Fact]
    has_chip: bool
    read_on: dt.date
    until: dt.date
    is_warning: bool
    contact: Contact
    subject: str
    languages: list[Language]
    locale: str
    direction: str


@dataclass(frozen=True, slots=True)
class SharedLink:
    """One of the owner's links."""

    pk: int
    address: str
    url: str
    made_on: dt.date
    until: dt.date
    views: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SharePage(UnitFrame):
    """What `experiences/share_history.html` shows to the owner."""

    links: list[SharedLink]
    days: int
    url: str
    submission_key: str
    back_url: str
    problem: str


def build_provenance_page(tap: Tap, link: ProvenanceLink, *, now: dt.datetime, url: str) -> ProvenancePage:
    zone = tap.brand.zone(tap.row.market)
    facts = facts_of(tap)
    row = tap.row
    return ProvenancePage(
        title=_("What is on record of it"),
        brand=tap.brand,
        product=tap.product,
        variant=tap.product.variants.get(row.variant_id or 0, ""),
        serial=row.serial,
        facts=facts,
        has_chip=row.has_chip,
        read_on=day_in(zone, now),
        until=day_in(zone, link.expires_at),
        is_warning=row.lost or row.stolen or row.dispute or row.status != "active",
        contact=contact_of(tap),
        subject=subject_of(tap),
        languages=languages_at(url, tap.brand.locales, tap.locale),
        locale=tap.locale,
        direction="rtl" if get_language_bidi() else "ltr",
    )


def build_share_page(
    tap: Tap, links: list[ProvenanceLink], *, days: int, submission_key: str, problem: str = ""
) -> SharePage:
    """`days`: for how long a new link works."""
    code = tap.row.public_code
    return SharePage(
        **unit_frame(tap, _("Share its history")),
        links=[_shared(tap, link) for link in links],
        days=days,
        url=reverse("share_history", args=[code]),
        submission_key=submission_key,
        back_url=reverse("history_link_taken_back", args=[code]),
        problem=problem,
    )


def _shared(tap: Tap, link: ProvenanceLink) -> SharedLink:
    zone = tap.brand.zone(tap.row.market)
    url = reverse("shared_history", args=[token_of(link)])
    return SharedLink(
        pk=link.pk,
        address=tap.brand.base_url + url,
        url=url,
        made_on=day_in(zone, link.made_at),
        until=day_in(zone, link.expires_at),
        views=link.views,
    )
