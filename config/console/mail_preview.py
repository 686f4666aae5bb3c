"""Every letter in every look and language, as its reader sees it: /console/mails/."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.contrib import admin
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from analytics.kinds import DoubtKind
from analytics.models import Doubt
from experiences.alerts import doubts_letter
from experiences.cards import BrandCard, card_of
from experiences.letters.data_rights import SOURCES as DATA_LETTERS
from experiences.letters.data_rights import data_letter, hindered_words
from experiences.letters.registered import registered_letter
from experiences.mail import LETTERS, Letter, brand_look, write_letter
from experiences.pages.release_words import ground_to_owner
from experiences.responses import serve_mail
from products.models import Brand, Unit


@dataclass(frozen=True, slots=True)
class BrandRow:
    """A brand's languages with their names, for the table of letters."""

    slug: str
    name: str
    languages: dict[str, Any]


@require_safe
@admin.site.admin_view
def mails(request: HttpRequest) -> HttpResponse:
    """List each letter of the brands where the person works."""
    names = dict(settings.LANGUAGES)
    brands = [
        BrandRow(brand.slug, brand.name, {code: names.get(code, code) for code in brand.locales or ("en",)})
        for brand in Brand.objects.visible_to(request.user)
    ]
    context = {
        **admin.site.each_context(request),
        "title": _("Mails"),
        "brands": brands,
        "letters": LETTERS,
    }
    return render(request, "console/mails.html", context)


@require_safe
@admin.site.admin_view
def mail(request: HttpRequest, brand: str, kind: str, locale: str, part: str) -> HttpResponse:
    """One letter as HTML (in a sandbox) or as text, about one of the brand's own units where it has any."""
    row = get_object_or_404(Brand.objects.visible_to(request.user), slug=brand)
    if kind not in LETTERS or locale not in (row.locales or ["en"]) or part not in ("html", "txt"):
        raise Http404
    written = write_letter(sample_letter(row, kind, locale))
    if part == "html":
        return serve_mail(written.html)
    return HttpResponse(f"{written.subject}\n\n{written.text}", content_type="text/plain; charset=utf-8")


def sample_letter(brand: Brand, kind: str, locale: str) -> Letter:
    """Return the letter with made-up secrets and, where the brand has one, a unit that is covered."""
    card = card_of(brand)
    units = Unit.objects.for_brand(brand).with_page_parts()
    unit = units.filter(coverage__isnull=False).order_by("pk").first() or units.order_by("pk").first()
    if kind == "registered" and unit:
        return registered_letter(unit, card, locale)
    if kind == "doubts":
        return doubts_letter(card, _made_up_doubts(unit), locale)
    if kind in DATA_LETTERS:
        day = timezone.now().date() + dt.timedelta(days=14)
        return data_letter(kind, card, locale, day=day, reason=hindered_words("claim"))
    return Letter(kind, brand_look(card), locale, _made_up(card))


def _made_up_doubts(unit: Unit | None) -> list[Doubt]:
    now = timezone.now()
    return [Doubt(unit=unit, kind=kind, country="JP", last_seen_at=now) for kind in DoubtKind] if unit else []


def _made_up(brand: BrandCard) -> dict[str, Any]:
    return {
        "code": "ABCD-EFGH",
        "product": _("Your piece"),
        "serial": "0000",
        "url": brand.base_url,
        "unit_url": brand.base_url,
        "request_url": brand.base_url,
        "confirm_url": brand.base_url,
        "recover_url": brand.base_url,
        "me_url": brand.base_url,
        "sheet_url": brand.base_url,
        "invitation_url": brand.base_url,
        "is_household": True,
        "until": date_format(timezone.localdate()),
        "day": date_format(timezone.localdate()),
        "ground": ground_to_owner("bought_used"),
        "side": "claimant",
        "reason": _("The serial number can't be read on the photograph. Send one from nearer, please."),
    }
