"""Which rows and chips stood in the file before: an index on disk, so that memory stays constant."""

import sqlite3
from collections.abc import Iterable
from typing import Any, NamedTuple

from django.utils.translation import gettext as _

from products.imports.problems import Problem
from products.imports.rows import UnitRow


class Repeat(NamedTuple):
    """A row that says what an earlier one said."""

    line: int
    first_line: int


class Sorted(NamedTuple):
    """The rows of a chunk: those that are new in the file, word-for-word repeats, and bad ones."""

    rows: list[UnitRow]
    repeats: list[Repeat]
    problems: list[Problem]


class SeenRows:
    """Remembers every row of one file, with the line where it stood first."""

    def __init__(self) -> None:
        self._index = sqlite3.connect("", isolation_level=None)  # a temporary file that nobody else sees
        self._index.executescript(
            "PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF;"
            "CREATE TABLE units (key TEXT PRIMARY KEY, line INTEGER, digest BLOB) WITHOUT ROWID;"
            "CREATE TABLE chips (key TEXT PRIMARY KEY, line INTEGER) WITHOUT ROWID;"
            "CREATE TABLE bad (line INTEGER PRIMARY KEY);"
            "BEGIN;"  # never committed: it goes with the file
        )

    def close(self) -> None:
        self._index.close()

    def sort_out(self, rows: list[UnitRow]) -> Sorted:
        """Remember the rows; tell which stood in the file before, or carry a chip that did."""
        fresh, repeats, problems = self._sort_units(rows)
        fresh, taken = self._sort_chips(fresh)
        return Sorted(fresh, repeats, problems + taken)

    def mark_bad(self, lines: Iterable[int]) -> None:
        """Remember that the rows on these lines did not go in."""
        self._index.executemany("INSERT OR IGNORE INTO bad VALUES (?)", [(line,) for line in lines])

    def is_bad(self, line: int) -> bool:
        return self._index.execute("SELECT 1 FROM bad WHERE line = ?", (line,)).fetchone() is not None

    def _sort_units(self, rows: list[UnitRow]) -> Sorted:
        entries = [(f"{row.gtin} {row.serial}", row.line, row.digest) for row in rows]
        if self._insert("INSERT OR IGNORE INTO units VALUES (?, ?, ?)", entries):
            return Sorted(rows, [], [])
        sorted_out = Sorted([], [], [])
        for row, (key, line, digest) in zip(rows, entries, strict=True):
            first, known = self._index.execute(
                "SELECT line, digest FROM units WHERE key = ?", (key,)
            ).fetchone()
            if first == line:
                sorted_out.rows.append(row)
            elif known == digest:
                sorted_out.repeats.append(Repeat(line, first))
            else:
                reason = _("This serial stands on line %(line)d already, with other values.")
                sorted_out.problems.append(Problem(line, "serial", reason % {"line": first}))
        return sorted_out

    def _sort_chips(self, rows: list[UnitRow]) -> tuple[list[UnitRow], list[Problem]]:
        entries = [(f"{row.chip_profile} {row.tag_uid}", row.line) for row in rows if row.tag_uid]
        if self._insert("INSERT OR IGNORE INTO chips VALUES (?, ?)", entries):
            return rows, []
        fresh, problems = [], []
        for row in rows:
            key = f"{row.chip_profile} {row.tag_uid}"
            found = self._index.execute("SELECT line FROM chips WHERE key = ?", (key,)).fetchone()
            if row.tag_uid and found[0] != row.line:
                reason = _("This chip is on the unit of line %(line)d already.") % {"line": found[0]}
                problems.append(Problem(row.line, "tag_uid", reason))
            else:
                fresh.append(row)
        return fresh, problems

    def _insert(self, statement: str, entries: list[tuple[Any, ...]]) -> bool:
        """Insert the entries; return whether all of them were new."""
        before = self._index.total_changes
        self._index.executemany(statement, entries)
        return self._index.total_changes - before == len(entries)
