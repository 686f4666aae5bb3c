"""The letters of passing a unit on: the offer, the receipts of both sides, and that it came to nothing."""

import datetime as dt

from django.db.models import Q

from experiences.languages import language_of
from experiences.messages import ask_for_letter
from experiences.models import Message, MessageKind
from ownership.models import Ownership, Transfer
from ownership.models.transfers import TransferState


def send_offer(transfer: Transfer, locale: str, now: dt.datetime) -> None:
    if transfer.recipient:
        ask_for_letter(
            kind=MessageKind.TRANSFER_OFFER, brand_id=transfer.brand_id, about_id=transfer.pk,
            unit_id=transfer.unit_id, locale=locale, now=now,
        )  # fmt: skip


def send_receipts(transfer: Transfer, now: dt.datetime) -> None:
    """Tell both sides that it is done: once each, and once for all that were offered together.

    A return has one side: the shop's staff see it before them.
    """
    giver, about_id = transfer.ownership.owner, _first_of(transfer)
    ask_for_letter(
        kind=MessageKind.TRANSFER_GIVEN, brand_id=transfer.brand_id, about_id=about_id, unit_id=transfer.unit_id,
        owner_id=giver.pk, number=_round(transfer), locale=language_of(giver), now=now,
    )  # fmt: skip
    taken = transfer.taken_over
    if taken is None:
        return
    ask_for_letter(
        kind=MessageKind.TRANSFER_TAKEN, brand_id=transfer.brand_id, about_id=about_id, unit_id=transfer.unit_id,
        owner_id=taken.owner_id, ownership_id=taken.pk, number=_round(transfer),
        locale=language_of(taken.owner), now=now,
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
    if not transfer.bundle or transfer.settled_at is None:
        return ""
    taker = transfer.taken_over.owner_id if transfer.taken_over else "shop"
    return f"{taker}:{transfer.settled_at:%Y%m%d%H%M}"


def tell_giver(transfer: Transfer, now: dt.datetime) -> None:
    giver = transfer.ownership.owner
    ask_for_letter(
        kind=MessageKind.TRANSFER_OVER, brand_id=transfer.brand_id, about_id=_first_of(transfer), number="giver",
        unit_id=transfer.unit_id, owner_id=giver.pk, locale=language_of(giver), now=now,
    )  # fmt: skip


def tell_recipient(transfer: Transfer, now: dt.datetime) -> Message | None:
    """Tell whoever got the link that it works no longer, unless they took something of what was offered with it.

    Returns the letter, which is one for all that was offered together; None where there is nothing to tell.

    Who has shown that they have the piece is told in letters of that, and who has it by now knows.
    """
    known_as = Q(owner__email=transfer.recipient) | Q(owner__person__emailaddress__email=transfer.recipient)
    has_it = Ownership.objects.of_unit(transfer.unit).current().filter(known_as)
    others = Transfer.objects.filter(bundle=transfer.bundle) if transfer.bundle else Transfer.objects.none()
    if (
        not transfer.recipient
        or transfer.release_requests.filter(contact=transfer.recipient, confirmed_at__isnull=False).exists()
        or others.filter(state__in=(TransferState.ACCEPTED, TransferState.OPEN)).exists()
        or has_it.exists()
    ):
        return None
    return ask_for_letter(
        kind=MessageKind.TRANSFER_OVER, brand_id=transfer.brand_id, about_id=_first_of(transfer),
        unit_id=transfer.unit_id, locale=_language_of_offer(transfer), now=now,
    )  # fmt: skip


def _language_of_offer(transfer: Transfer) -> str:
    """The offer's own letter was written in the language that its owner chose for whoever gets it."""
    sent = Message.objects.filter(kind=MessageKind.TRANSFER_OFFER, about_id=_first_of(transfer)).first()
    return sent.locale if sent else language_of(transfer.ownership.owner)
