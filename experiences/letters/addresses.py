"""Letters to an address that a person has: the brand writes to another one now, or another way opens their things."""

from allauth.account.models import EmailAddress
from django.urls import reverse

from experiences.cards import BrandCard, card_of
from experiences.letters.base import Address, CannotReach, Source
from experiences.mail import Letter, brand_look
from experiences.models import Message, MessageKind
from ownership.models import Recovery
from ownership.models.registrations import ContactKind
from products.models import PhoneNumber


def address_changed_letter(brand: BrandCard, locale: str) -> Letter:
    """Return the letter; it names neither the new address nor the things."""
    return Letter("address_changed", brand_look(brand), locale, {})


def _letter(message: Message) -> Letter:
    return address_changed_letter(card_of(message.brand), message.locale)


def _address(message: Message) -> Address:
    """Where the brand wrote until then: a row of the owner's own addresses, or what an agent replaced."""
    which = message.dedupe_key.split(":")[2:3]
    if message.about_id is None:
        raise CannotReach("no_address")
    if not which:
        recovery = Recovery.objects.filter(pk=message.about_id).first()
        if recovery is None or not (recovery.old_email or recovery.old_phone):
            raise CannotReach("no_address")
        return Address(email=recovery.old_email, phone=recovery.old_phone)
    return _own_address(which[0], message.about_id)


def _own_address(key: str, pk: int) -> Address:
    """Return one of a person's addresses, by the kind with which the key begins, and its number."""
    if key.startswith(ContactKind.PHONE):
        number = PhoneNumber.objects.filter(pk=pk).first()
        if number is None:
            raise CannotReach("no_address")
        return Address(phone=number.number)
    email = EmailAddress.objects.filter(pk=pk).first()
    if email is None:
        raise CannotReach("no_address")
    return Address(email=email.email)


def _told_address(message: Message) -> Address:
    return _own_address(_key(message), message.about_id or 0)


def new_way_in_letter(brand: BrandCard, locale: str, *, is_passkey: bool) -> Letter:
    """Return the letter; it does not name what was added: whoever reads an address should not learn another."""
    url = brand.base_url + reverse("me_details")
    return Letter("new_way_in", brand_look(brand), locale, {"url": url, "is_passkey": is_passkey})


def _new_way_in(message: Message) -> Letter:
    is_passkey = "-passkey-" in _key(message)
    return new_way_in_letter(card_of(message.brand), message.locale, is_passkey=is_passkey)


def _key(message: Message) -> str:
    """What tells this message from others about the same address: its kind first."""
    return message.dedupe_key.split(":")[2]


SOURCES: dict[str, Source] = {
    MessageKind.ADDRESS_CHANGED: Source(_address, _letter),
    MessageKind.NEW_WAY_IN: Source(_told_address, _new_way_in),
}
