"""Validating one row, without the database: every problem of the row is found, not only the first."""

import datetime as dt
import json
import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from hashlib import blake2b
from typing import Any, NamedTuple

from django.utils.translation import gettext as _

from products.digital_link import IdentifierError, check_serial, normalise_gtin
from products.imports.problems import Problem, RowFault, shown
from products.imports.reading import Record

EARLIEST_YEAR = 1800  # before that, somebody mistyped the year
MAX_ATTRIBUTES = 8_192  # characters
AFTER_MADE = ("shipped_on", "sold_on")  # days that can't lie before the unit was made
REMEMBERED = 4_096  # cells per column
LONGEST = {"batch": 20, "variant": 60, "made_in": 120, "origin": 200}  # characters, as the models keep them
_ISO_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_COUNTRY = re.compile(r"[A-Z]{2}")
_UID = re.compile(r"[0-9A-Fa-f]{14}")


class UnitRow(NamedTuple):
    """A row that is right in itself; empty cells are None, "" or {}."""

    line: int
    gtin: str  # 14 digits
    serial: str
    batch: str
    variant: str
    made_on: dt.date | None
    made_in: str
    origin: str
    shipped_on: dt.date | None
    sold_on: dt.date | None
    market: str  # ISO 3166-1 alpha-2
    tag_uid: str  # 14 small hexadecimal digits
    chip_profile: str
    attributes: dict[str, Any]

    @property
    def digest(self) -> bytes:
        """16 bytes that are equal for rows that say the same."""
        said = [str(value) if value else "" for value in self[1:-1]]
        if self.attributes:
            said.append(json.dumps(self.attributes, sort_keys=True))
        return blake2b("\0".join(said).encode(), digest_size=16).digest()


def parse_row(record: Record, *, today: dt.date) -> UnitRow | list[Problem]:
    """Return the row, or everything that is wrong with it. `today` is the brand's day: no day lies after it."""
    values: dict[str, Any] = {}
    problems: list[Problem] = []
    for column, check in _CHECKS.items():
        try:
            values[column] = check(record.cells.get(column, ""))
        except RowFault as fault:
            problems.append(Problem(record.line, column, fault.reason))
    problems += [Problem(record.line, column, reason) for column, reason in _contradictions(values, today)]
    return problems or UnitRow(record.line, **values)


def _contradictions(values: dict[str, Any], today: dt.date) -> list[tuple[str, str]]:
    """Return what is wrong between the cells that are right alone."""
    found = []
    days = {column: day for column in ("made_on", *AFTER_MADE) if (day := values.get(column))}
    for column, day in days.items():
        if day > today:
            found.append((column, _("%(day)s lies in the future.") % {"day": day}))
    if len(days) > 1:
        found += [(column, before_made(column, days)) for column in AFTER_MADE if precedes_made(column, days)]
    if values.get("tag_uid") and not values.get("chip_profile", "?"):
        found.append(("chip_profile", _("A chip needs its chip profile: name it, or leave tag_uid empty.")))
    if values.get("chip_profile") and not values.get("tag_uid", "?"):
        found.append(("tag_uid", _("A chip profile needs the chip's UID: write it, or leave both empty.")))
    return found


def precedes_made(column: str, days: Mapping[str, dt.date | None]) -> bool:
    """Return whether the day in this column lies before the unit was made."""
    day, made_on = days.get(column), days.get("made_on")
    return bool(day and made_on and day < made_on)


def before_made(column: str, days: Mapping[str, dt.date | None]) -> str:
    """Say that the day in this column can't be right, or that of the making can't."""
    sentences = {
        "shipped_on": _("Shipped on %(day)s, before it was made on %(made)s."),
        "sold_on": _("Sold on %(day)s, before it was made on %(made)s."),
    }
    return sentences[column] % {"day": days[column], "made": days["made_on"]}


def _cell(text: str) -> str:
    text = text.strip()
    if not text.isprintable() and _CONTROL.search(text):
        raise RowFault(_("“%(text)s” holds a character that can't be printed.") % {"text": shown(text)})
    return text


