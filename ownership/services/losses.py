"""Lost and stolen: an owner, or staff for whoever calls, says that a unit is missed, corrects it, and ends it.

The flags `lost` and `stolen` rise and fall with the report, in its transaction. While it stands the unit can't
be registered, passed on or released; a new owner and the end of its life end it, too.
"""

import datetime as dt
from dataclasses import asdict, dataclass

from django.db import transaction
from django.utils.translation import gettext as _

from analytics.kinds import EventKind, Flag
from analytics.services import NewEvent, lock_unit, lower_flag, raise_flag, record_event
from ownership.errors import OwnershipError
from ownership.models import FinderThread, LossReport, Ownership
from ownership.models.losses import LossKind
from products.models import Unit

FLAGS = {LossKind.LOST: Flag.LOST, LossKind.STOLEN: Flag.STOLEN}


@dataclass(frozen=True, slots=True)
class LossForm:
    """What was typed, checked: the day is not ahead; police reference and words may be empty."""

    kind: LossKind
    missed_on: dt.date | None = None
    police_reference: str = ""
    words: str = ""


@transaction.atomic
def report_loss(
    *,
    unit_id: int,
    owner_id: int | None,
    form: LossForm,
    now: dt.datetime,
    actor_id: int | None = None,
    reason: str = "",
) -> LossReport:
    """Say that the unit is missed, or correct what was said; the same form again changes nothing.

    `owner_id`: whose it is as far as the reporter knows; None where nobody owns it (staff report what was
    missed before it was sold). `reason`: why staff did it, for the timeline. Raises OwnershipError: `retired`,
    `not_owner` (it is somebody else's by now).
    """
    unit = lock_unit(unit_id)
    if unit.is_retired:
        raise OwnershipError("retired", _("This unit's life has ended; nobody can miss it any more."))
    ownership = _ownership_of(unit, owner_id)
    report = standing_report(unit)
    what = EventKind.LOSS_CHANGED
    if report is None:
        what = EventKind.LOSS_REPORTED
        report = LossReport.objects.create(
            brand_id=unit.brand_id, unit=unit, ownership=ownership, reported_by_id=actor_id, reported_at=now,
            **asdict(form),
        )  # fmt: skip
    elif not _correct(report, form):
        return report
    _record(what, report, now, actor_id, kind=form.kind.value)
    _fly(unit, FLAGS[form.kind], now, actor_id, reason)
    return report


@transaction.atomic
def end_loss(
    *,
    unit_id: int,
    owner_id: int | None,
    now: dt.datetime,
    actor_id: int | None = None,
    reason: str = "",
) -> LossReport | None:
    """The owner has the unit again: nobody looks for it any more. Twice changes nothing.

    Returns the report that ended, None where none stood. Raises OwnershipError `not_owner`.
    """
    unit = lock_unit(unit_id)
    _ownership_of(unit, owner_id)
    report = standing_report(unit)
    if report is not None:
        LossReport.objects.filter(pk=report.pk).update(ended_at=now)
        report.ended_at = now
        _record(EventKind.LOSS_ENDED, report, now, actor_id)
    _fly(unit, None, now, actor_id, reason)
    return report


@transaction.atomic
def leave_loss_to_brand(*, ownership: Ownership, now: dt.datetime) -> LossReport | None:
    """Keep the unit reported when its owner is forgotten: the report is nobody's then, and staff alone end it.

    What the owner and finders wrote, and the police's reference, go. Twice changes nothing.
    """
    lock_unit(ownership.unit_id)
    report: LossReport | None = LossReport.objects.standing().filter(ownership=ownership).first()
    if report is None:
        return None
    FinderThread.objects.filter(report=report).delete()
    LossReport.objects.filter(pk=report.pk).update(ownership=None, words="", police_reference="")
    report.refresh_from_db()
    _record(EventKind.LOSS_CHANGED, report, now, None, kind=report.kind)
    return report


def standing_report(unit: Unit) -> LossReport | None:
    """Return the report that stands now, with the ownership that it is of."""
    rows = LossReport.objects.of_unit(unit).standing().select_related("ownership__owner")
    report: LossReport | None = rows.first()
    return report


def _ownership_of(unit: Unit, owner_id: int | None) -> Ownership | None:
    current: Ownership | None = Ownership.objects.of_unit(unit).current().first()
    if (current.owner_id if current else None) != owner_id:
        raise OwnershipError("not_owner", _("This piece has another owner by now; only they can do this."))
    return current


def _correct(report: LossReport, form: LossForm) -> bool:
    """Write down what is different now; return whether anything is."""
    changes = {name: value for name, value in asdict(form).items() if getattr(report, name) != value}
    if changes:
        LossReport.objects.filter(pk=report.pk).update(**changes)
    for name, value in changes.items():
        setattr(report, name, value)
    return bool(changes)


def _fly(unit: Unit, flag: Flag | None, now: dt.datetime, actor_id: int | None, reason: str) -> None:
    """Raise this flag and lower the other one; None lowers both."""
    for one in FLAGS.values():
        change = raise_flag if one is flag else lower_flag
        change(unit, one, now=now, actor_id=actor_id, reason=reason)


def _record(what: EventKind, report: LossReport, now: dt.datetime, actor_id: int | None, **data: str) -> None:
    owner_id = report.ownership.owner_id if report.ownership else None
    record_event(
        NewEvent(
            what, report.brand_id, now, unit_id=report.unit_id, owner_id=owner_id, actor_id=actor_id,
            data={"report": report.pk, **data},
        ),
        now=now,
    )  # fmt: skip
