"""A chip in software: the next link that a unit's chip would emit."""

import secrets
from collections.abc import Callable

from django.urls import reverse

from products.models import Tag
from products.models.units import MAX_COUNTER
from products.profiles import to_sun
from products.sun import MacFrom, VirtualChip

FILE_DATA = b"0" * 16  # what stands in the encrypted part of the file, where a profile has one


class ChipError(Exception):
    """A chip that can't emit the link; the sentence is for people."""


def chip_link(
    tag: Tag,
    *,
    base_url: str,
    counter: int | None = None,
    random_bytes: Callable[[int], bytes] = secrets.token_bytes,
) -> str:
    """Return the link of a tap on this chip, with the next counter unless one is named.

    Consumes nothing: until somebody opens the link, the same counter is next. Raises ChipError for
    a counter that three bytes can't hold.
    """
    if counter is None:
        counter = 1 if tag.last_counter is None else tag.last_counter + 1
    if not 0 <= counter <= MAX_COUNTER:
        raise ChipError(f"The counter {counter} is out of range: a chip counts from 0 to {MAX_COUNTER}.")
    assert tag.profile is not None
    sun = to_sun(tag.profile)
    file_data = FILE_DATA if sun.mac_from is MacFrom.ENC else None
    try:
        chip = VirtualChip(bytes.fromhex(tag.uid), sun, file_data, random_bytes)
    except ValueError as error:
        raise ChipError(str(error)) from error
    return chip.link(base_url + reverse("chip_tap", args=[tag.profile.slug]), counter)
