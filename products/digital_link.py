"""GS1 identifiers of a unit: the GTIN, and the link path `/01/{gtin}/21/{serial}` that names one unit.

Sources: GS1 General Specifications sec. 7.9 (check digit), 7.11 (character set 82), 3.5.2 (serial, AI 21);
GS1 Digital Link Standard: URI Syntax sec. 4. The check digit and the formats of application identifiers (AI)
come from biip; biip's own link parser lets a wrong check digit pass, hence the strictness here.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal
from urllib.parse import quote, unquote

from biip.checksums import gs1_standard_check_digit
from biip.gs1_application_identifiers import GS1ApplicationIdentifier

GTIN_LENGTHS = (8, 12, 13, 14)
MAX_VALUE_LENGTH = 20  # characters, of serial, batch and variant alike
MAX_PATH_LENGTH = 512  # characters: a GTIN and three values fit, with every character percent-encoded
MAX_SHOWN_LENGTH = 40  # characters of a wrong input that a message repeats

_SPACES_AND_DASHES = re.compile(r"[\s\-\u2010-\u2015]")
_MALFORMED_ESCAPE = re.compile(r"%(?![0-9A-Fa-f]{2})")
# The order of the standard: consumer product variant, batch, serial.
_UNIT_KEYS = (("01", "21"), ("01", "22", "21"), ("01", "10", "21"), ("01", "22", "10", "21"))
_PATTERNS = {ai: re.compile(GS1ApplicationIdentifier.extract(ai).pattern) for ai in ("22", "10", "21")}
_NAMES = {"22": "variant", "10": "batch", "21": "serial"}

IdentifierErrorCode = Literal[
    "missing_gtin",
    "not_digits",
    "wrong_length",
    "wrong_check_digit",
    "bad_value",
    "not_a_unit_path",
]


class IdentifierError(ValueError):
    """Not an identifier. `code` is stable, `message` is an English sentence that says what is wrong."""

    def __init__(self, code: IdentifierErrorCode, message: str) -> None:
        super().__init__(message)
        self.code: IdentifierErrorCode = code
        self.message = message


@dataclass(frozen=True, slots=True)
class UnitKey:
    """What names one unit in GS1's terms. The variant and batch of a link are not part of it."""

    gtin14: str  # 14 digits
    serial: str  # 1 to 20 characters of GS1 character set 82


def gtin_check_digit(digits: str) -> int:
    """Compute the check digit, 0 to 9, that belongs after `digits` (GS1 General Specifications sec. 7.9.1).

    Raises IdentifierError: missing_gtin, not_digits.
    """
    return gs1_standard_check_digit(_digits(digits))


def normalise_gtin(text: str) -> str:
    """Return the 14 digits of a GTIN-8, -12, -13 or -14 that may be typed with spaces and dashes.

    Raises IdentifierError: missing_gtin, not_digits, wrong_length, wrong_check_digit.
    """
    return _gtin14(_SPACES_AND_DASHES.sub("", text))


def check_serial(serial: str) -> str:
    """Return `serial` when it is 1 to 20 characters of GS1 character set 82, which has no space.

    Raises IdentifierError: bad_value.
    """
    return _check_value("21", serial)


def names_a_model(raw_path: str) -> bool:
    """Return whether the path is a GS1 key of a product, variant or batch: a right GTIN (AI 01) without a serial (AI 21)."""
    segments = raw_path.strip("/").split("/")
    if len(segments) < 2 or segments[0] != "01" or len(segments) % 2 or "21" in segments[2::2]:
        return False
    try:
        normalise_gtin(segments[1])
    except IdentifierError:
        return False
    return set(segments[2::2]) <= {"22", "10"}


def parse_unit_path(raw_path: str) -> UnitKey:
    """Read `/01/{gtin}[/22/{variant}][/10/{batch}]/21/{serial}` from the raw path, before percent-decoding.

    One trailing slash is tolerated, and so is a GTIN without its leading zeros. The query is cut off already.
    Raises IdentifierError: not_a_unit_path, bad_value, or a code of `normalise_gtin`.
    """
    if len(raw_path) > MAX_PATH_LENGTH:
        raise IdentifierError("not_a_unit_path", f"The path is longer than {MAX_PATH_LENGTH} characters.")
    root, *segments = raw_path.removesuffix("/").split("/")
    if root or tuple(segments[0::2]) not in _UNIT_KEYS or len(segments) % 2:
        raise IdentifierError("not_a_unit_path", f"{_shown(raw_path)} is not of the form /01/GTIN/21/SERIAL.")
    values = {ai: _decode(segment) for ai, segment in zip(segments[0::2], segments[1::2], strict=True)}
    gtin14 = _gtin14(values.pop("01"))
    for ai, value in values.items():
        _check_value(ai, value)
    return UnitKey(gtin14, values["21"])


def unit_path(gtin: str, serial: str) -> str:
    """Build the canonical path of a unit, e.g. "/01/04006381333931/21/A%2F1" (URI Syntax sec. 4.12).

    Raises IdentifierError as `normalise_gtin` and `check_serial` do.
    """
    return f"/01/{normalise_gtin(gtin)}/21/{quote(check_serial(serial), safe='')}"


def _gtin14(text: str) -> str:
    digits = _digits(text)
    if len(digits) not in GTIN_LENGTHS:
        reason = f"a GTIN has 8, 12, 13 or 14 digits, this has {len(digits)}"
        raise IdentifierError("wrong_length", f"{_shown(digits)} is not a GTIN: {reason}.")
    expected = gtin_check_digit(digits[:-1])
    if int(digits[-1]) != expected:
        reason = f"the check digit should be {expected}"
        raise IdentifierError("wrong_check_digit", f"{digits} is not a GTIN: {reason}.")
    return digits.zfill(14)


def _digits(text: str) -> str:
    if not text:
        raise IdentifierError("missing_gtin", "The GTIN is empty.")
    if not (text.isascii() and text.isdecimal()):
        raise IdentifierError("not_digits", f"{_shown(text)} is not a GTIN: a GTIN has only digits.")
    return text


def _check_value(ai: str, value: str) -> str:
    name = _NAMES[ai]
    if not value:
        raise IdentifierError("bad_value", f"The {name} is empty.")
    if len(value) > MAX_VALUE_LENGTH:
        reason = f"is longer than {MAX_VALUE_LENGTH} characters"
        raise IdentifierError("bad_value", f"The {name} {_shown(value)} {reason}.")
    if value in (".", ".."):
        raise IdentifierError("bad_value", f"The {name} {value} cannot stand in a link: browsers drop it.")
    if not _PATTERNS[ai].fullmatch(ai + value):
        reason = "has characters that GS1 does not allow there, such as spaces or accents"
        raise IdentifierError("bad_value", f"The {name} {_shown(value)} {reason}.")
    return value


def _decode(segment: str) -> str:
    if _MALFORMED_ESCAPE.search(segment):
        raise IdentifierError("not_a_unit_path", f"{_shown(segment)} has a % without two hexadecimal digits.")
    return unquote(segment)


def _shown(text: str) -> str:
    """Make a wrong input fit to be repeated in a sentence and a log line."""
    clean = "".join(char if char.isprintable() else "\ufffd" for char in text[:MAX_SHOWN_LENGTH])
    return clean if len(text) <= MAX_SHOWN_LENGTH else f"{clean}…"
