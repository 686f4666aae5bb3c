"""The search for a lost or stolen unit: what the services note, with the letters that follow from it."""

import datetime as dt

from django.db import transaction
from django.db.models import Count, Max

from analytics.models import Scan
from analytics.services import lock_unit
from experiences.languages import language_of
from experiences.messages import ask_for_letter
from experiences.models import MessageKind
from ownership.models import FinderMessage, FinderThread, LossReport, Ownership
from ownership.models.losses import LossKind, Sender
from ownership.services.finders import FinderForm, add_message, write_to_owner
from ownership.services.losses import LossForm, end_loss, report_loss, standing_report
from products.limits import Limit
from products.models import Unit

# No tap stands behind a finder's page: scripts could write by the thousand. Nobody at one address uses up what an
# owner gets of a day, so that an honest finder is not shut out; and whoever holds the unit is not counted among all others.
PER_VISITOR = Limit("finder-visitor", most=6, seconds=60 * 60)
PER_VISITOR_AND_UNIT = Limit("finder-visitor-unit", most=10, seconds=24 * 60 * 60)
PER_UNIT = Limit("finder-unit", most=100, seconds=24 * 60 * 60)
PER_THREAD = Limit("finder-thread", most=20, seconds=60 * 60)


@transaction.atomic
def report_missing(
    *,
    unit_id: int,
    owner_id: int,
    form: LossForm,
    locale: str,
    now: dt.datetime,
    actor_id: int | None = None,
) -> LossReport:
    """Report the unit, or correct the report; its owner gets one letter about it. Raises as `report_loss` does."""
    report = report_loss(unit_id=unit_id, owner_id=owner_id, form=form, now=now, actor_id=actor_id)
    _say_it_is_reported(report, locale, now)
    return report


@transaction.atomic
def report_for_caller(
    *,
    unit: Unit,
    kind: LossKind,
    missed_on: dt.date | None,
    police_reference: str,
    reason: str,
    now: dt.datetime,
    actor_id: int,
) -> LossReport:
    """Staff report a unit for whoever calls; what the owner wrote for finders stays. Raises as `report_loss` does."""
    unit = lock_unit(unit.pk)
    stands = standing_report(unit)
    current = Ownership.objects.of_unit(unit).current().select_related("owner__brand").first()
    form = LossForm(
        kind=kind,
        missed_on=missed_on or (stands.missed_on if stands else None),
        police_reference=police_reference or (stands.police_reference if stands else ""),
        words=stands.words if stands else "",
    )
    owner = current.owner if current else None
    report = report_loss(
        unit_id=unit.pk, owner_id=owner.pk if owner else None, form=form, now=now, actor_id=actor_id,
        reason=reason,
    )  # fmt: skip
    if owner is not None:
        _say_it_is_reported(report, language_of(owner), now)
    return report


@transaction.atomic
def end_for_caller(*, unit: Unit, reason: str, now: dt.datetime, actor_id: int) -> None:
    """Staff end the search for whoever calls, whether an owner reported it or staff did."""
    unit = lock_unit(unit.pk)
    current = Ownership.objects.of_unit(unit).current().first()
    owner_id = current.owner_id if current else None
    end_loss(unit_id=unit.pk, owner_id=owner_id, now=now, actor_id=actor_id, reason=reason)


def _say_it_is_reported(report: LossReport, locale: str, now: dt.datetime) -> None:
    if report.ownership is None:
        return
    ask_for_letter(
        kind=MessageKind.LOSS_REPORTED, brand_id=report.brand_id, about_id=report.pk, unit_id=report.unit_id,
        owner_id=report.ownership.owner_id, locale=locale, now=now,
    )  # fmt: skip


@transaction.atomic
def write_as_finder(*, unit_id: int, form: FinderForm, now: dt.datetime) -> FinderThread:
    """Begin a thread, and let the owner know. Raises as `write_to_owner` does."""
    thread = write_to_owner(unit_id=unit_id, form=form, now=now)
    first = FinderMessage.objects.filter(thread=thread).order_by("pk").first()
    if first is not None:
        _tell_owner(thread, first, now)
    return thread


@transaction.atomic
def write_on(
    *, thread: FinderThread, sender: Sender, words: str, submission_key: str, now: dt.datetime
) -> FinderMessage:
    """Write on in a thread, and let the other side know. Raises as `add_message` does."""
    message = add_message(
        thread_id=thread.pk, sender=sender, words=words, submission_key=submission_key, now=now
    )
    if sender is Sender.FINDER:
        _tell_owner(thread, message, now)
    elif thread.email:
        ask_for_letter(
            kind=MessageKind.OWNER_ANSWERED, brand_id=thread.report.brand_id, about_id=thread.pk,
            unit_id=thread.report.unit_id, number=str(message.pk), locale=thread.locale, now=now,
        )  # fmt: skip
    return message


def _tell_owner(thread: FinderThread, message: FinderMessage, now: dt.datetime) -> None:
    ownership = thread.report.ownership
    if ownership is None:
        return
    ask_for_letter(
        kind=MessageKind.FINDER_WROTE, brand_id=thread.report.brand_id, about_id=thread.pk,
        unit_id=thread.report.unit_id, owner_id=ownership.owner_id, number=str(message.pk),
        locale=language_of(ownership.owner), now=now,
    )  # fmt: skip


def threads_of(report: LossReport) -> list[FinderThread]:
    """Return the report's threads, the one written in last first, each with its number of messages."""
    rows = report.threads.annotate(written=Count("messages"), last_at=Max("messages__sent_at"))
    return list(rows.order_by("-last_at"))


def last_seen(report: LossReport) -> Scan | None:
    """Return the last time somebody opened the unit's page from its chip or code since it was reported."""
    scans = Scan.objects.filter(unit=report.unit_id, at__gte=report.reported_at)
    scan: Scan | None = scans.order_by("-at").first()
    return scan
