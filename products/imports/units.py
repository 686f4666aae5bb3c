"""Importing units: read, validate, compare with what is there, write in chunks, report what is bad."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import asdict, dataclass, field
from itertools import islice
from typing import BinaryIO, NamedTuple, Protocol
from zoneinfo import ZoneInfo

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from products.days import day_in
from products.imports.deciding import Plan, plan_row
from products.imports.known import load_known
from products.imports.problems import Problem, Report, RowFault
from products.imports.reading import Record, read_records
from products.imports.rows import UnitRow, parse_row
from products.imports.seen import Repeat, SeenRows
from products.imports.writing import write_plans
from products.models import Brand

CHUNK = 1_000  # rows per transaction


@dataclass(slots=True)
class Counts:
    """Rows by what became of them."""

    new: int = 0
    changed: int = 0
    unchanged: int = 0
    bad: int = 0

    @property
    def rows(self) -> int:
        return self.new + self.changed + self.unchanged + self.bad

    def as_dict(self) -> dict[str, int]:
        return asdict(self)


class Ledger(Protocol):
    """What the import asks of the floor above, which knows scans, owners and events."""

    def units_with_history(self, unit_ids: Collection[int]) -> set[int]:
        """Return those of the units that were scanned, registered or flagged."""

    def record_import(self, brand: Brand, counts: Counts) -> None:
        """Write one event for a chunk, in its transaction."""


@dataclass(frozen=True, slots=True)
class UnitImport:
    """One import: for whom, with which ledger, and where what happens is told."""

    brand: Brand
    ledger: Ledger
    report: Report  # called with every problem, in the order of the lines within each chunk
    now: dt.datetime
    dry_run: bool = False  # everything is checked, nothing is written
    on_progress: Callable[[Counts], None] = field(default=lambda counts: None)  # after each chunk


class _Outcome(NamedTuple):
    plans: list[Plan]
    problems: list[Problem]


def import_units(stream: BinaryIO, task: UnitImport) -> Counts:
    """Import a CSV of units (columns: `products.imports.reading.COLUMNS`); return the counts of rows.

    Every chunk is one transaction, so that a file that is broken off can simply be imported again.
    Raises ProductsError where the file as a whole can't be read; then nothing was written.
    """
    today = day_in(ZoneInfo(task.brand.time_zone), task.now)
    counts, seen = Counts(), SeenRows()
    try:
        for chunk in _chunks(read_records(stream)):
            _import_chunk(chunk, task, seen, counts, today)
            task.on_progress(counts)
    finally:
        seen.close()
    return counts


def _chunks(records: Iterator[Record | Problem]) -> Iterator[list[Record | Problem]]:
    while chunk := list(islice(records, CHUNK)):
        yield chunk


def _import_chunk(
    chunk: list[Record | Problem], task: UnitImport, seen: SeenRows, counts: Counts, today: dt.date
) -> None:
    rows, problems = _parse(chunk, today)
    in_file = seen.sort_out(rows)
    outcome = _write_or_retry(in_file.rows, task)
    problems += in_file.problems + outcome.problems
    seen.mark_bad(problem.line for problem in problems)
    repeated = _repeats_of_bad_rows(in_file.repeats, seen)
    problems += repeated
    for problem in sorted(problems, key=lambda problem: problem.line):
        task.report(problem)
    done = _count(outcome.plans)
    counts.new += done.new
    counts.changed += done.changed
    counts.unchanged += done.unchanged + len(in_file.repeats) - len(repeated)
    counts.bad += len({problem.line for problem in problems})


def _parse(chunk: Iterable[Record | Problem], today: dt.date) -> tuple[list[UnitRow], list[Problem]]:
    rows: list[UnitRow] = []
    problems: list[Problem] = []
    for record in chunk:
        if isinstance(record, Problem):
            problems.append(record)
            continue
        parsed = parse_row(record, today=today)
        if isinstance(parsed, UnitRow):
            rows.append(parsed)
        else:
            problems.extend(parsed)
    return rows, problems


def _repeats_of_bad_rows(repeats: list[Repeat], seen: SeenRows) -> list[Problem]:
    reason = _("This row repeats line %(line)d, which is bad.")
    return [
        Problem(repeat.line, "", reason % {"line": repeat.first_line})
        for repeat in repeats
        if seen.is_bad(repeat.first_line)
    ]


def _write_or_retry(rows: list[UnitRow], task: UnitImport) -> _Outcome:
    """Write the chunk in one transaction; row by row where somebody else wrote the same at that moment."""
    try:
        with transaction.atomic():
            outcome = _write(rows, task)
            _record(outcome.plans, task)
            return outcome
    except IntegrityError:
        with transaction.atomic():
            outcome = _write_one_by_one(rows, task)
            _record(outcome.plans, task)
            return outcome


def _write(rows: list[UnitRow], task: UnitImport) -> _Outcome:
    known = load_known(rows, task.brand)
    known.with_history = task.ledger.units_with_history([unit.pk for unit in known.units.values()])
    outcome = _Outcome([], [])
    for row in rows:
        try:
            outcome.plans.append(plan_row(row, known))
        except RowFault as fault:
            outcome.problems.append(Problem(row.line, fault.column, fault.reason))
    counted = [plan for plan in outcome.plans if plan.changes_something]
    if counted and not task.dry_run:
        write_plans(counted, task.brand)
    return outcome


def _write_one_by_one(rows: list[UnitRow], task: UnitImport) -> _Outcome:
    outcome = _Outcome([], [])
    for row in rows:
        try:
            with transaction.atomic():
                one = _write([row], task)
        except IntegrityError:
            reason = _("Somebody else changed this unit or chip at the same moment. Import the row again.")
            one = _Outcome([], [Problem(row.line, "", reason)])
        outcome.plans.extend(one.plans)
        outcome.problems.extend(one.problems)
    return outcome


def _record(plans: list[Plan], task: UnitImport) -> None:
    counts = _count(plans)
    if (counts.new or counts.changed) and not task.dry_run:
        task.ledger.record_import(task.brand, counts)


def _count(plans: list[Plan]) -> Counts:
    new = sum(plan.is_new for plan in plans)
    touched = sum(plan.changes_something for plan in plans)
    return Counts(new=new, changed=touched - new, unchanged=len(plans) - touched)
