"""The rules of doubt as truth tables: each signal, and the honest lives that come close to it."""

import datetime as dt
from itertools import count

import pytest

from analytics.distances import distance_between
from analytics.doubts.rules import RULES, sightings
from analytics.doubts.story import Limits, Opening, UnitPast, told_apart
from analytics.kinds import DoubtKind

NOON = dt.datetime(2026, 6, 1, 12, tzinfo=dt.UTC)
LIMITS = Limits(
    far_apart_km=500, flight_kmh=900, counter_jump=50, counter_jump_hours=24, replay_visitors=3, replay_days=7,
    code_visitors=4, code_days=7, market_visitors=3, market_days=3,
)  # fmt: skip
NOTHING_KNOWN = UnitPast()
ids = count(1)


def tap(hours=0.0, visitor="a", country="FR", counter=1, verdict="genuine", tag=1):
    return Opening(next(ids), NOON + dt.timedelta(hours=hours), tag, counter, verdict, visitor, country)


def code(hours=0.0, visitor="a", country="FR", tag=2):
    return tap(hours, visitor, country, None, "identified", tag)


def copy(hours=0.0, visitor="a", counter=1, country="FR"):
    return tap(hours, visitor, country, counter, "replayed")


def found(kind, openings, past=NOTHING_KNOWN):
    openings = told_apart(openings)
    return places(kind, openings, past)


def places(kind, openings, past):
    """Return the evidence of each sighting, as places in `openings`."""
    before = NOON - dt.timedelta(days=1000)
    return [
        [openings.index(opening) for opening in sighting.evidence]
        for sighting in sightings(kind, past, LIMITS, openings, since=before)
    ]


def test_every_kind_has_a_rule():
    assert set(RULES) == set(DoubtKind)


def test_only_what_follows_the_given_moment_is_looked_at():
    openings = [tap(0), tap(1, "b", "JP", 2), tap(2, "c", "BR", 3)]
    late = sightings(DoubtKind.FAR_APART, UnitPast(), LIMITS, openings, since=openings[1].at)
    assert [sighting.trigger for sighting in late] == [openings[2]]


# --- Far apart -----------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("second", "is_signal"),
    [
        (tap(0.75, "b", "JP", 2), True),
        (code(0.75, "b", "JP"), True),  # the printed code of the same unit
        (tap(0.5, "b", "JP", 2, "tampered"), True),
        (tap(9, "b", "JP", 2), True),  # 8,580 km take longer
        (tap(12, "b", "JP", 2), False),  # a flight
        (tap(0.5, "b", "DE", 2), False),  # a neighbour
        (tap(0.1, "b", "GB", 2), False),  # no neighbour, but near
        (tap(0.1, "b", "PL", 2), True),
        (tap(0.75, "a", "JP", 2), False),  # one browser behind a network elsewhere
        (tap(0.75, "b", "", 2), False),  # where is not known
        (tap(0.75, "b", "ZZ", 2), False),  # no such country
        (tap(0.75, "b", "FR", 2), False),
        (copy(0.75, "b", 1, "JP"), False),  # a link that was sent on
        (tap(0.75, "b", "JP", 1, "refreshed"), False),
    ],
)
def test_far_apart(second, is_signal):
    assert found(DoubtKind.FAR_APART, [tap(0), second]) == ([[0, 1]] if is_signal else [])


def test_far_apart_looks_past_scans_in_between():
    openings = [tap(0), tap(0.2, "b", "", 2), tap(0.4, "c", "DE", 3), tap(0.6, "d", "JP", 4)]
    assert found(DoubtKind.FAR_APART, openings) == [[2, 3]]
    assert found(DoubtKind.FAR_APART, [tap(0), copy(0.2, "b"), tap(0.4, "c", "US", 2)]) == [[0, 2]]


@pytest.mark.parametrize(
    ("one", "other", "least", "most"),
    [
        ("FR", "JP", 8_000, 9_900),
        ("FR", "GB", 20, 150),
        ("GB", "US", 3_900, 5_600),
        ("PT", "AT", 1_200, 1_800),
        ("HU", "PL", 50, 250),  # one without an outline
        ("FR", "ES", 0, 0),
        ("FR", "FR", 0, 0),
        ("FR", "ZZ", 0, 0),
        ("", "FR", 0, 0),
    ],
)
def test_distances_are_between_borders_and_the_same_both_ways(one, other, least, most):
    assert least <= distance_between(one, other) <= most
    assert distance_between(one, other) == distance_between(other, one)


