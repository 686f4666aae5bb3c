"""What many pages share: a brand, a product with its texts. Kept in the process, keyed by version.

Every edit of what pages show raises the brand's `content_version`, which each tap reads with the
unit; an edit therefore shows at the very next tap, on every worker, and old entries age out.
"""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, fields
from decimal import Decimal
from functools import cached_property, lru_cache
from zoneinfo import ZoneInfo

from django.urls import reverse
from django.utils.safestring import SafeString

from experiences.markdown import render_markdown
from experiences.models import BlockKind
from experiences.next_products import NextCard, next_cards
from experiences.stages import StagePolicy
from experiences.texts import CardText, texts_of
from ownership.models import LoyaltyProgramme, Purpose
from ownership.services.consents import current_wording
from products.days import market_zones, next_multiple, zone_of
from products.fields import in_language
from products.lineage import lineage
from products.links import brand_base_url
from products.models import Brand, Category, Product, StageThresholds
from warranty.services import plans_for


@dataclass(frozen=True)
class BrandCard:
    """A brand in one language."""

    pk: int
    slug: str
    name: str
    locales: tuple[str, ...]
    time_zone: str
    market_zones: dict[str, str]
    base_url: str
    hosts: frozenset[str]  # the brand's own domains
    accent: str
    paper: str
    typeface: str
    corner: str
    density: str
    care_email: str
    care_phone: str
    care_hours: dict[str, str]
    website: str
    privacy: dict[str, str]
    marketing_wording: dict[str, str]
    marketing_version: int | None
    takes_requests: bool  # some older pieces without a code may get one
    points_words: dict[str, str]  # what its loyalty programme calls points; empty without a programme

    def zone(self, market: str) -> ZoneInfo:
        return zone_of(market, self.market_zones, self.time_zone)


@dataclass(frozen=True, slots=True)
class MaterialCard:
    name: str
    part: str
    share: Decimal | None  # % of the weight
    cleaning: SafeString
    avoid: SafeString
    treatment: str
    treatment_every_months: int | None

    def due_on(self, start: dt.date, today: dt.date) -> dt.date | None:
        """Return the day of the next treatment, counted from `start`."""
        if not self.treatment_every_months:
            return None
        return next_multiple(start, self.treatment_every_months, today)


@dataclass(frozen=True, slots=True)
class PlanCard:
    """What registering gives in a market ('' is every market)."""

    market: str
    months: int
    starts_from: str


@dataclass(frozen=True)
class ProductCard:
    """A product in one language, with the texts of its category and brand."""

    pk: int
    name: str
    line: str
    model_number: str
    category: str
    picture_url: str
    picture_alt: str
    lifetime_years: int | None
    serial_place: str
    tag_place: str
    policy: StagePolicy
    variants: dict[int, str]
    materials: tuple[MaterialCard, ...]
    texts: dict[str, tuple[CardText, ...]]
    plans: tuple[PlanCard, ...]  # the most particular first
    is_valuable: bool = False  # passing one on asks its holder for a new tap
    next_products: tuple[NextCard, ...] = ()  # what comes next after it, the nearest first

    def of_kind(self, kind: BlockKind) -> tuple[CardText, ...]:
        return self.texts.get(kind.value, ())

    @cached_property
    def treatments(self) -> tuple[MaterialCard, ...]:
        return tuple(
            material for material in self.materials if material.treatment and material.treatment_every_months
        )


@lru_cache(maxsize=512)
def brand_card(brand_id: int, content_version: int) -> BrandCard:
    """Return the brand; `content_version` is what the caller just read."""
    brand = Brand.objects.get(pk=brand_id)
    wording = current_wording(brand_id, Purpose.MARKETING)
    programme = LoyaltyProgramme.objects.filter(brand=brand_id).first()
    return BrandCard(
        pk=brand.pk,
        slug=brand.slug,
        name=brand.name,
        locales=tuple(brand.locales) or ("en",),
        time_zone=brand.time_zone,
        market_zones=market_zones(brand),
        base_url=brand_base_url(brand),
        hosts=frozenset(domain.host for domain in brand.domains.all()),
        accent=brand.accent,
        paper=brand.paper,
        typeface=brand.typeface,
        corner=brand.corner,
        density=brand.density,
        care_email=brand.care_email,
        care_phone=brand.care_phone,
        care_hours=brand.care_hours,
        website=brand.website,
        privacy=brand.privacy,
        marketing_wording=wording.texts if wording else {},
        marketing_version=wording.version if wording else None,
        takes_requests=Product.objects.taking_requests_of(brand.pk).exists(),
        points_words=programme.points_words if programme else {},
    )


def card_of(brand: Brand) -> BrandCard:
    """Return the card of a brand that was just read."""
    return brand_card(brand.pk, brand.content_version)


@lru_cache(maxsize=4096)
def product_card(product_id: int, content_version: int, locale: str) -> ProductCard:
    """Return the product in a language; `content_version` is what the caller just read."""
    product = Product.objects.select_related("brand", "category").get(pk=product_id)
    categories = lineage(product)

    def say(texts: dict[str, str]) -> str:
        return in_language(texts, locale, product.brand.default_locale)

    return ProductCard(
        pk=product.pk,
        name=say(product.names),
        line=say(product.line),
        model_number=product.model_number,
        category=say(product.category.names),
        picture_url=reverse("picture", args=[product.picture]) if product.picture else "",
        picture_alt=say(product.picture_alt),
        lifetime_years=product.lifetime_years,
        serial_place=say(product.serial_place),
        tag_place=say(product.tag_place),
        policy=resolve_policy([product, *categories, product.brand]),
        variants={variant.pk: say(variant.names) or variant.code for variant in product.variants.all()},
        materials=_materials(product, locale),
        texts=texts_of(product, categories, locale),
        plans=_plans(product, categories),
        is_valuable=product.is_valuable,
        next_products=next_cards(product, locale),
    )


def _plans(product: Product, categories: list[Category]) -> tuple[PlanCard, ...]:
    plans = plans_for(product, categories)
    return tuple(PlanCard(plan.market, plan.months, plan.starts_from) for plan in plans)


def resolve_policy(levels: Iterable[StageThresholds]) -> StagePolicy:
    """Return the thresholds, each from the first level that sets it, most specific first."""
    levels = list(levels)
    chosen = {}
    for field in fields(StagePolicy):
        values = (getattr(level, field.name) for level in levels)
        value = next((value for value in values if value is not None), None)
        if value is not None:
            chosen[field.name] = value
    return StagePolicy(**chosen)


def _materials(product: Product, locale: str) -> tuple[MaterialCard, ...]:
    fallback = product.brand.default_locale
    return tuple(
        MaterialCard(
            name=in_language(use.material.names, locale, fallback),
            part=in_language(use.part, locale, fallback),
            share=use.share.normalize() if use.share is not None else None,
            cleaning=render_markdown(in_language(use.material.cleaning, locale, fallback)),
            avoid=render_markdown(in_language(use.material.avoid, locale, fallback)),
            treatment=in_language(use.material.treatment, locale, fallback),
            treatment_every_months=use.material.treatment_every_months,
        )
        for use in product.composition.select_related("material")
    )
