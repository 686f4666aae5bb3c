"""What visitors do on a unit's pages."""

import datetime as dt

from django.db import transaction

from analytics.kinds import EventKind
from analytics.models import UnitFacts
from analytics.services import NewEvent, lock_unit, record_event, update_facts


@transaction.atomic
def say_it_is_mine(*, unit_id: int, now: dt.datetime) -> bool:
    """Note that somebody who holds the unit says that it is theirs.

    Counts once, and only while the unit was never registered and lives; returns whether it did.
    """
    unit = lock_unit(unit_id)
    facts, _made = UnitFacts.objects.get_or_create(unit=unit)
    if unit.is_retired or facts.ownerships or facts.holder_spoke_up_at:
        return False
    update_facts(unit.pk, holder_spoke_up_at=now)
    record_event(NewEvent(EventKind.HOLDER_SPOKE_UP, unit.brand_id, now, unit_id=unit.pk), now=now)
    return True
