"""Ways in to one's own things that are added later: each is told where one is reached already."""

import datetime as dt
from enum import StrEnum

from django.db import transaction
from django.http import HttpRequest

from experiences.contact import Contact
from experiences.details import Known, addresses_of, written_to
from experiences.languages import language_of
from experiences.messages import ask_for_letter
from experiences.models import MessageKind
from experiences.passkeys import add_passkey
from ownership.models import Owner
from ownership.services.details import add_address, note_ways_in
from products.models import Person
from products.services.passkeys import remove_passkey


class WayIn(StrEnum):
    """What opens one's things from now on."""

    ADDRESS = "address"
    PASSKEY = "passkey"


@transaction.atomic
def add_own_address(*, person: Person, contact: Contact, now: dt.datetime) -> None:
    """Add an address whose code was entered; the others are told. Raises OwnershipError as `add_address` does."""
    before = addresses_of(person)
    add_address(person_id=person.pk, contact_kind=contact.kind, contact=contact.value, now=now)
    if contact.value not in [known.value for known in before if known.is_confirmed]:
        _tell(person, WayIn.ADDRESS, before, now)


@transaction.atomic
def keep_own_passkey(request: HttpRequest, person: Person, *, now: dt.datetime) -> bool:
    """Keep the passkey that the browser made, and tell every address; return whether it was asked for here."""
    made = add_passkey(request, person)
    if made:
        note_ways_in(person=person, changed="passkeys", now=now)
        _tell(person, WayIn.PASSKEY, addresses_of(person), now)
    return made


@transaction.atomic
def drop_own_passkey(*, person: Person, passkey_id: int, now: dt.datetime) -> bool:
    """Take one passkey away; return whether it was the person's."""
    gone = remove_passkey(person=person, passkey_id=passkey_id)
    if gone:
        note_ways_in(person=person, changed="passkeys", now=now)
    return gone


def _tell(person: Person, way: WayIn, addresses: list[Known], now: dt.datetime) -> None:
    """Write to each confirmed address once, as the brand that writes there, else as the first that knows the person."""
    owners = list(Owner.objects.filter(person=person).select_related("brand").order_by("pk"))
    for known in addresses:
        if known.is_confirmed and owners:
            owner = next((one for one in owners if written_to(one, [known])), owners[0])
            ask_for_letter(
                kind=MessageKind.NEW_WAY_IN, brand_id=owner.brand_id, about_id=known.pk, owner_id=owner.pk,
                locale=language_of(owner), number=f"{known.kind.value}-{way.value}-{int(now.timestamp())}", now=now,
            )  # fmt: skip
