"""What the wire said, before Django decoded it."""

import ipaddress
from urllib.parse import quote

from django.conf import settings
from django.http import HttpRequest


def raw_path(request: HttpRequest) -> str:
    """Return the path as sent: `%2F` inside a segment survives only here (gunicorn's RAW_URI)."""
    uri = request.META.get("RAW_URI") or request.META.get("REQUEST_URI")
    if not uri:
        return quote(request.path_info, safe="/%:@!$&'()*+,;=~")
    path: str = uri.split("?", 1)[0]
    if "://" in path and not path.startswith("/"):  # the absolute form that proxies send (RFC 9112, 3.2.2)
        path = "/" + path.split("://", 1)[1].partition("/")[2]
    return path


def raw_link(request: HttpRequest) -> str:
    """Return the link without its scheme, as sent: host, path and query, undecoded."""
    host = request.META.get("HTTP_HOST") or request.META.get("SERVER_NAME", "")
    query = request.META.get("QUERY_STRING", "")
    return f"{host}{raw_path(request)}?{query}" if query else f"{host}{raw_path(request)}"


def host_of(request: HttpRequest) -> str:
    """Return the host that was asked, in small letters and without its port; '' where none was named."""
    host = request.META.get("HTTP_HOST") or request.META.get("SERVER_NAME", "")
    return str(host).rpartition("]")[2].partition(":")[0].lower()


def address_of(request: HttpRequest) -> str:
    """Return the visitor's address: the connection's, or what the trusted proxies appended.

    Of IPv6 it is the /64 that a household is given: nobody poses as many by taking another address of their own.
    """
    return _household(_sender(request))


def _household(address: str) -> str:
    try:
        parsed = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if isinstance(parsed, ipaddress.IPv4Address) or parsed.is_loopback:
        return str(parsed)
    if parsed.ipv4_mapped:
        return str(parsed.ipv4_mapped)
    return str(ipaddress.ip_network((parsed, 64), strict=False).network_address)


def _sender(request: HttpRequest) -> str:
    if settings.TRUSTED_PROXIES:
        hops = [hop.strip() for hop in request.headers.get("X-Forwarded-For", "").split(",") if hop.strip()]
        if len(hops) >= settings.TRUSTED_PROXIES:
            return hops[-settings.TRUSTED_PROXIES]
    return str(request.META.get("REMOTE_ADDR", ""))
