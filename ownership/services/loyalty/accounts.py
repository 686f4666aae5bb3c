"""The row that whoever writes lines of points holds: without it, two could spend the same points."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable
from zoneinfo import ZoneInfo

from django.db.models import F

from ownership.models import LoyaltyAccount, LoyaltyEntry
from products.days import add_months, day_in


def lock_accounts(owner_ids: Iterable[int]) -> dict[int, LoyaltyAccount]:
    """Make and lock the balances of these owners, in the order of their numbers, so that two never wait for each other."""
    ids = sorted(set(owner_ids))
    there = set(LoyaltyAccount.objects.filter(owner__in=ids).values_list("owner_id", flat=True))
    missing = [LoyaltyAccount(owner_id=owner_id) for owner_id in ids if owner_id not in there]
    LoyaltyAccount.objects.bulk_create(missing, ignore_conflicts=True)
    locked = LoyaltyAccount.objects.select_for_update().filter(owner__in=ids).order_by("owner_id")
    return {account.owner_id: account for account in locked}


def lock_account(owner_id: int) -> LoyaltyAccount:
    return lock_accounts([owner_id])[owner_id]


def write_lines(lines: list[LoyaltyEntry]) -> list[LoyaltyEntry]:
    """Append lines of owners whose accounts are locked, and bring the balances up to date."""
    made: list[LoyaltyEntry] = LoyaltyEntry.objects.bulk_create(lines)
    sums: dict[int, int] = defaultdict(int)
    for line in made:
        sums[line.owner_id] += line.points
    owners: dict[int, list[int]] = defaultdict(list)
    for owner_id, points in sums.items():
        owners[points].append(owner_id)
    for points, owner_ids in owners.items():
        LoyaltyAccount.objects.filter(owner__in=owner_ids).update(balance=F("balance") + points)
    return made


def expiry_of(months: int | None, *, zone: ZoneInfo, now: dt.datetime) -> dt.datetime | None:
    """Return when points given now are over: the end of the day so many months on, where the brand is; None for never."""
    if months is None:
        return None
    last = add_months(day_in(zone, now), months)
    return dt.datetime.combine(last, dt.time(23, 59, 59), zone).astimezone(dt.UTC)
