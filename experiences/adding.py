"""Adding an address to one's own: a code goes to it, and it counts once that was entered in the same browser."""

import logging
import time
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from allauth.account.adapter import get_adapter
from allauth.core import ratelimit
from allauth.core.internal.cryptokit import compare_user_code
from django.conf import settings
from django.http import HttpRequest

from experiences.codes import GUESSES, CodeOutcome
from experiences.contact import Contact
from experiences.mail import SEND_ERRORS
from ownership.models.registrations import ContactKind
from products.limits import give_back, spend_if_room
from products.models import Person

ADD_KEY = "adding_address"
MOST_TRIES = 5
log = logging.getLogger(__name__)


class Entry(StrEnum):
    """What became of an entered code."""

    RIGHT = "right"
    WRONG = "wrong"
    GONE = "gone"  # too old, mistyped too often, or there was none


@dataclass(frozen=True, slots=True)
class Adding:
    """The address that waits for its code in this browser."""

    contact: Contact
    mistyped: str


def begin_adding(request: HttpRequest, person: Person, contact: Contact) -> CodeOutcome:
    """Send a code to the address, and say what became of it. An address that others have gets one, too."""
    if not ratelimit.consume(request, action="request_login_code", key=contact.value.lower()):
        return CodeOutcome.WAIT
    adapter: Any = get_adapter(request)
    code = adapter.generate_login_code()
    try:
        if contact.kind is ContactKind.EMAIL:
            adapter.send_mail("account/email/login_code", contact.value, {"code": code})
        else:
            adapter.send_verification_code_sms(user=person, phone=contact.value, code=code)
    except SEND_ERRORS as error:
        log.warning("A code for a further address was not sent: %s", type(error).__name__)
        return CodeOutcome.FAILED
    request.session[ADD_KEY] = {
        "person": person.pk, "kind": contact.kind.value, "contact": contact.value, "code": code,
        "at": time.time(), "tries": 0, "mistyped": "",
    }  # fmt: skip
    return CodeOutcome.SENT


def adding_of(request: HttpRequest, person: Person) -> Adding | None:
    """Return the address for which this person may enter a code here; what was mistyped is shown once."""
    state = _state(request, person)
    if state is None:
        return None
    mistyped = state["mistyped"]
    if mistyped:
        request.session[ADD_KEY] = {**state, "mistyped": ""}
    return Adding(Contact(ContactKind(state["kind"]), state["contact"]), mistyped)


def enter_code(request: HttpRequest, person: Person, typed: str) -> tuple[Entry, Contact | None]:
    """Compare what was typed with the code that was sent; a right one is used up, five wrong ones end it."""
    state = _state(request, person)
    if state is None:
        return Entry.GONE, None
    contact = Contact(ContactKind(state["kind"]), state["contact"])
    if not spend_if_room((GUESSES, contact.value.lower())):
        del request.session[ADD_KEY]
        return Entry.GONE, None
    if compare_user_code(actual=typed, expected=state["code"]):
        give_back(GUESSES, contact.value.lower())
        del request.session[ADD_KEY]
        return Entry.RIGHT, contact
    if state["tries"] + 1 >= MOST_TRIES:
        del request.session[ADD_KEY]
        return Entry.GONE, None
    request.session[ADD_KEY] = {**state, "tries": state["tries"] + 1, "mistyped": typed[:64] or "-"}
    return Entry.WRONG, contact


def _state(request: HttpRequest, person: Person) -> dict[str, Any] | None:
    state: dict[str, Any] | None = request.session.get(ADD_KEY)
    if state is None or state["person"] != person.pk:
        return None
    return state if time.time() - state["at"] <= settings.ACCOUNT_LOGIN_BY_CODE_TIMEOUT else None
