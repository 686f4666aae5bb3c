"""An owner who no longer has the unit says so: nobody owns it then, and whoever has it next can register it."""

import datetime as dt

from django.db import models, transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from analytics.kinds import EventKind
from analytics.services import NewEvent, lock_unit, record_event
from ownership.errors import OwnershipError
from ownership.models import LossReport, Ownership, ReleaseRequest
from ownership.services.holding import refuse_on_hold
from ownership.services.ownerships import end_ownership
from products.models import Unit


class WhyGone(models.TextChoices):
    """What became of it, as its owner says."""

    SOLD = "sold", gettext_lazy("I sold it")
    GIVEN = "given", gettext_lazy("I gave it away")
    GONE = "gone", gettext_lazy("It is gone for good: broken, lost, thrown away")


@transaction.atomic
def let_go(
    *, unit_id: int, owner_id: int, why: WhyGone, now: dt.datetime, actor_id: int | None = None
) -> Ownership | None:
    """End the owner's time with the unit; None where it ended before: sent twice is one.

    Coverage and history stay with the unit. Raises OwnershipError: `missed` (reported lost or stolen: the search
    would end for whoever has it now), `asked_for` (somebody's request for release waits), `at_desk` (staff look at
    who takes it over), `on_hold` (the owner's address is too new: whoever took it over could register the unit for
    themselves).
    """
    unit = lock_unit(unit_id)
    current = Ownership.objects.of_unit(unit).current().first()
    if current is None or current.owner_id != owner_id:
        return None
    if LossReport.objects.of_unit(unit).standing().exists():
        raise OwnershipError(
            "missed",
            _(
                "You reported it lost or stolen. As long as it is yours, nobody else can register it. End the search first."
            ),
        )
    _refuse_asked_for(unit)
    refuse_on_hold(owner_id=owner_id, now=now)
    ownership = end_ownership(unit=unit, until=now, now=now, actor_id=actor_id)
    record_event(
        NewEvent(
            EventKind.OWNERSHIP_LET_GO, unit.brand_id, now, unit_id=unit.pk, owner_id=owner_id,
            actor_id=actor_id, data={"why": why.value},
        ),
        now=now,
    )  # fmt: skip
    return ownership


def _refuse_asked_for(unit: Unit) -> None:
    case = ReleaseRequest.objects.of_unit(unit).open().first()
    if case is not None and case.transfer_id is not None:
        raise OwnershipError(
            "at_desk",
            _("You are passing it on, and somebody has shown that they have it. Call that off first."),
        )
    if case is not None:
        raise OwnershipError(
            "asked_for", _("Somebody says that it is theirs now. Answer them on its page instead.")
        )
