"""Printing labels: a job that writes PDFs, several in one archive where the run is long."""

from __future__ import annotations

import datetime as dt
import tempfile
import zipfile
from collections.abc import Iterator
from itertools import chain, islice
from typing import BinaryIO, cast

from django.core.files import File
from django.db import transaction
from django.utils.translation import gettext as _

from products.errors import ProductsError
from products.labels.layout import Label
from products.labels.qr import Level
from products.labels.runs import LabelRun
from products.labels.sheets import SheetOptions, write_sheets
from products.links import brand_base_url
from products.models import Brand, Job, Person, PrivateFile
from products.services.audit import write_audit
from products.services.files import store_private_file
from products.services.job_runs import JobRun
from products.services.jobs import request_job

PRINT_LABELS = "print_labels"  # the kind of job
LABELS_PURPOSE = "labels"
MAX_LABELS = 50_000  # in one run
PER_FILE = 2_500  # labels in one PDF, about; it is held in memory until it is written
READ_AT_ONCE = 500  # units


def count_labels(*, brand: Brand, run: LabelRun) -> int:
    """Return how many labels the run prints. Raises ProductsError `nothing` or `too_many`."""
    labels = run.selection.of(brand).count() * run.copies
    if not labels:
        raise ProductsError("nothing", _("No unit fits what you chose."))
    if labels > MAX_LABELS:
        sentence = _("These are %(count)d labels. Print %(most)d at most at a time, by batch or by days.")
        raise ProductsError("too_many", sentence % {"count": labels, "most": MAX_LABELS})
    return labels


@transaction.atomic
def request_labels(*, brand: Brand, requester: Person, run: LabelRun, now: dt.datetime) -> Job:
    """Ask for the sheets, and keep in the audit trail who printed what. Raises what `count_labels` does."""
    labels = count_labels(brand=brand, run=run)
    job = request_job(kind=PRINT_LABELS, brand=brand, requester=requester, params=run.as_params(), now=now)
    asked = run.as_params()
    named = asked["selection"].pop("units")
    write_audit(
        action="labels.printed",
        obj=job,
        brand_id=brand.pk,
        actor_id=requester.pk,
        now=now,
        data={**asked, "labels": labels, "units_named": None if named is None else len(named)},
    )
    return job


def run_labels_job(job: Job, run: JobRun) -> dict[str, int]:
    """Handle a job of kind `print_labels`; params: a LabelRun. Returns the counts and the id of the file."""
    asked = LabelRun.from_params(job.params)
    total = count_labels(brand=job.brand, run=asked)
    run.report_total(total)
    with tempfile.TemporaryFile("w+b") as raw:
        out, archived = cast(BinaryIO, raw), total > PER_FILE
        (_write_archive if archived else _write_one)(out, _labels(job.brand, asked, run), asked, job)
        raw.seek(0)
        file = _store(raw, job, run.now, archived=archived)
    return {"labels": total, "sheets": asked.sheet.sheets(total, asked.start), "file": file.pk}


def _labels(brand: Brand, asked: LabelRun, run: JobRun) -> Iterator[Label]:
    """Yield every label, copies one after the other, and say how far it is."""
    base_url, done = brand_base_url(brand), 0
    for unit in asked.selection.of(brand).with_page_parts().iterator(chunk_size=READ_AT_ONCE):
        label = asked.label(unit, base_url)
        for _copy in range(asked.copies):
            yield label
            done += 1
            if done % READ_AT_ONCE == 0:
                run.report_done(done)
    run.report_done(done)


def _options(asked: LabelRun, job: Job, *, start: int, part: int = 0) -> SheetOptions:
    title = f"{job.brand.name} · {_('Labels')} {job.pk}"
    return SheetOptions(asked.sheet, Level(asked.level), f"{title}, {part}" if part else title, start)


def _write_one(out: BinaryIO, labels: Iterator[Label], asked: LabelRun, job: Job) -> None:
    write_sheets(out, labels, _options(asked, job, start=asked.start))


def _write_archive(out: BinaryIO, labels: Iterator[Label], asked: LabelRun, job: Job) -> None:
    """Write PDFs of whole sheets one after the other, so that memory holds one of them."""
    per_file = -(-PER_FILE // asked.sheet.per_sheet) * asked.sheet.per_sheet
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as archive:
        start, part = asked.start, 1
        while (first := next(labels, None)) is not None:
            portion = chain([first], islice(labels, per_file - start))
            with archive.open(f"labels-{job.pk}-{part:02d}.pdf", "w") as pdf:
                write_sheets(cast(BinaryIO, pdf), portion, _options(asked, job, start=start, part=part))
            start, part = 1, part + 1


def _store(raw: BinaryIO, job: Job, now: dt.datetime, *, archived: bool) -> PrivateFile:
    return store_private_file(
        brand=job.brand,
        purpose=LABELS_PURPOSE,
        content=File(raw, name="written"),
        original_name=f"labels-{job.pk}.{'zip' if archived else 'pdf'}",
        content_type="application/zip" if archived else "application/pdf",
        uploaded_by=job.requester,
        now=now,
    )
