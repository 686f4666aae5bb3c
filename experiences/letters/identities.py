"""Letters to who asked for an identity: confirm the address, and what came of it."""

from typing import Any

from django.urls import reverse

from experiences.cards import brand_card, product_card
from experiences.letters.base import Address, CannotReach, Source
from experiences.mail import Letter, brand_look
from experiences.models import Message, MessageKind
from ownership.models import IdentityRequest

# What must hold of the request for its letter to be sent still.
STATES = {
    MessageKind.IDENTITY_ASKED: ("unconfirmed",),
    MessageKind.IDENTITY_GIVEN: ("approved",),
    MessageKind.IDENTITY_KNOWN: ("known",),
    MessageKind.IDENTITY_REFUSED: ("refused",),
}


def identity_letter(request: IdentityRequest, kind: str) -> Letter:
    """Return the letter in the language in which the request was sent; it repeats no address and no note."""
    product = request.product
    version = product.brand.content_version
    brand = brand_card(product.brand_id, version)
    content: dict[str, Any] = {
        "product": product_card(product.pk, version, request.locale).name,
        "serial": request.unit.serial if request.unit else request.serial,
        "request_url": brand.base_url + reverse("identity_request", args=[request.code]),
        "reason": request.reason,
    }
    if request.unit:
        code = request.unit.public_code
        content["unit_url"] = brand.base_url + reverse("unit_home", args=[code])
        content["sheet_url"] = brand.base_url + reverse("code_sheet_pdf", args=[code])
    return Letter(kind, brand_look(brand), request.locale, content)


def _address(message: Message) -> Address:
    request = message.identity_request
    if request is None or not request.email:
        raise CannotReach("no_address")
    if request.state not in STATES[MessageKind(message.kind)]:
        raise CannotReach("answered")
    return Address(email=request.email)


def _letter(message: Message) -> Letter:
    if message.identity_request is None:
        raise CannotReach("no_address")
    return identity_letter(message.identity_request, message.kind)


SOURCES: dict[str, Source] = {kind: Source(_address, _letter) for kind in STATES}
