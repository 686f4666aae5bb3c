"""My things, by brand."""

from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import gettext as _

from experiences.cards import BrandCard, brand_card, product_card
from experiences.pages.me.frame import MeFrame, Way, me_frame, ways
from ownership.models import Owner, Ownership


@dataclass(frozen=True, slots=True)
class Thing:
    name: str
    serial: str
    picture_url: str
    url: str


@dataclass(frozen=True, slots=True)
class Shelf:
    """The things of one brand."""

    name: str
    things: list[Thing]


@dataclass(frozen=True, slots=True, kw_only=True)
class ThingsPage(MeFrame):
    """What `me/things.html` shows."""

    shelves: list[Shelf]
    ways: list[Way]


def build_things_page(brand: BrandCard | None, owners: list[Owner]) -> ThingsPage:
    frame = me_frame(_("My things"), brand, reverse("me"))
    owned = (
        Ownership.objects.current()
        .filter(owner__in=owners)
        .select_related("unit__brand")
        .order_by("unit__brand__name", "-since")
    )
    shelves: dict[int, Shelf] = {}
    for ownership in owned[:50]:
        unit = ownership.unit
        card = brand_card(unit.brand_id, unit.brand.content_version)
        product = product_card(unit.product_id, unit.brand.content_version, frame["locale"])
        shelf = shelves.setdefault(card.pk, Shelf(card.name, []))
        url = reverse("unit_home", args=[unit.public_code])
        shelf.things.append(Thing(product.name, unit.serial, product.picture_url, url))
    return ThingsPage(**frame, shelves=list(shelves.values()), ways=ways())