# --- Counters ------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("second", "is_signal"),
    [
        (tap(1, counter=52), True),
        (tap(1, counter=51), False),  # exactly as far as the limit
        (tap(24, counter=500), True),
        (tap(25, counter=500), False),  # in more time
        (tap(1, counter=500, tag=3), False),  # another chip on the unit
        (tap(1, counter=3), False),
        (copy(1, counter=500), False),
        (code(1), False),
    ],
)
def test_counter_jump(second, is_signal):
    assert found(DoubtKind.COUNTER_JUMP, [tap(0), second]) == ([[0, 1]] if is_signal else [])


def test_a_first_tap_with_a_high_counter_is_no_jump():
    assert found(DoubtKind.COUNTER_JUMP, [tap(counter=900)]) == []


def test_an_open_guard_does_not_hide_a_copied_link():
    """Such a chip's links are all `tampered`; whether one was used before shows in its counter."""
    openings = [tap(0, "a", "FR", 5, "tampered"), tap(1, "a", "FR", 6, "tampered")]
    copies = [tap(2 + number, visitor, "JP", 5, "tampered") for number, visitor in enumerate("bcd")]
    assert found(DoubtKind.COUNTER_REGRESSION, [*openings, *copies]) == [[2, 3, 4]]
    assert found(DoubtKind.FAR_APART, [*openings, *copies]) == []
    assert found(DoubtKind.FAR_APART, [*openings, tap(2, "b", "JP", 7, "tampered")]) == [[1, 2]]
    unread = tap(2, "b", "JP", None, "tampered")  # a mirror without counter proves nothing
    assert found(DoubtKind.FAR_APART, [*openings, unread]) == []


def test_a_chip_that_was_encoded_anew_counts_from_the_start():
    openings = [tap(0, counter=70), tap(1, counter=1), tap(2, counter=2)]
    assert found(DoubtKind.COUNTER_JUMP, openings) == []
    assert found(DoubtKind.COUNTER_REGRESSION, [*openings, copy(3, "b", 30)]) == []


TAPPED = [tap(0, "a", counter=5), tap(1, "a", counter=6)]


@pytest.mark.parametrize(
    ("copies", "evidence"),
    [
        ([copy(2, "b", 5)], []),  # a lone replay
        ([copy(2, "b", 5), copy(3, "b", 5), copy(4, "b", 5)], []),  # one visitor, again and again
        ([copy(2, "b", 5), copy(3, "c", 5)], []),
        ([copy(2, "b", 5), copy(3, "c", 5), copy(4, "d", 5)], [[2, 3, 4]]),
        ([copy(2, "b", 3), copy(3, "c", 5), copy(4, "d", 4)], [[2, 3, 4]]),  # several old links
        ([copy(2, "b", 6), copy(3, "c", 6), copy(4, "d", 6)], []),  # the last link, sent to friends
        ([copy(2, "a", 5), copy(3, "b", 5), copy(4, "c", 5)], []),  # one is who made the link
        ([copy(2, "b", 5), copy(3, "c", 5), copy(24 * 8, "d", 5)], []),  # not within days
    ],
)
def test_counter_regression(copies, evidence):
    assert found(DoubtKind.COUNTER_REGRESSION, [*TAPPED, *copies]) == evidence


# --- Many visitors -------------------------------------------------------------------------------
def test_many_visitors_of_one_code_and_once_more_for_each_new_one():
    openings = [code(hour, visitor) for hour, visitor in enumerate("abcadbe")]
    # The fourth different visitor makes it a signal, a fifth makes it stronger, a reload does not.
    assert found(DoubtKind.MANY_VISITORS, openings) == [[1, 2, 3, 4], [2, 3, 4, 5, 6]]


@pytest.mark.parametrize(
    "openings",
    [
        [code(hour, visitor) for hour, visitor in enumerate("abcabcabc")],
        [code(72 * number, visitor) for number, visitor in enumerate("abcdef")],  # spread over weeks
        [
            tap(hour, visitor, counter=hour) for hour, visitor in enumerate("abcdef")
        ],  # taps of the chip itself
        [code(hour, visitor, tag=hour) for hour, visitor in enumerate("abcdef")],
        [copy(hour, visitor, counter=hour) for hour, visitor in enumerate("abcdef")],
    ],
)
def test_few_visitors_or_another_link_each_are_no_signal(openings):
    assert found(DoubtKind.MANY_VISITORS, openings) == []


