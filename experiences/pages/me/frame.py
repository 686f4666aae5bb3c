"""What every page of an owner shows around its matter: the house or the one brand, and the ways on."""

from dataclasses import dataclass
from typing import Any

from django.urls import NoReverseMatch, reverse
from django.utils.translation import get_language, get_language_bidi
from django.utils.translation import gettext as _

from experiences.cards import BrandCard
from experiences.languages import ALL_LOCALES
from experiences.pages.unit_page import Language, languages_at


@dataclass(frozen=True, slots=True)
class Way:
    """A link to another of the owner's pages."""

    label: str
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MeFrame:
    """What every page under `/me/` shows around its matter."""

    title: str
    brand: BrandCard | None
    locale: str
    direction: str
    languages: list[Language]
    home_url: str


def me_frame(title: str, brand: BrandCard | None, url: str) -> dict[str, Any]:
    """Return the fields of `MeFrame`; `brand`: whose domain this is, if any's; `url`: the page's own, for its languages."""
    locale = get_language() or ALL_LOCALES[0]
    return {
        "title": title,
        "brand": brand,
        "locale": locale,
        "direction": "rtl" if get_language_bidi() else "ltr",
        "languages": languages_at(url, brand.locales if brand else ALL_LOCALES, locale),
        "home_url": reverse("me"),
    }


def ways() -> list[Way]:
    """Return the owner's other pages, in the order in which they are wanted."""
    named = (
        ("me_details", _("My details")),
        ("me_points", _("My points")),
        ("me_people", _("The people who use my things")),
        ("me_consents", _("What I agreed to")),
        ("me_data", _("My data: take it or erase it")),
        ("me_leave", _("Leave")),
    )
    return [Way(label, url) for name, label in named if (url := url_of(name))]


def url_of(name: str, *args: str) -> str:
    """Return the address of the page with this name; '' where there is none yet."""
    try:
        return reverse(name, args=args)
    except NoReverseMatch:
        return ""
