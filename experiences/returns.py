"""A unit that came back to the shop: registration, coverage and sale are undone, and the next buyer is its first owner."""

import datetime as dt

from django.db import transaction
from django.utils.translation import gettext as _

from analytics.kinds import EventKind
from analytics.models import UnitActivity, UnitFacts
from analytics.services import NewEvent, lock_unit, record_event, update_facts
from experiences.transfer_letters import send_receipts
from ownership.errors import OwnershipError
from ownership.models import Gift, Ownership, Registration, ReleaseRequest, Transfer
from ownership.models.owners import Annulled
from ownership.models.registrations import RegistrationState
from ownership.models.transfers import TransferKind, TransferState
from ownership.services import annul_ownership, record_sale
from ownership.services.life import take_back_sale
from products.models import Unit
from warranty.services import reset_coverage


@transaction.atomic
def return_unit(
    *, unit_id: int, now: dt.datetime, actor_id: int | None, resold_on: dt.date | None = None
) -> Unit:
    """Undo what the sale and the registration began, so that the unit's next buyer is its first owner.

    A unit that had changed hands before keeps its earlier owners, its sale and its coverage: only the last
    ownership is undone. What the person owns besides is not touched. `resold_on`: the day on which it was
    sold again, where that is known.

    Raises OwnershipError: `retired`, `disputed` (somebody else claims the unit), `missed` (it is reported
    lost or stolen), `nothing` (there is no sale, owner or coverage to undo), and what `record_sale` raises.
    """
    unit = lock_unit(unit_id)
    _refuse_unreturnable(unit)
    _accept_return(unit, now, actor_id)
    if Ownership.objects.of_unit(unit).current().exists():
        annul_ownership(unit=unit, reason=Annulled.RETURNED, now=now, actor_id=actor_id)
    # Who had typed the printed code's form is not to become the owner of what is on the shelf again.
    Registration.objects.filter(unit=unit, state=RegistrationState.PENDING).update(
        state=RegistrationState.SUPERSEDED
    )
    Gift.objects.filter(unit=unit).delete()
    if not Ownership.objects.of_unit(unit).counted().exists():
        reset_coverage(unit_id=unit.pk, now=now, actor_id=actor_id, reason=Annulled.RETURNED.value)
        take_back_sale(unit=unit, now=now, actor_id=actor_id)
        _as_on_the_shelf(unit, now)
    if resold_on is not None:
        record_sale(unit=lock_unit(unit.pk), sold_on=resold_on, now=now, actor_id=actor_id)
    return unit


def can_be_returned(unit: Unit) -> bool:
    """Whether there is anything to undo."""
    return bool(
        unit.sold_on is not None
        or Ownership.objects.of_unit(unit).current().exists()
        or hasattr(unit, "coverage")
    )


def _refuse_unreturnable(unit: Unit) -> None:
    if unit.is_retired:
        raise OwnershipError("retired", _("This unit's life has ended; it can't go back on the shelf."))
    if ReleaseRequest.objects.of_unit(unit).open().exists():
        raise OwnershipError(
            "disputed", _("Somebody else says that this unit is theirs. Settle that first, at the desk.")
        )
    facts = UnitFacts.objects.filter(unit=unit).first()
    if facts and (facts.lost or facts.stolen or facts.dispute):
        raise OwnershipError(
            "missed", _("This unit is reported lost or stolen, or is disputed. Settle that first.")
        )
    if not can_be_returned(unit):
        raise OwnershipError("nothing", _("There is nothing to undo: no sale, no owner, no warranty."))


def _accept_return(unit: Unit, now: dt.datetime, actor_id: int | None) -> None:
    """The owner offered the unit back to the shop, and here it is."""
    returns = Transfer.objects.of_unit(unit).open().filter(kind=TransferKind.RETURN)
    offer = returns.select_related("ownership__owner__brand").first()
    if offer is None:
        return
    offer.state, offer.settled_at, offer.recipient = TransferState.ACCEPTED, now, ""
    offer.save(update_fields=["state", "settled_at", "recipient"])
    record_event(
        NewEvent(
            EventKind.TRANSFER_ACCEPTED, unit.brand_id, now, unit_id=unit.pk,
            owner_id=offer.ownership.owner_id, actor_id=actor_id,
            data={"transfer": offer.pk, "kind": TransferKind.RETURN.value},
        ),
        now=now,
    )  # fmt: skip
    send_receipts(offer, now)


def _as_on_the_shelf(unit: Unit, now: dt.datetime) -> None:
    """Forget what the page concluded from the buyer's time: the scans themselves stay in the ledger.

    A chip that says its seal is open says so again at its next tap.
    """
    update_facts(unit.pk, holder_spoke_up_at=None, opened_at=None)
    UnitActivity.objects.filter(unit=unit).update(first_scan_at=now, last_scan_at=now, visitors="")
