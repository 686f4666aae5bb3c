"""The letter to the address that a brand wrote to until now: another one counts."""

from allauth.account.models import EmailAddress

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
    if which[0].startswith(ContactKind.PHONE):
        number = PhoneNumber.objects.filter(pk=message.about_id).first()
        if number is None:
            raise CannotReach("no_address")
        return Address(phone=number.number)
    email = EmailAddress.objects.filter(pk=message.about_id).first()
    if email is None:
        raise CannotReach("no_address")
    return Address(email=email.email)


SOURCES: dict[str, Source] = {MessageKind.ADDRESS_CHANGED: Source(_address, _letter)}