def _gtin(text: str) -> str:
    try:
        return normalise_gtin(text)
    except IdentifierError as error:
        raise RowFault(error.message) from error


def _serial(text: str) -> str:
    try:
        return check_serial(text)
    except IdentifierError as error:
        raise RowFault(error.message) from error


def _text_of(column: str) -> Callable[[str], str]:
    longest = LONGEST[column]

    def check(text: str) -> str:
        if len(text) > longest:
            reason = _("“%(text)s” is longer than %(longest)d characters.")
            raise RowFault(reason % {"text": shown(text), "longest": longest})
        return text

    return check


def _date(text: str) -> dt.date | None:
    if not text:
        return None
    if not _ISO_DATE.fullmatch(text):
        reason = _("“%(text)s” is not a date that can be read: write year-month-day, like 2026-03-31.")
        raise RowFault(reason % {"text": shown(text)})
    try:
        day = dt.date.fromisoformat(text)
    except ValueError as error:
        raise RowFault(_("There is no day %(text)s.") % {"text": text}) from error
    if day.year < EARLIEST_YEAR:
        raise RowFault(_("The year of %(text)s can't be right.") % {"text": text})
    return day


def _market(text: str) -> str:
    if text and not _COUNTRY.fullmatch(text):
        reason = _("“%(text)s” is not a country: write two capital letters (ISO 3166), like FR.")
        raise RowFault(reason % {"text": shown(text)})
    return text


def _tag_uid(text: str) -> str:
    if text and not _UID.fullmatch(text):
        reason = _("“%(text)s” is not the UID of a chip: it has 14 hexadecimal digits.")
        raise RowFault(reason % {"text": shown(text)})
    return text.lower()


def _attributes(cell: str) -> dict[str, Any]:
    text = cell.strip()
    if not text:
        return {}
    if len(text) > MAX_ATTRIBUTES:
        raise RowFault(_("The attributes are longer than %(most)d characters.") % {"most": MAX_ATTRIBUTES})
    try:
        value = json.loads(text, parse_constant=_not_a_number, parse_float=_finite)
    except (ValueError, RecursionError) as error:
        raise RowFault(_('The attributes are not JSON. Write them like {"artisan": "Anna"}.')) from error
    if not isinstance(value, dict):
        raise RowFault(_('The attributes must be a JSON object, like {"artisan": "Anna"}.'))
    if "\\u" in text and not _is_text(value):
        raise RowFault(_("The attributes hold an escape that stands for no character."))
    return value


def _is_text(value: Any) -> bool:
    """Return whether no escape stands for NUL, which PostgreSQL can't keep, or for half of a surrogate pair."""
    written = json.dumps(value, ensure_ascii=False)
    try:
        written.encode()
    except UnicodeEncodeError:
        return False
    return "\\u0000" not in written


def _not_a_number(text: str) -> None:
    raise ValueError(text)


def _finite(text: str) -> float:
    number = float(text)
    if number in (float("inf"), float("-inf")):
        raise ValueError(text)
    return number


def _single(check: Callable[[str], Any]) -> Callable[[str], Any]:
    """Check cells of which every row has its own."""
    return lambda text: check(_cell(text))


def _recurring(check: Callable[[str], Any]) -> Callable[[str], Any]:
    """Check cells that say the same in many rows: what was found right once is remembered."""
    return lru_cache(REMEMBERED)(_single(check))


_CHECKS: dict[str, Callable[[str], Any]] = {
    "gtin": _recurring(_gtin),
    "serial": _single(_serial),
    "batch": _recurring(_text_of("batch")),
    "variant": _recurring(_text_of("variant")),
    "made_on": _recurring(_date),
    "made_in": _recurring(_text_of("made_in")),
    "origin": _recurring(_text_of("origin")),
    "shipped_on": _recurring(_date),
    "sold_on": _recurring(_date),
    "market": _recurring(_market),
    "tag_uid": _single(_tag_uid),
    "chip_profile": _recurring(str),
    "attributes": _attributes,
}
