"""Sharing a unit's history for a while, under a link that its owner can take back."""

import datetime as dt
import hashlib

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from analytics.kinds import EventKind
from analytics.services import NewEvent, lock_unit, record_event
from ownership.errors import OwnershipError
from ownership.models import Ownership, ProvenanceLink
from ownership.models.policies import policy_of
from products.models import Unit

MOST = 10  # links that work at the same time


@transaction.atomic
def share_history(
    *, unit_id: int, owner_id: int, submission_key: str, now: dt.datetime, actor_id: int | None = None
) -> ProvenanceLink:
    """Make a link to the unit's history that works for the brand's period; the same form twice makes one.

    Raises OwnershipError: `not_owner`, `too_many` (ten links work already).
    """
    unit = lock_unit(unit_id)
    ownership = _current(unit, owner_id)
    key = hashlib.sha256(f"{submission_key}\n{ownership.pk}".encode()).hexdigest()
    if made := ProvenanceLink.objects.filter(submission_key=key).first():
        return made
    if ProvenanceLink.objects.of_unit(unit).working(now).count() >= MOST:
        raise OwnershipError(
            "too_many", _("Ten links work already. Take one back that nobody needs any more.")
        )
    days = policy_of(unit.brand_id).provenance_days
    link: ProvenanceLink = ProvenanceLink.objects.create(
        brand_id=unit.brand_id, unit=unit, ownership=ownership, made_at=now,
        expires_at=now + dt.timedelta(days=days), submission_key=key,
    )  # fmt: skip
    _record(EventKind.PROVENANCE_SHARED, link, owner_id, now, actor_id)
    return link


@transaction.atomic
def take_link_back(
    *, link_id: int, unit_id: int, owner_id: int, now: dt.datetime, actor_id: int | None = None
) -> bool:
    """Let the link work no longer; return whether it did. Raises OwnershipError `not_owner`."""
    unit = lock_unit(unit_id)
    ownership = _current(unit, owner_id)
    mine = ProvenanceLink.objects.filter(pk=link_id, ownership=ownership, revoked_at__isnull=True)
    link: ProvenanceLink | None = mine.first()
    if link is None:
        return False
    mine.update(revoked_at=now)
    _record(EventKind.PROVENANCE_REVOKED, link, owner_id, now, actor_id)
    return True


def note_reading(*, link_id: int) -> None:
    """Count one reading, for the owner to see."""
    ProvenanceLink.objects.filter(pk=link_id).update(views=F("views") + 1)


def _current(unit: Unit, owner_id: int) -> Ownership:
    ownership: Ownership | None = Ownership.objects.of_unit(unit).current().filter(owner=owner_id).first()
    if ownership is None:
        raise OwnershipError("not_owner", _("This piece has another owner by now; only they can do this."))
    return ownership


def _record(
    kind: EventKind, link: ProvenanceLink, owner_id: int, now: dt.datetime, actor_id: int | None
) -> None:
    record_event(
        NewEvent(
            kind, link.brand_id, now, unit_id=link.unit_id, owner_id=owner_id, actor_id=actor_id,
            data={"link": link.pk},
        ),
        now=now,
    )  # fmt: skip
