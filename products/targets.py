"""Where a link may lead: an address on the public web, never into a network or into this house's back rooms."""

import ipaddress
import re
import socket
from collections.abc import Collection
from posixpath import normpath
from urllib.parse import unquote, urlsplit, urlunsplit

import idna
from django.core.exceptions import ValidationError
from django.utils.encoding import iri_to_uri
from django.utils.translation import gettext as _

MAX_LENGTH = 500  # characters, once the name of the host is written in ASCII

_UNWRITTEN = re.compile(r"[\x00-\x20\x7f\\<>\"`{}|^]|[\u0080-\u00a0\u2028\u2029\ufeff]")
# Names that only resolve inside a network (RFC 6761, 6762, 8375 and ICANN's reservation of .internal).
_INSIDE_NAMES = ("localhost", "internal", "local", "lan", "home", "corp", "intranet", "home.arpa", "onion")
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
_BACK_ROOMS = ("/console", "/accounts", "/api", "/health", "/outbox")
_RESOLVED = re.compile(r"/(?:00|01|253|255|401|402|414|417|80(?:03|04|06|10|13|17|18))(?:/|$)")


def check_target(address: str, *, our_hosts: Collection[str]) -> str:
    """Return the address as it is stored: checked, and all in ASCII (RFC 3987, its host by RFC 5891).

    `our_hosts` are the hosts of this installation. Raises ValidationError with what is wrong with it.
    """
    address = address.strip()
    if _UNWRITTEN.search(address):
        raise _refusal(
            "unwritten", _("An address has no spaces, quotes or backslashes; write them as %20 and so on.")
        )
    try:
        parts = urlsplit(address)
        host, port = parts.hostname or "", parts.port
    except ValueError as error:
        raise _refusal("malformed", _("This is not a web address.")) from error
    if parts.scheme not in ("http", "https"):
        raise _refusal("scheme", _("A link leads to an address that begins with https:// or http://."))
    if "@" in parts.netloc:
        raise _refusal("credentials", _("An address in a link must hold no user name or password."))
    host = _public_host(host)
    if host in our_hosts:
        _refuse_back_rooms(parts.path)
    stored = iri_to_uri(urlunsplit(parts._replace(netloc=host if port is None else f"{host}:{port}")))
    if len(stored) > MAX_LENGTH:
        raise _refusal("too_long", _("An address has at most %(most)d characters.") % {"most": MAX_LENGTH})
    return stored


def _public_host(host: str) -> str:
    if not host:
        raise _refusal("malformed", _("The address names no host, like www.example.com."))
    literal = _ip(host.strip("[]"))
    if literal is not None:
        if not literal.is_global or literal.is_multicast:
            raise _inside()
        return f"[{literal}]" if literal.version == 6 else str(literal)
    try:
        name = idna.encode(host, uts46=True).decode().rstrip(".")
    except idna.IDNAError as error:
        raise _refusal("malformed", _("%(host)s is not the name of a host.") % {"host": host[:80]}) from error
    if name == "localhost" or any(name.endswith(f".{inside}") for inside in _INSIDE_NAMES) or _ip(name):
        raise _inside()
    if "." not in name or name.rsplit(".", 1)[1].isdecimal():
        raise _refusal("malformed", _("The address names no host of the public web, like www.example.com."))
    return name


def _ip(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    """Return the address that a host is, in any of the spellings that a browser reads as one (127.1, 0x7f000001)."""
    try:
        found = ipaddress.ip_address(host)
    except ValueError:
        pass
    else:
        return _within(found) or found if isinstance(found, ipaddress.IPv6Address) else found
    if not re.fullmatch(r"(?:0[xX][0-9a-fA-F]*|[0-9]+)(?:\.(?:0[xX][0-9a-fA-F]*|[0-9]+)){0,3}\.?", host):
        return None
    try:
        return ipaddress.IPv4Address(socket.inet_aton(host.rstrip(".")))
    except OSError:
        return None


def _within(found: ipaddress.IPv6Address) -> ipaddress.IPv4Address | None:
    """Return the IPv4 address that a network would turn this one into: mapped, 6to4 (RFC 3056) or NAT64 (RFC 6052)."""
    if found in _NAT64:
        return ipaddress.IPv4Address(int(found) & 0xFFFFFFFF)
    return found.ipv4_mapped or found.sixtofour


def _refuse_back_rooms(raw_path: str) -> None:
    path = normpath(f"/{unquote(raw_path).lstrip('/')}")  # as a browser and the server would read it
    if any(path == room or path.startswith(f"{room}/") for room in _BACK_ROOMS):
        raise _refusal(
            "back_room", _("This leads to a page for staff or machines, which the public can't open.")
        )
    if _RESOLVED.match(path):
        raise _refusal(
            "loop", _("This leads back to the resolver itself. Name the page where the link should end.")
        )


def _inside() -> ValidationError:
    return _refusal(
        "inside", _("This leads into a private network, not to the public web: nobody outside could open it.")
    )


def _refusal(code: str, sentence: str) -> ValidationError:
    return ValidationError(sentence, code=code)
