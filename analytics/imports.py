"""The ledger's part in an import of units: which units have a history, and one event per chunk."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from typing import Any, BinaryIO, cast

from django.core.files import File
from django.utils.translation import gettext as _

from analytics.kinds import EventKind
from analytics.models import UnitActivity, UnitFacts
from analytics.services import NewEvent, record_event
from products.errors import ProductsError
from products.imports.problems import write_problems_to
from products.imports.reading import count_lines
from products.imports.units import Counts, UnitImport, import_units
from products.models import Brand, Job, Person, PrivateFile
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
    """Keep the uploaded CSV and ask for its import. Raises ProductsError `too_large`."""
    file = store_private_file(
        brand=brand,
        purpose=UPLOAD_PURPOSE,
        content=content,
        original_name=content.name or "units.csv",
        content_type="text/csv",  # whatever the browser called it: the import says whether it is one
        uploaded_by=requester,
        now=now,
    )
    params = {"file": file.pk, "dry_run": dry_run}
    return request_job(kind=IMPORT_UNITS, brand=brand, requester=requester, params=params, now=now)


def run_import_job(job: Job, run: JobRun) -> dict[str, Any]:
    """Handle a job of kind `import_units`; params: `file` (id of a private file) and `dry_run`.

    Returns the counts, and the id of the file with the bad rows where there are any.
    """
    source = PrivateFile.objects.for_brand(job.brand).filter(pk=job.params["file"]).first()
    if source is None:
        raise ProductsError("gone", _("The uploaded file was deleted; upload it again."))
    with (
        cast(BinaryIO, open_private_file(source)) as stream,
        keep_written_file(
            brand=job.brand,
            purpose=BAD_ROWS_PURPOSE,
            original_name=f"bad-rows-{job.pk}.csv",
            content_type="text/csv",
            uploaded_by=job.requester,
            now=run.now,
        ) as bad_rows,
    ):
        run.report_total(count_lines(stream))
        task = UnitImport(
            brand=job.brand,
            ledger=ImportLedger(now=run.now, actor_id=job.requester_id, source={"job": job.pk}),
            report=write_problems_to(bad_rows.text),
            now=run.now,
            dry_run=bool(job.params.get("dry_run")),
            on_progress=lambda counts: run.report_done(counts.rows),
        )
        counts = import_units(stream, task)
        bad_rows.wanted = counts.bad > 0
    file = bad_rows.stored
    return {**counts.as_dict(), "bad_rows_file": file.pk if file else None}
