"""Which points are left, of which award and until when: those that expire first are spent first.

The lines are read in the order in which they were written, so that an exchange spends only points that were there.
"""

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace

from ownership.models import LoyaltyEntry
from ownership.models.loyalty import EntryKind

NEVER = dt.datetime.max.replace(tzinfo=dt.UTC)


@dataclass(frozen=True, slots=True)
class Lot:
    """Points of one award that are left, and when they expire."""

    points: int
    expires_at: dt.datetime | None
    award_id: int


@dataclass(slots=True)
class _Ledger:
    """What the lines so far come to."""

    lots: list[Lot] = field(default_factory=list)
    spent: dict[int, list[Lot]] = field(default_factory=dict)  # by exchange: what it took of which award
    taken_back: set[int] = field(default_factory=set)  # awards


def lots_left(entries: Iterable[LoyaltyEntry]) -> list[Lot]:
    """Return what is left of an owner's awards, what expires first at the head."""
    return _read(entries).lots


def left_of(award_id: int, entries: Iterable[LoyaltyEntry]) -> int:
    """Return how many points of this very award are left."""
    return sum(lot.points for lot in lots_left(entries) if lot.award_id == award_id)


def to_give_back(exchange_id: int, entries: Iterable[LoyaltyEntry]) -> list[Lot]:
    """Return what an exchange took that is the owner's still: not of awards that were taken back since."""
    return _still_theirs(_read(entries), exchange_id)


def points_over(entries: Iterable[LoyaltyEntry], *, now: dt.datetime) -> int:
    """Return how many points of these lines are over by now and were neither spent nor taken off yet."""
    return sum(lot.points for lot in lots_left(entries) if lot.expires_at and lot.expires_at <= now)


def _read(entries: Iterable[LoyaltyEntry]) -> _Ledger:
    ledger = _Ledger()
    for line in sorted(entries, key=lambda line: line.pk):
        _apply(line, ledger)
    return ledger


def _apply(line: LoyaltyEntry, ledger: _Ledger) -> None:
    if line.kind == EntryKind.AWARD:
        _add(ledger, [Lot(line.points, line.expires_at, line.pk)])
    elif line.kind == EntryKind.REVERSAL and line.points > 0:
        _add(ledger, _given_back(line, _still_theirs(ledger, line.reverses_id or 0)))
    elif line.kind == EntryKind.REVERSAL:
        ledger.taken_back.add(line.reverses_id or 0)
        _take(-line.points, ledger, first=line.reverses_id)
    else:
        ledger.spent[line.pk] = _take(-line.points, ledger)


def _add(ledger: _Ledger, lots: Iterable[Lot]) -> None:
    ledger.lots = sorted([*ledger.lots, *lots], key=lambda lot: lot.expires_at or NEVER)


def _take(points: int, ledger: _Ledger, *, first: int | None = None) -> list[Lot]:
    """Take points off, of the award `first` before all others, else of what expires first; return what was taken."""
    taken: list[Lot] = []
    for lot in sorted(ledger.lots, key=lambda lot: lot.award_id != first):
        part = min(points - sum(one.points for one in taken), lot.points)
        if part:
            taken.append(replace(lot, points=part))
            place = ledger.lots.index(lot)
            ledger.lots[place] = replace(lot, points=lot.points - part)
    ledger.lots = [lot for lot in ledger.lots if lot.points]
    return taken


def _still_theirs(ledger: _Ledger, exchange_id: int) -> list[Lot]:
    return [lot for lot in ledger.spent.get(exchange_id, []) if lot.award_id not in ledger.taken_back]


def _given_back(line: LoyaltyEntry, lots: list[Lot]) -> Iterator[Lot]:
    """Yield what comes back, with the days it had, and at least until the line says."""
    at_least = line.expires_at
    for lot in lots:
        yield replace(lot, expires_at=max(lot.expires_at, at_least)) if lot.expires_at and at_least else lot
    rest = line.points - sum(lot.points for lot in lots)
    if rest > 0:  # lines of before awards and exchanges were told apart gave back all of an exchange
        yield Lot(rest, at_least, line.pk)
