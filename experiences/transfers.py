"""Passing a unit on: what the services note, with the letters that follow from it."""

import datetime as dt
from collections.abc import Iterable

from django.db import transaction

from experiences.models import MessageState
from experiences.releases import tell
from experiences.transfer_letters import send_offer, send_receipts, tell_giver, tell_recipient
from ownership.models import Owner, Ownership, Transfer
from ownership.models.transfers import TransferKind
from ownership.services import transfers
from ownership.services.releases import call_off_offer
from ownership.services.transfers import Started
from products.limits import Limit
from products.models import Person, Unit

AT_ONCE = 1000  # offers of one round; the next round takes the rest
# Each may send a mail to an address of the owner's choosing.
OFFERS = Limit("transfer-offer", most=20, seconds=24 * 60 * 60)
# Codes that are typed: they can't be guessed, and nobody is to try by the thousand.
GUESSES_AT_UNIT = Limit("transfer-guess-unit", most=10, seconds=15 * 60)
GUESSES_FROM_ADDRESS = Limit("transfer-guess-address", most=30, seconds=15 * 60)
# Acceptances by code send a one-time code each.
ACCEPTS_FROM_ADDRESS = Limit("transfer-accept-address", most=30, seconds=60 * 60)
ACCEPTS_OF_TRANSFER = Limit("transfer-accept", most=10, seconds=60 * 60)


@transaction.atomic
def offer_unit(
    *,
    unit_id: int,
    owner_id: int | None,
    kind: TransferKind,
    recipient: str,
    locale: str,
    now: dt.datetime,
    actor_id: int | None = None,
) -> Transfer:
    """Offer the unit, and send the link to `recipient` if an address was given. Raises as `start_transfer` does."""
    transfer = transfers.start_transfer(
        unit_id=unit_id, owner_id=owner_id, kind=kind, recipient=recipient, now=now, actor_id=actor_id
    )
    send_offer(transfer, locale, now)
    return transfer


@transaction.atomic
def offer_units(
    *,
    unit_ids: Iterable[int],
    owner_id: int,
    kind: TransferKind,
    recipient: str,
    locale: str,
    now: dt.datetime,
    actor_id: int | None = None,
) -> Started:
    """Offer several units together under one code, with one letter to `recipient` if an address was given."""
    started = transfers.start_transfers(
        unit_ids=unit_ids, owner_id=owner_id, kind=kind, recipient=recipient, now=now, actor_id=actor_id
    )
    if started.transfers:
        send_offer(started.transfers[0], locale, now)
    return started


@transaction.atomic
def accept_as(*, transfer_id: int, owner: Owner, now: dt.datetime, actor_id: int | None = None) -> Ownership:
    """Make somebody whom the brand knows the unit's owner; both sides get a receipt. Raises as `take_over` does."""
    ownership = transfers.take_over(transfer_id=transfer_id, owner=owner, now=now, actor_id=actor_id)
    send_receipts(Transfer.objects.get(pk=transfer_id), now)
    return ownership


@transaction.atomic
def call_off(
    *, transfer_id: int, owner_id: int | None, now: dt.datetime, actor_id: int | None = None
) -> Transfer:
    """Call the offer off; whoever it was sent to, or has shown that they have it, is told.

    Raises as `cancel_transfer` does.
    """
    transfer, case = call_off_offer(transfer_id=transfer_id, owner_id=owner_id, now=now, actor_id=actor_id)
    if case is not None:
        tell(case, now)
    tell_recipient(transfer, now)
    return transfer


def offer_for_caller(
    *, unit: Unit, kind: TransferKind, recipient: str, now: dt.datetime, actor_id: int
) -> Transfer:
    """Offer the unit for its owner, who called. Raises as `start_transfer` does."""
    owner = _owner_of(unit)
    return offer_unit(
        unit_id=unit.pk, owner_id=owner.pk if owner else None, kind=kind, recipient=recipient,
        locale=(owner.locale if owner else "") or "en", now=now, actor_id=actor_id,
    )  # fmt: skip


def call_off_for_caller(*, unit: Unit, now: dt.datetime, actor_id: int) -> Transfer | None:
    """Call the open offer off for its owner, who called; None where none is open any more."""
    offer = Transfer.objects.of_unit(unit).open().select_related("ownership").first()
    if offer is None:
        return None
    return call_off(transfer_id=offer.pk, owner_id=offer.ownership.owner_id, now=now, actor_id=actor_id)


def _owner_of(unit: Unit) -> Owner | None:
    current = Ownership.objects.of_unit(unit).current().select_related("owner").first()
    return current.owner if current else None


def expire_transfers(*, now: dt.datetime) -> int:
    """End what nobody accepted in time, and tell both sides; return how many. Twice changes nothing.

    An offer ends with the time of its owner with the unit, too, and with the unit's life: whoever was sent the
    link learns it here, however it ended.
    """
    ended = transfers.expire_transfers(now=now)
    related = ("ownership__owner__brand",)
    for transfer in Transfer.objects.filter(pk__in=ended).select_related(*related).order_by("pk"):
        with transaction.atomic():
            tell_giver(transfer, now)
    for transfer in Transfer.objects.untold().select_related(*related).order_by("pk")[:AT_ONCE]:
        with transaction.atomic():
            letter = tell_recipient(transfer, now)
            if letter is not None and letter.state in (MessageState.SENT, MessageState.FAILED):
                Transfer.objects.filter(pk=transfer.pk).update(recipient="")
    transfers.forget_recipients(now=now)
    return len(ended)


def takers(people: Iterable[Person], brand_id: int) -> list[Owner]:
    """Return for whom these people can accept at this brand: themselves first, then what they look after."""
    ids = [person.pk for person in people]
    if not ids:
        return []
    own = Owner.objects.filter(brand=brand_id, person__in=ids)
    shared = Owner.objects.filter(brand=brand_id, members__person__in=ids, members__role="admin")
    return [*own.order_by("pk"), *shared.order_by("pk").distinct()]
