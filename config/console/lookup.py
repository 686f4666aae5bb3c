"""Finding a unit by whatever an agent has at hand; only ever among the units of their own brands.

Nothing here consumes a chip's counter: looking at a pasted link is not a tap.
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

from django.db.models import F, Q, Value
from django.db.models.functions import Replace
from django.utils.translation import gettext as _

from analytics.kinds import EventKind
from analytics.models import Event
from experiences.facts import ChipKey, read_by_chip
from experiences.tap import verify_link
from ownership.models import Owner, Registration
from products.codes import normalise_public_code
from products.console import PERSONAL, UNIT_READERS, Access
from products.digital_link import IdentifierError, normalise_gtin, parse_unit_path
from products.models import Brand, Unit
from products.profiles import find_profile
from products.sun import SunError

MOST = 50  # hits of a kind that are shown
SHORTEST_NAME = 3  # characters
MAX_LENGTH = 2_100  # characters: the longest link that a chip can carry

_CHIP_LINK = re.compile(r"/t/([-a-zA-Z0-9_]+)(?:/([^/]+))?$")
_CODE_LINK = re.compile(r"/[qu]/([^/]+)(?:/.*)?$")
_ELEMENT_STRING = re.compile(r"^\(01\)(\d{14})(?:\((?:10|22)\)[^(]*)*\(21\)(.+)$")
_CERTIFICATE_LINK = re.compile(r"/certificate/([^/.]+)(?:\.pdf|/)?$")
_OWNER_NUMBER = re.compile(r"^#(\d{1,18})$")
_UID = re.compile(r"^[0-9a-f]{14}$")


@dataclass(frozen=True, slots=True)
class Findings:
    """What was found, and, where nothing was, each way that was tried."""

    units: tuple[Unit, ...] = ()
    owners: tuple[Owner, ...] = ()
    tried: tuple[str, ...] = ()
    note: str = ""

    @property
    def only_unit(self) -> Unit | None:
        return self.units[0] if len(self.units) == 1 and not self.owners else None

    @property
    def is_empty(self) -> bool:
        return not self.units and not self.owners


def look_up_units(query: str, access: Access) -> Findings:
    """Return the units, and the owners where the person may see them, that the query means."""
    query = " ".join(_printable(query[:MAX_LENGTH]).split())
    if not query:
        return Findings()
    if "/" in query and (found := _by_link(query, access)) is not None:
        return found
    tried: list[str] = []
    units: dict[int, Unit] = {}
    for label, search in _SEARCHES:
        tried.append(label())
        for unit in search(query, access)[:MOST]:
            units.setdefault(unit.pk, unit)
    owners: tuple[Owner, ...] = ()
    if access.allows(PERSONAL):
        tried.append(_("an owner's e-mail address, telephone number or name"))
        tried.append(_("an owner's number, like #123"))
        owners = tuple(_owners(query, access)[:MOST])
        owned = [*_units_of(owners, access), *_pending(query, access)]
        units |= {unit.pk: unit for unit in owned}
        if len(owners) == 1 and owned:
            owners = ()  # their unit is what was looked for
    return Findings(tuple(units.values()), owners, tuple(tried))


def _printable(text: str) -> str:
    """Return the text without control characters, which PostgreSQL refuses and nobody means."""
    return "".join(char for char in text if char.isprintable())


def _units(access: Access) -> Any:
    return access.limit(Unit.objects.with_page_parts(), "brand", UNIT_READERS).order_by("-id")


# --- Pasted links --------------------------------------------------------------------------------
def _by_link(query: str, access: Access) -> Findings | None:
    """Return what a pasted link means; None if it isn't one of ours."""
    raw_link = (query.partition("://")[2] or query).partition("#")[0]
    address, _question, _parameters = raw_link.partition("?")
    path = "/" + address.partition("/")[2]
    if match := _CHIP_LINK.search(path):
        return _by_chip_link(match[1], _printable(unquote(match[2] or "")), raw_link, access)
    if match := _CODE_LINK.search(path):
        units = _by_code(_printable(unquote(match[1])), access)
        return Findings(tuple(units), tried=(_("a link with a public code"),))
    if match := _CERTIFICATE_LINK.search(path):
        code = _printable(unquote(match[1]))
        return Findings(tuple(_by_certificate(code, access)), tried=(_("a link to a certificate"),))
    if "/01/" in path:
        return _by_digital_link(path[path.index("/01/") :], access)
    return None


def _by_chip_link(slug: str, code: str, raw_link: str, access: Access) -> Findings:
    tried = (_("a chip link"),)
    code = normalise_public_code(code)
    profile = find_profile(slug)
    if profile is None or not access.allows(UNIT_READERS, profile.brand_id):
        return Findings(
            tried=tried, note=_("No chip profile of yours is called “%(slug)s”.") % {"slug": slug}
        )
    try:
        message = verify_link(raw_link, profile, code)
    except SunError:
        return Findings(
            tried=tried, note=_("This link does not check: it was changed, or never came from a chip.")
        )
    key = ChipKey(profile.pk, message.uid.hex() if message.uid else "", code)
    row = read_by_chip(key) if key.uid or key.code else None
    if row is None:
        return Findings(tried=tried, note=_("The link checks, but its chip is on no unit."))
    return Findings(tuple(_units(access).filter(pk=row.unit_id)), tried=tried)


