"""The values of application identifiers (AI): formats, check digits, and which qualifiers follow which key.

Sources: GS1 General Specifications sec. 3 (formats), 7.9.1 (check digit), 7.9.5 (check characters of the
GMN); URI Syntax sec. 4.3 and 4.7 (keys and their qualifiers, in order).
"""

import re
from functools import lru_cache

from biip import ParseError
from biip.checksums import gs1_standard_check_digit
from biip.gs1_application_identifiers import GS1ApplicationIdentifier

from products.digital_link.errors import IdentifierError, shown
from products.digital_link.gtins import gtin14

MAX_VALUE_LENGTH = 20  # characters, of serial, batch and variant alike

_TRADE_ITEM = ("22", "10", "21")

# Each primary key with its alternative sequences of qualifiers; within one, order is fixed and each is optional.
PRIMARY_KEYS: dict[str, tuple[tuple[str, ...], ...]] = {
    "00": (),
    "01": (_TRADE_ITEM, ("235",)),
    "253": (),
    "255": (),
    "401": (),
    "402": (),
    "414": (("254",), ("7040",)),
    "417": (("7040",),),
    "8003": (),
    "8004": (("7040",),),
    "8006": (_TRADE_ITEM,),
    "8010": (("8011",),),
    "8013": (),
    "8017": (("8019",),),
    "8018": (("8019",),),
}
NOT_ATTRIBUTES = frozenset({"8200"})  # a product's address: the link itself takes its place

_NAMES = {
    "00": "SSCC", "01": "GTIN", "10": "batch", "21": "serial", "22": "variant", "253": "GDTI", "255": "GCN",
    "401": "GINC", "402": "GSIN", "414": "GLN", "417": "GLN", "8003": "GRAI", "8004": "GIAI", "8006": "ITIP",
    "8010": "CPID", "8013": "GMN", "8017": "GSRN", "8018": "GSRN",
}  # fmt: skip
# How many digits, counted from the start, end with the check digit.
_CHECKED_DIGITS = {
    "00": 18, "253": 13, "255": 13, "402": 17, "410": 13, "411": 13, "412": 13, "413": 13, "414": 13,
    "415": 13, "416": 13, "417": 13, "8003": 14, "8006": 14, "8017": 18, "8018": 18,
}  # fmt: skip
# Keys that begin with a GS1 Company Prefix and have no check digit behind it.
_PREFIXED = frozenset({"401", "8004", "8010", "8013"})
_COMPANY_PREFIX = re.compile(r"\d{4}")

_CSET82 = "!\"%&'()*+,-./0123456789:;<=>?ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz"
_CHECK_CHARACTERS = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
_PRIMES = (2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53, 59, 61, 67, 71, 73, 79, 83)


def check_key(ai: str, value: str) -> str:
    """Return the value of an AI in the form in which it is stored: a GTIN with 14 digits, all others as they are.

    Raises IdentifierError: bad_value, wrong_check_digit, or a code of `normalise_gtin`; KeyError for an
    AI that GS1 has not defined.
    """
    if ai == "01":
        return gtin14(value)
    name = _NAMES.get(ai, f"value of ({ai})")
    if not value:
        raise IdentifierError("bad_value", f"The {name} is empty.")
    if value in (".", ".."):
        raise IdentifierError("bad_value", f"The {name} {value} cannot stand in a link: browsers drop it.")
    if not value.isascii() or not format_of(ai).fullmatch(ai + value):
        raise IdentifierError("bad_value", _misfit(ai, name, value))
    _check_digit(ai, name, value)
    _check_rest(ai, name, value)
    return value


def check_serial(serial: str) -> str:
    """Return `serial` when it is 1 to 20 characters of GS1 character set 82, which has no space.

    Raises IdentifierError: bad_value.
    """
    return check_key("21", serial)


def is_known(ai: str) -> bool:
    """Return whether GS1 has defined this AI."""
    try:
        format_of(ai)
    except KeyError:
        return False
    return True


def follows(key: str, qualifiers: tuple[str, ...]) -> bool:
    """Return whether the qualifiers may stand behind the key, in this order."""
    return not qualifiers or any(_in_order(qualifiers, allowed) for allowed in PRIMARY_KEYS[key])


def _in_order(chosen: tuple[str, ...], allowed: tuple[str, ...]) -> bool:
    rest = iter(allowed)
    return all(ai in rest for ai in chosen)


@lru_cache(maxsize=1024)
def format_of(ai: str) -> re.Pattern[str]:
    """Return the pattern of an AI followed by its value; raises KeyError."""
    try:
        found = GS1ApplicationIdentifier.extract(ai)
    except ParseError as error:
        raise KeyError(ai) from error
    if found.ai != ai:
        raise KeyError(ai)
    return re.compile(found.pattern)


def _misfit(ai: str, name: str, value: str) -> str:
    if ai in ("10", "21", "22") and len(value) > MAX_VALUE_LENGTH:
        return f"The {name} {shown(value)} is longer than {MAX_VALUE_LENGTH} characters."
    if ai in _CHECKED_DIGITS and not (value.isascii() and value[: _CHECKED_DIGITS[ai]].isdecimal()):
        return f"{shown(value)} is not a {name}: it begins with {_CHECKED_DIGITS[ai]} digits."
    if ai in ("10", "21", "22"):
        return f"The {name} {shown(value)} has characters that GS1 does not allow there, such as spaces or accents."
    return f"{shown(value)} is not a {name}: GS1 writes it otherwise or shorter."


def _check_digit(ai: str, name: str, value: str) -> None:
    length = _CHECKED_DIGITS.get(ai)
    if length is None:
        return
    expected = gs1_standard_check_digit(value[: length - 1])
    if int(value[length - 1]) != expected:
        reason = f"the check digit should be {expected}"
        raise IdentifierError("wrong_check_digit", f"{shown(value)} is not a {name}: {reason}.")


def _check_rest(ai: str, name: str, value: str) -> None:
    """Check what the pattern can't: a company prefix, the piece of a whole, a GMN's pair of check characters."""
    if ai in _PREFIXED and not _COMPANY_PREFIX.match(value):
        reason = "it begins with the digits of a GS1 Company Prefix"
        raise IdentifierError("bad_value", f"{shown(value)} is not a {name}: {reason}.")
    if ai == "8006" and not 0 < int(value[14:16]) <= int(value[16:18]):
        reason = f"piece {value[14:16]} of {value[16:18]} cannot be"
        raise IdentifierError("bad_value", f"{shown(value)} is not an {name}: {reason}.")
    if ai == "8013" and (len(value) < 7 or value[-2:] != check_characters(value[:-2])):
        reason = "its last two characters should check the others"
        raise IdentifierError("wrong_check_digit", f"{shown(value)} is not a {name}: {reason}.")


def check_characters(body: str) -> str:
    """Compute the two check characters behind the rest of a GMN (GS1 General Specifications sec. 7.9.5)."""
    total = sum(_CSET82.index(char) * prime for char, prime in zip(reversed(body), _PRIMES, strict=False))
    high, low = divmod(total % 1021, 32)
    return _CHECK_CHARACTERS[high] + _CHECK_CHARACTERS[low]
