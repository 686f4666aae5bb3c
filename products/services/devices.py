"""Remembering a person in a browser, and forgetting them again."""

import datetime as dt

from django.db.models import F

from products.models import Device, Person


def remember_device(*, person: Person, now: dt.datetime) -> Device:
    """Make a device row for this person's browser."""
    device: Device = Device.objects.create(person=person, created_at=now, last_used_at=now)
    return device


def revoke_devices(*, person: Person, now: dt.datetime) -> int:
    """Forget the person in every browser: raising the epoch makes all cookies handed out so far worthless."""
    return Device.objects.filter(person=person, revoked_at=None).update(revoked_at=now, epoch=F("epoch") + 1)


def device_known_as(device_id: int, epoch: int) -> Device | None:
    """Return the device row that a browser's cookie names, unless it was revoked since."""
    if not device_id:
        return None
    device: Device | None = (
        Device.objects.select_related("person").filter(pk=device_id, epoch=epoch, revoked_at=None).first()
    )
    return device
