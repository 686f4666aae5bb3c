"""Owners whom mail does not reach: noted once, until there is another address."""

import datetime as dt

from django.db import transaction

from analytics.kinds import EventKind
from analytics.services import NewEvent, record_event
from ownership.models import Owner


@transaction.atomic
def mark_bounced(*, owner_id: int, now: dt.datetime, address: str = "", actor_id: int | None = None) -> bool:
    """Note that what the brand writes to the owner's e-mail address comes back; return whether that is news.

    `address`: the one that bounced, where that is known: the owner may have another by now.
    """
    owners = Owner.objects.filter(pk=owner_id, bounced_at=None).exclude(email="")
    if address:
        owners = owners.filter(email__iexact=address)
    if not owners.update(bounced_at=now):
        return False
    brand_id = Owner.objects.values_list("brand_id", flat=True).get(pk=owner_id)
    record_event(
        NewEvent(EventKind.OWNER_BOUNCED, brand_id, now, owner_id=owner_id, actor_id=actor_id), now=now
    )
    return True


def clear_bounce(*, owner_id: int) -> bool:
    """Another address counts, or the same one works again: write to the owner. Return whether it was noted."""
    return bool(Owner.objects.filter(pk=owner_id, bounced_at__isnull=False).update(bounced_at=None))
