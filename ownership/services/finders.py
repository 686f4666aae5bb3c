"""What a finder and an owner write to each other; neither learns who the other is.

The thread's code is the finder's key to it; the owner comes to it by their own. What was written goes some
time after the search is over (`OwnershipPolicy.finder_days`).
"""

import datetime as dt
import hashlib
from dataclasses import dataclass

from django.db import transaction
from django.utils.translation import gettext as _

from analytics.kinds import EventKind
from analytics.services import NewEvent, lock_unit, record_event
from ownership.errors import OwnershipError
from ownership.models import FinderMessage, FinderThread, LossReport
from ownership.models.losses import Sender
from ownership.models.policies import policy_of
from ownership.services.losses import standing_report

AT_ONCE = 1000  # rows of one round; the next round takes the rest


@dataclass(frozen=True, slots=True)
class FinderForm:
    """What a finder typed, checked; the e-mail (in small letters) may be empty."""

    submission_key: str
    words: str
    email: str
    locale: str


@transaction.atomic
def write_to_owner(*, unit_id: int, form: FinderForm, now: dt.datetime) -> FinderThread:
    """Begin a thread with the owner who misses the unit; the same form sent twice is one.

    Raises OwnershipError: `not_missed` (nobody looks for it), `no_owner` (it was missed before it had one).
    """
    unit = lock_unit(unit_id)
    report = standing_report(unit)
    key = _key(form.submission_key, str(unit_id), form.words, form.email)
    if sent := FinderThread.objects.filter(submission_key=key, report__unit=unit).first():
        return sent
    if report is None:
        raise OwnershipError("not_missed", _("Its owner has it again. Thank you for wanting to help."))
    if report.ownership is None:
        raise OwnershipError("no_owner", _("It has no owner yet; the brand itself is looking for it."))
    thread: FinderThread = FinderThread.objects.create(
        report=report, email=form.email, locale=form.locale, submission_key=key, begun_at=now
    )
    FinderMessage.objects.create(thread=thread, sender=Sender.FINDER, words=form.words, sent_at=now)
    _record(EventKind.FINDER_WROTE, report, thread, now)
    return thread


@transaction.atomic
def add_message(
    *, thread_id: int, sender: Sender, words: str, submission_key: str, now: dt.datetime
) -> FinderMessage:
    """Write on in a thread, from either side; the same form sent twice is one message.

    Raises OwnershipError `over`: the owner has the unit again, or it has another owner by now.
    """
    thread: FinderThread = FinderThread.objects.select_related("report__ownership").get(pk=thread_id)
    lock_unit(thread.report.unit_id)
    key = _key(submission_key, str(thread_id), sender.value, words)
    if sent := FinderMessage.objects.filter(submission_key=key).first():
        return sent
    if LossReport.objects.filter(pk=thread.report_id, ended_at__isnull=False).exists():
        raise OwnershipError("over", _("The search is over, so nothing more can be written here."))
    message: FinderMessage = FinderMessage.objects.create(
        thread=thread, sender=sender, words=words, submission_key=key, sent_at=now
    )
    kind = EventKind.FINDER_WROTE if sender is Sender.FINDER else EventKind.FINDER_ANSWERED
    _record(kind, thread.report, thread, now)
    return message


def forget_finders(*, now: dt.datetime) -> int:
    """Delete what was written where the search ended long enough ago; return how many threads. Idempotent."""
    over = FinderThread.objects.filter(report__ended_at__isnull=False).select_related("report")
    days: dict[int, int] = {}
    old = []
    for thread in over.order_by("report__ended_at")[:AT_ONCE]:
        brand_id, ended_at = thread.report.brand_id, thread.report.ended_at
        kept = days.setdefault(brand_id, policy_of(brand_id).finder_days)
        if ended_at and ended_at <= now - dt.timedelta(days=kept):
            old.append(thread.pk)
    FinderThread.objects.filter(pk__in=old).delete()
    return len(old)


def _key(*parts: str) -> str:
    """What tells this form from all others; the same form with other words in it is another one."""
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def _record(kind: EventKind, report: LossReport, thread: FinderThread, now: dt.datetime) -> None:
    owner_id = report.ownership.owner_id if report.ownership else None
    record_event(
        NewEvent(
            kind, report.brand_id, now, unit_id=report.unit_id, owner_id=owner_id,
            data={"report": report.pk, "thread": thread.pk},
        ),
        now=now,
    )  # fmt: skip
