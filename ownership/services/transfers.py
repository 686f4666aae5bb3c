"""Passing a unit on by its owner's will: offering it, accepting the offer, and what becomes of one that nobody takes."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, field

from django.db import transaction
from django.utils.translation import gettext as _

from analytics.kinds import EventKind
from analytics.models import UnitFacts
from analytics.services import NewEvent, lock_unit, record_event
from ownership.errors import OwnershipError
from ownership.models import Owner, Ownership, ReleaseRequest, Transfer
from ownership.models.owners import Acquired
from ownership.models.policies import policy_of
from ownership.models.transfers import TransferKind, TransferState
from ownership.services.holding import is_on_hold, refuse_on_hold
from ownership.services.ownerships import hand_over, settle_flags
from products.codes import new_public_code
from products.models import Unit

AT_ONCE = 1000  # rows of one round; the next round takes the rest
# How long the address to which an offer went outlives it: until that reader was told, or can't be any more.
TOLD_WITHIN = dt.timedelta(days=4)


@dataclass
class Started:
    """What came of offering several units: the offers, and why others can't be passed on, by the unit's number."""

    bundle: str
    transfers: list[Transfer] = field(default_factory=list)
    refused: dict[int, OwnershipError] = field(default_factory=dict)


@transaction.atomic
def start_transfer(
    *,
    unit_id: int,
    owner_id: int | None,
    kind: TransferKind,
    now: dt.datetime,
    recipient: str = "",
    actor_id: int | None = None,
    bundle: str = "",
) -> Transfer:
    """Offer the unit to whoever accepts it while the brand's period lasts; it stays with its owner until then.

    `owner_id`: whose it is as far as whoever asks knows. `recipient`: the e-mail address that gets the link, if
    any. Asked for again while an offer is open, that one is returned. Raises OwnershipError: `not_owner`,
    `open` (to somebody else), `retired`, `missed` (lost or stolen), `disputed`, `release_open`, `on_hold` (the
    owner's address is too new).
    """
    unit = lock_unit(unit_id)
    ownership = _ownership_of(unit, owner_id)
    known: Transfer | None = Transfer.objects.of_unit(unit).open().first()
    if known is not None and not has_run_out(known, now=now):
        _refuse_other_recipient(known, recipient)
        return known
    if known is not None:
        _settle(known, TransferState.EXPIRED, now=now, actor_id=None)
    refuse_passing_on(unit)
    refuse_on_hold(owner_id=ownership.owner_id, now=now)
    return open_offer(
        ownership=ownership, kind=kind, now=now, recipient=recipient, actor_id=actor_id, bundle=bundle
    )


def open_offer(
    *,
    ownership: Ownership,
    kind: TransferKind,
    now: dt.datetime,
    recipient: str = "",
    actor_id: int | None,
    bundle: str = "",
) -> Transfer:
    """Write the offer down. Call it with the unit locked, and nothing else of it being passed on."""
    unit = ownership.unit
    lasts = dt.timedelta(days=policy_of(unit.brand_id).transfer_days)
    transfer: Transfer = Transfer.objects.create(
        brand_id=unit.brand_id, unit=unit, ownership=ownership, kind=kind, bundle=bundle, recipient=recipient,
        started_by_id=actor_id, started_at=now, expires_at=now + lasts,
    )  # fmt: skip
    settle_flags(unit=unit, now=now, actor_id=actor_id)
    _tell(EventKind.TRANSFER_STARTED, transfer, ownership.owner_id, now, actor_id)
    return transfer


@transaction.atomic
def start_transfers(
    *,
    unit_ids: Iterable[int],
    owner_id: int,
    kind: TransferKind,
    now: dt.datetime,
    recipient: str = "",
    actor_id: int | None = None,
) -> Started:
    """Offer several units of one owner together; one code accepts all of them.

    What can't be passed on, or is offered already, is left out and told one by one.
    """
    started = Started(new_public_code())
    for unit_id in sorted(set(unit_ids)):
        try:
            transfer = start_transfer(
                unit_id=unit_id, owner_id=owner_id, kind=kind, now=now,
                recipient=recipient, actor_id=actor_id, bundle=started.bundle,
            )  # fmt: skip
        except OwnershipError as error:
            started.refused[unit_id] = error
            continue
        if transfer.bundle == started.bundle:
            started.transfers.append(transfer)
        else:
            sentence = _("This piece is being passed on already.")
            started.refused[unit_id] = OwnershipError("open", sentence)
    return started


def _refuse_other_recipient(known: Transfer, recipient: str) -> None:
    """One offer is open to one address: a second would get nothing, and its owner would not know."""
    if recipient and recipient.lower() != known.recipient.lower():
        raise OwnershipError(
            "open",
            _(
                "It is being passed on already, so nothing was sent to %(address)s. Call that off first, or hand over"
                " its code yourself."
            )
            % {"address": recipient},
        )


def _ownership_of(unit: Unit, owner_id: int | None) -> Ownership:
    current = Ownership.objects.of_unit(unit).current().first()
    if current is None or current.owner_id != owner_id:
        raise OwnershipError("not_owner", _("Only its owner can pass it on."))
    return current


def needs_desk(unit: Unit) -> bool:
    """Whether staff look at who takes the unit over: it is valuable, and has no chip to hold a phone to."""
    return unit.product.is_valuable and not unit.tags.chips().active().exists()


def units_for_desk(transfers: Iterable[Transfer]) -> set[int]:
    """Return, of what is passed on together, the units of which staff look at who takes them over."""
    valuable = [transfer.unit_id for transfer in transfers if transfer.unit.product.is_valuable]
    without_chip = Unit.objects.without_chip().filter(pk__in=valuable)
    return set(without_chip.values_list("pk", flat=True)) if valuable else set()


def has_run_out(transfer: Transfer, *, now: dt.datetime) -> bool:
    """Whether its time is over; an offer at the desk waits for as long as staff need."""
    return transfer.expires_at <= now and not Transfer.objects.at_desk().filter(pk=transfer.pk).exists()


def refuse_passing_on(unit: Unit) -> None:
    """Raise OwnershipError, with the sentence for the visitor, if the unit can't change hands by its owner's will now."""
    _refuse_missed(unit)
    case = ReleaseRequest.objects.of_unit(unit).open().first()
    if case is not None and case.transfer_id is not None:
        raise OwnershipError(
            "at_desk",
            _(
                "Somebody has shown that they have it, and %(brand)s looks at it. Until that is decided, nobody else can"
                " take it over."
            )
            % {"brand": unit.brand.name},
        )
    if case is not None:
        raise OwnershipError(
            "release_open",
            _("Somebody has asked for its release. Once that is answered, it can be passed on."),
        )


def _refuse_missed(unit: Unit) -> None:
    if unit.is_retired:
        raise OwnershipError("retired", _("The life of this piece has ended; it can't have a new owner."))
    facts = UnitFacts.objects.filter(unit=unit).first()
    if facts and (facts.lost or facts.stolen):
        raise OwnershipError(
            "missed", _("It is reported lost or stolen. Once its owner has it again, it can be passed on.")
        )
    if facts and facts.dispute:
        raise OwnershipError(
            "disputed", _("Its ownership is being clarified. Until that is decided, it can't be passed on.")
        )


@transaction.atomic
def take_over(*, transfer_id: int, owner: Owner, now: dt.datetime, actor_id: int | None = None) -> Ownership:
    """Make `owner` the unit's next owner: of any number of people who accept at once, one does.

    Coverage and history stay with the unit. Accepted again by the same owner, it returns what it made.
    Raises OwnershipError: `accepted` (by somebody else), `cancelled`, `expired`, `at_the_shop` (a return is
    accepted by staff), `own` (it is theirs already), `on_hold` (the giver's address is too new), `desk` (staff look
    at who takes it over), and what `refuse_passing_on` raises.
    """
    transfer = locked(transfer_id)
    if transfer.taken_over is not None and transfer.taken_over.owner_id == owner.pk:
        return transfer.taken_over
    refuse_unacceptable(transfer, now=now)
    return _hand_over(transfer, owner, now, actor_id)


@transaction.atomic
def hand_over_by_desk(*, transfer_id: int, owner: Owner, now: dt.datetime, actor_id: int) -> Ownership:
    """Make `owner`, of whom staff have seen that they have the unit, its next owner.

    Raises OwnershipError as `take_over` does, but for what only waits for staff.
    """
    transfer = locked(transfer_id)
    refuse_settled(transfer, now=now)
    _refuse_giver_on_hold(transfer, now)
    _refuse_missed(transfer.unit)
    return _hand_over(transfer, owner, now, actor_id)


def _hand_over(transfer: Transfer, owner: Owner, now: dt.datetime, actor_id: int | None) -> Ownership:
    ownership = hand_over(
        unit=transfer.unit, owner=owner, acquired=Acquired.TRANSFER, now=now,
        actor_id=actor_id, accepted=transfer,
    )  # fmt: skip
    _settle(transfer, TransferState.ACCEPTED, now=now, actor_id=actor_id, taken_over=ownership)
    return ownership


def locked(transfer_id: int) -> Transfer:
    """Lock the unit, then the transfer, and return it as it stands now."""
    unit_id = Transfer.objects.values_list("unit_id", flat=True).get(pk=transfer_id)
    lock_unit(unit_id)
    rows = Transfer.objects.select_for_update(of=("self",)).select_related(
        "unit__brand", "unit__product", "ownership__owner", "taken_over"
    )
    transfer: Transfer = rows.get(pk=transfer_id)
    return transfer


def refuse_unacceptable(transfer: Transfer, *, now: dt.datetime) -> None:
    """Raise OwnershipError, with the sentence for the visitor, if nobody can accept the transfer at once."""
    refuse_untakeable(transfer, now=now)
    if needs_desk(transfer.unit):
        raise OwnershipError(
            "desk",
            _(
                "A piece of this value has to be seen first. Show %(brand)s that you have it; then it is yours."
            )
            % {"brand": transfer.unit.brand.name},
        )


def refuse_unshowable(transfer: Transfer, *, now: dt.datetime) -> None:
    """Raise OwnershipError if nobody can bring the transfer to the desk now; `needless` where nobody has to."""
    refuse_untakeable(transfer, now=now)
    if not transfer.unit.product.is_valuable:
        raise OwnershipError("needless", _("Nothing has to be shown for it: it can be accepted at once."))


def refuse_untakeable(transfer: Transfer, *, now: dt.datetime) -> None:
    """Raise OwnershipError if the offer leads nobody to the unit now, be it at once or by the desk."""
    refuse_settled(transfer, now=now)
    if transfer.kind == TransferKind.RETURN:
        raise OwnershipError(
            "at_the_shop", _("Its owner is giving it back to the shop; only the shop can accept it.")
        )
    _refuse_giver_on_hold(transfer, now)
    refuse_passing_on(transfer.unit)


def _refuse_giver_on_hold(transfer: Transfer, now: dt.datetime) -> None:
    """Whoever had the giver's old address may have offered it."""
    if is_on_hold(owner_id=transfer.ownership.owner_id, now=now):
        raise OwnershipError(
            "on_hold", _("It can't change hands just now. Try again in two days, or ask whoever offers it.")
        )


def refuse_settled(transfer: Transfer, *, now: dt.datetime) -> None:
    """Raise OwnershipError if it waits for nobody any more: `accepted`, `cancelled` or `expired`."""
    if transfer.state == TransferState.ACCEPTED:
        raise OwnershipError(
            TransferState.ACCEPTED, _("Somebody accepted it before you did. It has its new owner.")
        )
    if transfer.state == TransferState.CANCELLED:
        raise OwnershipError(
            TransferState.CANCELLED, _("This offer was called off. Nothing has changed; ask whoever made it.")
        )
    if transfer.state == TransferState.EXPIRED or has_run_out(transfer, now=now):
        raise OwnershipError(
            TransferState.EXPIRED,
            _("Nobody accepted this offer in time. Its owner can start again with a few words."),
        )


@transaction.atomic
def cancel_transfer(
    *, transfer_id: int, owner_id: int | None, now: dt.datetime, actor_id: int | None = None
) -> Transfer:
    """Call the offer off; the unit stays with its owner. One that came to nothing already is left as it is.

    Where it may be at the desk, `call_off_offer` of the releases ends that with it.
    `owner_id`: whose it is as far as whoever asks knows. Raises OwnershipError: `not_owner`, `accepted`.
    """
    transfer = locked(transfer_id)
    if transfer.ownership.owner_id != owner_id:
        raise OwnershipError("not_owner", _("Only its owner can call that off."))
    if transfer.state == TransferState.ACCEPTED:
        raise OwnershipError(
            "accepted", _("It was accepted a moment ago, so it can't be called off any more.")
        )
    if transfer.state == TransferState.OPEN:
        _settle(transfer, TransferState.CANCELLED, now=now, actor_id=actor_id)
    return transfer


def expire_transfers(*, now: dt.datetime) -> list[int]:
    """End the offers that nobody accepted in time, and return their numbers. Twice changes nothing."""
    overdue = Transfer.objects.overdue(now).order_by("pk").values_list("pk", flat=True)[:AT_ONCE]
    return [transfer_id for transfer_id in list(overdue) if _expire(transfer_id, now)]


@transaction.atomic
def _expire(transfer_id: int, now: dt.datetime) -> bool:
    transfer = locked(transfer_id)
    if transfer.state != TransferState.OPEN or not has_run_out(transfer, now=now):
        return False
    _settle(transfer, TransferState.EXPIRED, now=now, actor_id=None)
    return True


def forget_recipients(*, now: dt.datetime) -> int:
    """Forget to whom offers went that came to nothing, once those were told; return how many."""
    rows = Transfer.objects.filter(settled_at__lt=now - TOLD_WITHIN).exclude(recipient="")
    forgotten: int = rows.update(recipient="")
    return forgotten


_KINDS = {
    TransferState.ACCEPTED: EventKind.TRANSFER_ACCEPTED,
    TransferState.CANCELLED: EventKind.TRANSFER_CANCELLED,
    TransferState.EXPIRED: EventKind.TRANSFER_EXPIRED,
}


def _settle(
    transfer: Transfer,
    state: TransferState,
    *,
    now: dt.datetime,
    actor_id: int | None,
    taken_over: Ownership | None = None,
) -> None:
    """Move the transfer on, bring the unit's flags in line, and tell the ledger. Call it with both locked."""
    if state not in Transfer.TRANSITIONS[TransferState(transfer.state)]:
        raise ValueError(f"A transfer does not go from {transfer.state} to {state}.")
    transfer.state, transfer.settled_at, transfer.taken_over = state, now, taken_over
    if state is TransferState.ACCEPTED:
        transfer.recipient = ""
    transfer.save(update_fields=["state", "settled_at", "taken_over", "recipient"])
    settle_flags(unit=transfer.unit, now=now, actor_id=actor_id)
    owner_id = taken_over.owner_id if taken_over else transfer.ownership.owner_id
    _tell(_KINDS[state], transfer, owner_id, now, actor_id)


def _tell(kind: EventKind, transfer: Transfer, owner_id: int, now: dt.datetime, actor_id: int | None) -> None:
    data = {"transfer": transfer.pk, "kind": str(transfer.kind)}
    record_event(
        NewEvent(
            kind, transfer.brand_id, now, unit_id=transfer.unit_id, owner_id=owner_id,
            actor_id=actor_id, data=data,
        ),
        now=now,
    )  # fmt: skip
