"""What owners change about themselves: their names, their addresses, and which of these a brand writes to."""

import datetime as dt

from allauth.account.models import EmailAddress
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from analytics.kinds import EventKind
from analytics.services import NewEvent, record_event
from ownership.contacts import add_confirmed, has_confirmed
from ownership.errors import OwnershipError
from ownership.models import Owner
from ownership.models.registrations import ContactKind
from ownership.services.addresses import COLUMN
from ownership.services.group_letters import renew_owner_codes
from products.models import Person, PhoneNumber


@transaction.atomic
def change_details(
    *,
    owner_id: int,
    person: Person,
    name: str,
    locale: str,
    contact_kind: ContactKind | None,
    contact: str,
    now: dt.datetime,
) -> list[str]:
    """Change what a brand knows of its owner; return the fields that are different now.

    `contact`: which of the person's confirmed addresses the brand writes to from now on; with
    `contact_kind` None it stays as it is. Raises OwnershipError `unconfirmed`.
    """
    owner: Owner = Owner.objects.select_for_update().get(pk=owner_id)
    values: dict[str, object] = {"name": name, "locale": locale}
    if contact_kind is not None and contact != getattr(owner, COLUMN[contact_kind]):
        if not has_confirmed(person, contact_kind, contact):
            raise OwnershipError(
                "unconfirmed", _("Confirm this address first, by the code that we send to it.")
            )
        values |= {**dict.fromkeys(COLUMN.values(), ""), COLUMN[contact_kind]: contact, "bounced_at": None}
    return _change(owner, values, person, now)


def _change(owner: Owner, values: dict[str, object], person: Person, now: dt.datetime) -> list[str]:
    changed = [field for field, value in values.items() if getattr(owner, field) != value]
    if changed:
        Owner.objects.filter(pk=owner.pk).update(**{field: values[field] for field in changed})
        if {"email", "phone"} & set(changed):
            renew_owner_codes(owner)  # a letter to the address of before acts for the owner no longer
        record_event(
            NewEvent(
                EventKind.OWNER_CHANGED, owner.brand_id, now, owner_id=owner.pk, actor_id=person.pk,
                data={"fields": sorted(changed)},
            ),
            now=now,
        )  # fmt: skip
    return changed


@transaction.atomic
def add_address(*, person_id: int, contact_kind: ContactKind, contact: str, now: dt.datetime) -> list[int]:
    """Add an address whose code was entered. Brands whose mail came back write to it from now on; return their owners.

    Raises OwnershipError `taken`: somebody else has confirmed it.
    """
    person: Person = Person.objects.select_for_update().get(pk=person_id)
    try:
        with transaction.atomic():
            add_confirmed(person, contact_kind, contact, now=now)
    except IntegrityError as error:
        raise OwnershipError(
            "taken", _("Other things are registered with this address. Enter with it to see them.")
        ) from error
    unreached = Owner.objects.select_for_update().filter(person=person, bounced_at__isnull=False)
    for owner in unreached:
        values: dict[str, object] = {
            **dict.fromkeys(COLUMN.values(), ""),
            COLUMN[contact_kind]: contact,
            "bounced_at": None,
        }
        _change(owner, values, person, now)
    note_ways_in(person=person, changed="addresses", now=now)
    return [owner.pk for owner in unreached]


def note_ways_in(*, person: Person, changed: str, now: dt.datetime) -> None:
    """Note at each brand of the person that what opens their things is different now; call it in a transaction."""
    for owner in Owner.objects.filter(person=person).order_by("pk"):
        record_event(
            NewEvent(
                EventKind.OWNER_CHANGED, owner.brand_id, now, owner_id=owner.pk, actor_id=person.pk,
                data={"fields": [changed]},
            ),
            now=now,
        )  # fmt: skip


@transaction.atomic
def remove_address(*, person_id: int, contact_kind: ContactKind, contact: str, now: dt.datetime) -> None:
    """Take an address away; one that is gone already changes nothing.

    Raises OwnershipError: `last` (no other confirmed one would be left), `written_to` (a brand writes to it).
    """
    person: Person = Person.objects.select_for_update().get(pk=person_id)
    emails = EmailAddress.objects.filter(user=person)
    numbers = PhoneNumber.objects.filter(person=person)
    is_email = contact_kind is ContactKind.EMAIL
    row = emails.filter(email=contact).first() if is_email else numbers.filter(number=contact).first()
    if row is None:
        return
    others = [one.pk for one in emails.filter(verified=True) if one != row]
    others += [one.pk for one in numbers.confirmed() if one != row]
    if not others:
        raise OwnershipError(
            "last", _("This is the only address by which we know you. Add another one first.")
        )
    writing = (
        Owner.objects.filter(person=person, **{COLUMN[contact_kind]: contact}).select_related("brand").first()
    )
    if writing is not None:
        raise OwnershipError(
            "written_to",
            _("%(brand)s writes to this address. Choose another one for it first.")
            % {"brand": writing.brand.name},
        )
    row.delete()
    note_ways_in(person=person, changed="addresses", now=now)