def test_many_visitors_of_one_and_the_same_chip_link():
    openings = [tap(0, "a"), *(copy(hour, visitor) for hour, visitor in enumerate("bcd", start=1))]
    assert found(DoubtKind.MANY_VISITORS, openings) == [[0, 1, 2, 3]]


# --- Shipping, retirement, loss ------------------------------------------------------------------
DAY = NOON.date()


@pytest.mark.parametrize(
    ("past", "is_signal"),
    [
        (UnitPast(shipping_is_recorded=True), True),
        (UnitPast(), False),  # the brand does not record it
        (UnitPast(shipping_is_recorded=True, shipped_on=DAY), False),
        (UnitPast(shipping_is_recorded=True, shipped_on=DAY + dt.timedelta(days=1)), False),  # a zone away
        (UnitPast(shipping_is_recorded=True, shipped_on=DAY + dt.timedelta(days=2)), True),
        (UnitPast(shipping_is_recorded=True, sold_on=DAY + dt.timedelta(days=9)), False),
    ],
)
def test_never_shipped(past, is_signal):
    assert found(DoubtKind.NEVER_SHIPPED, [tap()], past) == ([[0]] if is_signal else [])
    assert found(DoubtKind.NEVER_SHIPPED, [copy()], past) == []


@pytest.mark.parametrize(
    ("opening", "is_signal"),
    [
        (tap(24), True),  # noon UTC of the next day: the day is over everywhere
        (tap(23.9), False),
        (tap(0), False),
        (code(48), False),  # somebody reads how it was recycled
        (copy(48), False),
    ],
)
def test_retired(opening, is_signal):
    assert found(DoubtKind.RETIRED, [opening], UnitPast(retired_on=DAY)) == ([[0]] if is_signal else [])
    assert found(DoubtKind.RETIRED, [opening]) == []


@pytest.mark.parametrize(
    ("opening", "is_signal"),
    [(tap(1), True), (code(1), True), (tap(-1), False), (tap(0), False), (copy(1), False)],
)
def test_reported_lost(opening, is_signal):
    assert found(DoubtKind.REPORTED_LOST, [opening], UnitPast(reported_at=NOON)) == (
        [[0]] if is_signal else []
    )
    assert found(DoubtKind.REPORTED_LOST, [opening]) == []


# --- Another market ------------------------------------------------------------------------------
def days(*visits):
    """Return a tap per day: visitor and country."""
    return [tap(24 * day, visitor, country, day) for day, (visitor, country) in enumerate(visits)]


@pytest.mark.parametrize(
    ("openings", "evidence"),
    [
        (days(("a", "US"), ("b", "US"), ("c", "US")), [[0, 1, 2]]),
        (days(("a", "US"), ("b", "CA"), ("c", "US")), [[0, 1, 2]]),
        (days(("h", "FR"), ("a", "US"), ("b", "US"), ("c", "US")), [[1, 2, 3]]),  # mostly elsewhere
        (days(("a", "US"), ("a", "US"), ("a", "US"), ("a", "US")), []),  # a traveller
        (days(("a", "FR"), ("a", "US"), ("b", "US"), ("c", "US")), []),  # one of the three lives at home
        (days(("a", "US"), ("b", "US"), ("b", "US")), []),  # a couple
        (days(("h", "FR"), ("i", "FR"), ("j", "FR"), ("a", "US"), ("b", "US"), ("c", "US")), []),  # half
        ([tap(hour, who, "US") for hour, who in enumerate("abcd")], []),  # one evening
        (days(("a", "FR"), ("b", "FR"), ("c", "FR")), []),
        (days(("a", ""), ("b", ""), ("c", "")), []),
        ([tap(24 * 20 * number, who, "US") for number, who in enumerate("abc")], []),  # over two months
    ],
)
def test_other_market(openings, evidence):
    assert found(DoubtKind.OTHER_MARKET, openings, UnitPast(market="FR")) == evidence
    assert found(DoubtKind.OTHER_MARKET, openings) == []
