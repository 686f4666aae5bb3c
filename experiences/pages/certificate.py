"""The warranty certificate: what its page and its PDF show."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

import segno
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language, get_language_bidi
from django.utils.translation import gettext as _

from experiences.cards import BrandCard, ProductCard, card_of, product_card
from experiences.markdown import render_markdown
from experiences.pages.modules import coverage_bar
from products.days import day_in
from products.fields import in_language
from warranty.models import Coverage


@dataclass(frozen=True, slots=True)
class CertificatePage:
    """What `experiences/certificate.html` shows: facts of the unit and its coverage, and of no person."""

    title: str
    brand: BrandCard
    product: ProductCard
    serial: str
    gtin: str
    plan: str
    starts_on: dt.date
    ends_on: dt.date
    lines: tuple[tuple[str, str], ...]  # label and value
    bar: dict[str, Any]
    checked_on: dt.date
    covered: SafeString
    excluded: SafeString
    code: str
    verify_url: str
    verify_code: SafeString  # the link as a QR code, in SVG
    pdf_url: str
    home_url: str
    locale: str
    direction: str


def build_certificate(coverage: Coverage, *, now: dt.datetime) -> CertificatePage:
    """Return the certificate in the active language; its link verifies it against what is on record today."""
    unit, plan = coverage.unit, coverage.plan
    brand = card_of(unit.brand)
    locale = get_language() or brand.locales[0]

    def say(texts: dict[str, str]) -> str:
        return in_language(texts, locale, brand.locales[0])

    plan_name = say(plan.names)
    today = day_in(brand.zone(coverage.market), now)
    path = reverse("certificate", args=[coverage.certificate_code])
    return CertificatePage(
        title=_("Certificate of warranty"),
        brand=brand,
        product=product_card(unit.product_id, unit.brand.content_version, locale),
        serial=unit.serial,
        gtin=unit.trade_item.gtin,
        plan=plan_name,
        starts_on=coverage.starts_on,
        ends_on=coverage.ends_on,
        lines=_lines(coverage, plan_name),
        bar=coverage_bar(coverage.starts_on, coverage.ends_on, today),
        checked_on=today,
        covered=render_markdown(say(plan.covered)),
        excluded=render_markdown(say(plan.excluded)),
        code=coverage.certificate_code,
        verify_url=brand.base_url + path,
        verify_code=_qr(brand.base_url + path),
        pdf_url=reverse("certificate_pdf", args=[coverage.certificate_code]),
        home_url=reverse("unit_home", args=[unit.public_code]),
        locale=locale,
        direction="rtl" if get_language_bidi() else "ltr",
    )


def _lines(coverage: Coverage, plan_name: str) -> tuple[tuple[str, str], ...]:
    return (
        (_("Serial number"), coverage.unit.serial),
        (_("GTIN"), coverage.unit.trade_item.gtin),
        (_("Covered by"), plan_name),
        (_("From"), date_format(coverage.starts_on)),
        (_("Until and including"), date_format(coverage.ends_on)),
    )


def _qr(url: str) -> SafeString:
    """Return the link as a QR code (ISO/IEC 18004, level M), black on white whatever the page's colours."""
    svg = segno.make(url, error="m", micro=False).svg_inline(border=2, light="#fff", omitsize=True)
    return mark_safe(svg)  # noqa: S308 - drawn by segno; the link is ours
