"""Registering many units for an organisation: the job behind staff's page, and the list that an organisation sends."""

import csv
import datetime as dt
import io
from dataclasses import asdict, dataclass, field
from itertools import islice
from typing import Any, BinaryIO, cast

from django.core.files.base import ContentFile
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils.translation import gettext as _

from analytics.services import lock_unit
from experiences.proofs import ProofFile, keep_proof
from ownership.errors import OwnershipError
from ownership.models import BulkRequest, Owner, Ownership
from ownership.models.owners import OwnerKind
from ownership.services.bulk import (
    BulkRow,
    approve_list,
    read_list,
    register_for_organisation,
    send_list,
)
from ownership.services.registrations import refuse_unregistrable
from products.days import day_in, market_zones, zone_of
from products.errors import ProductsError
from products.imports.opening import open_csv
from products.imports.problems import Problem, Report, write_problems_to
from products.imports.reading import count_lines
from products.models import Brand, Job, Person, PrivateFile, Unit
from products.services.files import keep_written_file, open_private_file, store_private_file
from products.services.job_runs import JobRun
from products.services.jobs import request_job
from warranty.services import activate_coverage

REGISTER_IN_BULK = "register_in_bulk"  # the kind of job
LIST_PURPOSE = "units_of_organisation"
LIST_PROOF_PURPOSE = "proof_of_organisation"
BAD_ROWS_PURPOSE = "bad_rows_of_organisation"
KEEP_LISTS = dt.timedelta(days=90)
CHUNK = 250  # rows per transaction
MOST_LINES = 20_000  # of a list that an organisation sends
MOST_BYTES = 4 * 1024 * 1024


@dataclass(slots=True)
class Tally:
    """Rows of a list by what became of them."""

    new: int = 0
    unchanged: int = 0
    bad: int = 0
    preview: list[dict[str, Any]] = field(default_factory=list)

    @property
    def rows(self) -> int:
        return self.new + self.unchanged + self.bad


@dataclass(slots=True)
class Checked:
    """An organisation's list as it was read; nothing is said of whether such units exist, or whose they are."""

    rows: list[BulkRow] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)


def today_at(brand: Brand, now: dt.datetime) -> dt.date:
    return day_in(zone_of("", market_zones(brand), brand.time_zone), now)


