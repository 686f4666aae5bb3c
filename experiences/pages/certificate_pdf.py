"""The warranty certificate as one A4 sheet: the brand's typeface and accent, on white."""

import io
import re
from collections.abc import Sequence
from html import escape, unescape

import segno
from django.utils.formats import date_format
from django.utils.html import strip_tags
from django.utils.translation import gettext as _
from reportlab.lib.colors import HexColor
from reportlab.lib.enums import TA_CENTER, TA_LEFT
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Flowable, KeepInFrame, Paragraph, Spacer

from experiences.pages.certificate import CertificatePage
from experiences.pages.paper import FACES, face_for
from products.colours import SHAPE, TEXT, readable

WIDTH, HEIGHT = A4
EDGE = 24 * mm
MEASURE = WIDTH - 2 * EDGE
INK, QUIET = "#1a1a1a", "#555555"


def certificate_pdf(page: CertificatePage) -> bytes:
    """Return the certificate as a PDF of one page; a text that is too long for it is set smaller."""
    out = io.BytesIO()
    canvas = Canvas(out, pagesize=A4, lang=page.locale)
    canvas.setTitle(f"{page.title} · {page.serial}")
    canvas.setAuthor(page.brand.name)
    _frame(canvas, page)
    _fit(canvas, _heading(page), top=HEIGHT - 30 * mm, height=70 * mm)
    _facts(canvas, page, HEIGHT - 104 * mm)
    _terms(canvas, page, top=HEIGHT - 158 * mm, height=80 * mm)
    _check(canvas, page)
    canvas.showPage()
    canvas.save()
    return out.getvalue()


def _accent(page: CertificatePage, ratio: float = SHAPE) -> str:
    """Return the brand's accent as it is seen (or with TEXT: read) on white."""
    return readable(page.brand.accent, ("#ffffff",), ratio)


def _frame(canvas: Canvas, page: CertificatePage) -> None:
    """Draw what makes the sheet the brand's: a double hairline, a soft panel, or a slab of its colour."""
    canvas.setStrokeColor(HexColor(_accent(page)))
    canvas.setFillColor(HexColor(_accent(page)))
    if page.brand.typeface == "serif":
        for inset, width in ((12 * mm, 1.2), (14 * mm, 0.4)):
            canvas.setLineWidth(width)
            canvas.rect(inset, inset, WIDTH - 2 * inset, HEIGHT - 2 * inset)
    elif page.brand.typeface == "humanist":
        canvas.setLineWidth(0.7)
        canvas.roundRect(12 * mm, 12 * mm, WIDTH - 24 * mm, HEIGHT - 24 * mm, 9 * mm)
    else:
        canvas.rect(0, HEIGHT - 14 * mm, WIDTH, 14 * mm, stroke=0, fill=1)
        canvas.rect(EDGE, 14 * mm, MEASURE, 1.2 * mm, stroke=0, fill=1)


def _heading(page: CertificatePage) -> list[Flowable]:
    face = FACES[page.brand.typeface]
    state = _("Covered until and including %(date)s") % {"date": date_format(page.ends_on)}
    title = page.title.upper() if face.capitals else page.title
    return [
        _text(page, page.brand.name, face.strong if face.capitals else face.text, 13, colour=INK),
        Spacer(1, 9 * mm),
        _text(page, title, face.display, 30, leading=1.05, colour=INK),
        Spacer(1, 5 * mm),
        _text(page, page.product.name, face.text, 17, colour=INK),
        Spacer(1, 5 * mm),
        _text(page, state, face.strong, 12.5, colour=_accent(page, TEXT)),
    ]


def _text(
    page: CertificatePage, text: str, wanted: str, size: float, *, leading: float = 1.25, colour: str = INK
) -> Paragraph:
    style = ParagraphStyle(
        name="line",
        fontName=face_for(text, wanted),
        fontSize=size,
        leading=size * leading,
        textColor=HexColor(colour),
        alignment=TA_CENTER if FACES[page.brand.typeface].is_centred else TA_LEFT,
        splitLongWords=True,
    )
    return Paragraph(escape(text), style)


def _fit(
    canvas: Canvas,
    flowables: Sequence[Flowable],
    *,
    top: float,
    height: float,
    left: float = EDGE,
    width: float = MEASURE,
) -> None:
    """Draw from the top downwards; what is higher than the place is set smaller."""
    box = KeepInFrame(width, height, list(flowables), mode="shrink")
    _width, used = box.wrapOn(canvas, width, height)
    box.drawOn(canvas, left, top - used)


