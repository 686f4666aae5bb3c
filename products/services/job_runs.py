"""Running jobs: one worker at a time per job, with signs of life, until done, failed, cancelled or lost."""

import datetime as dt
import logging
from collections.abc import Callable, Mapping
from typing import Any

from django.conf import settings
from django.utils import timezone
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _

from products.errors import ProductsError
from products.models import Job
from products.models.operations import JOB_TRANSITIONS, JobState

LOST_AFTER = dt.timedelta(minutes=10)  # without a sign of life
GIVEN_UP_AFTER = dt.timedelta(days=1)  # a job that kills its worker each time is not tried forever

logger = logging.getLogger(__name__)


class JobStopped(Exception):  # noqa: N818 - not an error: somebody asked for it
    """The job was cancelled, or taken over by another worker."""


class JobRun:
    """One worker's hold on a job; a worker that was given up for lost finds out at its next report."""

    def __init__(self, job_id: int, now: dt.datetime) -> None:
        self.job_id = job_id
        self.now = now  # when this run began; what it writes happens at this time

    def report_total(self, total: int) -> None:
        """Say how much there is to do, in the unit in which `report_done` counts."""
        self._report(total=total)

    def report_done(self, done: int, so_far: dict[str, Any] | None = None) -> None:
        """Say how much is done: a sign of life. Raises JobStopped when the job is to stop.

        `so_far` is the result as it would be now, which stays where the job is stopped.
        """
        self._report(done=done, **({"result": so_far} if so_far is not None else {}))

    def _report(self, **progress: Any) -> None:
        held = Job.objects.filter(pk=self.job_id, state=JobState.RUNNING, started_at=self.now)
        if not held.update(heartbeat_at=timezone.now(), **progress):
            raise JobStopped
        if held.filter(cancel_requested=True).exists():
            raise JobStopped


JobHandler = Callable[[Job, JobRun], dict[str, Any]]


def advance_job(job_id: int, come_from: JobState, to: JobState, **changes: Any) -> bool:
    """Move the job on with one conditional UPDATE; return False where it was not there any more.

    `changes` may hold `started_at` of the run that may do so, as `started_at__was`.
    """
    if to not in JOB_TRANSITIONS[come_from]:
        raise ValueError(f"a job can't go from {come_from} to {to}")
    rows = Job.objects.filter(pk=job_id, state=come_from)
    if "started_at__was" in changes:
        rows = rows.filter(started_at=changes.pop("started_at__was"))
    return bool(rows.update(state=to, **changes))


def work_on_job(job_id: int, *, now: dt.datetime) -> bool:
    """Run the job if it waits; return False if it is running, finished or gone, so that a repeat changes nothing."""
    if not advance_job(job_id, JobState.WAITING, JobState.RUNNING, started_at=now, heartbeat_at=now):
        return False
    job = Job.objects.select_related("brand", "requester").get(pk=job_id)
    try:
        result = _handler(job.kind)(job, JobRun(job_id, now))
    except JobStopped:
        _finish(job, JobState.CANCELLED)
    except ProductsError as error:
        _finish(job, JobState.FAILED, error=error.sentence)
    except Exception:  # whatever a handler raises, the requester is told
        logger.exception("job %s (%s) failed", job_id, job.kind)
        _finish(
            job, JobState.FAILED, error=_("Something went wrong here. It was written down; try again later.")
        )
    else:
        _finish(job, JobState.DONE, result=result)
    return True


def reclaim_lost_jobs(*, now: dt.datetime) -> list[int]:
    """Put jobs whose worker fell silent back in line; return the ids of all that need a worker now."""
    waiting = []
    for job in Job.objects.lost(now, LOST_AFTER).order_by("pk"):
        state = JobState(job.state)
        if job.created_at < now - GIVEN_UP_AFTER:
            error = _("It was given up after a day without result.")
            advance_job(job.pk, state, JobState.FAILED, error=error, finished_at=now)
        elif state == JobState.WAITING or advance_job(
            job.pk, state, JobState.WAITING, started_at__was=job.started_at, heartbeat_at=None
        ):
            waiting.append(job.pk)
    return waiting


def _finish(job: Job, to: JobState, **changes: Any) -> None:
    """End the run, unless it was given up for lost and another worker has the job."""
    advance_job(
        job.pk, JobState.RUNNING, to, started_at__was=job.started_at, finished_at=timezone.now(), **changes
    )


def _handler(kind: str) -> JobHandler:
    """Return what handles this kind: the list stands above all floors, so that lower ones reach up."""
    handlers: Mapping[str, JobHandler] = import_string(settings.JOB_HANDLERS)
    if kind not in handlers:
        raise ProductsError("unknown_kind", _("This version does not know jobs of the kind “%s”.") % kind)
    return handlers[kind]
