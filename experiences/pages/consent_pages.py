"""What an owner agreed to, brand by brand; and the page behind the one click in a mail."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from experiences.cards import BrandCard
from experiences.pages.me.frame import MeFrame, me_frame
from ownership.models import Consent, ConsentWording, Owner, Purpose
from products.fields import in_language


@dataclass(frozen=True, slots=True)
class Line:
    """One yes of the past or of today, in a sentence each."""

    purpose: str
    given: str
    withdrawn: str


@dataclass(frozen=True, slots=True)
class Choice:
    """One purpose at one brand: the words of today, and whether they are agreed to."""

    anchor: str
    purpose: str
    title: str
    words: str
    version: int
    is_given: bool
    state: str


@dataclass(frozen=True, slots=True)
class House:
    """The choices at one brand, for the person or for a household or an organisation that they look after."""

    owner_id: int
    name: str
    choices: tuple[Choice, ...]
    history: tuple[Line, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentsPage(MeFrame):
    """What `me/consents.html` shows."""

    houses: tuple[House, ...]
    url: str
    problem: str


@dataclass(frozen=True, slots=True, kw_only=True)
class UnsubscribePage(MeFrame):
    """What `experiences/unsubscribe.html` shows. It names nobody: whoever has the mail may see it."""

    house: str
    purpose: str
    is_given: bool
    url: str
    me_url: str


def build_consents_page(
    brand: BrandCard | None, owners: Sequence[Owner], *, problem: str = ""
) -> ConsentsPage:
    """Return the page in a fixed number of statements; `owners` come with their brands."""
    wordings = _newest({owner.brand_id for owner in owners})
    given: dict[int, list[Consent]] = {owner.pk: [] for owner in owners}
    for consent in Consent.objects.filter(owner__in=given).select_related("wording"):
        given[consent.owner_id].append(consent)
    url = reverse("me_consents")
    return ConsentsPage(
        **me_frame(_("What I agreed to"), brand, url),
        houses=tuple(_house(owner, wordings, given[owner.pk]) for owner in owners),
        url=url,
        problem=problem,
    )


def build_unsubscribe_page(
    brand: BrandCard, owner: Owner, purpose: Purpose, *, url: str, is_given: bool
) -> UnsubscribePage:
    title = _("You hear no more of this") if not is_given else _("Hear no more of this?")
    return UnsubscribePage(
        **me_frame(title, brand, url),
        house=brand.name,
        purpose=str(purpose.label),
        is_given=is_given,
        url=url,
        me_url=reverse("me_consents"),
    )


def _newest(brand_ids: Iterable[int]) -> dict[tuple[int, str], ConsentWording]:
    """Return each brand's words of today, by brand and purpose."""
    rows = ConsentWording.objects.filter(brand__in=brand_ids).order_by("version")
    return {(wording.brand_id, wording.purpose): wording for wording in rows}


def _house(
    owner: Owner, wordings: dict[tuple[int, str], ConsentWording], consents: Sequence[Consent]
) -> House:
    choices = [
        _choice(owner, wording, [consent for consent in consents if consent.wording.purpose == purpose])
        for purpose in Purpose
        if (wording := wordings.get((owner.brand_id, purpose)))
    ]
    name = owner.brand.name
    if owner.person_id is None and owner.name:
        name = f"{name} · {owner.name}"
    return House(owner.pk, name, tuple(choices), tuple(_line(consent) for consent in consents))


def _choice(owner: Owner, wording: ConsentWording, consents: Sequence[Consent]) -> Choice:
    standing = [consent for consent in consents if consent.withdrawn_at is None]
    to_these = next((consent for consent in standing if consent.wording_id == wording.pk), None)
    return Choice(
        anchor=f"{owner.pk}-{wording.purpose}",
        purpose=wording.purpose,
        title=str(Purpose(wording.purpose).label),
        words=in_language(wording.texts, get_language() or "", owner.brand.default_locale),
        version=wording.version,
        is_given=to_these is not None,
        state=_state(to_these, standing),
    )


def _state(consent: Consent | None, standing: Sequence[Consent]) -> str:
    if consent and consent.confirmed_at is None:
        return _("You agreed on %(day)s. It counts once your address is confirmed.") % _given_on(consent)
    if consent:
        return _("You agreed on %(day)s.") % _given_on(consent)
    if standing:
        return _("You agreed to earlier words. These are new, so your yes does not carry over.")
    return _("You have not agreed.")


def _given_on(consent: Consent) -> dict[str, str]:
    return {"day": date_format(localtime(consent.given_at))}


def _line(consent: Consent) -> Line:
    what = {
        "day": date_format(localtime(consent.given_at), "DATETIME_FORMAT"),
        "where": consent.get_channel_display(),
        "version": consent.wording.version,
    }
    withdrawn: Any = ""
    if consent.withdrawn_at:
        back = {
            "day": date_format(localtime(consent.withdrawn_at), "DATETIME_FORMAT"),
            "where": consent.get_withdrawn_through_display(),
        }
        withdrawn = (
            _("taken back %(day)s (%(where)s)") % back if back["where"] else _("taken back %(day)s") % back
        )
    given = _("agreed %(day)s (%(where)s), version %(version)s of the words") % what
    return Line(str(Purpose(consent.wording.purpose).label), given, withdrawn)
