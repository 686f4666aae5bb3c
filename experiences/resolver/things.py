"""The thing that a GS1 Digital Link names, with the links of each of its levels, the most particular first.

A serial leads up to its batch and product, a batch to its product, a key to itself, and all of them to
the brand (GS1-Conformant Resolver Standard 1.2, sec. on walking up). A batch or variant that is not
recorded leads up, too; a serial that is not recorded does not: there the honest answer is "unknown".
"""

from dataclasses import dataclass, replace

from django.utils import translation
from django.utils.translation import gettext as _

from experiences.cards import BrandCard, ProductCard, brand_card, product_card
from experiences.facts import read_model
from experiences.resolver.asked import Asked
from experiences.resolver.declared import (
    Declared,
    links_of_batch,
    links_of_key,
    links_of_product,
    links_of_unit,
    types_of,
)
from experiences.resolver.links import PIP, Level, Link, declared_default, merged
from experiences.resolver.own import model_link, unit_links
from experiences.tap import Refusal, TapContext, look_at_key
from products.digital_link import DigitalLink, UnitKey
from products.models import IdentificationKey


@dataclass(frozen=True, slots=True)
class Thing:
    """What a link names: its brand, its levels, and the language that its links are described in."""

    brand: BrandCard
    levels: tuple[Level, ...]
    locale: str
    is_one_unit: bool = False


@dataclass(frozen=True, slots=True)
class Model:
    """What a GTIN names: a product of a brand, or a variant of one."""

    gtin: str
    brand: BrandCard
    content_version: int
    product_id: int
    variant_id: int | None

    def card(self, locale: str) -> ProductCard:
        return product_card(self.product_id, self.content_version, locale)


def find_thing(link: DigitalLink, asked: Asked, context: TapContext) -> Thing | None:
    """Return what the link names at the host that was asked; None where nothing there is called so."""
    if (unit := link.unit) is not None:
        return _unit(link, unit, asked, context)
    if link.key == "01":
        return _model(link, asked, context.host)
    return _key(link, asked, context.host)


def _unit(link: DigitalLink, unit: UnitKey, asked: Asked, context: TapContext) -> Thing | None:
    # Nobody's own view: a list of links is the same for everybody.
    nobody = replace(context, devices=(), possession=None, peek=True, locale_for=asked.locale_for)
    tap = look_at_key(unit.gtin14, unit.serial, nobody)
    if isinstance(tap, Refusal):
        return None
    row = tap.row
    shared = links_of_product(row.brand_id, row.product_id, row.content_version)
    mine = links_of_unit(row.brand_id, row.unit_id)
    with translation.override(tap.locale):
        own = unit_links(tap, types_of(mine.unit, mine.batch, shared.product, shared.brand))
        model = model_link(tap.brand, tap.product, row.gtin)
        described = _("%(product)s, serial number %(serial)s") % {
            "product": tap.product.name,
            "serial": row.serial,
        }
    names_its_batch = row.batch is not None and link.qualifier("10") == row.batch
    first = Level(
        path=link.path,
        description=described,
        links=merged(mine.unit, own, *([] if names_its_batch else [mine.batch])),
        default=own[0],
    )
    batch = [_batch(link, mine, tap.product.name, tap.locale)] if names_its_batch and mine.batch else []
    return Thing(
        brand=tap.brand,
        levels=(first, *batch, _root(link.root.path, tap.product.name, shared, model, tap.brand)),
        locale=tap.locale,
        is_one_unit=True,
    )


def find_model(gtin: str, host: str) -> Model | None:
    """Return the model with this GTIN of 14 digits, if it may be shown at this host."""
    row = read_model(gtin, host)
    if row is None:
        return None
    brand_id, version, product_id, variant_id = row
    return Model(gtin, brand_card(brand_id, version), version, product_id, variant_id)


def _model(link: DigitalLink, asked: Asked, host: str) -> Thing | None:
    model = find_model(link.value, host)
    if model is None:
        return None
    brand, locale = model.brand, asked.locale_for(model.brand.locales)
    product = model.card(locale)
    shared = links_of_product(brand.pk, model.product_id, model.content_version)
    root = _root(link.root.path, product.name, shared, model_link(brand, product, link.value), brand)
    if (code := link.qualifier("10")) is None:
        return Thing(brand, (root,), locale)
    declared = links_of_batch(brand.pk, model.product_id, code)
    batch = [_batch(link, declared, product.name, locale)] if declared.batch else []
    return Thing(brand, (*batch, root), locale)


def _key(link: DigitalLink, asked: Asked, host: str) -> Thing | None:
    found = (
        IdentificationKey.objects.answering_at(host)
        .filter(ai=link.key, value=link.value)
        .values_list("pk", "name", "brand_id", "brand__content_version")
        .first()
    )
    if found is None:
        return None
    key_id, name, brand_id, version = found
    brand = brand_card(brand_id, version)
    declared = links_of_key(brand_id, key_id, version)
    links = merged(declared.key, declared.brand)
    default = declared_default(links) or next((link for link in links if link.is_public), None)
    level = Level(link.root.path, name, links, default)
    return Thing(brand, (level,), asked.locale_for(brand.locales))


def _batch(link: DigitalLink, declared: Declared, product: str, locale: str) -> Level:
    with translation.override(locale):
        described = _("%(product)s, batch %(batch)s") % {"product": product, "batch": link.qualifier("10")}
    return Level(link.up_to("10").path, described, declared.batch, declared_default(declared.batch))


def _root(path: str, product: str, shared: Declared, model: Link, brand: BrandCard) -> Level:
    """Return the level of the GTIN: what is declared for the product, then for the brand, and our page of the model."""
    links = merged(shared.product, shared.brand, [model])
    default = declared_default(links) or _page_of(links, brand.locales[0])
    return Level(path, product, links, default)


def _page_of(links: tuple[Link, ...], brand_language: str) -> Link:
    """Return the page about the product for somebody of whom nothing is known."""

    def distance(link: Link) -> tuple[bool, bool]:
        return bool(link.market), bool(link.languages) and brand_language not in link.languages

    return min((link for link in links if link.link_type == PIP), key=distance)
