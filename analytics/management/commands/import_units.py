"""`manage.py import_units`: units from a CSV; good rows go in, bad rows come back with line, column and reason."""

import time
from argparse import ArgumentParser
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, OutputWrapper
from django.utils import timezone

from analytics.imports import ImportLedger
from products.errors import ProductsError
from products.imports.opening import open_csv
from products.imports.problems import Problem, Report, write_problems_to
from products.imports.reading import count_lines
from products.imports.units import Counts, UnitImport, import_units
from products.management.arguments import add_brand_argument, find_brand

SHOWN_PROBLEMS = 20  # where no file takes them: more would hide what came of it all


class Command(BaseCommand):
    help = "Imports the units of a CSV file, which may be gzipped; exits with 1 when any row was bad."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, metavar="FILE.csv")
        add_brand_argument(parser)
        parser.add_argument("--dry-run", action="store_true", help="check everything, write nothing")
        parser.add_argument("--errors", type=Path, metavar="OUT.csv", help="write the bad rows there")

    def handle(
        self, *args: Any, file: Path, brand: str, dry_run: bool, errors: Path | None, **options: Any
    ) -> None:
        now, screen = timezone.now(), _Screen(self.stderr)
        with ExitStack() as stack:
            try:
                packed = stack.enter_context(file.open("rb"))
                report = self._report_to(errors, stack, screen)
                stream = open_csv(packed)
                screen.total = count_lines(stream)
                task = UnitImport(
                    brand=find_brand(brand),
                    ledger=ImportLedger(now=now, actor_id=None, source={"file": file.name}),
                    report=report,
                    now=now,
                    dry_run=dry_run,
                    on_progress=screen.show_progress,
                )
                counts = import_units(stream, task)
            except OSError as error:
                raise CommandError(f"{error.filename or file}: {error.strerror or error}.") from error
            except ProductsError as error:
                raise CommandError(error.sentence) from error
            except KeyboardInterrupt:
                raise CommandError(screen.stopped()) from None
            finally:
                screen.clear_line()
        self._conclude(counts, errors, screen, dry_run=dry_run)

    def _report_to(self, errors: Path | None, stack: ExitStack, screen: "_Screen") -> Report:
        if errors is None:
            return screen.show_problem
        return write_problems_to(stack.enter_context(errors.open("w", encoding="utf-8", newline="")))

    def _conclude(self, counts: Counts, errors: Path | None, screen: "_Screen", *, dry_run: bool) -> None:
        prefix = "Nothing was written. Without --dry-run: " if dry_run else ""
        self.stdout.write(
            f"{prefix}{counts.new} new, {counts.changed} changed, {counts.unchanged} unchanged, {counts.bad} bad."
        )
        if counts.bad:
            where = f"{errors} says why." if errors else screen.where_the_reasons_are()
            rows = "1 row was bad." if counts.bad == 1 else f"{counts.bad} rows were bad."
            raise CommandError(f"{rows} {where}")


class _Screen:
    """Says on stderr how far the import is: a line that changes on a terminal, a line now and then elsewhere."""

    def __init__(self, output: OutputWrapper) -> None:
        self._output = output
        self._changes = output.isatty()
        self._every = 0.5 if self._changes else 10.0  # seconds
        self._began = self._said = time.monotonic()
        self._problems = 0
        self._rows = 0
        self.total = 0

    def show_progress(self, counts: Counts) -> None:
        self._rows, at = counts.rows, time.monotonic()
        if at - self._said < self._every:
            return
        self._said = at
        rate = counts.rows / (at - self._began)
        line = f"{counts.rows:,} of {self.total:,} rows, {rate:,.0f} rows/s, {counts.bad:,} bad so far"
        self.clear_line()
        self._output.write(line, str, ending="" if self._changes else "\n")

    def show_problem(self, problem: Problem) -> None:
        self._problems += 1
        if self._problems > SHOWN_PROBLEMS:
            return
        where = f"line {problem.line}, {problem.column}" if problem.column else f"line {problem.line}"
        self.clear_line()
        self._output.write(f"{where}: {problem.reason}")

    def clear_line(self) -> None:
        if self._changes:
            self._output.write("\r\x1b[K", str, ending="")

    def where_the_reasons_are(self) -> str:
        if self._problems <= SHOWN_PROBLEMS:
            return "The reasons are above."
        return f"The first {SHOWN_PROBLEMS} reasons are above; --errors OUT.csv writes down all {self._problems:,}."

    def stopped(self) -> str:
        return f"Stopped after {self._rows} rows. What went in stays; the same command goes on from there."
