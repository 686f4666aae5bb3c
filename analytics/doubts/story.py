"""What the rules of doubt see of a unit: plain values, nothing of the database."""

import datetime as dt
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from analytics.kinds import DoubtKind, Verdict


@dataclass(frozen=True, slots=True)
class Opening:
    """One opened link (see `Scan`)."""

    scan_id: int
    at: dt.datetime
    tag_id: int | None
    counter: int | None
    verdict: str
    visitor: str
    country: str
    was_used: bool = False  # a chip whose guard is open does not say so of its link: see `told_apart`

    @property
    def is_proven(self) -> bool:
        """Whether only the chip itself can have made this link just now."""
        is_fresh = self.verdict == Verdict.TAMPERED and self.counter is not None and not self.was_used
        return self.verdict == Verdict.GENUINE or is_fresh

    @property
    def is_scanned(self) -> bool:
        """Whether the visitor scanned the unit, and was not sent a link."""
        return self.is_proven or self.verdict == Verdict.IDENTIFIED

    @property
    def is_copy(self) -> bool:
        """Whether the link was used before, by somebody else."""
        return self.verdict == Verdict.REPLAYED or (self.verdict == Verdict.TAMPERED and self.was_used)


def told_apart(openings: Iterable[Opening]) -> list[Opening]:
    """Return the openings, oldest first, with those marked that tell by their counter that their link was used."""
    last: dict[int | None, int] = {}
    told = []
    for opening in openings:
        if opening.verdict == Verdict.TAMPERED and opening.counter is not None:
            opening = replace(opening, was_used=opening.counter <= last.get(opening.tag_id, -1))
        if opening.is_proven and opening.counter is not None:
            last[opening.tag_id] = opening.counter
        told.append(opening)
    return told


@dataclass(frozen=True, slots=True)
class UnitPast:
    """What is known of the unit beside its scans."""

    market: str = ""
    shipped_on: dt.date | None = None
    sold_on: dt.date | None = None
    retired_on: dt.date | None = None
    reported_at: dt.datetime | None = None  # when it was reported lost or stolen, while that stands
    shipping_is_recorded: bool = False  # for every unit of its brand


@dataclass(frozen=True, slots=True)
class Limits:
    """A brand's thresholds (see `DoubtRules`)."""

    far_apart_km: int
    flight_kmh: int
    counter_jump: int
    counter_jump_hours: int
    replay_visitors: int
    replay_days: int
    code_visitors: int
    code_days: int
    market_visitors: int
    market_days: int


@dataclass(frozen=True, slots=True)
class Story:
    """The unit up to one opening; `earlier` are those before it, oldest first."""

    past: UnitPast
    limits: Limits
    earlier: Sequence[Opening]
    opening: Opening

    def recent(self, span: dt.timedelta) -> list[Opening]:
        """Return the openings of that span up to and including this one, oldest first."""
        since = self.opening.at - span
        return [*(earlier for earlier in self.earlier if earlier.at >= since), self.opening]


@dataclass(frozen=True, slots=True)
class Sighting:
    """A signal: the scans that speak for it, oldest first; the last is the one that gave it."""

    kind: DoubtKind
    evidence: tuple[Opening, ...]

    @property
    def trigger(self) -> Opening:
        return self.evidence[-1]


# Returns the evidence, this opening last, or nothing where there is no signal.
Rule = Callable[[Story], tuple[Opening, ...]]
