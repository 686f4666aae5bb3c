"""Letters about a person's data: it is ready, it will be erased, why it could not be, and whether they are still there.

None of them carries any of the data; each leads to the owner's own page.
"""

import datetime as dt
from typing import Any

from django.urls import reverse
from django.utils import translation
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from experiences.cards import BrandCard, card_of
from experiences.letters.base import CannotReach, Source, to_its_owner
from experiences.mail import Letter, brand_look
from experiences.models import Message, MessageKind
from ownership.models import DataRequest, Owner
from ownership.models.data_rights import DataRequestState
from ownership.services.data_rights.retention import ANSWER_WITHIN
from products.models import Brand

# What must hold of the request for its letter to be sent still.
STATES = {
    MessageKind.EXPORT_READY: DataRequestState.DONE,
    MessageKind.ERASURE_ASKED: DataRequestState.WAITING,
    MessageKind.ERASURE_FAILED: DataRequestState.FAILED,
}


def data_letter(kind: str, card: BrandCard, locale: str, *, day: dt.date | None, reason: str = "") -> Letter:
    """Return the letter; `day`: until when the archive waits, or on which day the data goes; `reason`: what hinders."""
    with translation.override(locale):
        words = _words(kind, card.name, date_format(day) if day else "", reason)
    path = reverse("me") if kind == MessageKind.DORMANT else reverse("me_data")
    content: dict[str, Any] = {**words, "url": card.base_url + path}
    return Letter(kind, brand_look(card), locale, content)


def _words(kind: str, name: str, day: str, reason: str) -> dict[str, Any]:
    of = {"name": name, "day": day}
    if kind == MessageKind.ERASURE_FAILED:
        return _failed_words(of, reason)
    return {
        MessageKind.EXPORT_READY: _ready_words,
        MessageKind.ERASURE_ASKED: _asked_words,
        MessageKind.DORMANT: _dormant_words,
    }[MessageKind(kind)](of)


def _ready_words(of: dict[str, str]) -> dict[str, Any]:
    return {
        "title": _("Your data is ready"),
        "lines": [
            _("Everything that %(name)s knows of you waits for you in one archive, until %(day)s.") % of,
            _("It is on your own page, not in this mail: what is known of you is for nobody else to read."),
        ],
        "button": _("Fetch my data"),
        "why": _("%(name)s writes to you because you asked for your data.") % of,
    }


def _asked_words(of: dict[str, str]) -> dict[str, Any]:
    return {
        "title": _("Your data will be erased on %(day)s") % of,
        "lines": [
            _(
                "You asked %(name)s to forget you. On that day your name, your addresses and what you wrote are"
                " erased, and your pieces are no longer registered to you. Nobody can bring that back."
            )
            % of,
            _("Until then you can call it off on your own page. After that you hear from us no more."),
        ],
        "button": _("See it, or call it off"),
        "why": _("%(name)s writes to you because the erasure of your data was asked for.") % of,
    }


def _failed_words(of: dict[str, str], reason: str) -> dict[str, Any]:
    return {
        "title": _("Your data could not be erased yet"),
        "lines": [reason, _("Nothing was erased. Ask for it again as soon as that has ended.")],
        "button": _("Open my data"),
        "why": _("%(name)s writes to you because you asked to be forgotten.") % of,
    }


def _dormant_words(of: dict[str, str]) -> dict[str, Any]:
    return {
        "title": _("Do you still have it?"),
        "lines": [
            _("%(name)s has not heard of you for years, and keeps nobody's data without need.") % of,
            _(
                "If you want to stay the owner of your pieces, open your page before %(day)s, or hold your phone to"
                " one of them. Otherwise we forget you, and your pieces are registered to nobody."
            )
            % of,
        ],
        "button": _("Yes, I am still here"),
        "why": _("%(name)s writes to you because a piece is registered with this address.") % of,
    }


def _of_request(message: Message) -> Letter:
    request = DataRequest.objects.select_related("brand", "file").filter(pk=message.about_id or 0).first()
    if request is None or request.state != STATES[MessageKind(message.kind)]:
        raise CannotReach("over")
    when = request.due_at
    if message.kind == MessageKind.EXPORT_READY:
        if request.file is None or request.file.expires_at is None:
            raise CannotReach("over")
        when = request.file.expires_at
    with translation.override(message.locale):
        reason = hindered_words(request.problem)
    return data_letter(message.kind, _card(request.brand), message.locale, day=when.date(), reason=reason)


def _dormant(message: Message) -> Letter:
    owner = Owner.objects.select_related("brand").filter(pk=message.about_id or 0).first()
    if owner is None or owner.dormant_told_at is None:
        raise CannotReach("over")
    until = (owner.dormant_told_at + ANSWER_WITHIN).date()
    return data_letter(message.kind, _card(owner.brand), message.locale, day=until)


def hindered_words(code: str) -> str:
    """Return the sentence of what hindered an erasure; a general one for what an older release knew."""
    from experiences.data_rights import hindrances  # asks for letters itself

    found = (str(hindrance.sentence) for hindrance in hindrances() if hindrance.code == code)
    return next(found, _("Something that you began there has not ended yet."))


def _card(brand: Brand) -> BrandCard:
    return card_of(brand)


SOURCES: dict[str, Source] = {
    **{kind.value: Source(to_its_owner, _of_request) for kind in STATES},
    MessageKind.DORMANT: Source(to_its_owner, _dormant),
}
