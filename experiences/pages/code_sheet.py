"""The sheet with a unit's printed code: to keep with its papers, and to fix on the piece (C11, A10)."""

from dataclasses import dataclass

import segno
from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language, get_language_bidi
from django.utils.translation import gettext as _
from reportlab.lib.colors import HexColor
from reportlab.lib.units import mm
from reportlab.platypus import Flowable, Spacer

from experiences.cards import BrandCard, ProductCard, brand_card, product_card
from experiences.pages.paper import EDGE, HEIGHT, INK, MEASURE, QUIET, WIDTH, Sheet
from products.links import qr_url
from products.models import Unit

LARGE, SMALL = 62 * mm, 24 * mm  # sides of the symbols on paper
SMALL_COUNT = 3
QUIET_ZONE = 4  # modules (ISO/IEC 18004 sec. 9.1)


@dataclass(frozen=True, slots=True)
class CodeSheet:
    """What `experiences/code_sheet.html` and its PDF show: of the unit, and of no person."""

    title: str
    sentence: str
    brand: BrandCard
    product: ProductCard
    serial: str
    lines: tuple[tuple[str, str], ...]  # label and value
    how: tuple[str, ...]
    url: str
    code: SafeString  # the link as a QR code, in SVG
    pdf_url: str
    home_url: str
    locale: str
    direction: str


def build_code_sheet(unit: Unit) -> CodeSheet:
    """Return the sheet in the active language; its code is the one that `/q/` answers for ever."""
    version = unit.brand.content_version
    brand = brand_card(unit.brand_id, version)
    locale = get_language() or brand.locales[0]
    product = product_card(unit.product_id, version, locale)
    url = qr_url(unit, brand.base_url)
    args = [unit.public_code]
    return CodeSheet(
        title=_("The code of your piece"),
        sentence=_("Scan it with the camera of a phone: the page of this very piece opens."),
        brand=brand,
        product=product,
        serial=unit.serial,
        lines=_lines(unit, product),
        how=(
            _("Keep this sheet with the papers of the piece. Whoever owns it next will need it, too."),
            _("The code says which piece it is. It does not prove that the piece is genuine."),
        ),
        url=url,
        code=_svg(url),
        pdf_url=reverse("code_sheet_pdf", args=args),
        home_url=reverse("unit_home", args=args),
        locale=locale,
        direction="rtl" if get_language_bidi() else "ltr",
    )


def _lines(unit: Unit, product: ProductCard) -> tuple[tuple[str, str], ...]:
    model = ((_("Model"), product.model_number),) if product.model_number else ()
    return ((_("Serial number"), unit.serial), *model, (_("GTIN"), unit.trade_item.gtin))


def _svg(url: str) -> SafeString:
    """Return the link as a QR code (ISO/IEC 18004, level M), black on white whatever the page's colours."""
    svg = segno.make(url, error="m", micro=False).svg_inline(border=QUIET_ZONE, light="#fff", omitsize=True)
    return mark_safe(svg)  # noqa: S308 - drawn by segno; the link is ours


def code_sheet_pdf(page: CodeSheet) -> bytes:
    """Return the sheet as a PDF of one A4 page: one large code to keep, three small ones to cut out."""
    sheet = Sheet(page.brand, title=f"{page.title} · {page.serial}", locale=page.locale)
    sheet.fit(_heading(sheet, page), top=HEIGHT - 30 * mm, height=52 * mm)
    left = (WIDTH - LARGE) / 2 if sheet.face.is_centred else EDGE
    sheet.code(page.url, left, HEIGHT - 150 * mm, LARGE)
    sheet.link(page.url, sheet.face.strong, 9.5, left=EDGE, bottom=HEIGHT - 162 * mm)
    sheet.facts(page.lines, HEIGHT - 176 * mm)
    sheet.fit(_advice(sheet, page), top=HEIGHT - 206 * mm, height=28 * mm)
    _draw_small(sheet, page)
    return sheet.finish()


def _heading(sheet: Sheet, page: CodeSheet) -> list[Flowable]:
    face = sheet.face
    return [
        sheet.text(page.brand.name, face.strong if face.capitals else face.text, 13),
        Spacer(1, 7 * mm),
        sheet.text(page.product.name, face.display, 27, leading=1.08),
        Spacer(1, 4 * mm),
        sheet.text(page.sentence, face.text, 12, colour=QUIET),
    ]


def _advice(sheet: Sheet, page: CodeSheet) -> list[Flowable]:
    cut = _("Cut out a small code and fix it where it is dry and out of the way.")
    return [sheet.text(line, sheet.face.text, 10, leading=1.4) for line in (*page.how, cut)]


def _draw_small(sheet: Sheet, page: CodeSheet) -> None:
    """Draw the small codes with the serial beneath, each in a dashed frame to cut along."""
    canvas, bottom = sheet.canvas, 22 * mm
    step = MEASURE / SMALL_COUNT
    for number in range(SMALL_COUNT):
        left = EDGE + number * step + (step - SMALL) / 2
        sheet.code(page.url, left, bottom + 6 * mm, SMALL)
        canvas.setStrokeColor(HexColor(QUIET))
        canvas.setLineWidth(0.4)
        canvas.setDash(2, 2)
        canvas.rect(left - 4 * mm, bottom - 1 * mm, SMALL + 8 * mm, SMALL + 11 * mm)
        canvas.setDash()
        size = 7.5
        while canvas.stringWidth(page.serial, sheet.face.strong, size) > SMALL + 6 * mm:
            size -= 0.5
        canvas.setFont(sheet.face.strong, size)
        canvas.setFillColor(HexColor(INK))
        canvas.drawCentredString(left + SMALL / 2, bottom + 2 * mm, page.serial)
