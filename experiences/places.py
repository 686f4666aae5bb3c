"""Where a visitor is, as far as it may be known: the country, and nothing nearer.

A trusted edge names it in a header; else a database file in MaxMind's format knows it by the visitor's address.
The address is looked up and forgotten, and of what the database says only the country is read: a place in a city
would need the visitor's consent (docs/adr/0014).
"""

import logging
import threading
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path

import maxminddb
from django.conf import settings
from django.http import HttpRequest

from experiences.requests import address_of

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Loaded:
    """A database as it stood when its file was last replaced; no reader where it can't be read."""

    path: str
    version: tuple[int, int, int]
    reader: maxminddb.Reader | None


_loaded: _Loaded | None = None
_loading = threading.Lock()


def country_of(request: HttpRequest) -> str:
    """Return the visitor's country (ISO 3166-1 alpha-2), or '' where nobody trusted says."""
    if settings.COUNTRY_HEADER and (named := _named_by_edge(request)):
        return named
    return _known_by_address(address_of(request)) if settings.GEOIP_DATABASE else ""


def _named_by_edge(request: HttpRequest) -> str:
    return _country_code(request.headers.get(settings.COUNTRY_HEADER, ""))


def _known_by_address(address: str) -> str:
    reader = _reader(settings.GEOIP_DATABASE)
    if reader is None:
        return ""
    try:
        known = ip_address(address)
        found = reader.get(getattr(known, "ipv4_mapped", None) or known)
    except (ValueError, maxminddb.InvalidDatabaseError):
        return ""  # no address (a socket has none), IPv6 in a database of IPv4, or a damaged record
    country = found.get("country") if isinstance(found, dict) else None
    return _country_code(country.get("iso_code")) if isinstance(country, dict) else ""


def _country_code(value: object) -> str:
    """Return the two letters of a country; edges write XX where they don't know."""
    code = value.upper() if isinstance(value, str) else ""
    return code if len(code) == 2 and code.isascii() and code.isalpha() and code != "XX" else ""


def _reader(path: str) -> maxminddb.Reader | None:
    """Return the database of that file: opened once, and again when the file was replaced."""
    global _loaded
    version = _version(path)
    loaded = _loaded
    if loaded and (loaded.path, loaded.version) == (path, version):
        return loaded.reader
    with _loading:
        if _loaded is None or (_loaded.path, _loaded.version) != (path, version):
            # The old reader is not closed: another thread may be looking something up in it.
            _loaded = _Loaded(path, version, _open(path))
        return _loaded.reader


def _version(path: str) -> tuple[int, int, int]:
    try:
        status = Path(path).stat()
    except OSError:
        return (0, 0, 0)
    return status.st_ino, status.st_mtime_ns, status.st_size


def _open(path: str) -> maxminddb.Reader | None:
    """Return a reader, or None with a line in the log: a tap must not fail for want of a country."""
    try:
        return maxminddb.open_database(path)  # mapped, so that worker processes share it
    except (OSError, maxminddb.InvalidDatabaseError) as error:
        logger.error("GEOIP_DATABASE can't be read, countries stay unknown: %s", error)
        return None
