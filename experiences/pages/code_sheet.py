"""The sheet with a unit's printed code: to keep with its papers, and to fix on the piece (C11, A10)."""

from dataclasses import dataclass

import segno
from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language, get_language_bidi
from django.utils.translation import gettext as _

from experiences.cards import BrandCard, ProductCard, brand_card, product_card
from products.links import qr_url
from products.models import Unit

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
