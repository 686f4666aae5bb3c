"""Reaching an owner again: the new address is asked to confirm, the old one is told; and the link to their own pages."""

import datetime as dt

from django.db import transaction

from experiences.languages import language_of
from experiences.messages import ask_for_letter
from experiences.models import Message, MessageKind
from ownership.models import Owner, Recovery
from ownership.models.recoveries import IdentityShown
from ownership.models.registrations import ContactKind
from ownership.services.recovering import ask_for_recovery, confirm_recovery
from products.models import Device
from products.services.devices import remember_device


@transaction.atomic
def start_recovery(
    *,
    owner_id: int,
    contact_kind: ContactKind,
    contact: str,
    shown: IdentityShown,
    reason: str,
    locale: str,
    now: dt.datetime,
    actor_id: int,
) -> Recovery:
    """Write the new address down and send it its link. Raises OwnershipError as `ask_for_recovery` does."""
    recovery = ask_for_recovery(
        owner_id=owner_id, contact_kind=contact_kind, contact=contact, shown=shown, reason=reason,
        locale=locale, now=now, actor_id=actor_id,
    )  # fmt: skip
    ask_for_letter(
        kind=MessageKind.RECOVERY_CONFIRM, brand_id=recovery.brand_id, about_id=recovery.pk,
        owner_id=owner_id, locale=locale, now=now,
    )  # fmt: skip
    return recovery


@transaction.atomic
def finish_recovery(*, recovery: Recovery, now: dt.datetime) -> Device | None:
    """The new address' reader pressed the button: the owner is theirs, and this browser is remembered.

    The old address is told. The link lets nobody in a second time (None). Raises OwnershipError as
    `confirm_recovery` does.
    """
    confirmed, person = confirm_recovery(recovery_id=recovery.pk, now=now)
    if person is None:
        return None
    if confirmed.old_email or confirmed.old_phone:
        ask_for_letter(
            kind=MessageKind.ADDRESS_CHANGED, brand_id=confirmed.brand_id, about_id=confirmed.pk,
            owner_id=confirmed.owner_id, locale=confirmed.locale, now=now,
        )  # fmt: skip
    return remember_device(person=person, now=now)


def send_owner_link(*, owner: Owner, now: dt.datetime) -> Message:
    """Send the owner the link to their own pages, where a one-time code lets them in; twice in a minute is once."""
    return ask_for_letter(
        kind=MessageKind.OWNER_LINK,
        brand_id=owner.brand_id,
        about_id=owner.pk,
        owner_id=owner.pk,
        locale=language_of(owner),
        now=now,
        number=f"{now:%Y%m%d%H%M}",
    )
