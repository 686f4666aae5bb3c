"""Registering on the tap page: ownership, coverage and this browser, in one transaction; then the code to the address."""

import datetime as dt
import enum
import logging
from dataclasses import dataclass

from allauth.account.authentication import AUTHENTICATION_METHODS_SESSION_KEY
from allauth.account.internal.flows.login_by_code import LoginCodeVerificationProcess
from allauth.account.internal.stagekit import LOGIN_SESSION_KEY, clear_login
from allauth.account.models import EmailAddress
from allauth.core import ratelimit
from django.contrib.auth import logout
from django.db import transaction
from django.http import HttpRequest

from experiences.mail import SEND_ERRORS
from experiences.messages import ask_for_message
from experiences.models import MessageKind
from ownership.models import Registration
from ownership.models.registrations import ContactKind, Proof, RegistrationState
from ownership.services.registrations import RegistrationForm, confirm_registration, send_registration
from products.limits import Limit
from products.models import Device, Person
from products.services.devices import remember_device
from warranty.services import activate_coverage

SESSION_KEY = "registration"
# Registrations by printed code: no tap stands behind them, so scripts could send them by the thousand.
PER_ADDRESS = Limit("register-address", most=30, seconds=60 * 60)
PER_UNIT = Limit("register-unit", most=10, seconds=60 * 60)
# Counted beside allauth's five tries per code, which many requests at once could outrun.
GUESSES = Limit("registration-code", most=10, seconds=900)
log = logging.getLogger(__name__)


class CodeOutcome(enum.StrEnum):
    """What became of a one-time code."""

    SENT = "sent"
    WAIT = "wait"  # too many were sent to this address lately
    FAILED = "failed"  # the mail server or the text message gateway did not take it
    GONE = "gone"  # too old, or mistyped too often


@dataclass(frozen=True, slots=True)
class Registered:
    """What came of it: the registration, and the device to remember where the holder is owner now."""

    registration: Registration
    device: Device | None


@transaction.atomic
def register_unit(
    *, unit_id: int, form: RegistrationForm, proof: Proof, now: dt.datetime, device: Device | None = None
) -> Registered:
    """Register the unit and, if that made its holder the owner, activate coverage and remember the browser.

    `device`: the browser's own, where it is remembered for somebody already.
    Raises OwnershipError as `send_registration` does. The same form again returns the same registration.
    """
    remembered = device.person if device else None
    registration = send_registration(unit_id=unit_id, form=form, proof=proof, now=now, remembered=remembered)
    if registration.state != RegistrationState.OWNED or proof is not Proof.HOLDING:
        return Registered(registration, None)  # the code to the address tells whose browser this is
    return _owned(registration, now, device)


@transaction.atomic
def finish_registration(*, registration_id: int, person: Person, now: dt.datetime) -> Registered:
    """The code was entered: confirm the address, and activate what waited for it. Twice changes nothing."""
    registration = confirm_registration(registration_id=registration_id, person=person, now=now)
    if registration.state != RegistrationState.CONFIRMED or registration.person != person:
        return Registered(registration, None)
    return _owned(registration, now)


def _owned(registration: Registration, now: dt.datetime, device: Device | None = None) -> Registered:
    if registration.person is None:  # erased
        return Registered(registration, None)
    activate_coverage(unit_id=registration.unit_id, now=now)
    if registration.ownership_id:
        ask_for_message(registration=registration, kind=MessageKind.REGISTERED, now=now)
    if device is None or device.person_id != registration.person.pk:
        device = remember_device(person=registration.person, now=now)
    return Registered(registration, device)


def send_code(request: HttpRequest, registration: Registration) -> CodeOutcome:
    """Send the one-time code to the registration's address, and say what became of it.

    The code goes to the person who has confirmed the address before, if there is one, else to the
    provisional one: the visitor can't tell which.
    """
    if request.session.get(SESSION_KEY) != registration.pk:
        clear_login(request)  # a code for another address must not confirm this one
    request.session[SESSION_KEY] = registration.pk
    if not ratelimit.consume(request, action="request_login_code", key=registration.contact.lower()):
        return CodeOutcome.WAIT
    if request.user.is_authenticated:
        logout(request)
        request.session[SESSION_KEY] = registration.pk
    person = known_person(registration.contact_kind, registration.contact) or registration.person
    address = {"email" if registration.contact_kind == ContactKind.EMAIL else "phone": registration.contact}
    try:
        LoginCodeVerificationProcess.initiate(request=request, user=person, **address)
    except SEND_ERRORS as error:
        # Only what kind of error: servers like to repeat the address in their answers.
        log.warning("The code of registration %s was not sent: %s", registration.pk, type(error).__name__)
        return CodeOutcome.FAILED
    return CodeOutcome.SENT


def code_is_under_way(request: HttpRequest) -> bool:
    """Whether this browser may enter a code: one was sent, and is neither used up nor given up."""
    return LOGIN_SESSION_KEY in request.session


def registration_in(request: HttpRequest) -> Registration | None:
    """Return what is being registered in this browser."""
    found: Registration | None = Registration.objects.filter(pk=request.session.get(SESSION_KEY, 0)).first()
    return found


def confirmed_person(request: HttpRequest, registration: Registration) -> Person | None:
    """Return whose address the registration's is, if the code that was sent to it was entered in this browser."""
    person = request.user if isinstance(request.user, Person) else None
    known = known_person(registration.contact_kind, registration.contact)
    if person is None or person == known:
        return person
    last = (request.session.get(AUTHENTICATION_METHODS_SESSION_KEY) or [{}])[-1]
    by_code = last.get("method") == "code" and last.get(registration.contact_kind) == registration.contact
    # Somebody confirmed the address elsewhere while this code was under way: both have read its mail.
    return (known or person) if by_code else None


def known_person(kind: str, contact: str) -> Person | None:
    """Return the person who has confirmed this address."""
    if kind == ContactKind.EMAIL:
        address = (
            EmailAddress.objects.filter(email__iexact=contact, verified=True).select_related("user").first()
        )
        return address.user if address else None
    person: Person | None = Person.objects.filter(phone=contact, phone_verified=True).first()
    return person
