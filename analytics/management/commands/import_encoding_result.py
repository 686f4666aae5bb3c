"""`manage.py import_encoding_result`: chips on units, from the CSV that an encoding station reports."""

from argparse import ArgumentParser
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from analytics.encoding import ResultCounts, ResultImport, import_result
from products.errors import ProductsError
from products.imports.problems import Problem, Report, write_problems_to
from products.models import EncodingOrder


class Command(BaseCommand):
    help = "Binds the chips of an encoding station's CSV to units; exits with 1 when any row was bad."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, metavar="FILE.csv")
        parser.add_argument(
            "--order", type=int, required=True, metavar="N", help="the encoding order's number"
        )
        parser.add_argument("--errors", type=Path, metavar="OUT.csv", help="write the bad rows there")

    def handle(self, *args: Any, file: Path, order: int, errors: Path | None, **options: Any) -> None:
        found = EncodingOrder.objects.select_related("brand").filter(pk=order).first()
        if found is None:
            raise CommandError(f"There is no encoding order {order}.")
        with ExitStack() as stack:
            try:
                stream = stack.enter_context(file.open("rb"))
                report: Report = self._print_problem
                if errors is not None:
                    out = stack.enter_context(errors.open("w", encoding="utf-8", newline=""))
                    report = write_problems_to(out)
            except OSError as error:
                raise CommandError(f"{error.filename}: {error.strerror}.") from error
            task = ResultImport(found, report, timezone.now(), actor_id=None, source={"file": file.name})
            try:
                counts = import_result(stream, task)
            except ProductsError as error:
                raise CommandError(error.sentence) from error
        self._conclude(counts, errors)

    def _print_problem(self, problem: Problem) -> None:
        where = f"line {problem.line}, {problem.column}" if problem.column else f"line {problem.line}"
        self.stderr.write(f"{where}: {problem.reason}")

    def _conclude(self, counts: ResultCounts, errors: Path | None) -> None:
        self.stdout.write(
            f"{counts.bound} bound, {counts.renewed} encoded anew, {counts.unchanged} unchanged, {counts.bad} bad."
        )
        if counts.bad:
            where = f"{errors} says why." if errors else "The reasons are above."
            rows = "1 row was bad." if counts.bad == 1 else f"{counts.bad} rows were bad."
            raise CommandError(f"{rows} {where}")
