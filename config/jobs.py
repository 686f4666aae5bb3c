"""What handles which kind of job: the list that lets the lowest floor reach up (`settings.JOB_HANDLERS`)."""

from analytics.imports import IMPORT_UNITS, run_import_job
from products.services.job_runs import JobHandler

HANDLERS: dict[str, JobHandler] = {
    IMPORT_UNITS: run_import_job,
}
