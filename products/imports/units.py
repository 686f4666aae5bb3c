"""Importing units: read, validate, compare with what is there, write in chunks, report what is bad."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from itertools import islice
from typing import BinaryIO, NamedTuple, Protocol
from zoneinfo import ZoneInfo

from django.db import IntegrityError, connection, transaction
from django.utils import translation
from django.utils.translation import gettext as _

from products.days import day_in
from products.imports.deciding import plan_row
from products.imports.known import load_known
from products.imports.merging import can_merge, merge_rows
from products.imports.preview import Preview
from products.imports.problems import Problem, Report, RowFault
from products.imports.reading import Record, read_records
from products.imports.rows import UnitRow, parse_row
from products.imports.seen import Repeat, SeenRows
from products.imports.writing import write_plans
from products.models import Brand

CHUNK = 1_000  # rows per transaction
COPIED_CHUNK = 10_000  # rows per transaction where ordinary rows are copied: docs/adr/0010 says why so many
TURNS = 0x0421  # the advisory lock of imports, by brand


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

    def after(self, earlier: Counts) -> Counts:
        """Return the counts of a run that took up another: what that one wrote, this one found unchanged."""
        found_again = earlier.new + earlier.changed
        return Counts(
            new=self.new + earlier.new,
            changed=self.changed + earlier.changed,
            unchanged=max(0, self.unchanged - found_again),
            bad=self.bad,
        )

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
    preview: Preview | None = None  # takes the first rows as they were understood
    on_progress: Callable[[Counts], None] = field(default=lambda counts: None)  # after each chunk


class _Chunk(NamedTuple):
    """Some rows of the file in the order of their lines, and what is wrong with others."""

    rows: list[UnitRow]
    problems: list[Problem]


@dataclass(slots=True)
class _Outcome:
    """What became of some rows, by their lines."""

    new: list[int] = field(default_factory=list)
    changed: dict[int, list[str]] = field(default_factory=dict)  # with the columns that say something else
    unchanged: list[int] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)

    def add(self, other: _Outcome) -> None:
        self.new += other.new
        self.changed |= other.changed
        self.unchanged += other.unchanged
        self.problems += other.problems


def import_units(stream: BinaryIO, task: UnitImport) -> Counts:
    """Import a CSV of units (columns: `products.imports.reading.COLUMNS`); return the counts of rows.

    Every chunk is in or not in, so that a file that is broken off can simply be imported again.
    Raises ProductsError where the file as a whole can't be read; then nothing was written.
    """
    today = day_in(ZoneInfo(task.brand.time_zone), task.now)
    counts, seen = Counts(), SeenRows()
    try:
        for chunk in _ahead(_parse(chunk, today) for chunk in _chunks(read_records(stream))):
            _import_chunk(chunk, task, seen, counts)
            task.on_progress(counts)
    finally:
        seen.close()
    return counts


def _chunks(records: Iterator[Record | Problem]) -> Iterator[list[Record | Problem]]:
    size = COPIED_CHUNK if can_merge() else CHUNK
    while chunk := list(islice(records, size)):
        yield chunk


def _parse(chunk: Iterable[Record | Problem], today: dt.date) -> _Chunk:
    parsed = _Chunk([], [])
    for record in chunk:
        if isinstance(record, Problem):
            parsed.problems.append(record)
            continue
        row = parse_row(record, today=today)
        if isinstance(row, UnitRow):
            parsed.rows.append(row)
        else:
            parsed.problems.extend(row)
    return parsed


def _ahead(chunks: Iterator[_Chunk]) -> Iterator[_Chunk]:
    """Yield the chunks, reading the next one while the database is busy with the last."""
    language = translation.get_language()  # each thread has its own; reasons are for whoever asked

    def read() -> _Chunk | None:
        with translation.override(language):
            return next(chunks, None)

    with ThreadPoolExecutor(1) as reader:
        following = reader.submit(read)
        while chunk := following.result():
            following = reader.submit(read)
            yield chunk


def _import_chunk(chunk: _Chunk, task: UnitImport, seen: SeenRows, counts: Counts) -> None:
    in_file = seen.sort_out(chunk.rows)
    outcome = _import_rows(in_file.rows, task)
    outcome.problems += chunk.problems + in_file.problems
    seen.mark_bad(problem.line for problem in outcome.problems)
    _judge_repeats(in_file.repeats, seen, outcome)
    outcome.problems.sort(key=lambda problem: problem.line)
    for problem in outcome.problems:
        task.report(problem)
    if task.preview is not None:
        task.preview.take(chunk.rows, new=outcome.new, changed=outcome.changed, problems=outcome.problems)
    counts.new += len(outcome.new)
    counts.changed += len(outcome.changed)
    counts.unchanged += len(outcome.unchanged)
    counts.bad += len({problem.line for problem in outcome.problems})


def _judge_repeats(repeats: list[Repeat], seen: SeenRows, outcome: _Outcome) -> None:
    """A row that says what an earlier one said changes nothing, or is as bad as that one."""
    for repeat in repeats:
        if seen.is_bad(repeat.first_line):
            reason = _("This row repeats line %(line)d, which is bad.")
            outcome.problems.append(Problem(repeat.line, "", reason % {"line": repeat.first_line}))
        else:
            outcome.unchanged.append(repeat.line)


def _import_rows(rows: list[UnitRow], task: UnitImport) -> _Outcome:
    """Take the rows in: the ordinary ones all at once where the database can, the others one by one."""
    outcome = _Outcome()
    if can_merge():
        outcome, rows = _merge(rows, task)
    for start in range(0, len(rows), CHUNK):
        outcome.add(_write_or_retry(rows[start : start + CHUNK], task))
    return outcome


def _merge(rows: list[UnitRow], task: UnitImport) -> tuple[_Outcome, list[UnitRow]]:
    """Return what became of the ordinary rows, and the rows that are left."""
    try:
        with _turn(task.brand):
            merged = merge_rows(rows, task.brand, now=task.now, dry_run=task.dry_run)
            outcome = _Outcome(
                new=[row.line for row in merged.new], unchanged=[row.line for row in merged.unchanged]
            )
            _record(outcome, task)
    except IntegrityError:
        return _Outcome(), rows
    return outcome, merged.left


def _write_or_retry(rows: list[UnitRow], task: UnitImport) -> _Outcome:
    """Write the rows in one transaction; one by one where somebody else wrote the same at that moment."""
    try:
        with _turn(task.brand):
            outcome = _write(rows, task)
            _record(outcome, task)
            return outcome
    except IntegrityError:
        with _turn(task.brand):
            outcome = _write_one_by_one(rows, task)
            _record(outcome, task)
            return outcome


def _write(rows: list[UnitRow], task: UnitImport) -> _Outcome:
    known = load_known(rows, task.brand)
    known.with_history = task.ledger.units_with_history([unit.pk for unit in known.units.values()])
    outcome, plans = _Outcome(), []
    for row in rows:
        try:
            plan = plan_row(row, known)
        except RowFault as fault:
            outcome.problems.append(Problem(row.line, fault.column, fault.reason))
            continue
        if plan.is_new:
            outcome.new.append(row.line)
        elif plan.changes_something:
            outcome.changed[row.line] = plan.changed_columns
        else:
            outcome.unchanged.append(row.line)
        if plan.changes_something:
            plans.append(plan)
    if plans and not task.dry_run:
        write_plans(plans, task.brand)
    return outcome


def _write_one_by_one(rows: list[UnitRow], task: UnitImport) -> _Outcome:
    outcome = _Outcome()
    for row in rows:
        try:
            with transaction.atomic():
                outcome.add(_write([row], task))
        except IntegrityError:
            reason = _("Somebody else changed this unit or chip at the same moment. Import the row again.")
            outcome.problems.append(Problem(row.line, "", reason))
    return outcome


@contextmanager
def _turn(brand: Brand) -> Iterator[None]:
    """One transaction; imports of one brand take turns, so that none waits for another in a circle.

    They may carry the same chips in another order. On SQLite writers take turns anyway.
    """
    with transaction.atomic():
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [TURNS, brand.pk])
        yield


def _record(outcome: _Outcome, task: UnitImport) -> None:
    counts = Counts(new=len(outcome.new), changed=len(outcome.changed))
    if counts.rows and not task.dry_run:
        task.ledger.record_import(task.brand, counts)
