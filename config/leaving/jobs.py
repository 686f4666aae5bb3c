"""Taking everything along from the console: a job that writes the archive and keeps it, private, for a week."""

import datetime as dt
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.core.files import File
from django.db import connection
from django.utils import timezone

from config.leaving.archive import archive_at
from config.leaving.export import PURPOSE, Leaving, export_brand
from config.leaving.links import read_targets
from products.encoding.sealing import read_recipient
from products.models import Brand, Job, Person
from products.services.files import store_private_file
from products.services.job_runs import JobRun, JobStopped
from products.services.jobs import request_job

EXPORT_BRAND = "export_brand"
KEPT = dt.timedelta(days=7)
BEAT = 5  # seconds between signs of life


def request_export(
    *, brand: Brand, requester: Person, key: str, unit_target: str, chip_target: str, now: dt.datetime
) -> Job:
    """Ask for the archive. Raises ProductsError `bad_key` or `bad_target` with a sentence."""
    read_recipient(key)
    read_targets(unit_target, chip_target)
    params = {"key": key, "unit_target": unit_target, "chip_target": chip_target}
    return request_job(kind=EXPORT_BRAND, brand=brand, requester=requester, params=params, now=now)


def run_export_job(job: Job, run: JobRun) -> dict[str, Any]:
    """Write the archive and keep it as a private file; a run that is repeated writes it anew."""
    asked = job.params
    leaving = Leaving(
        brand=job.brand,
        recipient=read_recipient(asked["key"]),
        targets=read_targets(asked["unit_target"], asked["chip_target"]),
        now=run.now,
        actor_id=job.requester_id,
    )
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"{job.brand.slug}.zip"
        with _alive(run, leaving):
            export_brand(leaving, archive_at(path))
        with path.open("rb") as content:
            file = store_private_file(
                brand=job.brand,
                purpose=PURPOSE,
                content=File(content, name=path.name),
                original_name=path.name,
                content_type="application/zip",
                uploaded_by=job.requester,
                now=timezone.now(),
                keep_for=KEPT,
            )
    return {"file": file.pk, "rows": leaving.total, "links": leaving.links, "missing": len(leaving.missing)}


@contextmanager
def _alive(run: JobRun, leaving: Leaving) -> Iterator[None]:
    """Give signs of life from another thread: the export's own view of the database can't be written in.

    Where the job is to stop, the export hears of it at its next thousand rows.
    """
    over, stopped = threading.Event(), threading.Event()

    def beat() -> None:
        try:
            while not over.wait(BEAT):
                run.report_done(leaving.total)
        except JobStopped:
            stopped.set()
        finally:
            connection.close()

    def stop_if_asked(_rows: int) -> None:
        if stopped.is_set():
            raise JobStopped

    leaving.on_progress = stop_if_asked
    thread = threading.Thread(target=beat, daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()
    run.report_done(leaving.total)
