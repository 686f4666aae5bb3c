"""GTINs: 8, 12, 13 or 14 digits, always kept with 14."""

import re

from biip.checksums import gs1_standard_check_digit

from products.digital_link.errors import IdentifierError, shown

GTIN_LENGTHS = (8, 12, 13, 14)

_SPACES_AND_DASHES = re.compile(r"[\s\-\u2010-\u2015]")


def gtin_check_digit(digits: str) -> int:
    """Compute the check digit, 0 to 9, that belongs after `digits` (GS1 General Specifications sec. 7.9.1).

    Raises IdentifierError: missing_gtin, not_digits.
    """
    return gs1_standard_check_digit(_digits(digits))


def normalise_gtin(text: str) -> str:
    """Return the 14 digits of a GTIN-8, -12, -13 or -14 that may be typed with spaces and dashes.

    Raises IdentifierError: missing_gtin, not_digits, wrong_length, wrong_check_digit.
    """
    return gtin14(_SPACES_AND_DASHES.sub("", text))


def gtin14(text: str) -> str:
    """Return the 14 digits of a GTIN that is written with digits alone; raises as `normalise_gtin`."""
    digits = _digits(text)
    if len(digits) not in GTIN_LENGTHS:
        reason = f"a GTIN has 8, 12, 13 or 14 digits, this has {len(digits)}"
        raise IdentifierError("wrong_length", f"{shown(digits)} is not a GTIN: {reason}.")
    expected = gtin_check_digit(digits[:-1])
    if int(digits[-1]) != expected:
        reason = f"the check digit should be {expected}"
        raise IdentifierError("wrong_check_digit", f"{digits} is not a GTIN: {reason}.")
    return digits.zfill(14)


def _digits(text: str) -> str:
    if not text:
        raise IdentifierError("missing_gtin", "The GTIN is empty.")
    if not (text.isascii() and text.isdecimal()):
        raise IdentifierError("not_digits", f"{shown(text)} is not a GTIN: a GTIN has only digits.")
    return text
