"""Who looks at their own things: the people of this browser, what they act for, and whether a code is due first.

There are two ways in: a session that began with a one-time code, and the device cookie. A browser that was
silent for 90 days shows nothing personal before a code was entered in it (the trust ladder).
"""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from django.http import HttpRequest

from experiences.codes import owner_in_session
from experiences.devices import devices_of
from ownership.models import Member, Owner
from ownership.models.owners import MemberRole
from products.models import Device, Person
from products.services.devices import SILENT, devices_known_as


@dataclass(frozen=True, slots=True)
class Me:
    """The people whom this browser may act for now; `stale` those for whom it has to show a code first."""

    people: tuple[Person, ...]
    stale: tuple[Person, ...]
    devices: tuple[Device, ...]
    by_code: Person | None  # who entered a code in this session

    @property
    def needs_code(self) -> bool:
        """Whether a code would open what is shut now."""
        return not self.people

    @property
    def person(self) -> Person | None:
        """Whose details are meant where a page is one person's: who entered a code, else the newest device's."""
        return self.people[0] if self.people else None

    def owners(self) -> list[Owner]:
        """Return what these people act for, at all brands, with the brand."""
        return list(Owner.objects.of_people(self.people).select_related("brand").order_by("pk"))

    def acts_for(self, owner_id: int | None) -> Owner | None:
        """Return the owner with this number if these people act for it."""
        if owner_id is None or not self.people:
            return None
        found: Owner | None = Owner.objects.of_people(self.people).filter(pk=owner_id).first()
        return found

    def looks_after(self, owner: Owner) -> bool:
        """Whether these people may pass the owner's things on and change its data: a member who only uses them may not."""
        if owner.person_id is not None:
            return any(person.pk == owner.person_id for person in self.people)
        return Member.objects.filter(
            owner=owner, person__in=_ids(self.people), role=MemberRole.ADMIN
        ).exists()


def me_of(request: HttpRequest, *, now: dt.datetime) -> Me:
    """Return who looks. A session of staff shows nobody's things: their own need the code to their own address."""
    devices = devices_known_as({key.id: key.epoch for key in devices_of(request)})
    devices.sort(key=lambda device: device.last_used_at, reverse=True)
    by_code = owner_in_session(request)
    fresh = [device.person for device in devices if now - device.last_used_at < SILENT]
    people = _once([*([by_code] if by_code else []), *fresh])
    stale = _once(device.person for device in devices if device.person not in people)
    return Me(people, stale, tuple(devices), by_code)


def _once(people: Iterable[Person]) -> tuple[Person, ...]:
    return tuple({person.pk: person for person in people}.values())


def _ids(people: Iterable[Person]) -> list[int]:
    return [person.pk for person in people]
