"""How a demo brand is described: plain data, in English and French."""

from dataclasses import dataclass, field
from typing import Any

Texts = dict[str, str]


def t(en: str, fr: str) -> Texts:
    """Return a text in the demo's two languages."""
    return {"en": en, "fr": fr}


@dataclass(frozen=True)
class Block:
    """A text of the pages (see `experiences.models.ContentBlock`)."""

    kind: str
    title: Texts
    body: Texts
    stages: tuple[str, ...] = ()  # none means every stage
    audience: str = "everyone"


@dataclass(frozen=True)
class MaterialSpec:
    slug: str
    names: Texts
    cleaning: Texts = field(default_factory=dict)
    avoid: Texts = field(default_factory=dict)
    treatment: Texts = field(default_factory=dict)
    every_months: int | None = None


@dataclass(frozen=True)
class Use:
    """A material in a product: the part made of it and its share of the weight in %."""

    material: str
    part: Texts
    share: str


@dataclass(frozen=True)
class CategorySpec:
    slug: str
    names: Texts
    thresholds: dict[str, int]


@dataclass(frozen=True)
class ProfileSpec:
    """A chip profile; its keys come from the seed. `encrypted` says whether PICC data is encrypted.

    `own_keys`: each chip has a key of its own (AN10922). A tamper loop's status stands in the file data at
    byte `tamper_at`, or in the parameter `tt`.
    """

    slug: str
    mac_from: str
    encrypted: bool = True
    params: dict[str, str] = field(default_factory=dict)
    mode: str = "aes"
    own_keys: bool = False
    tamper_loop: str = ""
    tamper_at: int | None = None


@dataclass(frozen=True)
class PlanSpec:
    """A coverage plan for a product, a category or (both empty) the whole brand; no market means all."""

    names: Texts
    months: int
    covered: Texts
    excluded: Texts
    category: str = ""
    product: str = ""
    market: str = ""
    starts_from: str = "registration"


@dataclass(frozen=True)
class WordingSpec:
    """The words of a consent to news, in use since so many days before the anchor; versions count from 1."""

    since: int
    texts: Texts


@dataclass(frozen=True)
class ProductSpec:
    slug: str
    category: str
    model_number: str
    prefix: str  # of serial numbers
    gtin_number: int  # the first GTIN's number in the range for examples; variants count on from it
    profile: str  # the chip profile of its units
    names: Texts
    line: Texts
    picture_alt: Texts
    serial_place: Texts
    tag_place: Texts
    lifetime_years: int
    made_in: str
    origins: tuple[str, ...]
    uses: tuple[Use, ...]
    blocks: tuple[Block, ...] = ()
    variants: tuple[tuple[str, Texts], ...] = ()
    compositions: tuple[str, ...] = ()  # lists of ingredients (INCI), batch by batch in turn
    makers: tuple[str, ...] = ()  # fictional people, for the attribute `artisan`
    weight: int = 10  # how many of the brand's units it is
    recalled_batch: int | None = None  # the ordinal of a batch whose units are recalled
    older: str = "closed"  # how older units without a code get one (`UncodedRule`)
    older_pattern: str = ""
    comes_next: tuple[tuple[str, Texts], ...] = ()  # product slugs in their order, each with why


@dataclass(frozen=True)
class BrandSpec:
    slug: str
    fields: dict[str, Any]
    markets: dict[str, str]  # country to time zone
    market_weights: tuple[int, ...]
    categories: tuple[CategorySpec, ...]
    materials: tuple[MaterialSpec, ...]
    profiles: tuple[ProfileSpec, ...]
    products: tuple[ProductSpec, ...]
    blocks: tuple[Block, ...] = ()  # for the whole brand
    plans: tuple[PlanSpec, ...] = ()
    wordings: tuple[WordingSpec, ...] = ()
    organisations: tuple[str, ...] = ()
    showcase: dict[str, str] = field(default_factory=dict)  # showcase role to product slug

    def product(self, slug: str) -> ProductSpec:
        return next(product for product in self.products if product.slug == slug)
