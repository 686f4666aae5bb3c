"""Days: instants are UTC, but "today", "due on" and "until" are days where the unit is (or else its brand)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from dateutil.relativedelta import relativedelta

if TYPE_CHECKING:
    from products.models import Brand


def market_zones(brand: Brand) -> dict[str, str]:
    """Return the time zone of each of the brand's markets, by country (ISO 3166-1 alpha-2)."""
    return dict(brand.markets.values_list("country", "time_zone"))


def zone_of(market: str, market_zones: Mapping[str, str], brand_zone: str) -> ZoneInfo:
    """Return the time zone of the unit's market, else the brand's."""
    return ZoneInfo(market_zones.get(market) or brand_zone)


def day_in(zone: ZoneInfo, instant: dt.datetime) -> dt.date:
    """Return the calendar day of an instant there."""
    return instant.astimezone(zone).date()


def add_months(day: dt.date, months: int) -> dt.date:
    """Return the same day `months` later, or that month's last day where it has no such day.

    Beyond the calendar's end (some systems write 9999-12-31 for "unknown") it is the calendar's last day.
    """
    try:
        return day + relativedelta(months=months)
    except (ValueError, OverflowError):
        return dt.date.max


def last_day(starts_on: dt.date, months: int) -> dt.date:
    """Return the last day of a term of months that begins with `starts_on`, both days counted whole.

    The day before the same day of the last month; the end of that month where it has no such day
    (German Civil Code, § 188 (2) and (3); Regulation (EEC, Euratom) 1182/71, article 3 (2) c).
    """
    same_day = add_months(starts_on, months)
    ends_on = same_day - dt.timedelta(days=1) if same_day.day == starts_on.day else same_day
    return max(starts_on, ends_on)  # at the calendar's end


def next_multiple(start: dt.date, months: int, today: dt.date) -> dt.date:
    """Return the first of start + n × months (n ≥ 1) that is not before `today`."""
    elapsed = (today.year - start.year) * 12 + today.month - start.month
    count = max(1, elapsed // months)
    while (due := add_months(start, count * months)) < today:
        count += 1
    return due
