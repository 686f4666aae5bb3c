"""Letters of a search: that it was reported, that a finder wrote, that the owner answered.

None of them repeats what was written, and none says who wrote.
"""

from typing import Any

from django.urls import reverse

from experiences.cards import card_of, product_card
from experiences.letters.base import Address, CannotReach, Source, owner_address, to_its_owner
from experiences.mail import Letter, brand_look
from experiences.models import Message, MessageKind
from ownership.models import FinderThread, LossReport


def _letter(message: Message, url: str) -> Letter:
    """Return the letter of the message's kind about its unit; `url`: the page where to go on."""
    if message.unit is None:
        raise CannotReach("over")
    unit = message.unit
    brand = card_of(unit.brand)
    content: dict[str, Any] = {
        "product": product_card(unit.product_id, unit.brand.content_version, message.locale).name,
        "serial": unit.serial,
        "url": brand.base_url + url,
    }
    return Letter(message.kind, brand_look(brand), message.locale, content)


def _reported(message: Message) -> Letter:
    report = LossReport.objects.filter(pk=message.about_id or 0, ended_at__isnull=True).first()
    if report is None or message.unit is None:
        raise CannotReach("over")
    letter = _letter(message, reverse("lost", args=[message.unit.public_code]))
    letter.content["kind"] = report.kind
    return letter


def _thread(message: Message) -> FinderThread:
    """Return the thread while the search goes on: nobody is written to about a thing of somebody else's."""
    threads = FinderThread.objects.select_related("report__ownership__owner")
    thread: FinderThread | None = threads.filter(
        pk=message.about_id or 0, report__ended_at__isnull=True
    ).first()
    if thread is None:
        raise CannotReach("over")
    return thread


def _owner(message: Message) -> Address:
    ownership = _thread(message).report.ownership
    return owner_address(ownership.owner if ownership else None)


def _finder(message: Message) -> Address:
    thread = _thread(message)
    if not thread.email:
        raise CannotReach("no_address")
    return Address(email=thread.email)


def _wrote(message: Message) -> Letter:
    if message.unit is None:
        raise CannotReach("over")
    return _letter(message, reverse("lost_thread", args=[message.unit.public_code, _thread(message).pk]))


def _answered(message: Message) -> Letter:
    return _letter(message, reverse("found_thread", args=[_thread(message).code]))


SOURCES: dict[str, Source] = {
    MessageKind.LOSS_REPORTED: Source(to_its_owner, _reported),
    MessageKind.FINDER_WROTE: Source(_owner, _wrote),
    MessageKind.OWNER_ANSWERED: Source(_finder, _answered),
}
