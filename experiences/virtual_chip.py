"""A chip in software: the next link that a unit's chip would emit."""

import secrets
from collections.abc import Callable

from django.urls import reverse

from analytics.models import UnitFacts
from products.models import Tag
from products.models.units import MAX_COUNTER, TamperLoop
from products.profiles import to_sun
from products.sun import MacFrom, SunProfile, VirtualChip

FILE_DATA = b"0" * 16  # what stands in the encrypted part of the file, where a profile has one
CLOSED, OPEN = "CC", "OO"


class ChipError(Exception):
    """A chip that can't emit the link; the sentence is for people."""


def chip_link(
    tag: Tag,
    *,
    base_url: str,
    counter: int | None = None,
    key_version: int | None = None,
    tamper: str = "",
    random_bytes: Callable[[int], bytes] = secrets.token_bytes,
) -> str:
    """Return the link of a tap on this chip, with the next counter unless one is named.

    A higher `key_version` than the tag's is a chip encoded anew, which counts from 1. `tamper` is the status
    of its loop, C closed or O open, permanent and current; else what the unit's facts say of its seal.
    Consumes nothing: until somebody opens the link, the same counter is next. Raises ChipError for a counter
    that three bytes can't hold, and for a key version that the profile does not have.
    """
    assert tag.profile is not None
    sun = _under_version(to_sun(tag.profile), tag.key_version, key_version)
    if counter is None:
        counted = tag.last_counter if sun.key_version == tag.key_version else None
        counter = 1 if counted is None else counted + 1
    if not 0 <= counter <= MAX_COUNTER:
        raise ChipError(f"The counter {counter} is out of range: a chip counts from 0 to {MAX_COUNTER}.")
    try:
        chip = VirtualChip(
            bytes.fromhex(tag.uid), sun, _file_data(sun), random_bytes, tamper or _tamper_status(tag)
        )
    except ValueError as error:
        raise ChipError(str(error)) from error
    return chip.link(base_url + _path(tag, sun), counter)


def _under_version(sun: SunProfile, known: int, wanted: int | None) -> SunProfile:
    """Return the profile as the chip has it: under the version named, else the one that it was last known under."""
    versions = sorted(version for version, _key in sun.file_read_keys)
    if wanted is not None and wanted not in versions:
        have = ", ".join(map(str, versions))
        raise ChipError(f"The chip profile has no key version {wanted}; it has {have}.")
    # What is recorded may be older than all that the profile has: the chip then is under the oldest.
    version = wanted if wanted is not None else next((v for v in versions if v >= known), versions[-1])
    return sun.under_version(version)


def _file_data(sun: SunProfile) -> bytes | None:
    if sun.tamper_at is not None:
        return FILE_DATA * (1 + (sun.tamper_at + 1) // len(FILE_DATA))
    return FILE_DATA if sun.mac_from is MacFrom.ENC and not sun.names.bulk else None


def _tamper_status(tag: Tag) -> str:
    assert tag.profile is not None
    if tag.profile.tamper_loop != TamperLoop.SEAL:
        return CLOSED
    opened = UnitFacts.objects.filter(unit=tag.unit_id, opened_at__isnull=False).exists()
    return OPEN if opened else CLOSED


def _path(tag: Tag, sun: SunProfile) -> str:
    assert tag.profile is not None
    if sun.names.uid:
        return reverse("chip_tap", args=[tag.profile.slug])
    return reverse("chip_tap_of_unit", args=[tag.profile.slug, tag.unit.public_code])
