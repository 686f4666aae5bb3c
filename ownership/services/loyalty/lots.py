"""Which points are left, and until when: those that expire first are spent first."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from ownership.models import LoyaltyEntry
from ownership.models.loyalty import EntryKind

NEVER = dt.datetime.max.replace(tzinfo=dt.UTC)


@dataclass(frozen=True, slots=True)
class Lot:
    """Points of one award that are left, and when they expire."""

    points: int
    expires_at: dt.datetime | None


def lots_left(entries: Iterable[LoyaltyEntry]) -> list[Lot]:
    """Return what is left of an owner's awards, what expires first at the head.

    An award that was taken back counts for what was left to it; an exchange that was taken back spends nothing.
    """
    lines = list(entries)
    awards = {line.pk: line.points for line in lines if line.kind == EntryKind.AWARD}
    for line in lines:
        if line.reverses_id in awards:
            awards[line.reverses_id] += line.points
    spent = -sum(line.points for line in lines if line.pk not in awards and line.reverses_id not in awards)
    return _without(spent, sorted(_lots(lines, awards), key=lambda lot: lot.expires_at or NEVER))


def points_over(entries: Iterable[LoyaltyEntry], *, now: dt.datetime) -> int:
    """Return how many points of these lines are over by now and were neither spent nor taken off yet."""
    return sum(lot.points for lot in lots_left(entries) if lot.expires_at and lot.expires_at <= now)


def _lots(lines: list[LoyaltyEntry], awards: dict[int, int]) -> list[Lot]:
    return [Lot(awards[line.pk], line.expires_at) for line in lines if line.pk in awards]


def _without(spent: int, lots: list[Lot]) -> list[Lot]:
    left = []
    for lot in lots:
        taken = min(spent, lot.points)
        spent -= taken
        if lot.points > taken:
            left.append(Lot(lot.points - taken, lot.expires_at))
    return left
