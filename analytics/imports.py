"""The ledger's part in an import of units: which units have a history, and one event per chunk."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from typing import Any, BinaryIO, cast

from django.core.files import File
from django.db import transaction
from django.utils.translation import gettext as _

from analytics.kinds import EventKind
from analytics.models import Event, UnitActivity, UnitFacts
from analytics.services import NewEvent, record_event
from products.errors import ProductsError
from products.imports.opening import open_csv
from products.imports.preview import Preview
from products.imports.problems import Report, write_problems_to
from products.imports.reading import check_header, count_lines
from products.imports.units import Counts, UnitImport, import_units
from products.models import Brand, Job, Person, PrivateFile
from products.models.operations import JobState
from products.services.files import keep_written_file, open_private_file, store_private_file
from products.services.job_runs import JobRun
from products.services.jobs import request_job

IMPORT_UNITS = "import_units"  # the kind of job
UPLOAD_PURPOSE = "units_to_import"
BAD_ROWS_PURPOSE = "bad_rows"


class ImportLedger:
    """What `products.imports` asks of the ledger (see its Protocol `Ledger`)."""

    def __init__(self, *, now: dt.datetime, actor_id: int | None, source: dict[str, Any]) -> None:
        self._now = now
        self._actor_id = actor_id
        self._source = source

    def units_with_history(self, unit_ids: Collection[int]) -> set[int]:
        """Return those that were ever scanned, registered or flagged."""
        scanned = UnitActivity.objects.filter(unit__in=unit_ids).values_list("unit_id", flat=True)
        known = UnitFacts.objects.filter(unit__in=unit_ids).values_list("unit_id", flat=True)
        return {*scanned, *known}

    def record_import(self, brand: Brand, counts: Counts) -> None:
        data = {"new": counts.new, "changed": counts.changed, **self._source}
        event = NewEvent(EventKind.UNITS_IMPORTED, brand.pk, self._now, actor_id=self._actor_id, data=data)
        record_event(event, now=self._now)


def request_import(
    *, brand: Brand, requester: Person, content: File[Any], dry_run: bool, now: dt.datetime
) -> Job:
    """Keep the uploaded CSV and ask for its import.

    Raises ProductsError `not_csv`, `damaged`, `empty` or `bad_header` for a file that is none, and `too_large`.
    """
    check_header(open_csv(cast(BinaryIO, content)))
    content.seek(0)
    file = store_private_file(
        brand=brand,
        purpose=UPLOAD_PURPOSE,
        content=content,
        original_name=content.name or "units.csv",
        content_type="text/csv",  # whatever the browser called it: the import says whether it is one
        uploaded_by=requester,
        now=now,
    )
    return _request(brand=brand, requester=requester, file_id=file.pk, dry_run=dry_run, now=now)


@transaction.atomic
def import_again(*, job: Job, requester: Person, now: dt.datetime) -> Job:
    """Ask for the import of a file that a preview has shown, or whose import came to no end; twice asks once.

    Raises ProductsError `not_finished` while the job runs and `gone` where the file was deleted meanwhile.
    """
    job = Job.objects.select_for_update().select_related("brand").get(pk=job.pk)
    following = Job.objects.filter(pk=job.params.get("followed_by")).first()
    if following is not None:
        return following
    if job.state in (JobState.WAITING, JobState.RUNNING):
        raise ProductsError("not_finished", _("This job has not ended yet."))
    file = PrivateFile.objects.for_brand(job.brand).filter(pk=job.params["file"]).first()
    if file is None:
        raise _file_is_gone()
    following = _request(brand=job.brand, requester=requester, file_id=file.pk, dry_run=False, now=now)
    job.params["followed_by"] = following.pk
    job.save(update_fields=["params"])
    return following


def _request(*, brand: Brand, requester: Person, file_id: int, dry_run: bool, now: dt.datetime) -> Job:
    params = {"file": file_id, "dry_run": dry_run}
    return request_job(kind=IMPORT_UNITS, brand=brand, requester=requester, params=params, now=now)


def _file_is_gone() -> ProductsError:
    return ProductsError("gone", _("The uploaded file was deleted; upload it again."))


def written_by(job: Job) -> Counts:
    """Return the new and changed rows that runs of this job wrote, as the ledger tells it."""
    events = Event.objects.filter(
        brand=job.brand_id, kind=EventKind.UNITS_IMPORTED, at__gte=job.created_at, data__job=job.pk
    )
    counts = Counts()
    for data in events.values_list("data", flat=True):
        counts.new += data["new"]
        counts.changed += data["changed"]
    return counts


def run_import_job(job: Job, run: JobRun) -> dict[str, Any]:
    """Handle a job of kind `import_units`; params: `file` (id of a private file) and `dry_run`.

    A job whose worker was lost runs again from the first line: what is in is found unchanged in a fraction of the
    time, and counted as what it was when this job wrote it. Returns the counts, the id of the file with the bad
    rows where there are any, and the first rows as they were understood.
    """
    source = PrivateFile.objects.for_brand(job.brand).filter(pk=job.params["file"]).first()
    if source is None:
        raise _file_is_gone()
    preview = Preview()
    with (
        cast(BinaryIO, open_private_file(source)) as packed,
        keep_written_file(
            brand=job.brand,
            purpose=BAD_ROWS_PURPOSE,
            original_name=f"bad-rows-{job.pk}.csv",
            content_type="text/csv",
            uploaded_by=job.requester,
            now=run.now,
        ) as bad_rows,
    ):
        counts = _import(job, run, open_csv(packed), write_problems_to(bad_rows.text), preview)
        bad_rows.wanted = counts.bad > 0
    file = bad_rows.stored
    return {
        **counts.as_dict(),
        "bad_rows_file": file.pk if file else None,
        "preview": preview.as_data(),
    }


def _import(job: Job, run: JobRun, stream: BinaryIO, report: Report, preview: Preview) -> Counts:
    earlier = written_by(job)
    run.report_total(count_lines(stream))
    task = UnitImport(
        brand=job.brand,
        ledger=ImportLedger(now=run.now, actor_id=job.requester_id, source={"job": job.pk}),
        report=report,
        now=run.now,
        dry_run=bool(job.params.get("dry_run")),
        preview=preview,
        on_progress=lambda counts: run.report_done(counts.rows, counts.after(earlier).as_dict()),
    )
    return import_units(stream, task).after(earlier)
