"""Importing what an encoding station reports: chips are bound to units, and the ledger is told."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from itertools import islice
from typing import Any, BinaryIO, cast

from django.core.files import File
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from analytics.imports import BAD_ROWS_PURPOSE
from analytics.kinds import EventKind
from analytics.services import NewEvent, record_events
from products.encoding.results import (
    COLUMNS,
    REQUIRED,
    Bindings,
    KnownChips,
    ResultRow,
    decide,
    parse_result,
)
from products.errors import ProductsError
from products.imports.problems import Problem, Report, RowFault, write_problems_to
from products.imports.reading import Record, count_lines, read_records
from products.models import EncodingOrder, Job, Person, PrivateFile, Tag, Unit
from products.models.units import TagState
from products.profiles import keyring
from products.services.files import keep_written_file, open_private_file, store_private_file
from products.services.job_runs import JobRun
from products.services.jobs import request_job

IMPORT_RESULT = "import_encoding_result"  # the kind of job
RESULT_PURPOSE = "encoding_result"
CHUNK = 1_000  # rows per transaction


@dataclass(slots=True)
class ResultCounts:
    """Rows by what became of them."""

    bound: int = 0
    renewed: int = 0  # chips that were encoded anew
    unchanged: int = 0
    bad: int = 0

    @property
    def rows(self) -> int:
        return self.bound + self.renewed + self.unchanged + self.bad

    def as_dict(self) -> dict[str, int]:
        return asdict(self)


@dataclass(frozen=True, slots=True)
class ResultImport:
    """One import: of which order, and where what happens is told."""

    order: EncodingOrder
    report: Report  # called with every problem, in the order of the lines within each chunk
    now: dt.datetime
    actor_id: int | None
    source: dict[str, Any]  # what the events say of where the rows came from
    on_progress: Callable[[ResultCounts], None] = field(default=lambda counts: None)  # after each chunk


def import_result(stream: BinaryIO, task: ResultImport) -> ResultCounts:
    """Import a CSV with the columns `serial,uid` and, if need be, `gtin,key_version`; return the counts of rows.

    Every chunk is one transaction; the same file again changes nothing. Raises ProductsError where the file as
    a whole can't be read, or `no_such_version` where the order's key was removed; then nothing was written.
    """
    _refuse_removed_version(task.order)
    counts = ResultCounts()
    records = read_records(stream, COLUMNS, REQUIRED)
    while chunk := list(islice(records, CHUNK)):
        rows, problems = _parse(chunk)
        bindings, refused = _write_or_retry(rows, task)
        problems += refused
        for problem in sorted(problems, key=lambda problem: problem.line):
            task.report(problem)
        counts.bound += len(bindings.new)
        counts.renewed += len(bindings.renewed)
        counts.unchanged += bindings.unchanged
        counts.bad += len({problem.line for problem in problems})
        task.on_progress(counts)
    return counts


def request_result_import(
    *, order: EncodingOrder, requester: Person, content: File[Any], now: dt.datetime
) -> Job:
    """Keep the uploaded CSV and ask for its import. Raises ProductsError `too_large`."""
    file = store_private_file(
        brand=order.brand,
        purpose=RESULT_PURPOSE,
        content=content,
        original_name=content.name or "result.csv",
        content_type="text/csv",  # whatever the browser called it: the import says whether it is one
        uploaded_by=requester,
        now=now,
    )
    params = {"file": file.pk, "order": order.pk}
    return request_job(kind=IMPORT_RESULT, brand=order.brand, requester=requester, params=params, now=now)


def run_result_job(job: Job, run: JobRun) -> dict[str, Any]:
    """Handle a job of kind `import_encoding_result`; params: `file` (id of a private file) and `order`."""
    source = PrivateFile.objects.for_brand(job.brand).filter(pk=job.params["file"]).first()
    order = EncodingOrder.objects.for_brand(job.brand).filter(pk=job.params["order"]).first()
    if source is None or order is None:
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
        task = ResultImport(
            order=order,
            report=write_problems_to(bad_rows.text),
            now=run.now,
            actor_id=job.requester_id,
            source={"job": job.pk},
            on_progress=lambda counts: run.report_done(counts.rows),
        )
        counts = import_result(stream, task)
        bad_rows.wanted = counts.bad > 0
    file = bad_rows.stored
    return {**counts.as_dict(), "bad_rows_file": file.pk if file else None}


def _refuse_removed_version(order: EncodingOrder) -> None:
    """Chips under a key that is gone would be on their units, and none of their links would check."""
    if order.key_version not in keyring(order.profile).versions:
        sentence = _(
            "Key version %(version)d of this order was removed from the profile, so no link of these chips would check."
            " Add the version again with the same key, then import the result."
        )
        raise ProductsError("no_such_version", sentence % {"version": order.key_version})


def _parse(chunk: list[Record | Problem]) -> tuple[list[ResultRow], list[Problem]]:
    rows: list[ResultRow] = []
    problems: list[Problem] = []
    for record in chunk:
        parsed = [record] if isinstance(record, Problem) else parse_result(record)
        if isinstance(parsed, ResultRow):
            rows.append(parsed)
        else:
            problems.extend(parsed)
    return rows, problems


def _write_or_retry(rows: list[ResultRow], task: ResultImport) -> tuple[Bindings, list[Problem]]:
    """Write the chunk in one transaction; row by row where somebody else bound one of the chips at that moment."""
    try:
        with transaction.atomic():
            return _write(rows, task)
    except IntegrityError:
        pairs = [_write_one(row, task) for row in rows]
    all_of = Bindings(
        [tag for done, _bad in pairs for tag in done.new],
        [tag for done, _bad in pairs for tag in done.renewed],
        sum(done.unchanged for done, _bad in pairs),
    )
    return all_of, [problem for _done, bad in pairs for problem in bad]


def _write_one(row: ResultRow, task: ResultImport) -> tuple[Bindings, list[Problem]]:
    try:
        with transaction.atomic():
            return _write([row], task)
    except IntegrityError:
        reason = _("Somebody else changed this unit or chip at the same moment. Import the row again.")
        return Bindings(), [Problem(row.line, "", reason)]


def _write(rows: list[ResultRow], task: ResultImport) -> tuple[Bindings, list[Problem]]:
    known, bindings = _load(rows, task.order), Bindings()
    problems: list[Problem] = []
    for row in rows:
        try:
            decide(row, task.order, known, bindings)
        except RowFault as fault:
            problems.append(Problem(row.line, fault.column, fault.reason))
    # In one order everywhere, so that two imports wait for each other and never in a circle.
    Tag.objects.bulk_create(sorted(bindings.new, key=lambda tag: tag.uid))
    _renew(bindings.renewed, task.order.key_version)
    record_events(list(_events(bindings, task)), now=task.now)
    return bindings, problems


def _load(rows: list[ResultRow], order: EncodingOrder) -> KnownChips:
    """Read the units, locking them, and the chips; a fixed number of statements."""
    units = Unit.objects.for_brand(order.brand).filter(serial__in={row.serial for row in rows})
    if order.batch_id is not None:
        units = units.filter(batch=order.batch_id)
    known = KnownChips({})
    locked = units.select_for_update(of=("self",), no_key=True).select_related("trade_item").order_by("pk")
    for unit in locked:
        known.units.setdefault(unit.serial, []).append(unit)
    found = [unit.pk for same in known.units.values() for unit in same]
    chips = Tag.objects.for_brand(order.brand).chips()
    for tag in chips.active().filter(unit__in=found):
        known.add(tag)
    # A chip that was withdrawn under another profile may serve again; of several rows, this profile's counts.
    named = chips.filter(
        Q(profile=order.profile_id) | Q(state=TagState.ACTIVE), uid__in={row.uid for row in rows}
    )
    for tag in sorted(named, key=lambda tag: tag.profile_id == order.profile_id):
        known.add(tag)
    return known


def _renew(tags: list[Tag], version: int) -> None:
    """Let the chips count from the start under their new version, unless a tap was faster and knows it already."""
    older = Tag.objects.filter(
        pk__in=[tag.pk for tag in tags], state=TagState.ACTIVE, key_version__lt=version
    )
    older.update(key_version=version, last_counter=None, last_visitor="")


def _events(bindings: Bindings, task: ResultImport) -> Iterator[NewEvent]:
    """Tell of the chips bound once per chunk, and of each chip that counts from the start."""
    brand_id, said = task.order.brand_id, {"order": task.order.pk, **task.source}
    if bindings.new:
        data = {"chips": len(bindings.new), **said}
        yield NewEvent(EventKind.TAG_BOUND, brand_id, task.now, actor_id=task.actor_id, data=data)
    for tag in bindings.renewed:
        data = {"tag": tag.pk, "key_version": tag.key_version, **said}
        yield NewEvent(
            EventKind.TAG_ENCODED_ANEW, brand_id, task.now, tag.unit_id, actor_id=task.actor_id, data=data
        )
