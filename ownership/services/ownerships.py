"""Starting, ending, handing over and annulling ownerships, and what hangs on the one that ends."""

import datetime as dt

from django.db import transaction
from django.db.models import Max, Q
from django.utils.translation import gettext as _

from analytics.kinds import EventKind, Flag
from analytics.models import UnitFacts
from analytics.services import NewEvent, lock_unit, lower_flag, raise_flag, record_event, update_facts
from ownership.errors import OwnershipError
from ownership.models import LossReport, Owner, Ownership, ReleaseRequest, Tombstone, Transfer
from ownership.models.owners import Acquired, Annulled
from ownership.models.transfers import TransferState
from products.models import Unit


@transaction.atomic
def start_ownership(
    *,
    unit: Unit,
    owner: Owner,
    since: dt.datetime,
    now: dt.datetime,
    actor_id: int | None = None,
    acquired: Acquired = Acquired.REGISTRATION,
) -> Ownership:
    """Make `owner` the unit's owner from `since` on; annulled ownerships don't count for its ordinal.

    Raises OwnershipError: `retired` (the unit's life has ended), `missed` (reported lost or stolen), `other_brand`,
    `owned` (somebody else is the current owner), `before_previous` (`since` lies before the previous one's end),
    `gone` (the owner was merged or forgotten meanwhile).
    """
    unit = lock_unit(unit.pk)
    _refuse_gone(owner)
    _refuse_unownable(unit, owner, since)
    ordinal = (unit.ownerships.counted().aggregate(last=Max("ordinal"))["last"] or 0) + 1
    ownership: Ownership = Ownership.objects.create(
        unit=unit, owner=owner, ordinal=ordinal, since=since, acquired=acquired
    )
    changes = {"owner_id": owner.pk, "ownerships": ordinal, "owned_since": since}
    update_facts(unit.pk, **changes, **({"first_owned_at": since} if ordinal == 1 else {}))
    record_event(
        NewEvent(
            EventKind.OWNERSHIP_STARTED, unit.brand_id, since, unit_id=unit.pk, owner_id=owner.pk,
            actor_id=actor_id, data={"ordinal": ordinal, "acquired": acquired.value},
        ),
        now=now,
    )  # fmt: skip
    return ownership


def is_missed(unit: Unit) -> bool:
    """Whether somebody looks for it: its owner so far, or staff where nobody owns it."""
    return UnitFacts.objects.filter(Q(lost=True) | Q(stolen=True), unit=unit).exists()


def _refuse_gone(owner: Owner) -> None:
    """Whoever merges or erases the owner at the same moment comes wholly before, or wholly after."""
    if not Owner.objects.all().hold(owner.pk) or Tombstone.objects.filter(owner_id=owner.pk).exists():
        raise OwnershipError(
            "gone",
            _(
                "Whoever it would belong to is not there any more. Open the page again, and look who it is now."
            ),
        )


def refuse_missed(unit: Unit) -> None:
    """Raise OwnershipError `missed` while somebody looks for the unit: nobody may be given it meanwhile."""
    if is_missed(unit):
        raise OwnershipError(
            "missed",
            _("This unit is reported lost or stolen. It can have a new owner once the search has ended."),
        )


def _refuse_unownable(unit: Unit, owner: Owner, since: dt.datetime) -> None:
    if owner.brand_id != unit.brand_id:
        raise OwnershipError("other_brand", _("This owner belongs to another brand."))
    if unit.is_retired:
        raise OwnershipError("retired", _("This unit's life has ended; it can't have a new owner."))
    refuse_missed(unit)
    if Ownership.objects.of_unit(unit).current().exists():
        raise OwnershipError("owned", _("This unit has an owner already."))
    if Ownership.objects.of_unit(unit).counted().filter(until__gt=since).exists():
        raise OwnershipError(
            "before_previous", _("This ownership would begin before the previous one ended.")
        )


@transaction.atomic
def end_ownership(
    *,
    unit: Unit,
    until: dt.datetime,
    now: dt.datetime,
    actor_id: int | None = None,
    accepted: Transfer | None = None,
) -> Ownership:
    """End the current ownership of a unit, and with it the search for it and the offer to pass it on.

    `accepted`: the offer by which it ends, if any; whoever accepts it settles it.
    Raises OwnershipError: `not_owned`, `ends_before_start`.
    """
    unit = lock_unit(unit.pk)
    ownership: Ownership | None = Ownership.objects.of_unit(unit).current().first()
    if ownership is None:
        raise OwnershipError("not_owned", _("This unit has no owner."))
    if until < ownership.since:
        raise OwnershipError("ends_before_start", _("An ownership can't end before it began."))
    close_open_matters(unit=unit, now=now, actor_id=actor_id, accepted=accepted)
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


