"""Sheets of labels as PDF, drawn as vectors; and the first of them as a picture to look at before printing."""

from __future__ import annotations

import io
import threading
from collections.abc import Iterable
from contextlib import closing
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING, BinaryIO

import segno

from products.labels.formats import MM, LabelFormat
from products.labels.layout import Box, Label, box_of, lay_out
from products.labels.qr import QUIET_ZONE, Level, modules_across, symbol

if TYPE_CHECKING:
    from reportlab.pdfgen.canvas import Canvas

PREVIEW_WIDTH = 1400  # pixels
_PDFIUM = threading.Lock()  # PDFium is not safe in several threads


@dataclass(frozen=True, slots=True)
class SheetOptions:
    """How labels are printed; `start` is the first free position of the first sheet."""

    format: LabelFormat
    level: Level
    title: str
    start: int = 1


def write_sheets(out: BinaryIO, labels: Iterable[Label], options: SheetOptions) -> int:
    """Write one PDF of all the labels; return how many they were. Holds the PDF in memory until it is written."""
    from reportlab.pdfgen.canvas import Canvas  # as in products.typefaces: only by whoever draws

    found, box = options.format, box_of(options.format)
    canvas = Canvas(out, pagesize=(found.page[0] * MM, found.page[1] * MM), pageCompression=1)
    canvas.setTitle(options.title)
    canvas.setCreator("Heirloom")
    count, position = 0, options.start - 1
    for label in labels:
        if position == found.per_sheet:
            canvas.showPage()
            position = 0
        position, count = position + 1, count + 1
        left, bottom = found.corner(position)
        canvas.saveState()
        canvas.translate(left * MM, bottom * MM)
        _draw(canvas, label, box, options.level)
        canvas.restoreState()
    canvas.save()
    return count


def preview_png(labels: Iterable[Label], options: SheetOptions) -> bytes:
    """Return the first sheet of these labels as a PNG, rendered from the very PDF."""
    import pypdfium2

    out = io.BytesIO()
    write_sheets(out, labels, options)
    with _PDFIUM, closing(pypdfium2.PdfDocument(out.getvalue())) as document, closing(document[0]) as page:
        picture = page.render(scale=PREVIEW_WIDTH / page.get_width(), grayscale=True).to_pil().copy()
    png = io.BytesIO()
    picture.save(png, "PNG", optimize=True)
    return png.getvalue()


def module_size(label: Label, options: SheetOptions) -> float:
    """Return how wide one module of the label's symbol is printed, in millimetres."""
    return box_of(options.format).symbol[2] / MM / modules_across(symbol(label.content, options.level))


def _draw(canvas: Canvas, label: Label, box: Box, level: Level) -> None:
    _draw_symbol(canvas, symbol(label.content, level), *box.symbol)
    for line in lay_out(label, box):
        canvas.setFont(line.face, line.size)
        canvas.drawString(line.x, line.y, line.text)


def _draw_symbol(canvas: Canvas, code: segno.QRCode, x: float, y: float, side: float) -> None:
    """Fill all dark modules as one path, so that no renderer leaves a seam between two of them."""
    across = modules_across(code)
    canvas.saveState()
    canvas.translate(x, y)
    canvas.scale(side / across, side / across)
    path = canvas.beginPath()
    for row, modules in enumerate(code.matrix):
        at = QUIET_ZONE
        for dark, run in groupby(modules):
            length = len(list(run))
            if dark:
                path.rect(at, across - QUIET_ZONE - row - 1, length, 1)
            at += length
    canvas.drawPath(path, stroke=0, fill=1)
    canvas.restoreState()
