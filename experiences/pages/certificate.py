"""The warranty certificate, as a page and as a PDF that one would keep."""

import datetime as dt
import io
from dataclasses import dataclass

from django.urls import reverse
from django.utils.formats import date_format
from django.utils.safestring import SafeString
from django.utils.translation import get_language, get_language_bidi
from django.utils.translation import gettext as _
from reportlab.lib.colors import HexColor
from reportlab.lib.pagesizes import A4
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas

from experiences.cards import BrandCard, ProductCard, brand_card, product_card
from experiences.markdown import render_markdown
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
    is_active: bool
    covered: SafeString
    excluded: SafeString
    code: str
    verify_url: str
    pdf_url: str
    home_url: str
    locale: str
    direction: str


def build_certificate(coverage: Coverage, *, now: dt.datetime) -> CertificatePage:
    """Return the certificate in the active language; its link verifies it against what is on record today."""
    unit, plan = coverage.unit, coverage.plan
    brand = brand_card(unit.brand_id, unit.brand.content_version)
    locale = get_language() or brand.locales[0]

    def say(texts: dict[str, str]) -> str:
        return in_language(texts, locale, brand.locales[0])

    today = day_in(brand.zone(coverage.market), now)
    path = reverse("certificate", args=[coverage.certificate_code])
    return CertificatePage(
        title=_("Certificate of warranty"),
        brand=brand,
        product=product_card(unit.product_id, unit.brand.content_version, locale),
        serial=unit.serial,
        gtin=unit.trade_item.gtin,
        plan=say(plan.names),
        starts_on=coverage.starts_on,
        ends_on=coverage.ends_on,
        is_active=coverage.starts_on <= today <= coverage.ends_on,
        covered=render_markdown(say(plan.covered)),
        excluded=render_markdown(say(plan.excluded)),
        code=coverage.certificate_code,
        verify_url=brand.base_url + path,
        pdf_url=reverse("certificate_pdf", args=[coverage.certificate_code]),
        home_url=reverse("unit_home", args=[unit.public_code]),
        locale=locale,
        direction="rtl" if get_language_bidi() else "ltr",
    )


def certificate_pdf(page: CertificatePage) -> bytes:
    """Return the certificate as one A4 sheet."""
    out = io.BytesIO()
    canvas = Canvas(out, pagesize=A4)
    canvas.setTitle(f"{page.title} · {page.serial}")
    canvas.setAuthor(page.brand.name)
    width, height = A4
    canvas.setStrokeColor(HexColor(page.brand.accent))
    canvas.setLineWidth(0.6)
    canvas.rect(14 * mm, 14 * mm, width - 28 * mm, height - 28 * mm)
    _centred(canvas, page.brand.name, height - 44 * mm, "Times-Roman", 15)
    _centred(canvas, page.title, height - 74 * mm, "Times-Italic", 27)
    _centred(canvas, page.product.name, height - 94 * mm, "Times-Roman", 18)
    _lines(canvas, page, height - 120 * mm)
    _centred(canvas, _("Check it at"), 42 * mm, "Times-Italic", 10)
    _centred(canvas, page.verify_url, 36 * mm, "Courier", 8.5)
    canvas.showPage()
    canvas.save()
    return out.getvalue()


def _lines(canvas: Canvas, page: CertificatePage, top: float) -> None:
    rows = [
        (_("Serial number"), page.serial),
        (_("GTIN"), page.gtin),
        (_("Covered by"), page.plan),
        (_("From"), date_format(page.starts_on)),
        (_("Until and including"), date_format(page.ends_on)),
    ]
    for index, (label, value) in enumerate(rows):
        y = top - index * 12 * mm
        canvas.setFont("Times-Italic", 11)
        canvas.drawRightString(92 * mm, y, label)
        canvas.setFont("Times-Roman", 13)
        canvas.drawString(98 * mm, y, value)


def _centred(canvas: Canvas, text: str, y: float, font: str, size: float) -> None:
    while canvas.stringWidth(text, font, size) > A4[0] - 44 * mm and size > 6:
        size -= 0.5
    canvas.setFont(font, size)
    canvas.drawCentredString(A4[0] / 2, y, text)
