"""Days where the unit is: zones, months, and the next due date."""

import datetime as dt
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from products.days import add_months, day_in, next_multiple, zone_of

ZONES = {"US": "America/New_York", "JP": "Asia/Tokyo"}


@pytest.mark.parametrize(
    ("market", "zone"), [("US", "America/New_York"), ("JP", "Asia/Tokyo"), ("FR", "Europe/Paris"), ("", "Europe/Paris")]
)  # fmt: skip
def test_the_markets_zone_else_the_brands(market, zone):
    assert zone_of(market, ZONES, "Europe/Paris").key == zone


@pytest.mark.parametrize(
    ("zone", "instant", "day"),
    [
        ("Europe/Paris", "2026-06-15T21:59:59", "2026-06-15"),
        ("Europe/Paris", "2026-06-15T22:00:00", "2026-06-16"),
        ("Europe/Paris", "2026-01-15T22:59:59", "2026-01-15"),
        ("Europe/Paris", "2026-01-15T23:00:00", "2026-01-16"),
        ("America/New_York", "2026-06-16T03:59:59", "2026-06-15"),
        ("Asia/Tokyo", "2026-06-15T15:00:00", "2026-06-16"),
        # The nights when clocks change in Paris: 23 and 25 hours, one day each
        ("Europe/Paris", "2026-03-28T23:00:00", "2026-03-29"),
        ("Europe/Paris", "2026-03-29T21:59:59", "2026-03-29"),
        ("Europe/Paris", "2026-03-29T22:00:00", "2026-03-30"),
        ("Europe/Paris", "2026-10-24T22:00:00", "2026-10-25"),
        ("Europe/Paris", "2026-10-25T22:59:59", "2026-10-25"),
        ("Europe/Paris", "2026-10-25T23:00:00", "2026-10-26"),
        ("Pacific/Apia", "2026-06-15T11:00:00", "2026-06-16"),
    ],
)
def test_the_day_of_an_instant_there(zone, instant, day):
    at = dt.datetime.fromisoformat(instant).replace(tzinfo=dt.UTC)
    assert day_in(ZoneInfo(zone), at).isoformat() == day


@pytest.mark.parametrize(
    ("day", "months", "later"),
    [
        ("2024-01-31", 1, "2024-02-29"),
        ("2025-01-31", 1, "2025-02-28"),
        ("2024-02-29", 12, "2025-02-28"),
        ("2024-02-29", 48, "2028-02-29"),
        ("2026-08-31", 6, "2027-02-28"),
        ("2026-06-15", 0, "2026-06-15"),
        ("9999-12-31", 24, "9999-12-31"),
        ("9990-01-01", 32767, "9999-12-31"),
    ],
)
def test_months_later(day, months, later):
    assert add_months(dt.date.fromisoformat(day), months).isoformat() == later


@pytest.mark.parametrize(
    ("start", "months", "today", "due"),
    [
        ("2026-01-15", 6, "2026-01-15", "2026-07-15"),
        ("2026-01-15", 6, "2026-07-15", "2026-07-15"),
        ("2026-01-15", 6, "2026-07-16", "2027-01-15"),
        ("2026-01-31", 1, "2026-02-28", "2026-02-28"),
        # Counted from the start, not from the shortened day: the 31st comes back.
        ("2026-01-31", 1, "2026-03-01", "2026-03-31"),
        ("2027-01-01", 6, "2026-06-15", "2027-07-01"),
        ("2010-05-05", 1, "2026-06-15", "2026-07-05"),
    ],
)
def test_the_next_due_date(start, months, today, due):
    found = next_multiple(dt.date.fromisoformat(start), months, dt.date.fromisoformat(today))
    assert found.isoformat() == due


day_range = st.dates(dt.date(1990, 1, 1), dt.date(2100, 1, 1))


@given(start=day_range, months=st.integers(1, 120), today=day_range)
def test_the_next_due_date_is_the_first_multiple_that_is_not_past(start, months, today):
    due = next_multiple(start, months, today)
    multiples = (add_months(start, count * months) for count in range(1, 1400))
    assert due == next(day for day in multiples if day >= today)
