"""Letters to an owner who lost their address, or their way: confirm the new one, the link to their own pages."""

from django.urls import reverse

from experiences.cards import BrandCard, card_of
from experiences.letters.base import Address, CannotReach, Source, to_its_owner
from experiences.mail import Letter, brand_look
from experiences.models import Message, MessageKind
from ownership.models import Recovery
from ownership.models.registrations import ContactKind


def recovery_letter(brand: BrandCard, locale: str, code: str) -> Letter:
    url = brand.base_url + reverse("recover", args=[code])
    return Letter("recovery_confirm", brand_look(brand), locale, {"recover_url": url})


def owner_link_letter(brand: BrandCard, locale: str) -> Letter:
    return Letter("owner_link", brand_look(brand), locale, {"me_url": brand.base_url + reverse("me")})


def _recovery(message: Message) -> Recovery:
    found: Recovery | None = Recovery.objects.filter(pk=message.about_id or 0).first()
    if found is None:
        raise CannotReach("over")
    return found


def _new_address(message: Message) -> Address:
    recovery = _recovery(message)
    if recovery.confirmed_at or recovery.called_off_at or recovery.expires_at <= message.created_at:
        raise CannotReach("over")
    if recovery.contact_kind == ContactKind.PHONE:
        return Address(phone=recovery.contact)
    return Address(email=recovery.contact)


def _brand(message: Message) -> BrandCard:
    return card_of(message.brand)


SOURCES: dict[str, Source] = {
    MessageKind.RECOVERY_CONFIRM: Source(
        _new_address,
        lambda message: recovery_letter(_brand(message), message.locale, _recovery(message).code),
    ),
    MessageKind.OWNER_LINK: Source(
        to_its_owner, lambda message: owner_link_letter(_brand(message), message.locale)
    ),
}
