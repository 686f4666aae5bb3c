"""What handles which kind of job: the list that lets the lowest floor reach up (`settings.JOB_HANDLERS`)."""

from analytics.encoding import IMPORT_RESULT, run_result_job
from analytics.imports import IMPORT_UNITS, run_import_job
from config.leaving.jobs import EXPORT_BRAND, run_export_job
from experiences.bulk_registration import REGISTER_IN_BULK, run_bulk_job
from products.services.job_runs import JobHandler
from products.services.labels import PRINT_LABELS, run_labels_job

HANDLERS: dict[str, JobHandler] = {
    IMPORT_UNITS: run_import_job,
    PRINT_LABELS: run_labels_job,
    REGISTER_IN_BULK: run_bulk_job,
    EXPORT_BRAND: run_export_job,
    IMPORT_RESULT: run_result_job,
}
