"""Messages to owners: asked for once, sent at most once, and an honest state where that is not known."""

import datetime as dt
import smtplib
from typing import Any

from django.db import transaction
from django.template.loader import render_to_string
from django.utils import translation

from analytics.kinds import EventKind
from analytics.services import NewEvent, lock_unit, record_event
from experiences.letters import SOURCES
from experiences.letters.base import Address, CannotReach
from experiences.mail import SEND_ERRORS, Letter, compose_mail
from experiences.models import Message, MessageKind, MessageState
from ownership.models import IdentityRequest, Registration
from ownership.services.bouncing import mark_bounced
from products.sms import SmsError, send_sms

WAITED = dt.timedelta(minutes=2)  # after which a message's task counts as lost
CUT_OFF = dt.timedelta(minutes=10)  # after which whoever was sending it counts as dead
TOO_LATE = dt.timedelta(days=3)  # after which nobody tries any more
SWEPT_AT_ONCE = 500
WITH_LETTER = (
    "unit__brand",
    "owner",
    "ownership__owner",
    "identity_request__unit",
    "identity_request__product__brand",
)


@transaction.atomic
def ask_for_letter(
    *,
    kind: MessageKind,
    brand_id: int,
    about_id: int,
    locale: str,
    now: dt.datetime,
    unit_id: int | None = None,
    owner_id: int | None = None,
    number: str = "",
    **names: Any,
) -> Message:
    """Note that somebody is to get this letter, and have it sent once this transaction stands.

    `about_id`: the row it is about, of the kind's own table. The same kind about the same row makes no second
    message; `number` tells those apart that are to be sent again, or to the other side. `names`: the rows that
    kinds from before name by a key of their own.
    """
    message, made = Message.objects.get_or_create(
        dedupe_key=f"{kind.value}:{about_id}" + (f":{number}" if number else ""),
        defaults={
            "brand_id": brand_id,
            "unit_id": unit_id,
            "owner_id": owner_id,
            "about_id": about_id,
            "kind": kind,
            "locale": locale,
            "created_at": now,
            "changed_at": now,
            **names,
        },
    )
    if made:
        # robust: what no broker takes now, the sweep picks up; the page is not held up by it
        transaction.on_commit(lambda: _enqueue(message.pk), robust=True)
    return message


def ask_for_message(*, registration: Registration, kind: MessageKind, now: dt.datetime) -> Message:
    """Note that the registration's owner is to get this message, once."""
    return ask_for_letter(
        kind=kind,
        brand_id=registration.brand_id,
        unit_id=registration.unit_id,
        owner_id=registration.owner_id,
        ownership_id=registration.ownership_id,
        about_id=registration.pk,
        locale=registration.locale,
        now=now,
    )


def ask_for_identity_letter(
    *, request: IdentityRequest, kind: MessageKind, now: dt.datetime, number: int = 0
) -> Message:
    """Note that who asked for an identity is to get this letter; `number` counts letters of a kind sent again."""
    return ask_for_letter(
        kind=kind,
        brand_id=request.brand_id,
        unit_id=request.unit_id,
        identity_request=request,
        about_id=request.pk,
        number=str(number),
        locale=request.locale,
        now=now,
    )


def _enqueue(message_id: int) -> None:
    from experiences.tasks import send_message as task  # tasks import this module

    task.delay(message_id)


def send_message(*, message_id: int, now: dt.datetime) -> str:
    """Send a waiting message and return its state afterwards. Called twice, it is sent once.

    `sending` is committed before anything leaves: a crash leaves that, and the sweep names it uncertain.
    """
    message = Message.objects.select_related(*WITH_LETTER).get(pk=message_id)
    try:
        source = SOURCES[message.kind]
        address, letter = source.address(message), source.letter(message)
    except CannotReach as refused:
        advance_message(message, MessageState.WAITING, MessageState.FAILED, now=now, problem=refused.problem)
        return str(message.state)
    with transaction.atomic(durable=True):
        if not advance_message(message, MessageState.WAITING, MessageState.SENDING, now=now):
            return str(message.state)
    state, problem = _deliver(message, letter, address)
    _settle(message, state, problem, now)
    if problem == "bounced" and (owner_id := _owner_of(message)):
        mark_bounced(owner_id=owner_id, now=now, address=address.email)
    return str(message.state)


def advance_message(
    message: Message, old: MessageState, new: MessageState, *, now: dt.datetime, problem: str = ""
) -> bool:
    """Move the message on if it is still in `old`; return whether it was."""
    if new not in Message.TRANSITIONS.get(old, set()):
        raise ValueError(f"A message does not go from {old} to {new}.")
    moved = Message.objects.filter(pk=message.pk, state=old).update(
        state=new, problem=problem, changed_at=now
    )
    message.state = new if moved else Message.objects.values_list("state", flat=True).get(pk=message.pk)
    return bool(moved)


def sweep_messages(*, now: dt.datetime) -> list[int]:
    """Name uncertain what was cut off, give up what is too late, and return the ids to send again."""
    for message in Message.objects.left_sending(now, CUT_OFF)[:SWEPT_AT_ONCE]:
        advance_message(message, MessageState.SENDING, MessageState.UNCERTAIN, now=now)
    again = []
    for message in Message.objects.left_waiting(now, WAITED).order_by("changed_at")[:SWEPT_AT_ONCE]:
        if message.created_at <= now - TOO_LATE:
            advance_message(message, MessageState.WAITING, MessageState.FAILED, now=now, problem="too_late")
        else:
            again.append(message.pk)
    return again


def short_text(letter: Letter) -> str:
    """Return the letter as a text message."""
    with translation.override(letter.locale):
        text = render_to_string(f"mail/{letter.kind}.sms.txt", {**letter.content, "look": letter.look})
    return " ".join(text.split())


def _deliver(message: Message, letter: Letter, address: Address) -> tuple[MessageState, str]:
    """Send it; return the state it is in now, with the reason where it was refused."""
    try:
        if address.email:
            compose_mail(letter, address.email, message_id=f"message-{message.pk}").send()
        else:
            send_sms(address.phone, short_text(letter))
    except SEND_ERRORS as error:
        return _after(error)
    return MessageState.SENT, ""


def _after(error: Exception) -> tuple[MessageState, str]:
    """Refused for good: failed. Certainly not taken: try again later. Else nobody knows."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        for_good = all(code >= 500 for code, _answer in error.recipients.values())
        return (MessageState.FAILED, "bounced") if for_good else (MessageState.WAITING, "")
    if isinstance(error, smtplib.SMTPDataError) and error.smtp_code >= 500:
        return MessageState.FAILED, "refused"
    not_taken = (smtplib.SMTPResponseException, ConnectionRefusedError)
    if isinstance(error, not_taken) or (isinstance(error, SmsError) and error.refused):
        return MessageState.WAITING, ""
    return MessageState.UNCERTAIN, ""


@transaction.atomic
def _settle(message: Message, state: MessageState, problem: str, now: dt.datetime) -> None:
    if message.unit_id:
        lock_unit(message.unit_id)
    moved = advance_message(message, MessageState.SENDING, state, now=now, problem=problem)
    if not moved or state is not MessageState.SENT:
        return
    event = NewEvent(
        EventKind.MESSAGE_SENT, message.brand_id, now, unit_id=message.unit_id, owner_id=_owner_of(message),
        data={"message": message.pk, "kind": message.kind},
    )  # fmt: skip
    record_event(event, now=now)


def _owner_of(message: Message) -> int | None:
    return message.ownership.owner_id if message.ownership else message.owner_id
