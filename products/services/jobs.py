"""Asking for long work, and asking it to stop."""

import datetime as dt
from typing import Any

from django.db import transaction

from products.models import Brand, Job, Person
from products.models.operations import JobState
from products.services.audit import write_audit
from products.services.job_runs import advance_job
from products.tasks import run_job


@transaction.atomic
def request_job(
    *, kind: str, brand: Brand, requester: Person | None, params: dict[str, Any], now: dt.datetime
) -> Job:
    """Ask for work of a kind that `settings.JOB_HANDLERS` knows; it begins once the transaction is committed."""
    job: Job = Job.objects.create(kind=kind, brand=brand, requester=requester, params=params)
    write_audit(
        action="job.requested",
        obj=job,
        brand_id=brand.pk,
        actor_id=requester.pk if requester else None,
        now=now,
        data={"kind": kind},
    )
    transaction.on_commit(lambda: run_job.delay(job.pk))
    return job


@transaction.atomic
def cancel_job(*, job: Job, actor: Person, now: dt.datetime) -> bool:
    """Stop a waiting job at once and a running one after its current chunk; return False if it is finished."""
    stopped = advance_job(job.pk, JobState.WAITING, JobState.CANCELLED, finished_at=now)
    asked = stopped or bool(
        Job.objects.filter(pk=job.pk, state=JobState.RUNNING, cancel_requested=False).update(
            cancel_requested=True
        )
    )
    if asked:
        write_audit(action="job.cancelled", obj=job, brand_id=job.brand_id, actor_id=actor.pk, now=now)
    return asked