def _facts(canvas: Canvas, page: CertificatePage, top: float) -> None:
    """Draw label and value on one line each, parted by hairlines."""
    face, step = FACES[page.brand.typeface], 9.5 * mm
    canvas.setLineWidth(0.3)
    for index, (label, value) in enumerate(page.lines):
        line = top - index * step
        canvas.setStrokeColor(HexColor(_accent(page)))
        canvas.line(EDGE, line + 6.4 * mm, WIDTH - EDGE, line + 6.4 * mm)
        _line(canvas, label, face.label, 10.5, QUIET, left=EDGE)
        canvas.drawString(EDGE, line, label)
        size = _line(canvas, value, face.strong, 11.5, INK, left=EDGE + 48 * mm)
        canvas.setFontSize(size)
        canvas.drawRightString(WIDTH - EDGE, line, value)


def _line(canvas: Canvas, text: str, wanted: str, size: float, colour: str, *, left: float) -> float:
    """Choose face and colour for a text that stays on one line; return the size at which it fits."""
    name = face_for(text, wanted)
    room = WIDTH - EDGE - left
    while canvas.stringWidth(text, name, size) > room and size > 5:
        size -= 0.5
    canvas.setFont(name, size)
    canvas.setFillColor(HexColor(colour))
    return size


def _terms(canvas: Canvas, page: CertificatePage, *, top: float, height: float) -> None:
    """Draw what is covered and what is not, side by side."""
    face = FACES[page.brand.typeface]
    parts = [(_("What is covered"), page.covered), (_("What is not"), page.excluded)]
    shown = [(head, html) for head, html in parts if html]
    width = (MEASURE - 10 * mm) / 2 if len(shown) == 2 else MEASURE
    for index, (head, html) in enumerate(shown):
        flowables: list[Flowable] = [_plain(head, face.strong, 10.5), Spacer(1, 1.5 * mm)]
        flowables += [_plain(line, face.text, 9.5) for line in _lines_of(html)]
        left = EDGE + index * (width + 10 * mm)
        _fit(canvas, flowables, top=top, height=height, left=left, width=width)


def _plain(text: str, wanted: str, size: float) -> Paragraph:
    indent = 9 if text.startswith("– ") else 0
    style = ParagraphStyle(
        name="term",
        fontName=face_for(text, wanted),
        fontSize=size,
        leading=size * 1.35,
        leftIndent=indent,
        firstLineIndent=-indent,
        spaceAfter=2,
        splitLongWords=True,
    )
    return Paragraph(escape(text), style)


def _lines_of(html: str) -> list[str]:
    """Return the paragraphs and points of a rendered Markdown text as plain lines."""
    pieces = re.split(r"</?(?:p|li|ul|ol|h3|h4|blockquote|hr|br)[^>]*>", html.replace("<li>", "<p>– "))
    lines = [" ".join(unescape(strip_tags(piece)).split()) for piece in pieces]
    return [line for line in lines if line and line != "–"]


def _check(canvas: Canvas, page: CertificatePage) -> None:
    """Draw the code to scan and the link to type, by which anybody sees whether this sheet still holds."""
    face, side, bottom = FACES[page.brand.typeface], 24 * mm, 24 * mm
    _code(canvas, page.verify_url, EDGE, bottom, side)
    text = _("Whoever reads this sheet can check it here. The link shows what is on record on that day.")
    style = ParagraphStyle(name="check", fontName=face_for(text, face.text), fontSize=9, leading=12)
    _fit(
        canvas,
        [Paragraph(escape(text), style)],
        top=bottom + side,
        height=13 * mm,
        left=EDGE + side + 6 * mm,
        width=MEASURE - side - 6 * mm,
    )
    left = EDGE + side + 6 * mm
    canvas.setFontSize(_line(canvas, page.verify_url, face.strong, 9, INK, left=left))
    canvas.drawString(left, bottom + 1 * mm, page.verify_url)
    canvas.linkURL(page.verify_url, (left, bottom, WIDTH - EDGE, bottom + 5 * mm))


def _code(canvas: Canvas, url: str, left: float, bottom: float, side: float) -> None:
    rows = list(segno.make(url, error="m", micro=False).matrix)
    dot = side / len(rows)
    canvas.setFillColor(HexColor("#000000"))
    for number, row in enumerate(rows):
        for column, dark in enumerate(row):
            if dark:
                x, y = left + column * dot, bottom + side - (number + 1) * dot
                canvas.rect(x, y, dot * 1.02, dot * 1.02, stroke=0, fill=1)
