"""What visitors do on a unit's pages."""

import datetime as dt

from django.db import transaction
from django.utils.translation import gettext as _

from analytics.kinds import EventKind
from analytics.models import Event, UnitFacts
from analytics.services import NewEvent, lock_unit, record_event, update_facts
from ownership.errors import OwnershipError
from products.models import Tag


@transaction.atomic
def say_it_is_mine(*, unit_id: int, holding: bool, now: dt.datetime) -> bool:
    """Note that somebody who holds the unit says that it is theirs.

    Counts once, and only while the unit was never registered and lives; returns whether it did.
    Raises OwnershipError `not_held` where the unit has a chip that could prove the holding and did
    not: its page changes for everybody by this word.
    """
    unit = lock_unit(unit_id)
    if not holding and Tag.objects.chips().active().filter(unit=unit).exists():
        raise OwnershipError(
            "not_held", _("A link alone could be anybody's. Hold the phone to the tag, then say it again.")
        )
    facts, _made = UnitFacts.objects.get_or_create(unit=unit)
    if unit.is_retired or facts.ownerships or facts.holder_spoke_up_at:
        return False
    update_facts(unit.pk, holder_spoke_up_at=now)
    record_event(NewEvent(EventKind.HOLDER_SPOKE_UP, unit.brand_id, now, unit_id=unit.pk), now=now)
    return True


@transaction.atomic
def take_back_its_mine(*, unit_id: int, now: dt.datetime, actor_id: int | None) -> bool:
    """Undo that somebody said the unit is theirs; returns False if nobody did."""
    unit = lock_unit(unit_id)
    if not UnitFacts.objects.filter(unit=unit, holder_spoke_up_at__isnull=False).update(
        holder_spoke_up_at=None
    ):
        return False
    record_event(
        NewEvent(EventKind.HOLDER_UNSAID, unit.brand_id, now, unit_id=unit.pk, actor_id=actor_id), now=now
    )
    return True


@transaction.atomic
def note_opened_seal(*, unit_id: int, brand_id: int, now: dt.datetime) -> bool:
    """Note that the unit's chip says, for the first time, that its seal was opened; returns whether it is new.

    The unit's row is not locked for it: the tap holds the tag's row already, and whoever withdraws a tag
    locks the unit first. The facts' own row decides who is first.
    """
    UnitFacts.objects.get_or_create(unit_id=unit_id)
    if not UnitFacts.objects.filter(unit_id=unit_id, opened_at=None).update(opened_at=now):
        return False
    record_event(NewEvent(EventKind.SEAL_OPENED, brand_id, now, unit_id=unit_id), now=now)
    return True


def note_new_encoding(*, unit_id: int, brand_id: int, tag_id: int, version: int, now: dt.datetime) -> None:
    """Note, once, that a chip that was tapped before answers under a higher key version: it counts from the start.

    Called in the transaction whose UPDATE consumed the link, so that taps of one chip come one after the other: of
    those that began together, the first is seen here. For the unit's lock see `note_opened_seal`.
    """
    data = {"tag": tag_id, "key_version": version}
    known = Event.objects.filter(
        brand=brand_id,
        unit=unit_id,
        kind=EventKind.TAG_ENCODED_ANEW,
        data__tag=tag_id,
        data__key_version=version,
    )
    if known.exists():
        return
    record_event(NewEvent(EventKind.TAG_ENCODED_ANEW, brand_id, now, unit_id=unit_id, data=data), now=now)
