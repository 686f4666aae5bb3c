"""Points that are over leave the balance, as a line of their own."""

import datetime as dt
from collections.abc import Iterator
from itertools import groupby

from django.db import transaction

from analytics.kinds import EventKind
from analytics.services import NewEvent, record_events
from ownership.models import LoyaltyAccount, LoyaltyEntry, Owner
from ownership.models.loyalty import EntryKind
from ownership.services.loyalty.accounts import lock_accounts, write_lines
from ownership.services.loyalty.lots import points_over

BATCH = 1000  # owners per transaction


def expire_points(*, brand_id: int, now: dt.datetime) -> int:
    """Take off what is over at a brand; return of how many owners. Run twice, it takes nothing off twice."""
    done = 0
    for owner_ids in _batches(brand_id, now):
        done += expire_points_of(owner_ids, now=now)
    return done


@transaction.atomic
def expire_points_of(owner_ids: list[int], *, now: dt.datetime) -> int:
    """Take off what is over for these owners; return of how many something was."""
    accounts = lock_accounts(owner_ids)
    lines = []
    ledger = LoyaltyEntry.objects.filter(owner__in=accounts).order_by("owner_id", "id")
    for owner_id, entries in groupby(ledger, key=lambda line: line.owner_id):
        written = list(entries)
        over = min(points_over(written, now=now), accounts[owner_id].balance)
        if over:
            # The last line so far tells this expiry from the next: nobody else writes while the account is locked.
            key = f"expiry:{owner_id}:{written[-1].pk}"
            lines.append(
                LoyaltyEntry(owner_id=owner_id, kind=EntryKind.EXPIRY, points=-over, dedupe_key=key, at=now)
            )
    write_lines(lines)
    _record(lines, now)
    return len(lines)


def _record(lines: list[LoyaltyEntry], now: dt.datetime) -> None:
    brands = dict(
        Owner.objects.filter(pk__in=[line.owner_id for line in lines]).values_list("pk", "brand_id")
    )
    events = [
        NewEvent(
            EventKind.POINTS_EXPIRED, brands[line.owner_id], now, owner_id=line.owner_id,
            data={"entry": line.pk, "points": line.points},
        )
        for line in lines
    ]  # fmt: skip
    record_events(events, now=now)


def _batches(brand_id: int, now: dt.datetime) -> Iterator[list[int]]:
    """Yield owners with points, and an award whose time is over."""
    over = LoyaltyEntry.objects.awards().filter(expires_at__lte=now).values("owner")
    accounts = LoyaltyAccount.objects.filter(owner__brand=brand_id, balance__gt=0, owner__in=over)
    last = 0
    while True:
        found = accounts.filter(owner__gt=last).order_by("owner_id")
        owner_ids = list(found.values_list("owner_id", flat=True)[:BATCH])
        if not owner_ids:
            return
        yield owner_ids
        last = owner_ids[-1]
