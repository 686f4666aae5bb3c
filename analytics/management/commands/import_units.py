"""`manage.py import_units`: units from a CSV; good rows go in, bad rows come back with line, column and reason."""

from argparse import ArgumentParser
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from analytics.imports import ImportLedger
from products.errors import ProductsError
from products.imports.problems import Problem, Report, write_problems_to
from products.imports.units import Counts, UnitImport, import_units
from products.management.arguments import add_brand_argument, find_brand


class Command(BaseCommand):
    help = "Imports the units of a CSV file; exits with 1 when any row was bad."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, metavar="FILE.csv")
        add_brand_argument(parser)
        parser.add_argument("--dry-run", action="store_true", help="check everything, write nothing")
        parser.add_argument("--errors", type=Path, metavar="OUT.csv", help="write the bad rows there")

    def handle(
        self, *args: Any, file: Path, brand: str, dry_run: bool, errors: Path | None, **options: Any
    ) -> None:
        now = timezone.now()
        with ExitStack() as stack:
            try:
                stream = stack.enter_context(file.open("rb"))
                report = self._report_to(errors, stack)
            except OSError as error:
                raise CommandError(f"{error.filename}: {error.strerror}.") from error
            task = UnitImport(
                brand=find_brand(brand),
                ledger=ImportLedger(now=now, actor_id=None, source={"file": file.name}),
                report=report,
                now=now,
                dry_run=dry_run,
            )
            try:
                counts = import_units(stream, task)
            except ProductsError as error:
                raise CommandError(error.sentence) from error
        self._conclude(counts, errors, dry_run=dry_run)

    def _report_to(self, errors: Path | None, stack: ExitStack) -> Report:
        if errors is None:
            return self._print_problem
        return write_problems_to(stack.enter_context(errors.open("w", encoding="utf-8", newline="")))

    def _print_problem(self, problem: Problem) -> None:
        where = f"line {problem.line}, {problem.column}" if problem.column else f"line {problem.line}"
        self.stderr.write(f"{where}: {problem.reason}")

    def _conclude(self, counts: Counts, errors: Path | None, *, dry_run: bool) -> None:
        prefix = "Nothing was written. Without --dry-run: " if dry_run else ""
        self.stdout.write(
            f"{prefix}{counts.new} new, {counts.changed} changed, {counts.unchanged} unchanged, {counts.bad} bad."
        )
        if counts.bad:
            where = f"{errors} says why." if errors else "The reasons are above."
            rows = "1 row was bad." if counts.bad == 1 else f"{counts.bad} rows were bad."
            raise CommandError(f"{rows} {where}")
