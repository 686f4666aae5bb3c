"""Forgetting an owner: one function over an explicit list of steps, each of which may run twice.

What happened to the units stays true: ownerships, events and counts remain, and point to an owner row that is
empty. The whole list, with the steps of upper floors, stands in `config/erasure.py`.
"""

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from django.db import transaction

from ownership.errors import OwnershipError
from ownership.models import Owner

RUNS = 3


@dataclass(frozen=True, slots=True)
class Step:
    """One matter of an erasure. `run` gets the owner as it was before; the data map names steps by `name`."""

    name: str
    run: Callable[[Owner, dt.datetime], None]


@dataclass(frozen=True, slots=True)
class Hindrance:
    """What has to end before an owner can be forgotten, and the sentence that says what to do about it."""

    code: str
    sentence: object  # translated where it is read
    stands: Callable[[Owner], bool]


def refuse_hindered(owner: Owner, hindrances: Sequence[Hindrance]) -> None:
    """Raise OwnershipError with the first hindrance that stands."""
    for hindrance in hindrances:
        if hindrance.stands(owner):
            raise OwnershipError(hindrance.code, str(hindrance.sentence))


class OvertakenError(Exception):
    """A step found something that an earlier one had ended: it came in between, and all begins anew."""


def erase_owner(*, owner_id: int, now: dt.datetime, steps: Sequence[Step]) -> None:
    """Run every step, each in a transaction of its own; broken off, it is taken up by running it again.

    Hindrances are the caller's: who restores a backup asks none. The last steps of the list empty the owner's
    row and leave the tombstone; from then on the owner is given nothing. What they were given between the steps
    is met by a second run, and a third; after that OvertakenError is raised, and whoever runs it comes again.
    """
    for _run in range(RUNS - 1):
        try:
            return _run_steps(owner_id, now, steps)
        except OvertakenError:
            continue
    return _run_steps(owner_id, now, steps)


def _run_steps(owner_id: int, now: dt.datetime, steps: Sequence[Step]) -> None:
    owner: Owner = Owner.objects.select_related("person", "brand").get(pk=owner_id)
    for step in steps:
        with transaction.atomic():
            step.run(owner, now)
