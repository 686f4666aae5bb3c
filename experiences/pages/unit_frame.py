"""What every page of a unit shows around its matter: the brand's look, which unit, and the way back and to a person."""

from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.translation import get_language_bidi

from experiences.cards import BrandCard, ProductCard
from experiences.pages.modules import Contact, contact_of
from experiences.pages.unit_page import page_flags, subject_of
from experiences.tap import Tap


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitFrame:
    """What every page of a unit shows around its matter."""

    title: str
    brand: BrandCard
    product: ProductCard
    serial: str
    stage: str
    verdict: str
    viewer: str
    flags: str
    locale: str
    direction: str
    home_url: str
    subject: str
    contact: Contact


def unit_frame(tap: Tap, title: str) -> dict[str, Any]:
    """Return the fields of `UnitFrame` for a unit's page with this title."""
    return {
        "title": title,
        "brand": tap.brand,
        "product": tap.product,
        "serial": tap.row.serial,
        "stage": tap.decision.stage.value,
        "verdict": tap.verdict.value,
        "viewer": tap.viewer,
        "flags": page_flags(tap),
        "locale": tap.locale,
        "direction": "rtl" if get_language_bidi() else "ltr",
        "home_url": reverse("unit_home", args=[tap.row.public_code]),
        "subject": subject_of(tap),
        "contact": contact_of(tap),
    }