@transaction.atomic
def hand_over(
    *,
    unit: Unit,
    owner: Owner,
    acquired: Acquired,
    now: dt.datetime,
    actor_id: int | None = None,
    accepted: Transfer | None = None,
) -> Ownership:
    """End the current ownership and begin the next owner's in the same moment; nobody misses the unit any more.

    Coverage and history stay with the unit. `accepted` as with `end_ownership`.
    Raises OwnershipError: `not_owned`, `own` (it is theirs
    already), and what `start_ownership` raises.
    """
    unit = lock_unit(unit.pk)
    current = Ownership.objects.of_unit(unit).current().first()
    if current is not None and current.owner_id == owner.pk:
        raise OwnershipError("own", _("This piece is yours already."))
    if unit.is_retired:
        raise OwnershipError("retired", _("This unit's life has ended; it can't have a new owner."))
    end_ownership(unit=unit, until=now, now=now, actor_id=actor_id, accepted=accepted)
    return start_ownership(unit=unit, owner=owner, since=now, now=now, actor_id=actor_id, acquired=acquired)


@transaction.atomic
def annul_ownership(
    *, unit: Unit, reason: Annulled, now: dt.datetime, actor_id: int | None = None
) -> Ownership:
    """End the current ownership as one that never counted: the next owner has its ordinal.

    Coverage is not touched here. Raises OwnershipError `not_owned`.
    """
    unit = lock_unit(unit.pk)
    ownership = end_ownership(unit=unit, until=now, now=now, actor_id=actor_id)
    Ownership.objects.filter(pk=ownership.pk).update(annulled=reason)
    ownership.annulled = reason
    left = Ownership.objects.of_unit(unit).counted().order_by("ordinal")
    first = left.first()
    update_facts(unit.pk, ownerships=left.count(), first_owned_at=first.since if first else None)
    record_event(
        NewEvent(
            EventKind.OWNERSHIP_ANNULLED, unit.brand_id, now, unit_id=unit.pk, owner_id=ownership.owner_id,
            actor_id=actor_id, data={"ordinal": ownership.ordinal, "reason": reason.value},
        ),
        now=now,
    )  # fmt: skip
    return ownership


def close_open_matters(
    *, unit: Unit, now: dt.datetime, actor_id: int | None, accepted: Transfer | None = None
) -> None:
    """End what only the owner so far could have wanted: the search for a lost unit, an offer to pass it on.

    `accepted`: the offer that stays as it is, for somebody took it. Call it with the unit locked.
    A request for release is ended by whoever answers it. A search that is nobody's goes on until staff end it.
    """
    loss = LossReport.objects.of_unit(unit).standing().first()
    if loss is not None and (loss.ownership is not None or unit.is_retired):
        LossReport.objects.filter(pk=loss.pk).update(ended_at=now)
        loser_id = loss.ownership.owner_id if loss.ownership else None
        _record(EventKind.LOSS_ENDED, unit, loser_id, now, actor_id, report=loss.pk)
        for flag in (Flag.LOST, Flag.STOLEN):
            lower_flag(unit, flag, now=now, actor_id=actor_id, reason="ownership")
    transfer = Transfer.objects.of_unit(unit).open().select_related("ownership").first()
    if transfer is not None and transfer != accepted:
        Transfer.objects.filter(pk=transfer.pk).update(state=TransferState.CANCELLED, settled_at=now)
        owner_id = transfer.ownership.owner_id
        _record(EventKind.TRANSFER_CANCELLED, unit, owner_id, now, actor_id, transfer=transfer.pk)
    settle_flags(unit=unit, now=now, actor_id=actor_id)


def settle_flags(*, unit: Unit, now: dt.datetime, actor_id: int | None = None) -> None:
    """Bring the flags `transfer` and `dispute` in line with what is open now. Call it with the unit locked."""
    releases = ReleaseRequest.objects.of_unit(unit).open()
    disputed = releases.disputed().exists()
    passing = Transfer.objects.of_unit(unit).open().exists() or releases.exists()
    for flag, is_up in ((Flag.TRANSFER, passing), (Flag.DISPUTE, disputed)):
        if getattr(UnitFacts.objects.filter(unit=unit).first(), flag.value, False) is not is_up:
            change = raise_flag if is_up else lower_flag
            change(unit, flag, now=now, actor_id=actor_id)


def _record(
    kind: EventKind, unit: Unit, owner_id: int | None, now: dt.datetime, actor_id: int | None, **data: int
) -> None:
    record_event(
        NewEvent(
            kind, unit.brand_id, now, unit_id=unit.pk, owner_id=owner_id, actor_id=actor_id, data=dict(data)
        ),
        now=now,
    )
