"""An owner's details as they stand, and changing them with all that follows: the old address is told."""

import datetime as dt
from dataclasses import dataclass

from allauth.account.models import EmailAddress
from django.db import transaction

from experiences.languages import language_of
from experiences.messages import ask_for_letter
from experiences.models import MessageKind
from ownership.models import Owner
from ownership.models.registrations import ContactKind
from ownership.services.details import change_details
from products.models import Person, PhoneNumber


@dataclass(frozen=True, slots=True)
class Known:
    """One of a person's addresses; `key` tells it from the others in a form."""

    kind: ContactKind
    pk: int
    value: str
    is_confirmed: bool

    @property
    def key(self) -> str:
        return f"{self.kind.value}-{self.pk}"


def addresses_of(person: Person) -> list[Known]:
    """Return the person's addresses, e-mail first."""
    emails = EmailAddress.objects.filter(user=person).order_by("pk")
    numbers = PhoneNumber.objects.filter(person=person).order_by("pk")
    return [
        *(Known(ContactKind.EMAIL, row.pk, row.email, row.verified) for row in emails),
        *(Known(ContactKind.PHONE, row.pk, row.number, row.verified_at is not None) for row in numbers),
    ]


def written_to(owner: Owner, addresses: list[Known]) -> Known | None:
    """Return which of the addresses the brand writes to: the e-mail address where it has one."""
    kind, value = (ContactKind.EMAIL, owner.email) if owner.email else (ContactKind.PHONE, owner.phone)
    same = (known for known in addresses if (known.kind, known.value.lower()) == (kind, value.lower()))
    return next(same, None)


@transaction.atomic
def save_details(
    *, owner: Owner, person: Person, name: str, locale: str, address: Known | None, now: dt.datetime
) -> None:
    """Change what the brand knows; where it writes to another address now, the old one is told.

    Raises OwnershipError as `change_details` does.
    """
    old = written_to(owner, addresses_of(person))
    kind, contact = (address.kind, address.value) if address else (None, "")
    changed = change_details(
        owner_id=owner.pk,
        person=person,
        name=name,
        locale=locale,
        contact_kind=kind,
        contact=contact,
        now=now,
    )
    if old is not None and {"email", "phone"} & set(changed):
        _tell(owner, old, locale, now)


def _tell(owner: Owner, old: Known, locale: str, now: dt.datetime) -> None:
    ask_for_letter(
        kind=MessageKind.ADDRESS_CHANGED,
        brand_id=owner.brand_id,
        about_id=old.pk,
        owner_id=owner.pk,
        locale=locale or language_of(owner),
        # The same address may be replaced at several brands, and again later.
        number=f"{old.kind.value}-{owner.pk}-{int(now.timestamp())}",
        now=now,
    )
