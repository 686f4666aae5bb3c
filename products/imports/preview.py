"""The first rows of a file as they were understood, for whoever decides whether to import it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any, NamedTuple

from products.imports.problems import Problem
from products.imports.rows import UnitRow

SHOWN_ROWS = 20


class PreviewRow(NamedTuple):
    """One row; `cells` is empty where it can't be read."""

    line: int
    standing: str  # new, changed, unchanged or bad
    cells: dict[str, str]
    changed: list[str]  # columns that would say something else
    reasons: list[str]


class Preview:
    """Takes rows until it has enough."""

    def __init__(self) -> None:
        self.rows: list[PreviewRow] = []

    def take(
        self,
        rows: Sequence[UnitRow],
        *,
        new: Collection[int],
        changed: Mapping[int, list[str]],
        problems: Sequence[Problem],
    ) -> None:
        """Add the first of a chunk's rows, good and bad, in the order of their lines."""
        wanted = SHOWN_ROWS - len(self.rows)
        if wanted <= 0:
            return
        reasons: dict[int, list[str]] = {}
        for problem in problems:
            reasons.setdefault(problem.line, []).append(problem.reason)
        cells = {row.line: _cells(row) for row in rows[:wanted]}
        new = set(new)
        for line in sorted({*cells, *list(reasons)[:wanted]})[:wanted]:
            standing = (
                "bad"
                if line in reasons
                else "new"
                if line in new
                else "changed"
                if line in changed
                else "unchanged"
            )
            self.rows.append(
                PreviewRow(line, standing, cells.get(line, {}), changed.get(line, []), reasons.get(line, []))
            )

    def as_data(self) -> list[dict[str, Any]]:
        return [row._asdict() for row in self.rows]


def _cells(row: UnitRow) -> dict[str, str]:
    """Return what the row says, by column, without what it leaves open."""
    said = row._asdict()
    attributes = said.pop("attributes")
    del said["line"]
    shown = {column: str(value) for column, value in said.items() if value}
    if attributes:
        shown["attributes"] = ", ".join(f"{key}: {value}" for key, value in attributes.items())[:200]
    return shown
