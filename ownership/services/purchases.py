"""When a unit was bought, as its owner says, with a proof or without; and words that a giver leaves on its page."""

import datetime as dt
import hashlib

from django.db import transaction
from django.utils.translation import gettext as _

from analytics.kinds import EventKind
from analytics.services import NewEvent, lock_unit, record_event
from ownership.errors import OwnershipError
from ownership.models import Gift, Ownership, Purchase
from ownership.models.policies import policy_of
from products.models import PrivateFile, Unit
from products.services.files import delete_private_file, keep_private_file

GIFT_KEPT = dt.timedelta(days=30)  # after the unit was registered
AT_ONCE = 1000  # rows of one round; the next round takes the rest


@transaction.atomic
def enter_purchase(
    *,
    unit_id: int,
    owner_id: int,
    bought_on: dt.date,
    seller: str,
    proof: PrivateFile | None,
    now: dt.datetime,
    actor_id: int | None = None,
) -> Purchase:
    """Note when and where the owner bought it, or correct that; `proof` takes the place of the one before.

    It says nothing of the warranty: staff decide whether that runs from this day. The same again changes
    nothing. Raises OwnershipError: `not_owner`.
    """
    unit = lock_unit(unit_id)
    ownership = _current(unit, owner_id)
    purchase: Purchase | None = Purchase.objects.filter(ownership=ownership).first()
    told = (bought_on, seller)
    if purchase and (purchase.bought_on, purchase.seller) == told and proof is None:
        return purchase
    if purchase and purchase.proof and proof:
        delete_private_file(purchase.proof, now=now)
    values = {
        "bought_on": bought_on,
        "seller": seller,
        "entered_at": now,
        **({"proof": proof} if proof else {}),
    }
    purchase, _made = Purchase.objects.update_or_create(ownership=ownership, defaults=values)
    _record(
        EventKind.PURCHASE_ENTERED, unit, now, owner_id=owner_id, actor_id=actor_id,
        data={"purchase": purchase.pk, "bought_on": bought_on.isoformat()},
    )  # fmt: skip
    return purchase


@transaction.atomic
def remove_proof(*, unit_id: int, owner_id: int, now: dt.datetime) -> bool:
    """Delete the proof of purchase; return whether there was one. Raises OwnershipError `not_owner`."""
    unit = lock_unit(unit_id)
    purchase = Purchase.objects.filter(ownership=_current(unit, owner_id)).select_related("proof").first()
    if purchase is None or purchase.proof is None:
        return False
    Purchase.objects.filter(pk=purchase.pk).update(proof=None)
    delete_private_file(purchase.proof, now=now)
    return True


@transaction.atomic
def leave_gift(
    *,
    unit_id: int,
    words: str,
    bought_on: dt.date | None,
    submission_key: str,
    gift_id: int | None,
    now: dt.datetime,
) -> Gift:
    """Leave words for whoever unpacks the unit, or correct one's own (`gift_id`); the same form sent twice is one.

    Raises OwnershipError: `retired`, `owned` (it is registered, or was), `given` (somebody else left words).
    """
    unit = lock_unit(unit_id)
    if unit.is_retired:
        raise OwnershipError("retired", _("This unit's life has ended; it can't be given away."))
    if Ownership.objects.of_unit(unit).counted().exists():
        raise OwnershipError("owned", _("It is registered already; its owner passes it on instead."))
    gift: Gift | None = Gift.objects.filter(unit=unit).first()
    key = _key(submission_key, unit_id)
    if gift is not None and gift.pk != gift_id and gift.submission_key != key:
        raise OwnershipError("given", _("Somebody left words for it already."))
    if gift is not None:
        Gift.objects.filter(pk=gift.pk).update(words=words, bought_on=bought_on)
        gift.words, gift.bought_on = words, bought_on
        return gift
    gift = Gift.objects.create(
        unit=unit,
        brand_id=unit.brand_id,
        words=words,
        bought_on=bought_on,
        left_at=now,
        submission_key=key,
    )
    _record(EventKind.GIFT_LEFT, unit, now, data={"gift": gift.pk})
    return gift


def gift_of_form(*, unit_id: int, submission_key: str) -> Gift | None:
    """Return the words that this form left on this unit before."""
    gift: Gift | None = Gift.objects.filter(
        unit=unit_id, submission_key=_key(submission_key, unit_id)
    ).first()
    return gift


def _key(submission_key: str, unit_id: int) -> str:
    """What tells this form from all others; sent for another unit it is another one."""
    return hashlib.sha256(f"{submission_key}\n{unit_id}".encode()).hexdigest()


@transaction.atomic
def take_gift_back(
    *, unit_id: int, gift_id: int | None, now: dt.datetime, actor_id: int | None = None
) -> bool:
    """Delete the words; return whether there were any. `gift_id` None: staff delete whatever stands there."""
    unit = lock_unit(unit_id)
    gifts = Gift.objects.filter(unit=unit, **({"pk": gift_id} if gift_id is not None else {}))
    gift = gifts.first()
    if gift is None:
        return False
    gifts.delete()
    _record(EventKind.GIFT_REMOVED, unit, now, actor_id=actor_id, data={"gift": gift.pk})
    return True


def forget_gifts(*, now: dt.datetime) -> int:
    """Delete the words of givers thirty days after the unit was registered; return how many.

    The day on which the giver bought it stays with the first owner, who may have entered another.
    """
    old = Gift.objects.filter(unit__facts__first_owned_at__lte=now - GIFT_KEPT).select_related("unit")
    count = 0
    for gift in old.order_by("pk")[:AT_ONCE]:
        with transaction.atomic():
            lock_unit(gift.unit_id)
            first = Ownership.objects.of_unit(gift.unit).current().filter(ordinal=1).first()
            if first and gift.bought_on:
                Purchase.objects.get_or_create(
                    ownership=first, defaults={"bought_on": gift.bought_on, "entered_at": now}
                )
            count += Gift.objects.filter(pk=gift.pk).delete()[0]
    return count


def let_proofs_go(*, now: dt.datetime) -> int:
    """Set a day of deletion for the proofs of owners who own the unit no longer; return how many."""
    over = Purchase.objects.filter(ownership__until__isnull=False, proof__expires_at__isnull=True)
    rows = over.filter(proof__isnull=False).select_related("proof", "ownership__unit").order_by("pk")
    days: dict[int, int] = {}
    count = 0
    for purchase in rows[:AT_ONCE]:
        brand_id = purchase.ownership.unit.brand_id
        kept = days.setdefault(brand_id, policy_of(brand_id).evidence_days)
        keep_private_file(file=purchase.proof, until=purchase.ownership.until + dt.timedelta(days=kept))
        count += 1
    return count


def _current(unit: Unit, owner_id: int) -> Ownership:
    ownership: Ownership | None = Ownership.objects.of_unit(unit).current().filter(owner=owner_id).first()
    if ownership is None:
        raise OwnershipError("not_owner", _("This piece has another owner by now; only they can do this."))
    return ownership


def _record(kind: EventKind, unit: Unit, now: dt.datetime, **more: object) -> None:
    record_event(NewEvent(kind, unit.brand_id, now, unit_id=unit.pk, **more), now=now)  # type: ignore[arg-type]