def _by_digital_link(path: str, access: Access) -> Findings:
    tried = (_("a GS1 Digital Link"),)
    try:
        key = parse_unit_path(path)
    except IdentifierError as error:
        return Findings(tried=tried, note=error.message)
    return Findings(tuple(_units(access).with_key(key.gtin14, key.serial)), tried=tried)


# --- What stands on the thing ---------------------------------------------------------------------
def _by_serial(query: str, access: Access) -> Any:
    return _units(access).filter(serial__iexact=query)


def _by_code(query: str, access: Access) -> Any:
    return _units(access).filter(public_code=normalise_public_code(query))


def _by_certificate(query: str, access: Access) -> Any:
    code = normalise_public_code(query)
    return _units(access).filter(coverage__certificate_code=code) if code else _units(access).none()


def _by_tag(query: str, access: Access) -> Any:
    uid = re.sub(r"[:\s-]", "", query).lower()
    if not _UID.match(uid):
        return _units(access).none()
    return _units(access).filter(tags__uid=uid)


def _by_gtin_and_serial(query: str, access: Access) -> Any:
    """Find `GTIN serial`, `GTIN,serial`, `GTIN/serial` or the element string `(01)GTIN(21)serial`."""
    match = _ELEMENT_STRING.match(query.replace(" ", ""))
    first, _separator, rest = query.replace(",", " ").replace("/", " ").partition(" ")
    gtin, serial = match.groups() if match else (first, rest.strip())
    if not serial:
        return _units(access).none()
    try:
        gtin14 = normalise_gtin(gtin)
    except IdentifierError:
        return _units(access).none()
    return _units(access).filter(trade_item__gtin=gtin14, serial__iexact=serial)


_SEARCHES: tuple[tuple[Callable[[], str], Callable[[str, Access], Any]], ...] = (
    (lambda: _("a serial number"), _by_serial),
    (lambda: _("a public code"), _by_code),
    (lambda: _("the code of a warranty certificate"), _by_certificate),
    (lambda: _("a tag UID of 14 hexadecimal digits"), _by_tag),
    (lambda: _("a GTIN followed by a serial number"), _by_gtin_and_serial),
)


# --- Who owns it ----------------------------------------------------------------------------------
def _owners(query: str, access: Access) -> Any:
    owners = access.limit(Owner.objects.all(), "brand", PERSONAL)
    if number := _OWNER_NUMBER.match(query):
        return owners.filter(pk__in=_numbers_since(int(number[1])))
    if "@" in query:
        return owners.filter(email__iexact=query)
    # Two letters stand in most names: such a search would list the customers, not find one.
    matches = Q(name__icontains=query) if len(query) >= SHORTEST_NAME else Q(pk__in=[])
    digits = re.sub(r"\D", "", query)
    if len(digits) >= 6 and not re.search(r"[^\d\s+()./-]", query):
        # The national number: how the country is written differs from one person to the next.
        owners = owners.annotate(digits=_digits_of("phone"))
        matches |= Q(digits__endswith=digits.removeprefix("00").lstrip("0")[-9:])
    return owners.filter(matches)


def _numbers_since(number: int) -> list[int]:
    """Return the owner's number, and the one that took its place where they turned out to be somebody known.

    Older events, webhooks and notes name the number of before. Which of them may be seen is the caller's to say.
    """
    brands = Brand.objects.values("pk")  # with its brand an event is found by its index
    merges = Event.objects.filter(
        brand__in=brands, kind=EventKind.REGISTRATION_CONFIRMED, data__from_owner=number
    )
    return [number, *merges.order_by().values_list("owner_id", flat=True)]


def _pending(query: str, access: Access) -> list[Unit]:
    """Return the units of registrations whose address is not confirmed yet: their senders own nothing so far."""
    digits = re.sub(r"\D", "", query)
    if "@" in query:
        contact = Q(contact__iexact=query)
    elif len(digits) >= 6 and not re.search(r"[^\d\s+()./-]", query):
        contact = Q(contact_kind="phone", contact__endswith=digits.removeprefix("00").lstrip("0")[-9:])
    else:
        return []
    waiting = access.limit(Registration.objects.filter(contact, state="pending"), "brand", PERSONAL)
    return list(_units(access).filter(pk__in=waiting.values("unit"))[:MOST])


def _digits_of(field: str) -> Any:
    expression: Any = F(field)
    for mark in " -./()+":
        expression = Replace(expression, Value(mark), Value(""))
    return expression


def _units_of(owners: Iterable[Owner], access: Access) -> list[Unit]:
    ids = [owner.pk for owner in owners]
    return list(_units(access).filter(facts__owner_id__in=ids)[:MOST]) if ids else []
