"""The consent ledger: each yes in its words and version; taking it back is one call too."""

import datetime as dt

from django.db import transaction
from django.utils.translation import gettext as _

from analytics.kinds import EventKind
from analytics.services import NewEvent, record_event
from ownership.errors import OwnershipError
from ownership.models import Consent, ConsentChannel, ConsentWording, Owner
from products.fields import language_of
from products.models import Brand


def current_wording(brand_id: int, purpose: str) -> ConsentWording | None:
    """Return the newest wording of a purpose at a brand."""
    wording: ConsentWording | None = (
        ConsentWording.objects.filter(brand_id=brand_id, purpose=purpose).order_by("-version").first()
    )
    return wording


def agreed_wording(brand_id: int, purpose: str, version: int | None) -> ConsentWording | None:
    """Return the wording of that version, which was shown; without one the newest, None where there is none."""
    shown: ConsentWording | None = ConsentWording.objects.filter(
        brand_id=brand_id, purpose=purpose, version=version or 0
    ).first()
    return shown or current_wording(brand_id, purpose)


def shown_in(wording: ConsentWording, locale: str) -> str:
    """Return the language in which a page in `locale` showed the words."""
    return language_of(wording.texts, locale, wording.brand.default_locale)


def next_version(brand_id: int, purpose: str) -> int:
    """Return the number of a new wording; call it in the transaction that adds it, which it holds one at a time."""
    Brand.objects.select_for_update().get(pk=brand_id)
    wording = current_wording(brand_id, purpose)
    return wording.version + 1 if wording else 1


@transaction.atomic
def give_consent(
    *,
    owner: Owner,
    wording: ConsentWording,
    locale: str,
    channel: ConsentChannel,
    now: dt.datetime,
    unit_id: int | None = None,
    confirmed_at: dt.datetime | None = None,
    proof: str = "",
) -> Consent:
    """Record a yes; the same yes again changes nothing.

    `confirmed_at`: when it was shown that the address is the owner's; until then nothing is sent for this yes.
    `proof`: what shows that it was given, ids only: `registration:12`, `device:7`, `code:5`, `agent:3`.
    Raises OwnershipError `other_brand` where the words are another brand's.
    """
    if wording.brand_id != owner.brand_id:
        raise OwnershipError("other_brand", _("These words belong to another brand."))
    consent, made = Consent.objects.get_or_create(
        owner=owner,
        wording=wording,
        withdrawn_at=None,
        defaults={
            "locale": locale,
            "channel": channel,
            "given_at": now,
            "confirmed_at": confirmed_at,
            "proof": proof,
        },
    )
    if not made and confirmed_at and consent.confirmed_at is None:
        consent.confirmed_at = confirmed_at
        Consent.objects.filter(pk=consent.pk).update(confirmed_at=confirmed_at)
    if made:
        _record(EventKind.CONSENT_GIVEN, consent, owner, now, unit_id)
    return consent


def agrees_to(*, owner_id: int, purpose: str) -> bool:
    """Whether something may be done for this purpose now: a confirmed yes to the words in use today.

    Recall notices never ask this: they go to every owner.
    """
    return Consent.objects.filter(owner=owner_id).in_force().filter(wording__purpose=purpose).exists()


def confirm_consents(*, owner: Owner, now: dt.datetime) -> int:
    """The owner's address is confirmed: what they agreed to counts from now on. Return for how many that is new."""
    return Consent.objects.filter(owner=owner).waiting().update(confirmed_at=now)


@transaction.atomic
def withdraw_consent(*, owner: Owner, purpose: str, now: dt.datetime, through: ConsentChannel) -> int:
    """Take back every standing yes of the owner for a purpose, whichever its words; return how many.

    `through`: where it was taken back.
    """
    standing = Consent.objects.select_for_update().filter(
        owner=owner, wording__purpose=purpose, withdrawn_at=None
    )
    consents = list(standing.select_related("wording"))
    for consent in consents:
        Consent.objects.filter(pk=consent.pk).update(withdrawn_at=now, withdrawn_through=through)
        _record(EventKind.CONSENT_WITHDRAWN, consent, owner, now, None)
    return len(consents)


def _record(kind: EventKind, consent: Consent, owner: Owner, now: dt.datetime, unit_id: int | None) -> None:
    data = {"purpose": consent.wording.purpose, "version": consent.wording.version, "locale": consent.locale}
    record_event(NewEvent(kind, owner.brand_id, now, unit_id=unit_id, owner_id=owner.pk, data=data), now=now)
