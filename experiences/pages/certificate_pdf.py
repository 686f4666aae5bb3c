"""The warranty certificate as one A4 sheet: the brand's typeface and accent, on white."""

import re
from html import escape, unescape

from django.utils.formats import date_format
from django.utils.html import strip_tags
from django.utils.translation import gettext as _
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.platypus import Flowable, Paragraph, Spacer

from experiences.pages.certificate import CertificatePage
from experiences.pages.paper import EDGE, HEIGHT, MEASURE, Sheet
from products.colours import TEXT
from products.typefaces import face_for


def certificate_pdf(page: CertificatePage) -> bytes:
    """Return the certificate as a PDF of one page; a text that is too long for it is set smaller."""
    sheet = Sheet(page.brand, title=f"{page.title} · {page.serial}", locale=page.locale)
    sheet.fit(_heading(sheet, page), top=HEIGHT - 30 * mm, height=70 * mm)
    sheet.facts(page.lines, HEIGHT - 104 * mm)
    _terms(sheet, page, top=HEIGHT - 158 * mm, height=80 * mm)
    _check(sheet, page)
    return sheet.finish()


def _heading(sheet: Sheet, page: CertificatePage) -> list[Flowable]:
    face = sheet.face
    state = _("Covered until and including %(date)s") % {"date": date_format(page.ends_on)}
    title = page.title.upper() if face.capitals else page.title
    return [
        sheet.text(page.brand.name, face.strong if face.capitals else face.text, 13),
        Spacer(1, 9 * mm),
        sheet.text(title, face.display, 30, leading=1.05),
        Spacer(1, 5 * mm),
        sheet.text(page.product.name, face.text, 17),
        Spacer(1, 5 * mm),
        sheet.text(state, face.strong, 12.5, colour=sheet.accent(TEXT)),
    ]


def _terms(sheet: Sheet, page: CertificatePage, *, top: float, height: float) -> None:
    """Draw what is covered and what is not, side by side."""
    face = sheet.face
    parts = [(_("What is covered"), page.covered), (_("What is not"), page.excluded)]
    shown = [(head, html) for head, html in parts if html]
    width = (MEASURE - 10 * mm) / 2 if len(shown) == 2 else MEASURE
    for index, (head, html) in enumerate(shown):
        flowables: list[Flowable] = [_plain(head, face.strong, 10.5), Spacer(1, 1.5 * mm)]
        flowables += [_plain(line, face.text, 9.5) for line in _lines_of(html)]
        left = EDGE + index * (width + 10 * mm)
        sheet.fit(flowables, top=top, height=height, left=left, width=width)


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


def _check(sheet: Sheet, page: CertificatePage) -> None:
    """Draw the code to scan and the link to type, by which anybody sees whether this sheet still holds."""
    face, side, bottom = sheet.face, 24 * mm, 24 * mm
    left = EDGE + side + 6 * mm
    sheet.code(page.verify_url, EDGE, bottom, side)
    text = _("Whoever reads this sheet can check it here. The link shows what is on record on that day.")
    style = ParagraphStyle(name="check", fontName=face_for(text, face.text), fontSize=9, leading=12)
    sheet.fit(
        [Paragraph(escape(text), style)],
        top=bottom + side,
        height=13 * mm,
        left=left,
        width=MEASURE - side - 6 * mm,
    )
    sheet.link(page.verify_url, face.strong, 9, left=left, bottom=bottom)
