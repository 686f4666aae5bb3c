"""Registering for somebody else, at the till or for a caller, and the link by which they confirm their address."""

import datetime as dt
from collections.abc import Sequence

from django.core.signing import BadSignature, TimestampSigner
from django.db import transaction

from analytics.services import lock_unit
from experiences.devices import DeviceKey
from experiences.messages import ask_for_message
from experiences.models import MessageKind
from experiences.registering import Registered, finish_registration
from ownership.contacts import add_confirmed, person_with
from ownership.models import ConsentWording, Registration
from ownership.models.registrations import Proof, RegistrationState
from ownership.services import record_sale
from ownership.services.registrations import RegistrationForm, refuse_unregistrable
from ownership.services.vouching import register_for
from warranty.services import activate_coverage

LINK_WORKS = dt.timedelta(days=60)


@transaction.atomic
def activate_at_till(
    *,
    unit_id: int,
    sold_on: dt.date | None,
    market: str,
    form: RegistrationForm | None,
    wordings: Sequence[ConsentWording] = (),
    now: dt.datetime,
    actor_id: int,
) -> Registration | None:
    """Record the sale, activate coverage and, where the customer left an address, make them the owner.

    `sold_on`: None where the sale is on record already. Without a form the unit is sold and covered, and whoever
    unpacks it registers it. Sent twice it is done once. Raises OwnershipError as `record_sale` and
    `send_registration` do.
    """
    unit = lock_unit(unit_id)
    if sold_on is not None:
        record_sale(unit=unit, sold_on=sold_on, market=market, now=now, actor_id=actor_id)
    if form is None:
        refuse_unregistrable(lock_unit(unit_id))
        activate_coverage(unit_id=unit_id, now=now)
        return None
    return register_for_somebody(
        unit_id=unit_id, form=form, proof=Proof.TILL, wordings=wordings, now=now, actor_id=actor_id
    )


@transaction.atomic
def register_for_somebody(
    *,
    unit_id: int,
    form: RegistrationForm,
    proof: Proof,
    wordings: Sequence[ConsentWording] = (),
    now: dt.datetime,
    actor_id: int,
) -> Registration:
    """Register the unit for who has the form's address, activate coverage, and ask them to confirm the address.

    Raises OwnershipError as `register_for` does.
    """
    registration = register_for(
        unit_id=unit_id, form=form, proof=proof, wordings=wordings, now=now, actor_id=actor_id
    )
    activate_coverage(unit_id=unit_id, now=now)
    ask_for_message(registration=registration, kind=MessageKind.AGENT_REGISTERED, now=now)
    return registration


def confirm_token(registration: Registration) -> str:
    """Return what stands in the link of the message: the registration's number, signed for its address."""
    return _signer(registration.contact).sign(str(registration.pk))


def registration_of_token(token: str) -> Registration | None:
    """Return the registration whose address got this link.

    None where the link is none of ours, too old, or was for an address that was corrected since.
    """
    number = token.partition(":")[0]
    if not (number.isascii() and number.isdigit() and len(number) <= 18):
        return None
    rows = Registration.objects.select_related("unit", "brand", "person", "owner")
    found: Registration | None = rows.filter(pk=int(number)).first()
    if found is None:
        return None
    try:
        _signer(found.contact).unsign(token, max_age=LINK_WORKS)
    except BadSignature:
        return None
    return found


def _signer(contact: str) -> TimestampSigner:
    return TimestampSigner(salt=f"confirm-by-link:{contact}")


@transaction.atomic
def confirm_by_link(
    *, registration: Registration, now: dt.datetime, devices: tuple[DeviceKey, ...] = ()
) -> Registered:
    """Whoever opened the message's link and pressed the button reads what goes to the address: it is theirs.

    The link works once: afterwards it lets nobody in. Raises OwnershipError `forgotten` where the
    registration was erased meanwhile.
    """
    lock_unit(registration.unit_id)
    standing = Registration.objects.select_related("person").filter(
        pk=registration.pk, state=RegistrationState.OWNED
    )
    current: Registration | None = standing.first()
    if current is None or current.person is None:
        return Registered(registration, None)
    kind, contact = current.contact_kind, current.contact
    person = person_with(kind, contact) or current.person
    if person.pk == current.person_id:
        add_confirmed(person, kind, contact, now=now)
    return finish_registration(registration_id=current.pk, person=person, now=now, devices=devices)
