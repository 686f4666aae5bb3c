"""Registering on the tap page: ownership, coverage and this browser, in one transaction; then the code to the address."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from allauth.account.authentication import AUTHENTICATION_METHODS_SESSION_KEY
from allauth.account.internal.stagekit import clear_login
from django.db import transaction
from django.db.models import Q, QuerySet
from django.http import HttpRequest

from experiences.codes import CodeOutcome, begin_code, reader_in_session
from experiences.devices import DeviceKey
from experiences.messages import ask_for_message
from experiences.models import MessageKind
from experiences.tap import Tap
from experiences.transfer_letters import send_receipts
from ownership.contacts import person_with
from ownership.models import Registration, Transfer
from ownership.models.registrations import ContactKind, Proof, RegistrationState
from ownership.services.registrations import RegistrationForm, confirm_registration, send_registration
from products.limits import Limit
from products.models import Device, Person
from products.services.devices import devices_known_as, remember_device
from warranty.services import activate_coverage

SESSION_KEY = "registration"
# Registrations by printed code: no tap stands behind them, so scripts could send them by the thousand. Nobody at
# one address uses up what a unit has room for, so that its buyer is not shut out; and who holds it is not counted.
PER_ADDRESS = Limit("register-address", most=30, seconds=60 * 60)
PER_ADDRESS_AND_UNIT = Limit("register-address-unit", most=6, seconds=60 * 60)
PER_UNIT = Limit("register-unit", most=60, seconds=60 * 60)
# Each sends a code to an address of the typist's choosing.
CORRECTIONS = Limit("registration-correction", most=5, seconds=60 * 60)


@dataclass(frozen=True, slots=True)
class Registered:
    """What came of it: the registration, and the device to remember where the holder is owner now."""

    registration: Registration
    device: Device | None


@transaction.atomic
def register_unit(
    *,
    unit_id: int,
    form: RegistrationForm,
    proof: Proof,
    now: dt.datetime,
    devices: tuple[DeviceKey, ...] = (),
    transfer: Transfer | None = None,
    beside: Iterable[Person] = (),
) -> Registered:
    """Register the unit and, if that made its holder the owner, activate coverage and remember the browser.

    `devices`: the browser's own keys, where it is remembered for somebody already. `transfer`: the offer of the
    owner so far that is accepted; coverage then goes on as it was, and both sides get a receipt. `beside`: who accepted
    what was offered together with it in this very form.
    Raises OwnershipError as `send_registration` does. The same form again returns the same registration.
    """
    known = devices_known_as({key.id: key.epoch for key in devices})
    remembered = [*(device.person for device in known), *beside]
    registration = send_registration(
        unit_id=unit_id, form=form, proof=proof, now=now, remembered=remembered, transfer=transfer
    )
    if registration.state != RegistrationState.OWNED or proof is not Proof.HOLDING:
        return Registered(registration, None)  # the code to the address tells whose browser this is
    return _owned(registration, now, known)


@transaction.atomic
def finish_registration(
    *, registration_id: int, person: Person, now: dt.datetime, devices: tuple[DeviceKey, ...] = ()
) -> Registered:
    """The code was entered: confirm the address, and activate what waited for it. Twice changes nothing."""
    registration = confirm_registration(registration_id=registration_id, person=person, now=now)
    if registration.state != RegistrationState.CONFIRMED or registration.person != person:
        return Registered(registration, None)
    return _owned(registration, now, devices_known_as({key.id: key.epoch for key in devices}))


def _owned(registration: Registration, now: dt.datetime, known: Iterable[Device]) -> Registered:
    if registration.person is None:  # erased
        return Registered(registration, None)
    if registration.transfer_id is None:
        # Not of what was returned or passed on while the code was under way.
        if registration.ownership is None or registration.ownership.until is None:
            activate_coverage(unit_id=registration.unit_id, now=now)
        if registration.ownership_id:
            ask_for_message(registration=registration, kind=MessageKind.REGISTERED, now=now)
    elif registration.ownership_id:
        send_receipts(Transfer.objects.get(pk=registration.transfer_id), now)
    own = (device for device in known if device.person_id == registration.person_id)
    device = next(own, None) or remember_device(person=registration.person, now=now)
    return Registered(registration, device)


def ask_to_confirm(request: HttpRequest, registration: Registration, *, now: dt.datetime) -> CodeOutcome:
    """Have the address confirmed: at once where its own person did that before, else by a code sent to it."""
    known = person_with(registration.contact_kind, registration.contact)
    if registration.state == RegistrationState.OWNED and known and known.pk == registration.person_id:
        finish_registration(registration_id=registration.pk, person=known, now=now)
        return CodeOutcome.NEEDLESS
    return send_code(request, registration, known or registration.person)


def send_code(request: HttpRequest, registration: Registration, person: Person | None) -> CodeOutcome:
    """Send the one-time code to the registration's address, and say what became of it.

    `person`: who has confirmed the address before, if anybody has, else the provisional one. The
    visitor can't tell which.
    """
    if request.session.get(SESSION_KEY) != registration.pk:
        clear_login(request)  # a code for another address must not confirm this one
    request.session[SESSION_KEY] = registration.pk
    kind = ContactKind(registration.contact_kind)
    return begin_code(request, kind=kind, contact=registration.contact, person=person, keep=(SESSION_KEY,))


def unconfirmed_registration(tap: Tap) -> Registration | None:
    """Return how the owner who looks registered the unit, if that address still waits for its code."""
    if not tap.row.viewer_is_owner:
        return None
    found: Registration | None = Registration.objects.filter(
        unit=tap.row.unit_id, owner=tap.row.viewer_owner_id, state=RegistrationState.OWNED
    ).first()
    return found


def registration_in(request: HttpRequest) -> Registration | None:
    """Return what is being registered in this browser."""
    found: Registration | None = Registration.objects.filter(pk=request.session.get(SESSION_KEY, 0)).first()
    return found


def confirmed_person(request: HttpRequest, registration: Registration) -> Person | None:
    """Return whose address the registration's is, if the code that was sent to it was entered in this browser."""
    person = reader_in_session(request)
    known = person_with(registration.contact_kind, registration.contact)
    if person is None or person == known:
        return person
    last = (request.session.get(AUTHENTICATION_METHODS_SESSION_KEY) or [{}])[-1]
    by_code = last.get("method") == "code" and last.get(registration.contact_kind) == registration.contact
    # Somebody confirmed the address elsewhere while this code was under way: both have read its mail.
    return (known or person) if by_code else None


def waiting_registrations(people: Iterable[Person], kind: str, contact: str) -> QuerySet[Registration]:
    """Return what these people registered with this address, and what still waits for its code; the oldest first."""
    ids = [person.pk for person in people]
    waiting = (RegistrationState.OWNED, RegistrationState.PENDING)
    return Registration.objects.filter(
        Q(person__in=ids) | Q(owner__person__in=ids),
        contact_kind=kind,
        contact__iexact=contact,
        state__in=waiting,
    ).order_by("pk")
