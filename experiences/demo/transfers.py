"""Pieces of the demo that change hands: in each house one is on offer, and one was sold to a second owner."""

import datetime as dt

from django.db import transaction
from django.db.models import F

from experiences.demo.seeds import dice, public_code
from experiences.demo.showcase import SHOWCASE
from experiences.demo.spec import BrandSpec
from experiences.models import DemoLoad
from ownership.models import Ownership, Transfer
from ownership.models.owners import OwnerKind
from ownership.models.transfers import TransferKind, TransferState
from ownership.querysets import OwnershipQuerySet
from ownership.services.transfers import start_transfer, take_over
from products.codes import new_public_code
from products.models import Brand

# Days before the history's last midnight: an owner of old offers a piece, one was sold, and taken over a day later.
SETTLED, OFFERED, SOLD, TAKEN = 60, 2, 21, 20


def load_transfers(house: BrandSpec, load: DemoLoad) -> None:
    """Sell one ordinary piece of the house, once, and keep another on offer; the showcase stays as it is."""
    transfers = Transfer.objects.for_brand(Brand.objects.get(slug=house.slug))
    if not transfers.filter(state=TransferState.ACCEPTED).exists():
        _sell(house, load)
    offered = _of_old_owners(house, load).first()
    if offered and not transfers.open().exists():
        _offer(offered, load, TransferKind.GIFT, OFFERED)


@transaction.atomic
def _sell(house: BrandSpec, load: DemoLoad) -> None:
    sold = _of_old_owners(house, load).first()
    buyer = _of_old_owners(house, load).exclude(owner=sold.owner_id).last() if sold else None
    if sold is None or buyer is None:
        return
    offer = _offer(sold, load, TransferKind.SALE, SOLD)
    at = _days_before(load, TAKEN)
    take_over(transfer_id=offer.pk, owner=buyer.owner, now=at, actor_id=buyer.owner.person_id)


@transaction.atomic
def _offer(ownership: Ownership, load: DemoLoad, kind: TransferKind, ago: int) -> Transfer:
    unit, owner = ownership.unit, ownership.owner
    at = _days_before(load, ago)
    earlier = Transfer.objects.of_unit(unit).count()
    offer = start_transfer(unit_id=unit.pk, owner_id=owner.pk, kind=kind, now=at, actor_id=owner.person_id)
    offer.code = new_public_code(dice(load.seed, "offer", unit.public_code, earlier).choice)
    offer.save(update_fields=["code"])
    return offer


def _of_old_owners(house: BrandSpec, load: DemoLoad) -> OwnershipQuerySet:
    """The ownerships of confirmed people, of unflagged units with a chip that no stage is shown by."""
    shown = [public_code(load.seed, house.slug, number) for number in range(len(SHOWCASE))]
    flags = ("recall", "claim", "service", "transfer", "lost", "stolen", "dispute")
    found: OwnershipQuerySet = (
        Ownership.objects.current()
        .filter(
            unit__brand__slug=house.slug,
            unit__status="active",
            unit__tags__kind="chip",
            unit__facts__owned_since=F("since"),
            since__lt=_days_before(load, SETTLED),
            owner__kind=OwnerKind.PERSON,
            owner__person__emailaddress__verified=True,
            **{f"unit__facts__{flag}": False for flag in flags},
        )
        .exclude(unit__public_code__in=shown)
        .select_related("owner", "unit")
        .order_by("unit_id")
    )
    return found


def _days_before(load: DemoLoad, days: int) -> dt.datetime:
    return dt.datetime.combine(load.anchor, dt.time(9), dt.UTC) - dt.timedelta(days=days)
