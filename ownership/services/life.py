"""The sale, its being taken back, and the end of a unit's life."""

import datetime as dt

from django.db import transaction
from django.utils.translation import gettext as _

from analytics.kinds import EventKind
from analytics.services import NewEvent, lock_unit, record_event
from ownership.errors import OwnershipError
from ownership.services.ownerships import close_open_matters
from products.models import Unit
from products.models.units import UnitStatus


@transaction.atomic
def record_sale(
    *, unit: Unit, sold_on: dt.date, market: str = "", now: dt.datetime, actor_id: int | None = None
) -> Unit:
    """Record on which day, and to which market (ISO 3166-1 alpha-2), the unit was sold.

    The same sale again changes nothing. Raises OwnershipError `sold_otherwise` where another day
    is on record, `retired` where the unit's life has ended.
    """
    unit = lock_unit(unit.pk)
    if unit.sold_on == sold_on and unit.market == (market or unit.market):
        return unit
    if unit.is_retired:
        raise OwnershipError("retired", _("This unit's life has ended; it can't be sold."))
    if unit.sold_on is not None and unit.sold_on != sold_on:
        raise OwnershipError("sold_otherwise", _("Another day of sale is on record for this unit."))
    unit.sold_on, unit.market = sold_on, market or unit.market
    Unit.objects.filter(pk=unit.pk).update(sold_on=unit.sold_on, market=unit.market)
    data = {"sold_on": sold_on.isoformat(), "market": unit.market}
    record_event(
        NewEvent(EventKind.UNIT_SOLD, unit.brand_id, now, unit_id=unit.pk, actor_id=actor_id, data=data),
        now=now,
    )
    return unit


@transaction.atomic
def take_back_sale(*, unit: Unit, now: dt.datetime, actor_id: int | None = None) -> bool:
    """The unit is back in the shop: forget day and market of its sale, which the ledger keeps.

    Returns whether it was sold.
    """
    unit = lock_unit(unit.pk)
    if unit.sold_on is None:
        return False
    data = {"sold_on": unit.sold_on.isoformat(), "market": unit.market}
    Unit.objects.filter(pk=unit.pk).update(sold_on=None, market="")
    record_event(
        NewEvent(EventKind.UNIT_RETURNED, unit.brand_id, now, unit_id=unit.pk, actor_id=actor_id, data=data),
        now=now,
    )
    return True


@transaction.atomic
def retire_unit(
    *, unit: Unit, status: UnitStatus, retired_on: dt.date, now: dt.datetime, actor_id: int | None = None
) -> Unit:
    """End the unit's life: recycled, destroyed, replaced or written off. Its identity stays readable.

    Raises OwnershipError: `retired` (it ended before), `not_an_end` (the status is no end of a life).
    """
    unit = lock_unit(unit.pk)
    if unit.is_retired:
        raise OwnershipError("retired", _("This unit's life has ended already."))
    if status == UnitStatus.ACTIVE:
        raise OwnershipError(
            "not_an_end", _("Say how the unit's life ended: recycled, destroyed, replaced or written off.")
        )
    unit.status, unit.retired_on = status, retired_on
    Unit.objects.filter(pk=unit.pk).update(status=status, retired_on=retired_on)
    close_open_matters(unit=unit, now=now, actor_id=actor_id)
    data = {"status": str(status), "retired_on": retired_on.isoformat()}
    record_event(
        NewEvent(EventKind.UNIT_RETIRED, unit.brand_id, now, unit_id=unit.pk, actor_id=actor_id, data=data),
        now=now,
    )
    return unit
