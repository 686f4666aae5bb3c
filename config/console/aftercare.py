"""What registering a unit began, for its page in the console: coverage, registration, consents, messages."""

import datetime as dt
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from django.db.models import Q

from experiences.models import Message
from ownership.models import Consent, Ownership, Registration
from products.days import day_in
from products.models import Device, Unit
from warranty.models import Coverage

MOST = 20  # rows of a kind


@dataclass(frozen=True, slots=True)
class Aftercare:
    """What the template shows; what is known of the owner is empty for who may not see it."""

    coverage: Coverage | None
    days_left: int  # days of cover after today; below 0 once it ran out
    registrations: tuple[Registration, ...]
    messages: tuple[Message, ...]
    consents: tuple[Consent, ...]
    devices: int

    @property
    def runs(self) -> bool:
        return self.coverage is not None and self.days_left >= 0


def read_aftercare(unit: Unit, ownership: Ownership | None, zone: ZoneInfo, now: dt.datetime) -> Aftercare:
    """Gather it in a fixed number of statements; `ownership` is None where the person may not see the owner."""
    coverage = Coverage.objects.filter(unit=unit).select_related("plan").first()
    return Aftercare(
        coverage=coverage,
        days_left=(coverage.ends_on - day_in(zone, now)).days if coverage else 0,
        registrations=tuple(Registration.objects.filter(unit=unit).defer("contact", "name")[:MOST]),
        messages=tuple(Message.objects.filter(unit=unit)[:MOST]),
        consents=_consents(ownership) if ownership else (),
        devices=_devices(ownership) if ownership else 0,
    )


def _consents(ownership: Ownership) -> tuple[Consent, ...]:
    return tuple(Consent.objects.filter(owner=ownership.owner_id).select_related("wording")[:MOST])


def _devices(ownership: Ownership) -> int:
    """Return in how many browsers the owner, or who acts for it, is remembered."""
    owner = ownership.owner_id
    whose = Q(person__owners=owner) | Q(person__memberships_of_owners__owner=owner)
    return Device.objects.filter(whose, revoked_at=None).distinct().count()
