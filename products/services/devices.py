"""Remembering a person in a browser, and forgetting them again."""

import datetime as dt
from collections.abc import Iterable, Mapping

from django.db.models import F, Max

from products.models import Device, Person

A_DAY = dt.timedelta(days=1)
SILENT = dt.timedelta(days=90)  # after which a browser opens nothing personal before a code was entered in it


def remember_device(*, person: Person, now: dt.datetime) -> Device:
    """Make a device row for this person's browser."""
    device: Device = Device.objects.create(person=person, created_at=now, last_used_at=now)
    return device


def revoke_devices(*, person: Person, now: dt.datetime, besides: Iterable[int] = ()) -> int:
    """Forget the person in every browser: raising the epoch makes all cookies handed out so far worthless.

    `besides`: the rows of the browsers that stay remembered.
    """
    standing = Device.objects.filter(person=person, revoked_at=None).exclude(pk__in=list(besides))
    return standing.update(revoked_at=now, epoch=F("epoch") + 1)


def revoke_device(*, person: Person, device_id: int, now: dt.datetime) -> bool:
    """Forget the person in one browser; return whether there was one to forget."""
    standing = Device.objects.filter(pk=device_id, person=person, revoked_at=None)
    return bool(standing.update(revoked_at=now, epoch=F("epoch") + 1))


def last_forgotten(*, person: Person) -> dt.datetime | None:
    """Return when one of the person's browsers was forgotten last; None where none ever was."""
    last: dt.datetime | None = Device.objects.filter(person=person).aggregate(last=Max("revoked_at"))["last"]
    return last


def devices_known_as(keys: Mapping[int, int]) -> list[Device]:
    """Return the device rows that a browser's cookie names (id → epoch), with their persons.

    Left out are those revoked since, and those of persons who were switched off.
    """
    if not keys:
        return []
    rows = Device.objects.select_related("person").filter(
        pk__in=keys, revoked_at=None, person__is_active=True
    )
    return [device for device in rows if device.epoch == keys[device.pk]]


def note_use(*, device_id: int, now: dt.datetime) -> bool:
    """Note that the browser was used, at most once a day; return whether that was written."""
    stale = Device.objects.filter(pk=device_id, last_used_at__lte=now - A_DAY)
    return bool(stale.update(last_used_at=now))


def renew_device(*, device_id: int, now: dt.datetime) -> None:
    """Note that its person showed a code: a browser that was silent for long opens their things again."""
    Device.objects.filter(pk=device_id, revoked_at=None).update(last_used_at=now)
