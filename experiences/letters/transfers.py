"""Letters of passing a unit on: the offer, both receipts, and that it came to nothing. None says who the other side is."""

from typing import Any

from django.urls import reverse
from django.utils import timezone, translation
from django.utils.formats import date_format

from experiences.cards import BrandCard, brand_card, product_card
from experiences.letters.base import Address, CannotReach, Source, owner_address, to_owner_of_that_time
from experiences.mail import Letter, brand_look
from experiences.models import Message, MessageKind
from ownership.models import Transfer
from ownership.models.transfers import TransferKind, TransferState
from products.days import day_in
from warranty.models import Coverage


def _transfer(message: Message) -> Transfer:
    rows = Transfer.objects.select_related("unit__brand", "ownership__owner")
    transfer: Transfer | None = rows.filter(pk=message.about_id or 0).first()
    if transfer is None:
        raise CannotReach("over")
    return transfer


def _letter(message: Message, transfer: Transfer, **more: Any) -> Letter:
    brand = _brand(transfer)
    product = product_card(transfer.unit.product_id, transfer.unit.brand.content_version, message.locale)
    content: dict[str, Any] = {
        "product": product.name,
        "serial": transfer.unit.serial,
        "url": brand.base_url + reverse("unit_home", args=[transfer.unit.public_code]),
        "others": Transfer.objects.filter(bundle=transfer.bundle).count() - 1 if transfer.bundle else 0,
        **more,
    }
    return Letter(message.kind, brand_look(brand), message.locale, content)


def _brand(transfer: Transfer) -> BrandCard:
    return brand_card(transfer.brand_id, transfer.unit.brand.content_version)


def _recipient(message: Message) -> Address:
    """Whoever the owner wants to have it, while the offer stands."""
    transfer = _transfer(message)
    if transfer.state != TransferState.OPEN or transfer.expires_at <= timezone.now():
        raise CannotReach("over")
    if not transfer.recipient:
        raise CannotReach("no_address")
    return Address(email=transfer.recipient)


def _offer(message: Message) -> Letter:
    transfer = _transfer(message)
    brand = _brand(transfer)
    with translation.override(message.locale):
        until = date_format(day_in(brand.zone(transfer.unit.market), transfer.expires_at))
    url = brand.base_url + reverse("transfer_link", args=[transfer.bundle or transfer.code])
    return _letter(message, transfer, url=url, until=until, is_gift=transfer.kind == TransferKind.GIFT)


def _giver(message: Message) -> Address:
    return owner_address(_transfer(message).ownership.owner)


def _given(message: Message) -> Letter:
    transfer = _transfer(message)
    return _letter(message, transfer, is_return=transfer.kind == TransferKind.RETURN)


def _taken(message: Message) -> Letter:
    transfer = _transfer(message)
    coverage: Coverage | None = Coverage.objects.filter(unit=transfer.unit).first()
    covered = {}
    if coverage and coverage.ends_on >= day_in(
        _brand(transfer).zone(transfer.unit.market), message.created_at
    ):
        with translation.override(message.locale):
            covered = {"covered_until": date_format(coverage.ends_on)}
    return _letter(message, transfer, **covered)


def _either(message: Message) -> Address:
    """The owner where the message names one, else whoever was offered it."""
    if message.owner_id is not None:
        return _giver(message)
    recipient = _transfer(message).recipient
    if not recipient:
        raise CannotReach("no_address")
    return Address(email=recipient)


def _over(message: Message) -> Letter:
    transfer = _transfer(message)
    url = _brand(transfer).base_url + reverse("transfer", args=[transfer.unit.public_code])
    is_givers = message.owner_id is not None
    ran_out = transfer.state == TransferState.EXPIRED
    return _letter(message, transfer, url=url if is_givers else "", ran_out=ran_out)


SOURCES: dict[str, Source] = {
    MessageKind.TRANSFER_OFFER: Source(_recipient, _offer),
    MessageKind.TRANSFER_GIVEN: Source(_giver, _given),
    MessageKind.TRANSFER_TAKEN: Source(to_owner_of_that_time, _taken),
    MessageKind.TRANSFER_OVER: Source(_either, _over),
}
