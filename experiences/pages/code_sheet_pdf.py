"""The sheet with a unit's printed code as a PDF of one A4 page."""

from django.utils.translation import gettext as _
from reportlab.lib.colors import HexColor
from reportlab.lib.units import mm
from reportlab.platypus import Flowable, Spacer

from experiences.pages.code_sheet import CodeSheet
from experiences.pages.paper import EDGE, HEIGHT, INK, MEASURE, QUIET, WIDTH, Sheet

LARGE, SMALL = 62 * mm, 24 * mm  # sides of the symbols on paper
SMALL_COUNT = 3


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
