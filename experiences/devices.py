"""The device cookie: the persons remembered in this browser. Signed, and revocable by each row's epoch."""

from dataclasses import dataclass

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse

from products.models import Device

DEVICE_COOKIE = "device"
DEVICE_AGE = 400 * 24 * 3600  # seconds; browsers cap cookies at 400 days
# A couple, their second addresses: whoever comes later takes the place of whom this browser has known longest.
MOST = 5
_SALT = "experiences.devices"


@dataclass(frozen=True, slots=True)
class DeviceKey:
    """Which device row the browser names, and the epoch it was given. Nothing is believed before the row agrees."""

    id: int
    epoch: int


def devices_of(request: HttpRequest) -> tuple[DeviceKey, ...]:
    """Return what the cookie names, the newest first; nothing without a cookie or with one that we did not sign."""
    cookie = request.COOKIES.get(DEVICE_COOKIE)
    if not cookie:
        return ()
    try:
        pairs = signing.loads(cookie, salt=_SALT)
        return tuple(DeviceKey(int(device_id), int(epoch)) for device_id, epoch in pairs[:MOST])
    except (signing.BadSignature, ValueError, TypeError, KeyError):
        return ()


def remember_in_browser(response: HttpResponse, device: Device, beside: tuple[DeviceKey, ...] = ()) -> None:
    """Hand out the device's key, `beside` those that the browser has: nobody who was remembered is forgotten."""
    others = [key for key in beside if key.id != device.pk]
    pairs = [[device.pk, device.epoch], *([key.id, key.epoch] for key in others)]
    response.set_cookie(
        DEVICE_COOKIE,
        signing.dumps(pairs[:MOST], salt=_SALT),
        max_age=DEVICE_AGE,
        httponly=True,
        samesite="Lax",
        secure=settings.COOKIES_SECURE,
    )
