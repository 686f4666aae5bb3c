"""Our own links: pages that exist for this very unit or model, under the ratified type that says what they are.

Each stands only where its page has something to say, and only where the brand has declared no link of
that type itself. The unit's own page is the exception: it is the most particular page about the unit.
"""

from collections.abc import Iterator

from django.urls import reverse
from django.utils.translation import gettext as _

from experiences.cards import BrandCard, ProductCard
from experiences.pages.modules import build_module, may_register, section_url
from experiences.pages.section_page import section_title
from experiences.resolver.links import PIP, Link
from experiences.tap import Tap

# Modules of the unit's page, the link type of the page behind each, and that page's section.
_SECTIONS = (
    ("setup", "gs1:instructions", "setup"),
    ("care", "gs1:consumerHandlingStorageInfo", "care"),
    ("help", "gs1:support", "help"),
    ("service", "gs1:serviceInfo", "service"),
    ("recycle", "gs1:sustainabilityInfo", "recycle"),
    ("provenance", "gs1:traceability", "provenance"),
    ("story", "gs1:backgroundInfo", "story"),
)


def unit_links(tap: Tap, declared: frozenset[str]) -> tuple[Link, ...]:
    """Return the unit's own page first, then what else it has; `declared` types are left to the brand."""
    page = _own(
        tap.brand, PIP, reverse("unit_home", args=[tap.row.public_code]), _("Everything about this piece")
    )
    return (page, *(link for link in _further(tap) if link.link_type not in declared))


def model_link(brand: BrandCard, product: ProductCard, gtin: str) -> Link:
    """Return the page about a model."""
    return _own(brand, PIP, reverse("model_page", args=[gtin]), product.name)


def _further(tap: Tap) -> Iterator[Link]:
    if build_module("register", tap) and may_register(tap):
        url = reverse("register", args=[tap.row.public_code])
        yield _own(tap.brand, "gs1:registerProduct", url, _("Register it in your name"))
    if tap.row.recall:
        yield _own(tap.brand, "gs1:recallStatus", section_url(tap, "help"), _("What the recall means for it"))
    if tap.row.lost:
        yield _own(tap.brand, "gs1:reportFound", section_url(tap, "help"), _("Say that you found it"))
    for module, link_type, section in _SECTIONS:
        if build_module(module, tap):
            yield _own(tap.brand, link_type, section_url(tap, section), section_title(section))  # type: ignore[arg-type]


def _own(brand: BrandCard, link_type: str, path: str, title: str) -> Link:
    return Link(link_type, brand.base_url + path, title, languages=brand.locales)
