"""Passing a unit on: what the services note, with the letters that follow from it."""

import datetime as dt
from collections.abc import Iterable

from django.db import transaction

from experiences.messages import ask_for_letter
from experiences.models import MessageKind
from ownership.models import Owner, Ownership, Transfer
from ownership.models.transfers import TransferKind, TransferState
from ownership.services import transfers
from ownership.services.transfers import Started
from products.limits import Limit
from products.models import Person, Unit

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
    _send_offer(transfer, locale, now)
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
        _send_offer(started.transfers[0], locale, now)
    return started


def _send_offer(transfer: Transfer, locale: str, now: dt.datetime) -> None:
    if transfer.recipient:
        ask_for_letter(
            kind=MessageKind.TRANSFER_OFFER, brand_id=transfer.brand_id, about_id=transfer.pk,
            unit_id=transfer.unit_id, locale=locale, now=now,
        )  # fmt: skip


@transaction.atomic
def accept_as(*, transfer_id: int, owner: Owner, now: dt.datetime, actor_id: int | None = None) -> Ownership:
    """Make somebody whom the brand knows the unit's owner; both sides get a receipt. Raises as `take_over` does."""
    ownership = transfers.take_over(transfer_id=transfer_id, owner=owner, now=now, actor_id=actor_id)
    send_receipts(Transfer.objects.get(pk=transfer_id), now)
    return ownership


def send_receipts(transfer: Transfer, now: dt.datetime) -> None:
    """Tell both sides that it is done: once each, and once for all that were offered together."""
    taken = transfer.taken_over
    if taken is None:
        return
    giver, about_id = transfer.ownership.owner, _first_of(transfer)
    ask_for_letter(
        kind=MessageKind.TRANSFER_GIVEN, brand_id=transfer.brand_id, about_id=about_id, unit_id=transfer.unit_id,
        owner_id=giver.pk, number=_round(transfer), locale=giver.locale or taken.owner.locale or "en", now=now,
    )  # fmt: skip
    ask_for_letter(
        kind=MessageKind.TRANSFER_TAKEN, brand_id=transfer.brand_id, about_id=about_id, unit_id=transfer.unit_id,
        owner_id=taken.owner_id, ownership_id=taken.pk, number=_round(transfer),
        locale=taken.owner.locale or giver.locale or "en", now=now,
    )  # fmt: skip


def _first_of(transfer: Transfer) -> int:
    """Return the number under which a bundle is spoken of; a single transfer's own."""
    if not transfer.bundle:
        return transfer.pk
    first: int = (
        Transfer.objects.filter(bundle=transfer.bundle).order_by("pk").values_list("pk", flat=True)[0]
    )
    return first


def _round(transfer: Transfer) -> str:
    """What is accepted of a bundle at another time, or by somebody else, has receipts of its own."""
    if not transfer.bundle or transfer.settled_at is None or transfer.taken_over is None:
        return ""
    return f"{transfer.taken_over.owner_id}:{transfer.settled_at:%Y%m%d%H%M}"


@transaction.atomic
def call_off(
    *, transfer_id: int, owner_id: int | None, now: dt.datetime, actor_id: int | None = None
) -> Transfer:
    """Call the offer off; whoever it was sent to is told. Raises as `cancel_transfer` does."""
    transfer = transfers.cancel_transfer(
        transfer_id=transfer_id, owner_id=owner_id, now=now, actor_id=actor_id
    )
    _tell_recipient(transfer, now)
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
    """End what nobody accepted in time, and tell both sides; return how many. Twice changes nothing."""
    ended = transfers.expire_transfers(now=now)
    for transfer in Transfer.objects.filter(pk__in=ended).select_related("ownership__owner").order_by("pk"):
        with transaction.atomic():
            _tell_giver(transfer, now)
            _tell_recipient(transfer, now)
    transfers.forget_recipients(now=now)
    return len(ended)


def _tell_giver(transfer: Transfer, now: dt.datetime) -> None:
    giver = transfer.ownership.owner
    ask_for_letter(
        kind=MessageKind.TRANSFER_OVER, brand_id=transfer.brand_id, about_id=_first_of(transfer), number="giver",
        unit_id=transfer.unit_id, owner_id=giver.pk, locale=giver.locale or "en", now=now,
    )  # fmt: skip


def _tell_recipient(transfer: Transfer, now: dt.datetime) -> None:
    """Tell whoever got the link that it works no longer, unless they took something of what was offered with it."""
    others = Transfer.objects.filter(bundle=transfer.bundle) if transfer.bundle else Transfer.objects.none()
    if (
        not transfer.recipient
        or others.filter(state__in=(TransferState.ACCEPTED, TransferState.OPEN)).exists()
    ):
        return
    ask_for_letter(
        kind=MessageKind.TRANSFER_OVER, brand_id=transfer.brand_id, about_id=_first_of(transfer),
        unit_id=transfer.unit_id, locale=transfer.ownership.owner.locale or "en", now=now,
    )  # fmt: skip


def takers(people: Iterable[Person], brand_id: int) -> list[Owner]:
    """Return for whom these people can accept at this brand: themselves first, then what they look after."""
    ids = [person.pk for person in people]
    if not ids:
        return []
    own = Owner.objects.filter(brand=brand_id, person__in=ids)
    shared = Owner.objects.filter(brand=brand_id, members__person__in=ids, members__role="admin")
    return [*own.order_by("pk"), *shared.order_by("pk").distinct()]
