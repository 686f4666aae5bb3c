"""Reading a CSV of units, line by line: whatever the file holds, a row comes out or a reason why not.

Python's csv module reads the cells (RFC 4180). It is fed one record at a time, so that one quotation
mark that is never closed costs one row and not the rest of the file.
"""

from __future__ import annotations

import csv
from collections import deque
from collections.abc import Iterator
from typing import BinaryIO, NamedTuple

from django.utils.translation import gettext as _

from products.errors import ProductsError
from products.imports.problems import Problem, shown

COLUMNS = (
    "gtin",
    "serial",
    "batch",
    "variant",
    "made_on",
    "made_in",
    "origin",
    "shipped_on",
    "sold_on",
    "market",
    "tag_uid",
    "chip_profile",
    "attributes",
)
REQUIRED = ("gtin", "serial")
DELIMITERS = (",", ";", "\t")
MAX_LINE = 65_536  # bytes
MAX_RECORD_LINES = 100  # a quoted cell may span lines; one that spans more was never closed


class Record(NamedTuple):
    """A row as it stands in the file; `line` is where it begins, counted from 1."""

    line: int
    cells: dict[str, str]


class _Line(NamedTuple):
    number: int
    text: str
    fault: str = ""


def read_records(
    stream: BinaryIO, columns: tuple[str, ...] = COLUMNS, required: tuple[str, ...] = REQUIRED
) -> Iterator[Record | Problem]:
    """Yield the rows of the file in order, and a Problem for each that can't be read.

    Empty lines are passed over. Raises ProductsError `empty` or `bad_header`.
    """
    lines = _Lines(stream)
    delimiter, names = _read_header(lines, columns, required)
    for line in lines:
        cells = _read_cells(line, lines, delimiter)
        if isinstance(cells, Problem):
            yield cells
        elif len(cells) == len(names):
            if any(cells):
                yield Record(line.number, dict(zip(names, cells, strict=True)))
        elif any(cell.strip() for cell in cells):
            yield _wrong_count(line.number, len(cells), len(names))


def check_header(stream: BinaryIO) -> None:
    """Raise ProductsError `empty` or `bad_header` where the first line does not name the columns; then go back."""
    _read_header(_Lines(stream), COLUMNS, REQUIRED)
    stream.seek(0)


def count_lines(stream: BinaryIO) -> int:
    """Return the number of lines after the header, and go back to the beginning."""
    count, last = 0, b"\n"
    while block := stream.read(1 << 20):
        count, last = count + block.count(b"\n"), block[-1:]
    stream.seek(0)
    return max(0, count + (last != b"\n") - 1)


class _Lines:
    """The lines of a file, decoded one by one; lines taken too many can be put back."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._number = 0
        self._put_back: deque[_Line] = deque()

    def __iter__(self) -> _Lines:
        return self

    def __next__(self) -> _Line:
        if self._put_back:
            return self._put_back.popleft()
        raw = self._stream.readline(MAX_LINE + 1)
        if not raw:
            raise StopIteration
        self._number += 1
        if len(raw) > MAX_LINE:
            self._skip_rest_of_line(raw)
            return _Line(self._number, "", _("The line is longer than 65,536 bytes."))
        return _decode(self._number, raw)

    def put_back(self, lines: list[_Line]) -> None:
        self._put_back.extendleft(reversed(lines))

    def _skip_rest_of_line(self, raw: bytes) -> None:
        while raw and not raw.endswith(b"\n"):
            raw = self._stream.readline(MAX_LINE)


def _decode(number: int, raw: bytes) -> _Line:
    try:
        return _Line(number, raw.decode("utf-8-sig" if number == 1 else "utf-8").rstrip("\r\n"))
    except UnicodeDecodeError:
        return _Line(number, "", _("The line is not UTF-8 text."))


def _read_header(lines: _Lines, columns: tuple[str, ...], required: tuple[str, ...]) -> tuple[str, list[str]]:
    header = next(lines, None)
    if header is None or not (header.text.strip() or header.fault):
        raise ProductsError("empty", _("The file is empty: its first line must name the columns."))
    if header.fault:
        raise ProductsError(
            "bad_header", _("The first line can't be read. Save the file as CSV in UTF-8 and try again.")
        )
    candidates = [(delimiter, _names(header.text, delimiter)) for delimiter in DELIMITERS]
    delimiter, names = max(candidates, key=lambda found: len(set(columns) & set(found[1])))
    _check_names(names, columns, required)
    return delimiter, names


def _names(text: str, delimiter: str) -> list[str]:
    return [cell.strip().lower() for cell in _parse(text, delimiter) or [text]]


def _check_names(names: list[str], columns: tuple[str, ...], required: tuple[str, ...]) -> None:
    unknown = [name for name in names if name not in columns]
    missing = [name for name in required if name not in names]
    twice = sorted({name for name in names if names.count(name) > 1})
    if unknown:
        sentence = _("The file has a column that is not known: “%(name)s”. Known columns: %(known)s.") % {
            "name": shown(unknown[0]),
            "known": ", ".join(columns),
        }
    elif missing:
        sentence = _("The file lacks the column %(name)s.") % {"name": " and ".join(missing)}
    elif twice:
        sentence = _("The column %(name)s stands in the file twice.") % {"name": twice[0]}
    else:
        return
    raise ProductsError("bad_header", sentence)


def _read_cells(line: _Line, lines: _Lines, delimiter: str) -> list[str] | Problem:
    """Return the cells of the record that begins on this line; what follows a broken one is read anew."""
    if line.fault:
        return Problem(line.number, "", line.fault)
    if '"' not in line.text:
        return line.text.split(delimiter)
    text, taken = line.text, [line]
    while (cells := _parse(text, delimiter)) is None:
        following = next(lines, None) if _is_open(text, delimiter) else None
        if following is not None:
            taken.append(following)
        if following is None or following.fault or len(taken) > MAX_RECORD_LINES or len(text) > MAX_LINE:
            lines.put_back(taken[1:])
            return Problem(line.number, "", _("The quotation marks of this row don't match."))
        text = f"{text}\n{following.text}"
    return cells


def _parse(text: str, delimiter: str) -> list[str] | None:
    try:
        return next(csv.reader([text], delimiter=delimiter, strict=True), [])
    except csv.Error:
        return None


def _is_open(text: str, delimiter: str) -> bool:
    """Return whether all that the record lacks is a closing quotation mark."""
    return _parse(text + '"', delimiter) is not None


def _wrong_count(line: int, found: int, expected: int) -> Problem:
    reason = _("The row has %(found)d cells, the header has %(expected)d.")
    return Problem(line, "", reason % {"found": found, "expected": expected})
