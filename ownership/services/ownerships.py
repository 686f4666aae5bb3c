"""Starting and ending ownerships."""

import datetime as dt

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from analytics.kinds import EventKind
from analytics.services import NewEvent, lock_unit, record_event, update_facts
from ownership.errors import OwnershipError
from ownership.models import Owner, Ownership
from products.models import Unit


@transaction.atomic
def start_ownership(
    *, unit: Unit, owner: Owner, since: dt.datetime, now: dt.datetime, actor_id: int | None = None
) -> Ownership:
    """Make `owner` the unit's owner from `since` on.

    Raises OwnershipError: `retired` (the unit's life has ended), `other_brand`, `owned` (somebody
    else is the current owner), `before_previous` (`since` lies before the previous ownership's end).
    """
    unit = lock_unit(unit.pk)
    _refuse_unownable(unit, owner, since)
    ordinal = (unit.ownerships.aggregate(last=Max("ordinal"))["last"] or 0) + 1
    ownership: Ownership = Ownership.objects.create(unit=unit, owner=owner, ordinal=ordinal, since=since)
    changes = {"owner_id": owner.pk, "ownerships": ordinal, "owned_since": since}
    update_facts(unit.pk, **changes, **({"first_owned_at": since} if ordinal == 1 else {}))
    record_event(
        NewEvent(
            EventKind.OWNERSHIP_STARTED, unit.brand_id, since, unit_id=unit.pk, owner_id=owner.pk,
            actor_id=actor_id, data={"ordinal": ordinal},
        ),
        now=now,
    )  # fmt: skip
    return ownership


def _refuse_unownable(unit: Unit, owner: Owner, since: dt.datetime) -> None:
    if owner.brand_id != unit.brand_id:
        raise OwnershipError("other_brand", _("This owner belongs to another brand."))
    if unit.is_retired:
        raise OwnershipError("retired", _("This unit's life has ended; it can't have a new owner."))
    if Ownership.objects.of_unit(unit).current().exists():
        raise OwnershipError("owned", _("This unit has an owner already."))
    if Ownership.objects.of_unit(unit).filter(until__gt=since).exists():
        raise OwnershipError(
            "before_previous", _("This ownership would begin before the previous one ended.")
        )


@transaction.atomic
def end_ownership(
    *, unit: Unit, until: dt.datetime, now: dt.datetime, actor_id: int | None = None
) -> Ownership:
    """End the current ownership of a unit.

    Raises OwnershipError: `not_owned`, `ends_before_start`.
    """
    unit = lock_unit(unit.pk)
    ownership: Ownership | None = Ownership.objects.of_unit(unit).current().first()
    if ownership is None:
        raise OwnershipError("not_owned", _("This unit has no owner."))
    if until < ownership.since:
        raise OwnershipError("ends_before_start", _("An ownership can't end before it began."))
    Ownership.objects.filter(pk=ownership.pk).update(until=until)
    ownership.until = until
    update_facts(unit.pk, owner_id=None, owned_since=None)
    record_event(
        NewEvent(
            EventKind.OWNERSHIP_ENDED, unit.brand_id, until, unit_id=unit.pk, owner_id=ownership.owner_id,
            actor_id=actor_id, data={"ordinal": ownership.ordinal},
        ),
        now=now,
    )  # fmt: skip
    return ownership
