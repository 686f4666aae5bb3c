"""What the demo hands out: a fresh link to each unit, and the stage that a visitor who opens it gets."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from experiences.cards import brand_card, card_of, product_card
from experiences.demo.houses import HOUSES
from experiences.demo.load import shares
from experiences.demo.seeds import dice, public_code
from experiences.demo.showcase import SHOWCASE
from experiences.demo.spec import BrandSpec
from experiences.facts import read_by_code, stage_facts
from experiences.models import DemoLoad
from experiences.stages import choose_stage
from experiences.virtual_chip import chip_link
from products.links import digital_link, qr_url
from products.models import ChipProfile, Tag, Unit

STRANGER = "0" * 32  # a visitor who was never here before
CHUNK = 500


@dataclass(frozen=True, slots=True)
class ListedUnit:
    serial: str
    gtin: str
    brand: str
    stage: str
    tap_url: str | None
    qr_url: str
    digital_link: str
    role: str = ""  # what a unit of the showcase is there to show
    product: str = ""

    def as_json(self) -> dict[str, str | None]:
        names = ("serial", "gtin", "brand", "stage", "tap_url", "qr_url", "digital_link")
        return {name: getattr(self, name) for name in names}


def list_units(load: DemoLoad, *, units: int, now: dt.datetime) -> Iterator[ListedUnit]:
    """Yield the showcase of every brand, then the other units, `units` together; consumes nothing."""
    for house in HOUSES:
        yield from _of_house(load, house, range(len(SHOWCASE)), now)
    for house, count in zip(HOUSES, shares(units), strict=True):
        yield from _of_house(load, house, range(len(SHOWCASE), count), now)


def _of_house(load: DemoLoad, house: BrandSpec, numbers: range, now: dt.datetime) -> Iterator[ListedUnit]:
    profiles = {profile.pk: profile for profile in ChipProfile.objects.filter(brand__slug=house.slug)}
    left = iter(numbers)
    while chunk := list(islice(left, CHUNK)):
        codes = {public_code(load.seed, house.slug, number): number for number in chunk}
        found = Unit.objects.with_page_parts().filter(public_code__in=list(codes))
        by_number = {codes[unit.public_code]: unit for unit in found}
        chips = Tag.objects.chips().active().filter(unit__in=list(by_number.values()))
        by_unit = {tag.unit_id: tag for tag in chips}
        for number, unit in sorted(by_number.items()):
            tag = by_unit.get(unit.pk)
            if tag:
                tag.profile = profiles[tag.profile_id]
            yield _listed(unit, tag, number, load, now)


def _listed(unit: Unit, tag: Tag | None, number: int, load: DemoLoad, now: dt.datetime) -> ListedUnit:
    brand = card_of(unit.brand)
    link = None
    if tag:
        padding = dice(load.seed, "padding", tag.uid, tag.last_counter).randbytes
        link = chip_link(tag, base_url=brand.base_url, random_bytes=padding)
    return ListedUnit(
        serial=unit.serial,
        gtin=unit.trade_item.gtin,
        brand=brand.slug,
        stage=_stage(unit, now),
        tap_url=link,
        qr_url=qr_url(unit, brand.base_url),
        digital_link=digital_link(unit, brand.base_url),
        role=SHOWCASE[number][0] if number < len(SHOWCASE) else "",
        product=str(unit.product),
    )


def _stage(unit: Unit, now: dt.datetime) -> str:
    """Return the stage of the page that somebody gets who was never here and opens the unit now."""
    row = read_by_code(unit.public_code)
    assert row is not None
    brand = brand_card(row.brand_id, row.content_version)
    product = product_card(row.product_id, row.content_version, brand.locales[0])
    facts = stage_facts(row, zone=brand.zone(row.market), now=now, visitor=STRANGER)
    return choose_stage(facts, product.policy).stage.value
