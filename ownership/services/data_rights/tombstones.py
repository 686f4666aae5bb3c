"""Backups can't be edited: the numbers of who was erased are kept beside them, and a restored one is erased again.

A number alone could mean somebody else after a restore, since the database counts on from where the backup
ended. Each line therefore says since when the owner was known, and nobody else is touched.
"""

import datetime as dt
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from django.db.models import Q

from ownership.models import Owner, Tombstone
from ownership.services.data_rights.erasure import Step, erase_owner
from ownership.services.data_rights.steps import delete_person_without_things
from products.models import Person


@dataclass(frozen=True, slots=True)
class Stone:
    """One erased owner, in numbers and times alone."""

    owner_id: int
    person_id: int | None
    known_since: dt.datetime
    erased_at: dt.datetime

    def as_line(self) -> str:
        return json.dumps(
            {
                "owner": self.owner_id,
                "person": self.person_id,
                "known_since": self.known_since.isoformat(),
                "erased_at": self.erased_at.isoformat(),
            }
        )


def list_stones() -> Iterator[Stone]:
    """Yield every erased owner, the oldest first."""
    since = dict(
        Owner.objects.filter(pk__in=Tombstone.objects.values("owner_id")).values_list("pk", "created_at")
    )
    for stone in Tombstone.objects.order_by("pk").iterator(chunk_size=2000):
        if stone.owner_id in since:
            yield Stone(stone.owner_id, stone.person_id, since[stone.owner_id], stone.erased_at)


def read_stones(lines: Iterable[str]) -> Iterator[Stone]:
    """Read what `list_tombstones` wrote. Raises ValueError with the number of a line that is none."""
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
            times = (dt.datetime.fromisoformat(row[key]) for key in ("known_since", "erased_at"))
            person = row["person"]
            yield Stone(int(row["owner"]), None if person is None else int(person), *times)
        except (ValueError, KeyError, TypeError) as error:
            raise ValueError(f"Line {number} is no tombstone.") from error


def erase_again(*, stones: Iterable[Stone], steps: Sequence[Step], now: dt.datetime) -> int:
    """Erase whom a backup brought back; return how many owners. Twice changes nothing."""
    count = 0
    for stone in stones:
        owner = Owner.objects.filter(pk=stone.owner_id, created_at=stone.known_since).first()
        if owner is None:
            continue
        came_back = bool(owner.person_id or owner.name or owner.email or owner.phone)
        if came_back or not Tombstone.objects.filter(owner_id=owner.pk).exists():
            erase_owner(owner_id=owner.pk, now=now, steps=steps)
            count += 1
        _erase_person(stone, now)
    return count


def _erase_person(stone: Stone, now: dt.datetime) -> None:
    """The person may have come back while their owner row did not name them any more."""
    if stone.person_id is None:
        return
    known_then = Q(date_joined__lte=stone.erased_at)
    person = Person.objects.filter(known_then, pk=stone.person_id).first()
    if person is not None and not person.owners.exists():
        delete_person_without_things(person, now=now)
