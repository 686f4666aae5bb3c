"""Absolute links: with the brand's own domain where it has one, else PUBLIC_BASE_URL; never from the Host header."""

from urllib.parse import urlsplit

from django.conf import settings
from django.urls import reverse

from products.digital_link import unit_path
from products.models import Brand, BrandDomain, Unit


def brand_base_url(brand: Brand) -> str:
    """Return scheme and host for links of this brand, without a trailing slash."""
    domain = brand.domains.filter(is_primary=True).first()
    if domain is None:
        return str(settings.PUBLIC_BASE_URL)
    return f"{urlsplit(settings.PUBLIC_BASE_URL).scheme}://{domain.host}"


def our_hosts() -> frozenset[str]:
    """Return the hosts that lead to this installation, without their ports."""
    named = (host for host in settings.ALLOWED_HOSTS if host.strip("*."))
    public = urlsplit(settings.PUBLIC_BASE_URL).hostname or ""
    return frozenset({public, *named, *BrandDomain.objects.values_list("host", flat=True)})


def qr_url(unit: Unit, base_url: str) -> str:
    """Return the link that a printed QR code of the unit carries."""
    return base_url + reverse("qr_tap", args=[unit.public_code])


def digital_link(unit: Unit, base_url: str) -> str:
    """Return the unit's GS1 Digital Link URI (keys 01 and 21)."""
    return base_url + unit_path(unit.trade_item.gtin, unit.serial)
