"""GS1 Digital Link URIs: from the wire to keys and values, and back to the canonical path (URI Syntax sec. 4)."""

import re
from dataclasses import dataclass
from typing import Self
from urllib.parse import quote, unquote, unquote_plus

from products.digital_link.errors import IdentifierError, shown
from products.digital_link.gtins import normalise_gtin
from products.digital_link.keys import (
    NOT_ATTRIBUTES,
    PRIMARY_KEYS,
    check_key,
    check_serial,
    follows,
    is_known,
)

MAX_PATH_LENGTH = 512  # characters: every key with its qualifiers fits, with each character percent-encoded
MAX_QUERY_LENGTH = 4096
MAX_URI_LENGTH = 8192

_MALFORMED_ESCAPE = re.compile(r"%(?![0-9A-Fa-f]{2})")
_ATTRIBUTE = re.compile(r"[0-9]{2,4}")
# The scheme is all small or all capitals, a host has no characters that a name or an address never has.
_URI = re.compile(
    r"(?:https?|HTTPS?)://(?P<host>[A-Za-z0-9.\-:\[\]]+)(?P<path>/[^?#]*)?(?:\?(?P<query>[^#]*))?(?:#.*)?",
    re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class UnitKey:
    """What names one unit in GS1's terms. The variant and batch of a link are not part of it."""

    gtin14: str  # 14 digits
    serial: str  # 1 to 20 characters of GS1 character set 82


@dataclass(frozen=True, slots=True)
class DigitalLink:
    """A primary key with its qualifiers in order, and what the query says besides."""

    key: str  # the AI of the primary key
    value: str  # as `check_key` returns it
    qualifiers: tuple[tuple[str, str], ...] = ()
    attributes: tuple[tuple[str, str], ...] = ()

    @property
    def path(self) -> str:
        """The canonical path, e.g. "/01/04006381333931/21/A%2F1" (URI Syntax sec. 4.12)."""
        pairs = ((self.key, self.value), *self.qualifiers)
        return "".join(f"/{ai}/{quote(value, safe='')}" for ai, value in pairs)

    def qualifier(self, ai: str) -> str | None:
        return dict(self.qualifiers).get(ai)

    def up_to(self, ai: str) -> Self:
        """Return the link that ends with this qualifier: what it names is less particular."""
        names = [name for name, _value in self.qualifiers]
        return type(self)(self.key, self.value, self.qualifiers[: names.index(ai) + 1])

    @property
    def root(self) -> Self:
        """The link of the primary key alone."""
        return type(self)(self.key, self.value)

    @property
    def unit(self) -> UnitKey | None:
        """The unit that it names, if it names one: a GTIN with a serial."""
        serial = self.qualifier("21")
        return UnitKey(self.value, serial) if self.key == "01" and serial else None


def parse_path(raw_path: str) -> DigitalLink:
    """Read `/{key}/{value}[/{qualifier}/{value}]…` from the raw path, before percent-decoding.

    One trailing slash is tolerated, and so is a GTIN without its leading zeros. The query is cut off already.
    Raises IdentifierError: not_a_link, bad_value, or a code of `check_key`.
    """
    if len(raw_path) > MAX_PATH_LENGTH:
        raise IdentifierError("not_a_link", f"The path is longer than {MAX_PATH_LENGTH} characters.")
    root, *segments = raw_path.removesuffix("/").split("/")
    names = tuple(segments[0::2])
    if root or len(segments) < 2 or len(segments) % 2 or names[0] not in PRIMARY_KEYS:
        raise IdentifierError(
            "not_a_link", f"{shown(raw_path)} is not of the form /01/GTIN or /01/GTIN/21/SERIAL."
        )
    if not follows(names[0], names[1:]):
        raise IdentifierError(
            "not_a_link", f"In {shown(raw_path)}, ({names[0]}) is followed by what can't follow it."
        )
    pairs = [(ai, check_key(ai, _decode(value))) for ai, value in zip(names, segments[1::2], strict=True)]
    return DigitalLink(*pairs[0], tuple(pairs[1:]))


def parse_attributes(link: DigitalLink, raw_query: str) -> DigitalLink:
    """Return the link with the data attributes of its query; other parameters are not GS1's and pass unread.

    Raises IdentifierError: bad_attribute, or a code of `check_key`.
    """
    if len(raw_query) > MAX_QUERY_LENGTH:
        raise IdentifierError("bad_attribute", f"The query is longer than {MAX_QUERY_LENGTH} characters.")
    attributes: dict[str, str] = {}
    for pair in raw_query.split("&"):
        ai, _equals, value = pair.partition("=")
        if not _ATTRIBUTE.fullmatch(ai):
            continue
        _refuse_attribute(link, ai, attributes)
        attributes[ai] = check_key(ai, _decode(value, plus_is_space=True))
    return DigitalLink(link.key, link.value, link.qualifiers, tuple(attributes.items()))


def parse_uri(uri: str) -> DigitalLink:
    """Read an uncompressed GS1 Digital Link URI of any domain, with any path before its key.

    Raises IdentifierError as `parse_path` and `parse_attributes` do.
    """
    match = _URI.fullmatch(uri) if len(uri) <= MAX_URI_LENGTH else None
    if match is None:
        raise IdentifierError("not_a_link", f"{shown(uri)} is not a web address.")
    link = parse_path(_without_stem(match["path"] or ""))
    return parse_attributes(link, match["query"] or "")


def parse_unit_path(raw_path: str) -> UnitKey:
    """Read `/01/{gtin}[/22/{variant}][/10/{batch}]/21/{serial}` as `parse_path` does.

    Raises IdentifierError: not_a_unit_path, or what `parse_path` raises.
    """
    unit = parse_path(raw_path).unit
    if unit is None:
        raise IdentifierError("not_a_unit_path", f"{shown(raw_path)} is not of the form /01/GTIN/21/SERIAL.")
    return unit


def unit_path(gtin: str, serial: str) -> str:
    """Build the canonical path of a unit, e.g. "/01/04006381333931/21/A%2F1" (URI Syntax sec. 4.12).

    Raises IdentifierError as `normalise_gtin` and `check_serial` do.
    """
    return DigitalLink("01", normalise_gtin(gtin), (("21", check_serial(serial)),)).path


def _without_stem(path: str) -> str:
    """Return the path from its primary key on, which is looked for from the right (URI Syntax sec. 4.8)."""
    segments = path.removesuffix("/").split("/")
    for start in range(len(segments) - 2, 0, -2):
        if segments[start] in PRIMARY_KEYS:
            return "/" + "/".join(segments[start:])
    return path


def _refuse_attribute(link: DigitalLink, ai: str, seen: dict[str, str]) -> None:
    taken = [link.key, *(name for name, _value in link.qualifiers)]
    if ai in seen or ai in taken:
        raise IdentifierError("bad_attribute", f"({ai}) stands in the link twice.")
    if not is_known(ai) or ai in NOT_ATTRIBUTES:
        raise IdentifierError("bad_attribute", f"({ai}) is not something that a link can say.")
    # A qualifier that could stand in the path must stand there (URI Syntax sec. 4.10).
    names = tuple(taken[1:])
    if any(follows(link.key, (*names[:at], ai, *names[at:])) for at in range(len(names) + 1)):
        raise IdentifierError("bad_attribute", f"({ai}) belongs into the path, not behind the question mark.")


def _decode(segment: str, *, plus_is_space: bool = False) -> str:
    if _MALFORMED_ESCAPE.search(segment):
        raise IdentifierError("not_a_link", f"{shown(segment)} has a % without two hexadecimal digits.")
    return unquote_plus(segment) if plus_is_space else unquote(segment)
