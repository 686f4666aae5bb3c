"""Letters of a request for release, to either side. None says who the other side is, or repeats what it typed.

The side stands in the message's key, after the request's number: the owner may be erased meanwhile.
"""

from typing import Any

from django.urls import reverse
from django.utils import timezone, translation
from django.utils.formats import date_format

from experiences.cards import brand_card, product_card
from experiences.letters.base import Address, CannotReach, Source, owner_address
from experiences.mail import Letter, brand_look
from experiences.models import Message, MessageKind
from experiences.pages.release_words import ground_to_owner
from ownership.models import ReleaseRequest
from ownership.models.registrations import ContactKind
from ownership.models.releases import ReleaseState, Side
from products.days import day_in

KINDS = (
    MessageKind.RELEASE_CONFIRM, MessageKind.RELEASE_ASKED, MessageKind.RELEASE_REFUSED,
    MessageKind.RELEASE_DESK, MessageKind.RELEASE_DECIDED, MessageKind.RELEASE_APPEALED,
    MessageKind.RELEASE_TAKEN, MessageKind.RELEASE_GIVEN, MessageKind.RELEASE_KEPT,
)  # fmt: skip
# Letters that ask for something are void once that was done; the others tell what happened.
ONLY_WHILE = {
    MessageKind.RELEASE_CONFIRM: ReleaseState.UNCONFIRMED,
    MessageKind.RELEASE_ASKED: ReleaseState.ASKED,
}


def release_letter(release: ReleaseRequest, kind: str, side: Side, locale: str) -> Letter:
    """Return the letter to one side, with the private link of that side alone."""
    unit = release.unit
    version = unit.brand.content_version
    brand = brand_card(unit.brand_id, version)
    code = release.owner_code if side is Side.OWNER else release.code
    url = reverse("release", args=[code])
    if kind == MessageKind.RELEASE_TAKEN:
        url = reverse("unit_home", args=[unit.public_code])
    due = release.answer_by if kind == MessageKind.RELEASE_ASKED else release.appeal_by
    with translation.override(locale):
        content: dict[str, Any] = {
            "product": product_card(unit.product_id, version, locale).name,
            "serial": unit.serial,
            "side": side.value,
            "state": release.state,
            "offered": release.transfer_id is not None,
            "ground": ground_to_owner(release.ground),
            "day": date_format(day_in(brand.zone(unit.market), due or timezone.now())),
            "url": brand.base_url + url,
        }
    return Letter(kind, brand_look(brand), locale, content)


def _side(message: Message) -> Side:
    return Side(message.dedupe_key.split(":")[2])


def _release(message: Message) -> ReleaseRequest:
    found: ReleaseRequest | None = (
        ReleaseRequest.objects.filter(pk=message.about_id or 0)
        .select_related("unit__brand", "ownership__owner")
        .first()
    )
    if found is None:
        raise CannotReach("over")
    return found


def _address(message: Message) -> Address:
    release = _release(message)
    wanted = ONLY_WHILE.get(MessageKind(message.kind))
    if wanted is not None and release.state != wanted:
        raise CannotReach("answered")
    if _side(message) is Side.OWNER:
        return owner_address(release.ownership.owner)
    if not release.contact:
        raise CannotReach("no_address")
    is_email = release.contact_kind == ContactKind.EMAIL
    return Address(email=release.contact) if is_email else Address(phone=release.contact)


def _letter(message: Message) -> Letter:
    return release_letter(_release(message), message.kind, _side(message), message.locale)


SOURCES: dict[str, Source] = {kind: Source(_address, _letter) for kind in KINDS}
