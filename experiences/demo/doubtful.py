"""What makes staff doubt a unit: scans as a copy or the grey market leaves them. The doubts follow from these."""

import datetime as dt

from analytics.kinds import Verdict
from experiences.demo.history import Narrator
from experiences.demo.lives import Life, Visit
from experiences.demo.seeds import visitor_id

FAR_AWAY = "JP"  # no market of any house
CROWD = 24


def in_two_countries_at_once(narrator: Narrator, life: Life) -> None:
    """The owner taps at home, and forty minutes later somebody taps on the other side of the world."""
    at = narrator.instant(2)
    _tap(narrator, life, at, f"person-{life.number}")
    _tap(narrator, life, at + dt.timedelta(minutes=40), f"stranger-{life.number}", FAR_AWAY)


def in_many_hands(narrator: Narrator, life: Life) -> None:
    """A picture of the printed code goes around: a crowd opens it within five days."""
    for number in range(CROWD):
        visitor = visitor_id(narrator.seed, narrator.brand.slug, f"crowd-{life.number}-{number}")
        life.visits.append(Visit(narrator.instant(2 + number % 5), visitor))


def outside_its_market(narrator: Narrator, life: Life) -> None:
    """Several people tap it abroad, week after week, and nobody at home."""
    last = narrator.instant(31)
    life.visits = [visit for visit in life.visits if visit.at < last]
    for number, ago in enumerate((16, 12, 8, 4)):
        _tap(narrator, life, narrator.instant(ago), f"abroad-{life.number}-{number}", FAR_AWAY)


def after_its_end(narrator: Narrator, life: Life) -> None:
    """The chip of a retired unit answers again."""
    _tap(narrator, life, narrator.instant(6), f"stranger-{life.number}")


def _tap(narrator: Narrator, life: Life, at: dt.datetime, who: str, country: str = "") -> None:
    visitor = visitor_id(narrator.seed, narrator.brand.slug, who)
    life.visits.append(Visit(at, visitor, 1, Verdict.GENUINE, country))
