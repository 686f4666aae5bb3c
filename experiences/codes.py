"""One-time codes: sending one to an address, and the tries at guessing it, counted in the cache that workers share."""

import datetime as dt
import enum
import logging
from typing import Any

from allauth.account.authentication import AUTHENTICATION_METHODS_SESSION_KEY
from allauth.account.internal.flows.login_by_code import LoginCodeVerificationProcess
from allauth.account.internal.stagekit import LOGIN_SESSION_KEY, clear_login
from allauth.core import ratelimit
from allauth.core.exceptions import RateLimited
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from experiences.devices import devices_of
from experiences.mail import SEND_ERRORS
from ownership.models.registrations import ContactKind
from products.limits import Limit, give_back, spend_if_room
from products.models import Person
from products.services.devices import devices_known_as, last_forgotten

# Counted beside allauth's five tries per code: new codes, other browsers and many requests at once buy no more.
GUESSES = Limit("code-guesses", most=10, seconds=900)
TYPED_KEY = "registration_typed"  # the address that was typed in this browser
log = logging.getLogger(__name__)


class CodeOutcome(enum.StrEnum):
    """What became of a one-time code."""

    SENT = "sent"
    NEEDLESS = "needless"  # the address is confirmed already, by the person who registers
    WAIT = "wait"  # too many were sent to this address lately
    FAILED = "failed"  # the mail server or the text message gateway did not take it
    GONE = "gone"  # too old, or mistyped too often


def begin_code(
    request: HttpRequest, *, kind: ContactKind, contact: str, person: Person | None, keep: tuple[str, ...]
) -> CodeOutcome:
    """Send a code to the address, and say what became of it; whoever was logged in here is no longer.

    `person`: whom the code lets in (None: nobody, and the address is told so; the visitor can't tell).
    `keep`: the keys of the session that outlive the log-out.
    """
    if not ratelimit.consume(request, action="request_login_code", key=contact.lower()):
        return CodeOutcome.WAIT
    if request.user.is_authenticated:
        kept = {key: request.session[key] for key in (*keep, TYPED_KEY) if key in request.session}
        logout(request)
        request.session.update(kept)
    address = {"email" if kind == ContactKind.EMAIL else "phone": contact}
    try:
        LoginCodeVerificationProcess.initiate(request=request, user=person, **address)
    except SEND_ERRORS as error:
        # Only what kind of error: servers like to repeat the address in their answers.
        log.warning("A code was not sent: %s", type(error).__name__)
        return CodeOutcome.FAILED
    return CodeOutcome.SENT


def reader_in_session(request: HttpRequest) -> Person | None:
    """Return who entered a code in this session, unless this browser was forgotten since; staff, too.

    A session outlives the device row that was revoked, so it counts only beside a standing one, or where its
    code is newer than whatever was forgotten.
    """
    person = request.user
    if not isinstance(person, Person) or not person.is_active:
        return None
    known = devices_known_as({key.id: key.epoch for key in devices_of(request)})
    if any(device.person_id == person.pk for device in known):
        return person
    forgotten = last_forgotten(person=person)
    return person if forgotten is None or _entered_at(request) > forgotten else None


def owner_in_session(request: HttpRequest) -> Person | None:
    """Return the same, but nobody in a session of staff: their own things need a session of their own."""
    person = reader_in_session(request)
    return None if person is None or person.is_staff else person


def _entered_at(request: HttpRequest) -> dt.datetime:
    """Return when the last code of this session was entered; long ago where none was."""
    last = (request.session.get(AUTHENTICATION_METHODS_SESSION_KEY) or [{}])[-1]
    return dt.datetime.fromtimestamp(last.get("at", 0), dt.UTC)


def resend_code(request: HttpRequest, process: LoginCodeVerificationProcess) -> CodeOutcome:
    """Send a new code to the same address; the last one keeps working where that can't be done."""
    address = address_under_way(process)
    if not ratelimit.consume(request, action="request_login_code", key=address.lower()):
        return CodeOutcome.WAIT
    if process.user is None:  # an address that nobody has was told so once; the visitor can't tell
        process.record_resend()
        process.persist()
        return CodeOutcome.SENT
    try:
        process.resend()
    except RateLimited:
        return CodeOutcome.WAIT
    except SEND_ERRORS as error:
        log.warning("A code was not sent again: %s", type(error).__name__)
        return CodeOutcome.FAILED
    return CodeOutcome.SENT


def code_is_under_way(request: HttpRequest) -> bool:
    """Whether this browser may enter a code: one was sent, and is neither used up nor given up."""
    return LOGIN_SESSION_KEY in request.session


def address_under_way(process: LoginCodeVerificationProcess) -> str:
    """Return the address that the code went to."""
    return str(process.state.get("email") or process.state.get("phone") or "")


def note_typed(request: HttpRequest, contact: str) -> None:
    """Note that the address was typed in this browser, which may see it again; a code for the last one is void."""
    if request.session.get(TYPED_KEY) != contact:
        clear_login(request)
        request.session[TYPED_KEY] = contact


def was_typed_here(request: HttpRequest, contact: str) -> bool:
    return bool(contact) and request.session.get(TYPED_KEY) == contact


class CountedGuesses:
    """For views in which a one-time code is entered: whichever it is, an address has so many tries in all."""

    _process: LoginCodeVerificationProcess
    _was_wrong: bool

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        address = self._guessed_at()
        if not spend_if_room((GUESSES, address)):
            self._process.abort()
            return self.guessed_too_often()
        self._was_wrong = False
        response = super().post(request, *args, **kwargs)  # type: ignore[misc]
        if not self._was_wrong:
            give_back(GUESSES, address)
        return response

    def guessed_too_often(self) -> HttpResponse:
        """Return where a new code can be asked for, later."""
        raise NotImplementedError

    def count_guess(self) -> None:
        """A wrong code was counted before it was looked at; a right one takes no room."""
        self._was_wrong = True

    def _guessed_at(self) -> str:
        return address_under_way(self._process).lower()


class CodeEntry(CountedGuesses):
    """The same on consumer pages: a mistyped code is answered by going to the page again, which shows it.

    So the browser's Back never asks whether to send it once more.
    """

    request: HttpRequest
    _MISTYPED = "mistyped_code"

    def get_form_kwargs(self) -> dict[str, Any]:
        kwargs: dict[str, Any] = super().get_form_kwargs()  # type: ignore[misc]
        if self.request.method in ("GET", "HEAD"):
            mistyped = self.request.session.pop(self._MISTYPED, None)
            return kwargs if mistyped is None else {**kwargs, "data": {"code": mistyped}}
        return kwargs

    def form_invalid(self, form: Any) -> HttpResponse:
        self.count_guess()
        if not self._process.record_invalid_attempt():
            return self.guessed_too_often()
        self.request.session[self._MISTYPED] = str(form.data.get("code", ""))[:64]
        return redirect(self.request.path)
