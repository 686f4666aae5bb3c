"""Consents on an owner's own pages, and the one click in a mail that takes one back (RFC 8058)."""

import dataclasses
import datetime as dt

from django.core import signing
from django.urls import reverse
from django.utils.translation import gettext as _

from experiences.mail import Letter
from experiences.me import Me
from ownership.contacts import has_confirmed
from ownership.errors import OwnershipError
from ownership.models import Consent, ConsentChannel, Owner, Purpose
from ownership.services.consents import current_wording, give_consent, shown_in, withdraw_consent
from products.links import brand_base_url

_SALT = "experiences.consents"


def agree(*, me: Me, owner_id: int, purpose: str, version: int, locale: str, now: dt.datetime) -> Consent:
    """Give the yes of one of the visitor's owners to the words that they just read.

    Raises OwnershipError: `not_yours`, `no_words` (the brand has none for this purpose), `other_words` (they
    were changed since the page was opened).
    """
    owner = _looked_after(me, owner_id)
    wording = current_wording(owner.brand_id, purpose)
    if wording is None:
        raise OwnershipError("no_words", _("There is nothing to agree to here."))
    if wording.version != version:
        raise OwnershipError(
            "other_words",
            _("These words were changed since you opened the page. Please read them once more."),
        )
    return give_consent(
        owner=owner,
        wording=wording,
        locale=shown_in(wording, locale),
        channel=ConsentChannel.ME,
        now=now,
        confirmed_at=now if _has_confirmed_address(me) else None,
        proof=_proof(me),
    )


def take_back(*, me: Me, owner_id: int, purpose: str, now: dt.datetime) -> int:
    """Take back what one of the visitor's owners agreed to. Raises OwnershipError `not_yours`."""
    owner = _looked_after(me, owner_id)
    return withdraw_consent(owner=owner, purpose=purpose, now=now, through=ConsentChannel.ME)


def unsubscribe_url(owner: Owner, purpose: Purpose) -> str:
    """Return where a mail's one click takes the consent back; it works for as long as the mail is kept."""
    token = signing.dumps([owner.pk, purpose.value], salt=_SALT)
    return brand_base_url(owner.brand) + reverse("unsubscribe", args=[token])


def read_unsubscribe(token: str) -> tuple[Owner, Purpose] | None:
    """Return whose consent for what a mail's link names; None for one that we did not sign."""
    try:
        owner_id, purpose = signing.loads(token, salt=_SALT)
        owner: Owner | None = Owner.objects.select_related("brand").filter(pk=owner_id).first()
        return (owner, Purpose(purpose)) if owner else None
    except (signing.BadSignature, ValueError, TypeError):
        return None


def may_be_ended(letter: Letter, *, owner: Owner, purpose: Purpose) -> Letter:
    """Return the letter with the way to hear no more of its kind: in its header, and below its words.

    Every letter that needs a consent goes through here.
    """
    return dataclasses.replace(letter, unsubscribe_url=unsubscribe_url(owner, purpose))


def _looked_after(me: Me, owner_id: int) -> Owner:
    owner = me.acts_for(owner_id)
    if owner is None or not me.looks_after(owner):
        raise OwnershipError("not_yours", _("Only the owner can decide this."))
    return owner


def _has_confirmed_address(me: Me) -> bool:
    return me.person is not None and has_confirmed(me.person)


def _proof(me: Me) -> str:
    """Name what shows that it was the owner: the code of this session, else the remembered browser."""
    if me.by_code is not None and me.by_code == me.person:
        return f"code:{me.by_code.pk}"
    device = next((device for device in me.devices if device.person == me.person), None)
    return f"device:{device.pk}" if device else ""
