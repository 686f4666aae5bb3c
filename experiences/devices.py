"""The device cookie: an owner remembered in this browser. Signed, and revocable by its row's epoch."""

from dataclasses import dataclass

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse

from products.models import Device

DEVICE_COOKIE = "device"
DEVICE_AGE = 400 * 24 * 3600  # seconds; browsers cap cookies at 400 days
_SALT = "experiences.device"


@dataclass(frozen=True, slots=True)
class DeviceKey:
    """Which device row the browser names, and the epoch it was given. Nothing is believed before the row agrees."""

    id: int
    epoch: int


NO_DEVICE = DeviceKey(0, 0)


def device_of(request: HttpRequest) -> DeviceKey:
    """Return what the cookie names; `NO_DEVICE` without a cookie or with one that we did not sign."""
    cookie = request.COOKIES.get(DEVICE_COOKIE)
    if not cookie:
        return NO_DEVICE
    try:
        device_id, epoch = signing.loads(cookie, salt=_SALT)
        return DeviceKey(int(device_id), int(epoch))
    except (signing.BadSignature, ValueError, TypeError):
        return NO_DEVICE


def remember_in_browser(response: HttpResponse, device: Device) -> None:
    response.set_cookie(
        DEVICE_COOKIE,
        signing.dumps([device.pk, device.epoch], salt=_SALT),
        max_age=DEVICE_AGE,
        httponly=True,
        samesite="Lax",
        secure=settings.COOKIES_SECURE,
    )
