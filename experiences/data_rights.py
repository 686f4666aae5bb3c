"""A person's rights over their data, with the letters that belong to them: asking, running, calling off."""

import datetime as dt
import logging
from collections.abc import Sequence

from django.conf import settings
from django.db import transaction
from django.utils.module_loading import import_string

from experiences.languages import language_of
from experiences.messages import ask_for_letter
from experiences.models import Message, MessageKind, MessageState
from experiences.outbox import forget_mails_to
from ownership.errors import OwnershipError
from ownership.models import DataRequest, Owner
from ownership.models.data_rights import DataRequestKind, DataRequestState
from ownership.services.data_rights import requests, retention
from ownership.services.data_rights.addresses import confirmed_addresses
from ownership.services.data_rights.erasure import Hindrance, Step, erase_owner, refuse_hindered
from ownership.services.data_rights.export import Section, make_export
from ownership.services.holding import is_on_hold

BROKEN = "broken"  # why an export failed that was not the owner's to prevent
AT_ONCE = 200  # requests of one round
FORGOTTEN_A_NIGHT = 1000  # owners who did not answer; the next night takes the rest
log = logging.getLogger(__name__)


def steps() -> tuple[Step, ...]:
    """Return what an erasure runs, on every floor."""
    found: tuple[Step, ...] = import_string(settings.ERASURE_STEPS)
    return found


def hindrances() -> tuple[Hindrance, ...]:
    """Return what may stand in the way of an erasure, on every floor."""
    found: tuple[Hindrance, ...] = import_string(settings.ERASURE_HINDRANCES)
    return found


def sections() -> Sequence[Section]:
    """Return what an export holds, from every floor."""
    found: Sequence[Section] = import_string(settings.EXPORT_SECTIONS)
    return found


@transaction.atomic
def ask_for_export(*, owner_id: int, asked_by_id: int | None, now: dt.datetime) -> DataRequest:
    """Ask for the archive and have it made at once. Raises OwnershipError `gone`."""
    request = requests.ask_for_export(owner_id=owner_id, asked_by_id=asked_by_id, now=now)
    if request.state == DataRequestState.WAITING:
        _enqueue(request)
    return request


@transaction.atomic
def ask_for_erasure(*, owner_id: int, asked_by_id: int | None, now: dt.datetime) -> DataRequest:
    """Ask to be forgotten, and write to the owner on which day that will be.

    Raises OwnershipError as `requests.ask_for_erasure` does.
    """
    request = requests.ask_for_erasure(
        owner_id=owner_id, asked_by_id=asked_by_id, hindrances=hindrances(), now=now
    )
    _write(MessageKind.ERASURE_ASKED, request, now)
    if request.due_at <= now:
        _enqueue(request)
    return request


def run_request(*, request_id: int, now: dt.datetime) -> str:
    """Do what a due request asks for, and return its state afterwards. Twice changes nothing."""
    request = DataRequest.objects.select_related("owner__brand").get(pk=request_id)
    if request.state == DataRequestState.WAITING and request.due_at <= now:
        run = _run_export if request.kind == DataRequestKind.EXPORT else _run_erasure
        run(request, now)
        request.refresh_from_db()
    return str(request.state)


def due_requests(*, now: dt.datetime) -> list[int]:
    """Return the requests whose time has come, the oldest first: for beat, which also takes up what was lost."""
    due = DataRequest.objects.due(now).order_by("due_at", "pk")
    return list(due.values_list("pk", flat=True)[:AT_ONCE])


def ask_dormant_owners(*, now: dt.datetime) -> int:
    """Write to owners of whom nothing was heard for as long as their brand says; return to how many."""
    owners = retention.tell_dormant_owners(now=now)
    for owner in owners:
        with transaction.atomic():
            ask_for_letter(
                kind=MessageKind.DORMANT, brand_id=owner.brand_id, about_id=owner.pk, owner_id=owner.pk,
                locale=language_of(owner), number=f"{now:%Y%m%d}", now=now,
            )  # fmt: skip
    return len(owners)


def forget_dormant_owners(*, now: dt.datetime) -> int:
    """Erase who did not answer in time; return how many.

    Who is in the middle of something is left for now, and holds up nobody who comes after them.
    """
    count = after = 0
    while count < FORGOTTEN_A_NIGHT and (owners := retention.silent_owners(now=now, after=after)):
        count += sum(_forget(owner, now) for owner in owners)
        after = owners[-1].pk
    return count


def _forget(owner: Owner, now: dt.datetime) -> bool:
    if is_on_hold(owner_id=owner.pk, now=now):
        return False
    try:
        refuse_hindered(owner, hindrances())
    except OwnershipError:
        return False
    erase_owner(owner_id=owner.pk, now=now, steps=steps())
    return True


def drop_letters(owner: Owner, now: dt.datetime) -> None:
    """A step of erasure: what waits to be sent to the owner is not sent."""
    waiting = Message.objects.filter(owner=owner, state=MessageState.WAITING)
    waiting.update(state=MessageState.FAILED, problem="over", changed_at=now)


def drop_outbox(owner: Owner, now: dt.datetime) -> None:
    """A step of erasure: without a mail server, mail to the owner stands in files."""
    forget_mails_to([owner.email, owner.phone, *confirmed_addresses(owner.person)])


def _run_export(request: DataRequest, now: dt.datetime) -> None:
    if request.owner is None:
        requests.advance_request(request, DataRequestState.CANCELLED, now=now)
        return
    try:
        made = make_export(
            request_id=request.pk, sections=sections(), locale=language_of(request.owner), now=now
        )
    except Exception:
        # The trace names code and ids; what was read stands in no log.
        log.exception("The export %s could not be made", request.pk)
        requests.advance_request(request, DataRequestState.FAILED, now=now, problem=BROKEN)
        return
    if made is not None:
        _write(MessageKind.EXPORT_READY, request, now)


def _run_erasure(request: DataRequest, now: dt.datetime) -> None:
    owner = request.owner
    if requests.wait_for_hold(request_id=request.pk, now=now):
        return
    if owner is not None:  # else it was broken off after its last step
        try:
            refuse_hindered(owner, hindrances())
        except OwnershipError as refused:
            with transaction.atomic():
                if requests.advance_request(request, DataRequestState.FAILED, now=now, problem=refused.code):
                    _write(MessageKind.ERASURE_FAILED, request, now)
            return
        erase_owner(owner_id=owner.pk, now=now, steps=steps())
    requests.advance_request(request, DataRequestState.DONE, now=now)


def _write(kind: MessageKind, request: DataRequest, now: dt.datetime) -> None:
    owner = request.owner
    if owner is None:
        return
    with transaction.atomic():
        ask_for_letter(
            kind=kind, brand_id=request.brand_id, about_id=request.pk, owner_id=owner.pk, locale=language_of(owner),
            now=now,
        )  # fmt: skip


def _enqueue(request: DataRequest) -> None:
    from experiences.tasks import run_data_request as task  # tasks import this module

    # robust: what no broker takes now, beat picks up; the page is not held up by it
    transaction.on_commit(lambda: task.delay(request.pk), robust=True)
