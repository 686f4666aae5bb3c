"""One A4 sheet in a brand's look, on white: its frame, its typefaces, and what certificates and code sheets share."""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

import segno
from reportlab.lib.colors import HexColor
from reportlab.lib.enums import TA_CENTER, TA_LEFT
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Flowable, KeepInFrame, Paragraph

from experiences.cards import BrandCard
from products.colours import SHAPE, readable
from products.typefaces import face_for

WIDTH, HEIGHT = A4
EDGE = 24 * mm
MEASURE = WIDTH - 2 * EDGE
INK, QUIET = "#1a1a1a", "#555555"


@dataclass(frozen=True, slots=True)
class Face:
    """The cuts that a look prints with, by what they are for."""

    display: str
    text: str
    strong: str
    label: str
    is_centred: bool
    capitals: bool


FACES = {
    "serif": Face(
        "SourceSerifPro-It", "SourceSerifPro-Regular", "SourceSerifPro-Semibold", "SourceSerifPro-It", True, False
    ),
    "humanist": Face(
        "SourceSansPro-Light", "SourceSansPro-Regular", "SourceSansPro-Semibold", "SourceSansPro-Regular", False, False
    ),
    "grotesk": Face(
        "SourceSansPro-Black", "SourceSansPro-Regular", "SourceSansPro-Bold", "SourceSansPro-Semibold", False, True
    ),
}  # fmt: skip


class Sheet:
    """One page being drawn; lengths are in points, from the lower left corner."""

    def __init__(self, brand: BrandCard, *, title: str, locale: str) -> None:
        self.brand = brand
        self.face = FACES[brand.typeface]
        self._out = io.BytesIO()
        self.canvas = Canvas(self._out, pagesize=A4, lang=locale)
        self.canvas.setTitle(title)
        self.canvas.setAuthor(brand.name)
        self._draw_frame()

    def finish(self) -> bytes:
        """Return the PDF."""
        self.canvas.showPage()
        self.canvas.save()
        return self._out.getvalue()

    def accent(self, ratio: float = SHAPE) -> str:
        """Return the brand's accent as it is seen (or with TEXT: read) on white."""
        return readable(self.brand.accent, ("#ffffff",), ratio)

    def _draw_frame(self) -> None:
        """Draw what makes the sheet the brand's: a double hairline, a soft panel, or a slab of its colour."""
        canvas = self.canvas
        canvas.setStrokeColor(HexColor(self.accent()))
        canvas.setFillColor(HexColor(self.accent()))
        if self.brand.typeface == "serif":
            for inset, width in ((12 * mm, 1.2), (14 * mm, 0.4)):
                canvas.setLineWidth(width)
                canvas.rect(inset, inset, WIDTH - 2 * inset, HEIGHT - 2 * inset)
        elif self.brand.typeface == "humanist":
            canvas.setLineWidth(0.7)
            canvas.roundRect(12 * mm, 12 * mm, WIDTH - 24 * mm, HEIGHT - 24 * mm, 9 * mm)
        else:
            canvas.rect(0, HEIGHT - 14 * mm, WIDTH, 14 * mm, stroke=0, fill=1)
            canvas.rect(EDGE, 14 * mm, MEASURE, 1.2 * mm, stroke=0, fill=1)

    def text(
        self, text: str, wanted: str, size: float, *, leading: float = 1.25, colour: str = INK
    ) -> Paragraph:
        """Return a paragraph that stands as the look's headings do: in the middle or at the left."""
        style = ParagraphStyle(
            name="line",
            fontName=face_for(text, wanted),
            fontSize=size,
            leading=size * leading,
            textColor=HexColor(colour),
            alignment=TA_CENTER if self.face.is_centred else TA_LEFT,
            splitLongWords=True,
        )
        return Paragraph(escape(text), style)

    def fit(
        self,
        flowables: Sequence[Flowable],
        *,
        top: float,
        height: float,
        left: float = EDGE,
        width: float = MEASURE,
    ) -> None:
        """Draw from the top downwards; what is higher than the place is set smaller."""
        box = KeepInFrame(width, height, list(flowables), mode="shrink")
        _width, used = box.wrapOn(self.canvas, width, height)
        box.drawOn(self.canvas, left, top - used)

    def facts(self, lines: Sequence[tuple[str, str]], top: float) -> None:
        """Draw label and value on one line each, parted by hairlines."""
        canvas, step = self.canvas, 9.5 * mm
        canvas.setLineWidth(0.3)
        for index, (label, value) in enumerate(lines):
            line = top - index * step
            canvas.setStrokeColor(HexColor(self.accent()))
            canvas.line(EDGE, line + 6.4 * mm, WIDTH - EDGE, line + 6.4 * mm)
            self.line(label, self.face.label, 10.5, QUIET, left=EDGE)
            canvas.drawString(EDGE, line, label)
            self.line(value, self.face.strong, 11.5, INK, left=EDGE + 48 * mm)
            canvas.drawRightString(WIDTH - EDGE, line, value)

    def line(self, text: str, wanted: str, size: float, colour: str, *, left: float) -> None:
        """Choose face, colour and size for a text that stays on one line from `left` to the right edge."""
        name = face_for(text, wanted)
        room = WIDTH - EDGE - left
        while self.canvas.stringWidth(text, name, size) > room and size > 5:
            size -= 0.5
        self.canvas.setFont(name, size)
        self.canvas.setFillColor(HexColor(colour))

    def link(self, url: str, wanted: str, size: float, *, left: float, bottom: float) -> None:
        """Write a link on one line, to type or to click."""
        self.line(url, wanted, size, INK, left=left)
        self.canvas.drawString(left, bottom + 1 * mm, url)
        self.canvas.linkURL(url, (left, bottom, WIDTH - EDGE, bottom + 5 * mm))

    def code(self, url: str, left: float, bottom: float, side: float) -> None:
        """Draw the link as a QR code (ISO/IEC 18004, level M) without its quiet zone."""
        rows = list(segno.make(url, error="m", micro=False).matrix)
        dot = side / len(rows)
        self.canvas.setFillColor(HexColor("#000000"))
        for number, row in enumerate(rows):
            for column, dark in enumerate(row):
                if dark:
                    x, y = left + column * dot, bottom + side - (number + 1) * dot
                    self.canvas.rect(x, y, dot * 1.02, dot * 1.02, stroke=0, fill=1)
