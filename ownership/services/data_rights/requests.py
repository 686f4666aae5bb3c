"""Asking for an export or an erasure, calling an erasure off, and what becomes of a request."""

import datetime as dt

from django.db import transaction
from django.utils.translation import gettext as _

from analytics.kinds import EventKind
from analytics.services import NewEvent, record_event
from ownership.errors import OwnershipError
from ownership.models import DataRequest, Owner, Tombstone
from ownership.models.data_rights import DataRequestKind, DataRequestState
from ownership.models.policies import policy_of
from ownership.services.data_rights.erasure import Hindrance, refuse_hindered
from ownership.services.holding import held_until

Kind, State = DataRequestKind, DataRequestState
EXPORT_AGAIN = dt.timedelta(days=1)  # until then the archive that was made is the answer


@transaction.atomic
def ask_for_export(*, owner_id: int, asked_by_id: int | None, now: dt.datetime) -> DataRequest:
    """Ask for everything that is known; asked again within a day, it is the same request.

    Raises OwnershipError `gone`: the owner was erased.
    """
    owner = _locked(owner_id)
    last: DataRequest | None = DataRequest.objects.filter(owner=owner, kind=Kind.EXPORT).first()
    is_fresh = last is not None and last.state == State.DONE and last.asked_at > now - EXPORT_AGAIN
    if last is not None and (last.state == State.WAITING or (is_fresh and last.file_id)):
        return last
    made: DataRequest = DataRequest.objects.create(
        brand_id=owner.brand_id, owner=owner, kind=Kind.EXPORT, asked_by_id=asked_by_id, asked_at=now,
        due_at=now,
    )  # fmt: skip
    return made


@transaction.atomic
def ask_for_erasure(
    *, owner_id: int, asked_by_id: int | None, hindrances: tuple[Hindrance, ...], now: dt.datetime
) -> DataRequest:
    """Ask to be forgotten, once the brand's cooling-off is over; asked again, it is the same request.

    After a recovery it waits for the end of the hold as well: the old address may still object.

    Raises OwnershipError: `gone`, or what is open and has to be ended first (`claim`, `transfer` …).
    """
    owner = _locked(owner_id)
    waiting: DataRequest | None = DataRequest.objects.filter(owner=owner, kind=Kind.ERASURE).waiting().first()
    if waiting is not None:
        return waiting
    refuse_hindered(owner, hindrances)
    due_at = max(
        now + dt.timedelta(days=policy_of(owner.brand_id).erasure_days),
        held_until(owner_id=owner.pk, now=now) or now,
    )
    made: DataRequest = DataRequest.objects.create(
        brand_id=owner.brand_id, owner=owner, kind=Kind.ERASURE, asked_by_id=asked_by_id, asked_at=now,
        due_at=due_at,
    )  # fmt: skip
    _record(EventKind.ERASURE_ASKED, made, asked_by_id, now)
    return made


@transaction.atomic
def wait_for_hold(*, request_id: int, now: dt.datetime) -> bool:
    """Put a due erasure off while an address of its owner is too new; return whether it was.

    The address may have been recovered after the erasure was asked for.
    """
    request: DataRequest = DataRequest.objects.select_for_update().get(pk=request_id)
    until = held_until(owner_id=request.owner_id, now=now) if request.owner_id else None
    if until is None or request.state != State.WAITING:
        return False
    DataRequest.objects.filter(pk=request.pk).update(due_at=until)
    return True


@transaction.atomic
def call_off_erasure(*, request_id: int, actor_id: int | None, now: dt.datetime) -> bool:
    """Call an erasure off before its time; return whether it came early enough. Twice changes nothing."""
    request: DataRequest = DataRequest.objects.select_for_update().get(pk=request_id, kind=Kind.ERASURE)
    if request.state != State.WAITING or request.due_at <= now:
        return request.state == State.CANCELLED
    advance_request(request, State.CANCELLED, now=now)
    _record(EventKind.ERASURE_CANCELLED, request, actor_id, now)
    return True


def advance_request(
    request: DataRequest,
    new: DataRequestState,
    *,
    now: dt.datetime,
    problem: str = "",
    file_id: int | None = None,
) -> bool:
    """Move a waiting request to its end if nobody did meanwhile; return whether this call did."""
    if new not in DataRequest.TRANSITIONS[State.WAITING]:
        raise ValueError(f"A request about personal data does not become {new}.")
    moved = DataRequest.objects.filter(pk=request.pk, state=State.WAITING).update(
        state=new, ended_at=now, problem=problem, file_id=file_id
    )
    return bool(moved)


def _locked(owner_id: int) -> Owner:
    owner: Owner | None = Owner.objects.select_for_update(no_key=True).filter(pk=owner_id).first()
    if owner is None or Tombstone.objects.filter(owner_id=owner_id).exists():
        raise OwnershipError("gone", _("Nothing is known of this owner any more."))
    return owner


def _record(kind: EventKind, request: DataRequest, actor_id: int | None, now: dt.datetime) -> None:
    data = {"request": request.pk}
    event = NewEvent(kind, request.brand_id, now, owner_id=request.owner_id, actor_id=actor_id, data=data)
    record_event(event, now=now)
