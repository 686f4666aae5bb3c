"""What staff do with the chips on a unit."""

import datetime as dt

from django.db import transaction

from analytics.kinds import EventKind
from analytics.services import NewEvent, lock_unit, record_event
from products.models import Tag
from products.models.units import TagState


@transaction.atomic
def withdraw_chip(*, tag: Tag, reason: str, now: dt.datetime, actor_id: int | None) -> bool:
    """Let the chip prove nothing any more, and its unit take another; return False if it was withdrawn already."""
    unit = lock_unit(tag.unit_id)
    working = Tag.objects.chips().active().filter(pk=tag.pk)
    if not working.update(state=TagState.WITHDRAWN):
        return False
    data = {"tag": tag.pk, "reason": reason}
    event = NewEvent(
        EventKind.TAG_WITHDRAWN, unit.brand_id, now, unit_id=unit.pk, actor_id=actor_id, data=data
    )
    record_event(event, now=now)
    return True
