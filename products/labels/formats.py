"""The sheets and rolls that labels are printed on, as data: another format is another line here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

MM = 72 / 25.4  # points in a millimetre
INCH = 25.4  # millimetres


@dataclass(frozen=True, slots=True)
class LabelFormat:
    """Where the labels are on a sheet, in millimetres; a roll is a sheet of one label. Positions count from 1."""

    slug: str
    name: Any
    page: tuple[float, float]  # width, height
    grid: tuple[int, int]  # columns, rows
    label: tuple[float, float]  # width, height
    first: tuple[float, float] = (0.0, 0.0)  # left and top edge of the first label
    pitch: tuple[float, float] = (0.0, 0.0)  # from one label's edge to the next one's

    @property
    def per_sheet(self) -> int:
        return self.grid[0] * self.grid[1]

    def corner(self, position: int) -> tuple[float, float]:
        """Return the lower left corner of a label, in millimetres from the lower left corner of the page.

        Raises ValueError where the sheet has no such position.
        """
        if not 1 <= position <= self.per_sheet:
            raise ValueError(f"{self.slug} has the positions 1 to {self.per_sheet}, not {position}")
        row, column = divmod(position - 1, self.grid[0])
        left = self.first[0] + column * self.pitch[0]
        top = self.first[1] + row * self.pitch[1]
        return left, self.page[1] - top - self.label[1]

    def sheets(self, labels: int, start: int = 1) -> int:
        """Return how many sheets so many labels take, the first of them begun at `start`."""
        return -(-(labels + start - 1) // self.per_sheet)


_A4 = (210.0, 297.0)
_LETTER = (8.5 * INCH, 11 * INCH)

FORMATS: dict[str, LabelFormat] = {
    found.slug: found
    for found in (
        LabelFormat(
            "a4-24", _("A4 sheet, 3 × 8 labels of 63.5 × 33.9 mm"), _A4, (3, 8), (63.5, 33.9),
            (7.25, 12.9), (66.0, 33.9),
        ),
        LabelFormat(
            "a4-65", _("A4 sheet, 5 × 13 labels of 38.1 × 21.2 mm"), _A4, (5, 13), (38.1, 21.2),
            (4.75, 10.7), (40.6, 21.2),
        ),
        LabelFormat(
            "letter-30", _("US Letter sheet, 3 × 10 labels of 2⅝ × 1 in"), _LETTER, (3, 10),
            (2.625 * INCH, INCH), (0.1875 * INCH, 0.5 * INCH), (2.75 * INCH, INCH),
        ),
        LabelFormat("roll-38x19", _("Roll, one label of 38 × 19 mm"), (38.0, 19.0), (1, 1), (38.0, 19.0)),
        LabelFormat("roll-25x15", _("Roll, one label of 25 × 15 mm"), (25.0, 15.0), (1, 1), (25.0, 15.0)),
    )
}  # fmt: skip
