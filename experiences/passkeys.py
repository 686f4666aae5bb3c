"""Passkeys: opening one's own things with the lock of one's device, where one has confirmed an address before.

A passkey is made for the host that was asked, and opens nothing at another (WebAuthn's relying party id). So
each remembers its host; on a brand's domain nothing is said of those that were made elsewhere.
"""

import struct
from dataclasses import dataclass
from typing import Any

from allauth.account.internal.flows.login import perform_login
from allauth.account.models import Login
from allauth.mfa.base.internal.flows import post_authentication
from allauth.mfa.models import Authenticator
from allauth.mfa.webauthn.forms import LoginWebAuthnForm, SignupWebAuthnForm
from allauth.mfa.webauthn.internal import auth
from django import forms
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from experiences.contact import masked
from experiences.details import Known, addresses_of
from experiences.requests import host_of
from products.limits import Limit, spend_if_room
from products.models import Person
from products.services.passkeys import passkeys_of

MOST = 10  # passkeys per person
TRIES = Limit("passkey-tries", most=60, seconds=600)
_LONGEST = 16_000  # characters of what a browser answers
_MAKING_KEY = "passkey_for"  # in the session: whose passkey is being made
# What reading a forged answer ends in: allauth and fido2 look for mistakes in its values, not in its shape.
_MISSHAPEN = (
    ValueError, TypeError, LookupError, AttributeError, OverflowError, AssertionError, RecursionError, struct.error
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Passkey:
    """A passkey as its owner sees it."""

    pk: int
    name: str
    host: str
    added: Any
    used: Any


def shown_passkeys(person: Person, host: str, *, everywhere: bool) -> list[Passkey]:
    """Return the person's passkeys, the newest first: those of this host, or of every one."""
    rows = [
        Passkey(row.pk, row.data.get("name", ""), row.data.get("host", ""), row.created_at, row.last_used_at)
        for row in passkeys_of(person)
    ]
    return [row for row in rows if everywhere or row.host == host]


def may_have_passkeys(person: Person, addresses: list[Known]) -> bool:
    """Whether the person with these addresses may add one.

    Before an address is confirmed only this very browser is the owner's, and passkeys travel between devices.
    Staff have their own way in, and a passkey of theirs is a second factor: it is added there.
    """
    if person.is_staff or not person.is_active:
        return False
    return any(address.is_confirmed for address in addresses)


def name_in_device(person: Person) -> str:
    """Return what the device lists the passkey under: no address in full, for whoever holds the telephone sees it."""
    confirmed = (address.value for address in addresses_of(person) if address.is_confirmed)
    return masked(next(confirmed, ""))


def begin_passkey(request: HttpRequest, person: Person) -> dict[str, Any]:
    """Return what the browser needs to make a passkey that stays in the device and asks for its lock."""
    request.session[_MAKING_KEY] = person.pk
    return auth.begin_registration(person, passwordless=True)


def add_passkey(request: HttpRequest, person: Person) -> bool:
    """Keep the passkey that the browser made; return whether it was one that was asked for here."""
    if request.session.pop(_MAKING_KEY, None) != person.pk or passkeys_of(person).count() >= MOST:
        return False
    form = SignupWebAuthnForm({"name": "-", "credential": _answer_in(request)}, user=person)
    if not _is_valid(form):
        return False
    name = " ".join(request.POST.get("name", "").replace("\x00", "").split())[:60]
    made = auth.WebAuthn.add(person, name or _("Passkey"), form.cleaned_data["credential"]).instance
    made.data["host"] = host_of(request)
    made.save(update_fields=["data"])
    return True


def begin_entering() -> dict[str, Any]:
    """Return what the browser needs to show a passkey of whoever holds it."""
    return auth.begin_authentication(user=None)


def passkey_shown(request: HttpRequest, visitor: str) -> Authenticator | None:
    """Return the passkey that the browser showed if it opens things here; staff's never does.

    `visitor`: whose tries are counted.
    """
    if not spend_if_room((TRIES, visitor)):
        return None
    form = LoginWebAuthnForm({"credential": _answer_in(request)})
    if not _is_valid(form):
        return None
    found: Authenticator = form.cleaned_data["credential"]
    return found if found.user.is_active and not found.user.is_staff else None


def enter_with(request: HttpRequest, passkey: Authenticator, *, keep: dict[str, Any]) -> HttpResponse:
    """Begin a session of the passkey's owner; whoever was logged in here is no longer.

    `keep`: what the new session begins with.
    """
    logout(request)
    request.session.update(keep)
    post_authentication(request, passkey, passwordless=True)
    login = Login(user=passkey.user, redirect_url=reverse("me_entered"))
    response: HttpResponse = perform_login(request, login)
    return response


def _answer_in(request: HttpRequest) -> str:
    answer = request.POST.get("credential", "")
    return answer if len(answer) <= _LONGEST and "\x00" not in answer else ""


def _is_valid(form: forms.Form) -> bool:
    try:
        return form.is_valid()
    except _MISSHAPEN:
        return False
