"""Coming back to one's own things: whom an address lets in, and what follows from the code."""

import datetime as dt
from collections.abc import Iterable

from allauth.account.authentication import AUTHENTICATION_METHODS_SESSION_KEY
from django.http import HttpRequest
from django.utils.http import url_has_allowed_host_and_scheme

from experiences.contact import Contact
from experiences.devices import DeviceKey
from experiences.registering import finish_registration, waiting_registrations
from ownership.contacts import person_with
from ownership.errors import OwnershipError
from ownership.models.registrations import ContactKind
from products.models import Device, Person
from products.services.devices import devices_known_as, remember_device, renew_device

ENTER_KEY = "entering"  # in the session: where to go on to, and whose look it all has
_LONGEST = 2_000  # characters of an address on this site


def safe_next(request: HttpRequest) -> str:
    """Return the page on this very site that was asked for before the code; '' where none was, or a foreign one."""
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    is_ours = wanted.startswith("/") and url_has_allowed_host_and_scheme(wanted, allowed_hosts=None)
    return wanted if is_ours and len(wanted) <= _LONGEST else ""


def person_reached_at(contact: Contact, devices: Iterable[Device]) -> Person | None:
    """Return whom a code to this address lets in; None where that is nobody.

    That is who has confirmed it; else somebody whom this very browser is remembered for, and who
    registered with it. Staff come in by their own door, with their second factor.
    """
    known = person_with(contact.kind, contact.value)
    if known is None:
        people = [device.person for device in devices]
        waiting = waiting_registrations(people, contact.kind, contact.value).select_related("person").first()
        known = waiting.person if waiting else None
    return known if known and known.is_active and not known.is_staff else None


def waiting_here(
    people: Iterable[Person | None], kind: str, contact: str, devices: tuple[DeviceKey, ...]
) -> list[int]:
    """Return the registrations that wait for this address: sent by these people, or in this browser."""
    known = devices_known_as({key.id: key.epoch for key in devices})
    senders = [*(person for person in people if person), *(device.person for device in known)]
    return list(waiting_registrations(senders, kind, contact).values_list("pk", flat=True))


def confirm_each(
    registration_ids: Iterable[int], *, person: Person, devices: tuple[DeviceKey, ...], now: dt.datetime
) -> None:
    """Confirm the registrations: one code for an address is enough for all that waits for it."""
    for registration_id in registration_ids:
        try:
            finish_registration(registration_id=registration_id, person=person, now=now, devices=devices)
        except OwnershipError:  # it was erased meanwhile
            continue


def address_entered(request: HttpRequest) -> Contact | None:
    """Return the address whose code was entered last in this session."""
    last = (request.session.get(AUTHENTICATION_METHODS_SESSION_KEY) or [{}])[-1]
    if last.get("method") != "code":
        return None
    if last.get("email"):
        return Contact(ContactKind.EMAIL, last["email"])
    return Contact(ContactKind.PHONE, last["phone"]) if last.get("phone") else None


def device_for(person: Person, keys: tuple[DeviceKey, ...], *, now: dt.datetime) -> Device:
    """Return this browser's own device row of the person, brought up to date, or a new one."""
    known = devices_known_as({key.id: key.epoch for key in keys})
    own = [device for device in known if device.person_id == person.pk]
    for device in own:
        renew_device(device_id=device.pk, now=now)
    return own[0] if own else remember_device(person=person, now=now)
