"""The language of a page: `?lang`, else the cookie, else Accept-Language, else the brand's own."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from django.conf import settings
from django.core.exceptions import SuspiciousOperation
from django.http import HttpRequest, HttpResponse
from django.utils import translation
from django.utils.translation.trans_real import parse_accept_lang_header

if TYPE_CHECKING:
    from experiences.cards import BrandCard
    from ownership.models import Owner

ALL_LOCALES = tuple(code for code, _name in settings.LANGUAGES)  # of pages that are no brand's
COOKIE_AGE = 400 * 24 * 3600  # seconds


def speaking(request: HttpRequest, brand: BrandCard | None) -> translation.override:
    """Speak the visitor's language as far as the brand offers it; without a brand, as far as the installation does."""
    return translation.override(resolve_locale(request, brand.locales if brand else ALL_LOCALES))


def language_of(owner: Owner) -> str:
    """Return the language of a letter to an owner: the one they read last, else the brand's first."""
    return owner.locale or owner.brand.default_locale


def resolve_locale(request: HttpRequest, offered: Sequence[str]) -> str:
    """Return the first wanted language that the brand offers; the brand's first where none is."""
    for wanted in _wanted(request):
        if wanted in offered:
            return wanted
        base = wanted.split("-")[0]
        if base in offered:
            return base
    return offered[0]


def asked_locale(request: HttpRequest) -> str | None:
    """Return the language that `?lang=` names, if the installation speaks it."""
    try:
        asked = request.GET.get("lang", "")
    except SuspiciousOperation:  # more parameters than Django reads; the page that says so asks here too
        return None
    return asked if asked in dict(settings.LANGUAGES) else None


def remember_locale(request: HttpRequest, response: HttpResponse) -> None:
    """Keep the language that `?lang=` asked for."""
    if asked := asked_locale(request):
        response.set_cookie(
            settings.LANGUAGE_COOKIE_NAME,
            asked,
            max_age=COOKIE_AGE,
            samesite="Lax",
            httponly=True,
            secure=settings.COOKIES_SECURE,
        )


def _wanted(request: HttpRequest) -> list[str]:
    wanted = [asked_locale(request) or "", request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME, "")]
    header = request.headers.get("Accept-Language", "")
    return [code for code in wanted if code] + [code for code, _weight in parse_accept_lang_header(header)]
