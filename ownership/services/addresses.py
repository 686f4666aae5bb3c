"""Correcting an address before anybody confirmed it."""

import datetime as dt

from django.db import transaction
from django.utils.translation import gettext as _

from analytics.kinds import EventKind
from analytics.services import NewEvent, lock_unit, record_event
from ownership.contacts import add_unconfirmed, drop_all, has_confirmed
from ownership.errors import OwnershipError
from ownership.models import Owner, Registration
from ownership.models.registrations import ContactKind, RegistrationState
from products.models import Person

# The column of `Owner` in which an address of each kind stands.
COLUMN = {ContactKind.EMAIL: "email", ContactKind.PHONE: "phone"}


@transaction.atomic
def correct_address(
    *, registration_id: int, contact_kind: ContactKind, contact: str, now: dt.datetime
) -> Registration:
    """Put another address in the place of a mistyped one, wherever its provisional person stands.

    `contact` is normalised (small letters, or E.164). The same address again changes nothing. Raises
    OwnershipError `confirmed` where the address was confirmed meanwhile, or the person has one that is.
    """
    found: Registration = Registration.objects.get(pk=registration_id)
    lock_unit(found.unit_id)
    registration: Registration = Registration.objects.select_for_update().get(pk=registration_id)
    if registration.state != RegistrationState.OWNED or registration.person_id is None:
        raise _confirmed_already()
    old = (ContactKind(registration.contact_kind), registration.contact)
    if old == (contact_kind, contact):
        return registration
    person: Person = Person.objects.select_for_update().get(pk=registration.person_id)
    if has_confirmed(person):
        raise _confirmed_already()
    _readdress(person, old, (contact_kind, contact))
    registration.contact_kind, registration.contact = contact_kind, contact
    data = {"contact": contact_kind.value}
    record_event(
        NewEvent(
            EventKind.REGISTRATION_CORRECTED, registration.brand_id, now, unit_id=registration.unit_id,
            owner_id=registration.owner_id, data=data,
        ),
        now=now,
    )  # fmt: skip
    return registration


def _readdress(person: Person, old: tuple[ContactKind, str], new: tuple[ContactKind, str]) -> None:
    """Change it for the person, for their owner rows, and for all that they sent with it and did not confirm."""
    (old_kind, old_contact), (kind, contact) = old, new
    waiting = Registration.objects.filter(
        person=person, contact_kind=old_kind, contact=old_contact,
        state__in=(RegistrationState.OWNED, RegistrationState.PENDING),
    )  # fmt: skip
    waiting.update(contact_kind=kind, contact=contact)
    # Where staff wrote down another one meanwhile, theirs stays.
    owners = Owner.objects.filter(person=person, **{COLUMN[old_kind]: old_contact})
    owners.update(**{COLUMN[old_kind]: "", COLUMN[kind]: contact})
    drop_all(person)
    add_unconfirmed(person, kind, contact)


def _confirmed_already() -> OwnershipError:
    return OwnershipError("confirmed", _("Your address is confirmed already, so it can't be changed here."))
