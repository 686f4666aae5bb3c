"""Work in the background: jobs, and beat's rounds."""

from celery import shared_task
from django.utils import timezone

from products.services import files, job_runs


@shared_task
def run_job(job_id: int) -> bool:
    return job_runs.work_on_job(job_id, now=timezone.now())


@shared_task
def sweep_jobs() -> int:
    """Give jobs that a lost message or a dead worker left behind a worker again."""
    job_ids = job_runs.reclaim_lost_jobs(now=timezone.now())
    for job_id in job_ids:
        run_job.delay(job_id)
    return len(job_ids)


@shared_task
def delete_expired_files() -> int:
    return files.delete_expired_files(now=timezone.now())
