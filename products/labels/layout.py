"""What stands where on one label: the symbol at the left, text beside it that never leaves its column.

Pure arithmetic in points, from the lower left corner of the label. The serial number is never shortened: it is set
smaller, then broken into lines. What does not fit beneath it in order of importance is left out, and only a
product's name may be cut short.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from products.labels.formats import MM, LabelFormat
from products.typefaces import face_for, string_width

EDGE = 0.5 * MM  # printers miss the label's edge by about this much
GAP = 0.6 * MM
STRONG, PLAIN = "SourceSansPro-Semibold", "SourceSansPro-Regular"
SMALLEST = 4.5  # points
LEADING = 1.16
MOST_TEXT_WIDTH = 0.44  # of the label's width that the text keeps, however long its lines could be


@dataclass(frozen=True, slots=True)
class Label:
    """What one label says."""

    content: str  # the link in the symbol
    serial: str
    name: str = ""
    details: tuple[str, ...] = ()  # model number, GTIN: each whole or not at all


@dataclass(frozen=True, slots=True)
class Line:
    """A line of text, its baseline beginning at x and y."""

    text: str
    face: str
    size: float
    x: float
    y: float


@dataclass(frozen=True, slots=True)
class Box:
    """The places of a format that are the same on all its labels."""

    symbol: tuple[float, float, float]  # x, y and side, the quiet zone included
    text: tuple[float, float, float, float]  # x, y, width and height
    strong: float  # the largest size of the serial number
    plain: float  # of anything else


@dataclass(frozen=True, slots=True)
class _Set:
    text: str
    face: str
    size: float


@lru_cache(maxsize=32)
def box_of(found: LabelFormat) -> Box:
    """Return where symbol and text go on the labels of a format."""
    width, height = found.label[0] * MM, found.label[1] * MM
    side = min(height - 2 * EDGE, width * (1 - MOST_TEXT_WIDTH) - EDGE)
    left = EDGE + side + GAP
    return Box(
        symbol=(EDGE, (height - side) / 2, side),
        text=(left, 2 * EDGE, width - left - 2 * EDGE, height - 4 * EDGE),
        strong=min(max(found.label[1] * 0.32, 5.5), 10.0),
        plain=min(max(found.label[1] * 0.24, SMALLEST), 7.5),
    )


def lay_out(label: Label, box: Box) -> list[Line]:
    """Return the lines of a label, top down, centred in height beside the symbol."""
    x, y, width, height = box.text
    lines = _choose(label, box, width, height)
    at = y + (height + _height(lines)) / 2
    placed = []
    for line in lines:
        at -= line.size * LEADING
        placed.append(Line(line.text, line.face, line.size, x, at + line.size * (LEADING - 0.92)))
    return placed


def _choose(label: Label, box: Box, width: float, height: float) -> list[_Set]:
    """Put the serial first in importance and the name first in place, as far as the height goes."""
    serial = _serial(label.serial, box.strong, box.plain, width)
    below: list[_Set] = []
    name: list[_Set] = []
    for part in _name(label.name, box.plain, width):
        if _height([*name, part, *serial]) <= height:
            name.append(part)
    for detail in label.details:
        line = _whole(detail, box.plain, width)
        if line and _height([*name, *serial, *below, line]) <= height:
            below.append(line)
    if len(name) == 1 and name[0].text != label.name:
        name = [_cut(label.name, name[0].size, width)]
    return [*name, *serial, *below]


def _height(lines: list[_Set]) -> float:
    return sum(line.size * LEADING for line in lines)


def _serial(serial: str, size: float, least: float, width: float) -> list[_Set]:
    """Set it on as few lines as it fits at `least` or more, all of one size and nearly one length."""
    face = face_for(serial, STRONG)
    parts, fitting = [serial], 0.0
    for count in range(1, len(serial) + 1):
        parts = list(_evenly(serial, count))
        fitting = min(size, width / max(string_width(part, face, 1.0) for part in parts))
        if fitting >= least:
            break
    return [_Set(part, face, fitting) for part in parts]


def _evenly(text: str, count: int) -> Iterator[str]:
    length = -(-len(text) // count)
    return (text[at : at + length] for at in range(0, len(text), length))


def _whole(text: str, size: float, width: float) -> _Set | None:
    """Set a number on one line, smaller where it must be; None where even that is too long."""
    face = face_for(text, PLAIN)
    fitting = min(size, width / max(string_width(text, face, 1.0), 0.01))
    return _Set(text, face, fitting) if fitting >= SMALLEST else None


def _name(name: str, size: float, width: float) -> list[_Set]:
    """Set a name on one line or on two, broken between words where that is possible, the second cut short."""
    face = face_for(name, PLAIN)
    if not name or string_width(name, face, size) <= width:
        return [_Set(name, face, size)] if name else []
    words = name.split(" ")
    fits = [count for count in range(1, len(words)) if _fits(" ".join(words[:count]), face, size, width)]
    if not fits:
        return [_cut(name, size, width)]
    first, rest = " ".join(words[: fits[-1]]), " ".join(words[fits[-1] :])
    return [_Set(first, face, size), _cut(rest, size, width)]


def _fits(text: str, face: str, size: float, width: float) -> bool:
    return bool(string_width(text, face, size) <= width)


def _cut(text: str, size: float, width: float) -> _Set:
    """Shorten the text with an ellipsis until it fits."""
    face = face_for(text, PLAIN)
    if _fits(text, face, size, width):
        return _Set(text, face, size)
    while text and not _fits(f"{text}…", face, size, width):
        text = text[:-1].rstrip(" ,;:·-")
    return _Set(f"{text}…", face, size)
