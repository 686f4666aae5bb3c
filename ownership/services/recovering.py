"""An owner who lost their address is reached under a new one; an agent asks for it, the new address' reader confirms it."""

import datetime as dt

from django.db import transaction
from django.utils.translation import gettext as _

from analytics.kinds import EventKind
from analytics.services import NewEvent, record_event
from ownership.errors import OwnershipError
from ownership.models import Owner, Recovery, Registration
from ownership.models.owners import OwnerKind
from ownership.models.recoveries import IdentityShown
from ownership.models.registrations import ContactKind, RegistrationState
from ownership.services.addresses import COLUMN
from ownership.services.group_letters import renew_owner_codes
from ownership.services.memberships import hand_memberships
from ownership.services.merging import merge_owners
from ownership.services.parties import refuse_own_address, refuse_party
from ownership.services.releases.asking import person_reached_at
from products.models import Person
from products.services.devices import revoke_devices
from products.services.passkeys import remove_passkeys

WORKS = dt.timedelta(days=3)  # so long the new address' link confirms it
KEPT = dt.timedelta(days=30)  # so long the addresses stay on record


@transaction.atomic
def ask_for_recovery(
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
    """Write a new address down for an owner; nothing changes before its reader confirms it.

    `contact` is normalised (small letters, or E.164). Asked again, the last one counts. Raises OwnershipError:
    `not_a_person` (the people of a household have addresses of their own), `same` (it is the one on file), `party`
    (the agent is the owner, or the address is the agent's).
    """
    refuse_party([owner_id], actor_id=actor_id)
    refuse_own_address(contact_kind, contact, actor_id=actor_id)
    owner: Owner = Owner.objects.select_for_update().get(pk=owner_id)
    if owner.kind != OwnerKind.PERSON:
        raise OwnershipError("not_a_person", _("Its people have addresses of their own: recover the person."))
    if getattr(owner, COLUMN[contact_kind]) == contact and owner.bounced_at is None:
        raise OwnershipError("same", _("This address is on file already: a code to it opens their things."))
    Recovery.objects.filter(owner=owner, confirmed_at=None, called_off_at=None).update(called_off_at=now)
    recovery: Recovery = Recovery.objects.create(
        brand_id=owner.brand_id,
        owner=owner,
        contact_kind=contact_kind,
        contact=contact,
        old_email=owner.email,
        old_phone=owner.phone,
        shown=shown,
        reason=reason,
        locale=locale,
        asked_by_id=actor_id,
        asked_at=now,
        expires_at=now + WORKS,
    )
    return recovery


@transaction.atomic
def confirm_recovery(*, recovery_id: int, now: dt.datetime) -> tuple[Recovery, Person | None]:
    """The new address' reader confirmed it: the owner is theirs. Return it and, the first time, who they are.

    The owner moves to the person of the new address, so that nothing changes for the old person at other brands,
    of whom this brand knows nothing. An owner row that the new person has here already becomes one with it.
    Raises OwnershipError `over` where it came too late or was called off.
    """
    recovery: Recovery = (
        Recovery.objects.select_for_update(of=("self",)).select_related("owner").get(pk=recovery_id)
    )
    if recovery.confirmed_at is not None:
        return recovery, None
    if recovery.called_off_at is not None or recovery.expires_at <= now:
        raise OwnershipError("over", _("This link works no longer. Ask for a new one."))
    kind = ContactKind(recovery.contact_kind)
    person = person_reached_at(kind, recovery.contact, recovery.locale, now)
    _hand_to(recovery, kind, person, now)
    Recovery.objects.filter(pk=recovery.pk).update(confirmed_at=now)
    recovery.confirmed_at = now
    data = {"recovery": recovery.pk, "shown": recovery.shown, "contact": kind.value}
    record_event(
        NewEvent(
            EventKind.OWNER_RECOVERED, recovery.brand_id, now, owner_id=recovery.owner_id,
            actor_id=recovery.asked_by_id, data=data,
        ),
        now=now,
    )  # fmt: skip
    return recovery, person


def _hand_to(recovery: Recovery, kind: ContactKind, person: Person, now: dt.datetime) -> None:
    """Make `person` who acts for the owner, and the new address the only one the brand writes to."""
    old: Person | None = recovery.owner.person
    if old is not None:
        hand_memberships(recovery, old, person, now=now)
    double = Owner.objects.filter(brand_id=recovery.brand_id, person=person).exclude(pk=recovery.owner_id)
    for other in double:
        merge_owners(
            kept_id=recovery.owner_id, gone_id=other.pk, now=now, actor_id=recovery.asked_by_id,
            shown=IdentityShown(recovery.shown),
        )  # fmt: skip
    contact = {"email": "", "phone": "", COLUMN[kind]: recovery.contact}
    Owner.objects.filter(pk=recovery.owner_id).update(person=person, bounced_at=None, **contact)
    # What waits for a code to the old address must not give the owner back to it.
    waiting = Registration.objects.filter(owner=recovery.owner_id)
    waiting.filter(state=RegistrationState.PENDING).update(state=RegistrationState.SUPERSEDED)
    waiting.filter(state=RegistrationState.OWNED).update(
        state=RegistrationState.CONFIRMED, confirmed_at=now, person=person
    )
    # Nor must the private links that went there answer for the owner: their own page leads on to the new ones.
    renew_owner_codes(recovery.owner)
    if old is not None and old != person and not old.owners.exists():
        revoke_devices(person=old, now=now)
        remove_passkeys(person=old)


def forget_recoveries(*, now: dt.datetime) -> int:
    """Delete the addresses of recoveries long past; return how many. Twice changes nothing."""
    old = Recovery.objects.filter(asked_at__lt=now - KEPT)
    return int(old.delete()[0])
