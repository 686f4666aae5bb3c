"""The letter that asks somebody to join a household or an organisation; it says nobody's name."""

from typing import Any

from django.urls import reverse
from django.utils import timezone, translation
from django.utils.formats import date_format

from experiences.cards import BrandCard, card_of
from experiences.letters.base import Address, CannotReach, Source
from experiences.mail import Letter, brand_look
from experiences.models import Message, MessageKind
from ownership.models import Invitation
from ownership.models.owners import OwnerKind
from products.days import day_in, zone_of


def invitation_letter(invitation: Invitation, brand: BrandCard) -> Letter:
    """Return the letter; what was typed of the household or organisation stands on the page that it leads to."""
    with translation.override(invitation.locale):
        day = date_format(day_in(zone_of("", {}, brand.time_zone), invitation.expires_at))
    content: dict[str, Any] = {
        "is_household": invitation.owner.kind == OwnerKind.HOUSEHOLD,
        "until": day,
        "invitation_url": brand.base_url + reverse("invitation", args=[invitation.code]),
    }
    return Letter("invitation", brand_look(brand), invitation.locale, content)


def _standing(message: Message) -> Invitation:
    found = Invitation.objects.standing(timezone.now()).select_related("owner__brand")
    invitation: Invitation | None = found.filter(pk=message.about_id).first()
    if invitation is None:
        raise CannotReach("answered")
    return invitation


def _address(message: Message) -> Address:
    return Address(email=_standing(message).email)


def _letter(message: Message) -> Letter:
    invitation = _standing(message)
    brand = invitation.owner.brand
    return invitation_letter(invitation, card_of(brand))


SOURCES: dict[str, Source] = {MessageKind.INVITATION: Source(_address, _letter)}
