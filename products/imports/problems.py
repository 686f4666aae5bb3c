"""What is wrong with a row, and the file in which bad rows come back."""

import csv
from collections.abc import Callable
from typing import NamedTuple, TextIO

MAX_SHOWN = 40  # characters of a wrong value that a reason repeats
FORMULA = ("=", "+", "-", "@")  # what a spreadsheet program calculates, be it in quotation marks


class Problem(NamedTuple):
    """One thing that is wrong; `line` counts from 1, the header included; no column means the whole row."""

    line: int
    column: str
    reason: str


Report = Callable[[Problem], None]


class RowFault(ValueError):  # noqa: N818 - a finding, raised where it is found and caught one floor up
    """What is wrong with the cell at hand, as a sentence."""

    def __init__(self, reason: str, column: str = "") -> None:
        super().__init__(reason)
        self.reason = reason
        self.column = column


def write_problems_to(output: TextIO) -> Report:
    """Write the header `line,column,reason`; return what writes one row for each problem after it.

    A reason may begin with a wrong value, and that may be anything: none of them is a formula.
    """
    writer = csv.writer(output, lineterminator="\n")
    writer.writerow(Problem._fields)

    def write(problem: Problem) -> None:
        reason = f"'{problem.reason}" if problem.reason.startswith(FORMULA) else problem.reason
        writer.writerow(problem._replace(reason=reason))

    return write


def shown(text: str) -> str:
    """Make a wrong value fit to be repeated in a sentence."""
    clean = "".join(char if char.isprintable() else "\ufffd" for char in text[:MAX_SHOWN])
    return clean if len(text) <= MAX_SHOWN else f"{clean}…"
