"""The letter to who was registered by somebody else: it asks them to confirm the address."""

from typing import Any

from django.urls import reverse

from experiences.cards import BrandCard, card_of, product_card
from experiences.letters.base import Address, CannotReach, Source
from experiences.mail import Letter, brand_look
from experiences.models import Message, MessageKind
from ownership.models import Registration
from ownership.models.registrations import ContactKind, RegistrationState
from products.models import Unit


def vouched_letter(unit: Unit, brand: BrandCard, locale: str, token: str) -> Letter:
    """`token`: what the link holds (`experiences.vouching.confirm_token`)."""
    content: dict[str, Any] = {
        "product": product_card(unit.product_id, unit.brand.content_version, locale).name,
        "serial": unit.serial,
        "confirm_url": brand.base_url + reverse("confirm_by_link", args=[token]),
    }
    return Letter("agent_registered", brand_look(brand), locale, content)


def _waiting(message: Message) -> Registration:
    """Return the registration while its address is to be confirmed and the unit is still theirs."""
    found: Registration | None = (
        Registration.objects.select_related("unit__brand", "ownership")
        .filter(pk=message.about_id or 0)
        .first()
    )
    if found is None or found.state != RegistrationState.OWNED:
        raise CannotReach("answered")
    if found.ownership is None or found.ownership.until is not None:
        raise CannotReach("not_owner_now")
    return found


def _address(message: Message) -> Address:
    registration = _waiting(message)
    if registration.contact_kind == ContactKind.PHONE:
        return Address(phone=registration.contact)
    return Address(email=registration.contact)


def _letter(message: Message) -> Letter:
    from experiences.vouching import confirm_token  # which asks for this letter

    registration = _waiting(message)
    unit = registration.unit
    brand = card_of(unit.brand)
    return vouched_letter(unit, brand, message.locale, confirm_token(registration))


SOURCES: dict[str, Source] = {MessageKind.AGENT_REGISTERED: Source(_address, _letter)}
