"""A unit's printed code: which link it holds, and the symbol as SVG or PNG with the serial number beneath.

Symbols follow ISO/IEC 18004: the smallest version that holds the link at the level asked for (raised where the
version leaves room), and a quiet zone of four modules.
"""

from __future__ import annotations

import io
from functools import lru_cache
from html import escape

import segno
from django.db import models
from django.utils.translation import gettext_lazy as _
from PIL import Image, ImageDraw, ImageFont

from products.links import digital_link, qr_url
from products.models import Unit
from products.typefaces import font_file

QUIET_ZONE = 4  # modules (ISO/IEC 18004, section 9.1)
PNG_MODULE = 12  # pixels
FACE = "SourceSansPro-Semibold"
TEXT_ROW = 4  # modules beneath the quiet zone that the serial takes
DIGIT = 0.513  # of the type's size: how wide its widest common character, a digit, is


class CodeKind(models.TextChoices):
    """Which of a unit's links a printed code holds."""

    SHORT = "short", _("Short link")
    GS1 = "gs1", _("GS1 Digital Link")


class Level(models.TextChoices):
    """How much of a symbol may be damaged (error correction level)."""

    M = "m", _("Medium: 15 % may be damaged")
    H = "h", _("High: 30 % may be damaged")


def code_content(unit: Unit, kind: CodeKind, base_url: str) -> str:
    """Return the link that the unit's code of this kind holds; `base_url` as `brand_base_url` returns it."""
    return digital_link(unit, base_url) if kind is CodeKind.GS1 else qr_url(unit, base_url)


def symbol(content: str, level: Level) -> segno.QRCode:
    """Return the smallest symbol that holds the content at this level or better."""
    return segno.make_qr(content, error=level.value)


def modules_across(code: segno.QRCode) -> int:
    """Return the modules of a symbol's side, its quiet zone included."""
    return len(code.matrix) + 2 * QUIET_ZONE


def as_svg(content: str, serial: str, level: Level) -> bytes:
    """Return the symbol with the serial number beneath as an SVG whose units are modules."""
    code = symbol(content, level)
    side = modules_across(code)
    size = _type_size(serial, side)
    picture = code.svg_inline(border=QUIET_ZONE, light="#fff")
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {side} {side + TEXT_ROW}"'
        f' width="{side * 2}mm" height="{(side + TEXT_ROW) * 2}mm">'
        f'<rect width="{side}" height="{side + TEXT_ROW}" fill="#fff"/>{picture}'
        f'<text x="{side / 2}" y="{side + size * 0.25:.2f}" text-anchor="middle" font-size="{size:.2f}"'
        ' font-family="\'Source Sans Pro\', Arial, sans-serif" font-weight="600"'
        f' fill="#000">{escape(serial)}</text></svg>'
    ).encode()


def as_png(content: str, serial: str, level: Level) -> bytes:
    """Return the symbol with the serial number beneath as a PNG in black and white, 12 pixels to the module."""
    code = symbol(content, level)
    side = modules_across(code)
    picture = Image.new("1", (side * PNG_MODULE, (side + TEXT_ROW) * PNG_MODULE), 1)
    draw = ImageDraw.Draw(picture)
    for row, modules in enumerate(code.matrix, start=QUIET_ZONE):
        for column, dark in enumerate(modules, start=QUIET_ZONE):
            if dark:
                left, top = column * PNG_MODULE, row * PNG_MODULE
                draw.rectangle((left, top, left + PNG_MODULE - 1, top + PNG_MODULE - 1), fill=0)
    size = _type_size(serial, side) * PNG_MODULE
    baseline = (side * PNG_MODULE / 2, side * PNG_MODULE + size * 0.25)
    draw.text(baseline, serial, fill=0, font=_font(round(size)), anchor="ms")
    out = io.BytesIO()
    picture.save(out, "PNG", optimize=True)
    return out.getvalue()


def _type_size(serial: str, side: int) -> float:
    """Return the size in modules at which the serial is as wide as the symbol at most."""
    return min(TEXT_ROW * 0.9, (side - 2 * QUIET_ZONE) / (DIGIT * 1.3 * len(serial)))


@lru_cache(maxsize=32)
def _font(size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(font_file(FACE), size)