def check_list(content: UploadedFile, *, brand: Brand, now: dt.datetime) -> Checked:
    """Read what an organisation uploaded: each row is right in itself, and its GTIN is one of the brand's.

    Raises ProductsError: `too_large`, `not_csv`, `damaged`, `empty`, `bad_header`, `nothing`.
    """
    if (content.size or 0) > MOST_BYTES:
        raise ProductsError("too_large", _("The list is larger than %d MB.") % (MOST_BYTES // 1024**2))
    stream = open_csv(cast(BinaryIO, content))
    if count_lines(stream) > MOST_LINES:
        sentence = _("The list has more than %(most)d lines. Send it in parts.")
        raise ProductsError("too_large", sentence % {"most": MOST_LINES})
    gtins = set(brand.trade_items.values_list("gtin", flat=True))
    checked = Checked()
    for row in read_list(stream, today=today_at(brand, now)):
        if isinstance(row, Problem):
            checked.problems.append(row)
        elif row.gtin not in gtins:
            checked.problems.append(Problem(row.line, "gtin", _no_such_gtin(brand)))
        else:
            checked.rows.append(row)
    if not (checked.rows or checked.problems):
        raise ProductsError("nothing", _("The list names no unit: only its first line is there."))
    return checked


def _no_such_gtin(brand: Brand) -> str:
    return _("This GTIN is of none of %(brand)s's models.") % {"brand": brand.name}


def problems_csv(problems: list[Problem]) -> str:
    """Return the bad rows as a CSV of line, column and reason."""
    output = io.StringIO()
    report = write_problems_to(output)
    for problem in problems:
        report(problem)
    return output.getvalue()


def keep_list(
    rows: list[BulkRow], proof: ProofFile | None, *, brand: Brand, by: Person, now: dt.datetime
) -> tuple[PrivateFile, PrivateFile | None]:
    """Store the good rows of a list, and the proof that came with it."""
    output = io.StringIO()
    writer = csv.writer(output, lineterminator="\n")
    writer.writerow(["gtin", "serial", "bought_on", "seller"])
    for row in rows:
        writer.writerow([row.gtin, row.serial, row.bought_on or "", row.seller])
    file = store_private_file(
        brand=brand,
        purpose=LIST_PURPOSE,
        content=ContentFile(output.getvalue().encode(), "units.csv"),
        original_name="units.csv",
        content_type="text/csv",
        uploaded_by=by,
        now=now,
        keep_for=KEEP_LISTS,
    )
    if proof is None:
        return file, None
    kept = keep_proof(proof, brand=brand, purpose=LIST_PROOF_PURPOSE, now=now, keep_for=KEEP_LISTS, by=by)
    return file, kept


def bring_before_staff(
    *, owner: Owner, file_id: int, proof_id: int | None, rows: int, key: str, by: Person, now: dt.datetime
) -> BulkRequest:
    """Send the kept list to staff. Raises OwnershipError `gone`; ProductsError `gone` where the file went meanwhile."""
    files = PrivateFile.objects.for_brand(owner.brand)
    file = files.filter(pk=file_id, purpose=LIST_PURPOSE, uploaded_by=by).first()
    proof = (
        files.filter(pk=proof_id, purpose=LIST_PROOF_PURPOSE, uploaded_by=by).first() if proof_id else None
    )
    if file is None:
        raise ProductsError("gone", _("The uploaded list was deleted; upload it again."))
    return send_list(
        owner_id=owner.pk, file=file, proof=proof, rows=rows, submission_key=key, asked_by_id=by.pk, now=now
    )


def request_bulk_registration(
    *, owner: Owner, requester: Person, content: UploadedFile, dry_run: bool, now: dt.datetime
) -> Job:
    """Keep staff's list for an organisation and ask for its registration.

    Raises ProductsError for a file that is none, as `read_list` and `open_csv` do, and `too_large`.
    """
    stream = open_csv(cast(BinaryIO, content))
    next(read_list(stream, today=today_at(owner.brand, now)), None)  # the header says whether it is a list
    content.seek(0)
    file = store_private_file(
        brand=owner.brand,
        purpose=LIST_PURPOSE,
        content=content,
        original_name=content.name or "units.csv",
        content_type="text/csv",
        uploaded_by=requester,
        now=now,
        keep_for=KEEP_LISTS,
    )
    return ask_for_registration(owner=owner, file_id=file.pk, requester=requester, dry_run=dry_run, now=now)


def ask_for_registration(
    *, owner: Owner, file_id: int, requester: Person, dry_run: bool, now: dt.datetime
) -> Job:
    params = {"owner": owner.pk, "file": file_id, "dry_run": dry_run}
    return request_job(kind=REGISTER_IN_BULK, brand=owner.brand, requester=requester, params=params, now=now)


def approve_and_register(*, request_id: int, by: Person, now: dt.datetime) -> BulkRequest:
    """Approve an organisation's list and have its units registered. Raises OwnershipError `decided`, `gone`."""

    def ask(request: BulkRequest) -> Job:
        assert request.file_id is not None
        return ask_for_registration(
            owner=request.owner, file_id=request.file_id, requester=by, dry_run=False, now=now
        )

    return approve_list(request_id=request_id, ask_for_job=ask, decided_by_id=by.pk, now=now)


def run_bulk_job(job: Job, run: JobRun) -> dict[str, Any]:
    """Handle a job of kind `register_in_bulk`; params: `owner`, `file` and `dry_run`.

    Run again, it finds what it wrote before as the organisation's own. Returns the counts, the id of the file
    with the bad rows where there are any, and the first rows.
    """
    owners = Owner.objects.for_brand(job.brand).filter(kind=OwnerKind.ORGANISATION)
    owner = owners.filter(pk=job.params["owner"]).first()
    source = PrivateFile.objects.for_brand(job.brand).filter(pk=job.params["file"]).first()
    if owner is None or source is None:
        raise ProductsError("gone", _("The organisation or its list is gone; begin again."))
    tally = Tally()
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
        stream, report = open_csv(packed), write_problems_to(bad_rows.text)
        run.report_total(count_lines(stream))
        rows = read_list(stream, today=today_at(job.brand, run.now))
        while chunk := list(islice(rows, CHUNK)):
            _BulkRun(job, owner, run.now, tally, report).take(chunk)
            run.report_done(tally.rows, asdict(tally))
        bad_rows.wanted = tally.bad > 0
    return {**asdict(tally), "bad_rows_file": bad_rows.stored.pk if bad_rows.stored else None}


SHOWN = 20


@dataclass(slots=True)
class _BulkRun:
    """One chunk of a list, in one transaction; a row that can't be taken undoes nothing of the others."""

    job: Job
    owner: Owner
    now: dt.datetime
    tally: Tally
    report: Report

    @transaction.atomic
    def take(self, chunk: list[BulkRow | Problem]) -> None:
        problems = [row for row in chunk if isinstance(row, Problem)]
        units = self._units([row for row in chunk if isinstance(row, BulkRow)])
        standing: dict[int, str] = {}
        for row, unit in sorted(units, key=lambda pair: pair[1].pk if pair[1] else 0):
            try:
                standing[row.line] = self._take_row(row, unit)
            except OwnershipError as error:
                problems.append(Problem(row.line, "serial", str(error)))
        bad: dict[int, list[str]] = {}
        for problem in sorted(problems, key=lambda found: found.line):
            bad.setdefault(problem.line, []).append(problem.reason)
            self.report(problem)
        self._count(standing, bad, {row.line: row for row, _unit in units})

    def _units(self, rows: list[BulkRow]) -> list[tuple[BulkRow, Unit | None]]:
        serials = {row.serial for row in rows}
        found = Unit.objects.for_brand(self.job.brand).select_related("trade_item")
        units = {(u.trade_item.gtin, u.serial): u for u in found.filter(serial__in=serials)}
        return [(row, units.get((row.gtin, row.serial))) for row in rows]

    def _take_row(self, row: BulkRow, unit: Unit | None) -> str:
        if unit is None:
            raise OwnershipError("unknown", _("There is no unit with this GTIN and serial number."))
        if self.job.params.get("dry_run"):
            if Ownership.objects.of_unit(unit).current().filter(owner=self.owner).exists():
                return "unchanged"
            refuse_unregistrable(unit)
            return "new"
        made = register_for_organisation(
            unit=lock_unit(unit.pk),
            owner=self.owner,
            row=row,
            activate=lambda unit_id: activate_coverage(unit_id=unit_id, now=self.now),
            now=self.now,
            actor_id=self.job.requester_id,
        )
        return "new" if made or self._made_before(unit) else "unchanged"

    def _made_before(self, unit: Unit) -> bool:
        """Whether a run of this job whose worker was lost registered the unit."""
        mine = Ownership.objects.of_unit(unit).current().filter(owner=self.owner, acquired="agent")
        return bool(mine.filter(since__gte=self.job.created_at).exists())

    def _count(self, standing: dict[int, str], bad: dict[int, list[str]], rows: dict[int, BulkRow]) -> None:
        self.tally.bad += len(bad)
        self.tally.new += sum(word == "new" for word in standing.values())
        self.tally.unchanged += sum(word == "unchanged" for word in standing.values())
        for line in sorted({*standing, *bad}):
            if len(self.tally.preview) >= SHOWN:
                return
            cells = (
                {name: str(value) for name, value in rows[line]._asdict().items() if value}
                if line in rows
                else {}
            )
            cells.pop("line", None)
            self.tally.preview.append(
                {
                    "line": line,
                    "standing": "bad" if line in bad else standing[line],
                    "cells": cells,
                    "reasons": bad.get(line, []),
                }
            )
