"""Counting links that did not check without a database statement per link.

Counts live in the cache and are added to `ForgedLinkCount` by beat every minute. What is in the
cache when it is lost is lost: a count of forgeries is a signal, not a ledger.
"""

import datetime as dt
from contextlib import suppress

from django.core.cache import cache
from django.db import transaction
from django.db.models import F

from analytics.models import ForgedLinkCount
from products.models import ChipProfile

REASONS = (
    "missing_parameter", "repeated_parameter", "oversized", "not_hex", "wrong_length",
    "bad_picc_data", "mac_mismatch", "unknown_uid", "no_such_tag",
)  # fmt: skip
TWO_DAYS = 2 * 24 * 3600


def _key(profile: str, day: dt.date, reason: str) -> str:
    return f"forged:{profile}:{day.isoformat()}:{reason}"


def count_forged_link(profile: str, reason: str, *, now: dt.datetime) -> None:
    """Count one link that did not check; `reason` is the code of the refusal."""
    key = _key(profile, now.date(), reason)
    if not cache.add(key, 1, TWO_DAYS):
        with suppress(ValueError):  # the cache dropped it between the two calls
            cache.incr(key)


def flush_forged_links(*, now: dt.datetime) -> int:
    """Move the counts of today and yesterday from the cache to the table; return how many links."""
    flushed = 0
    days = (now.date() - dt.timedelta(days=1), now.date())
    for profile in ChipProfile.objects.only("slug", "brand_id"):
        for day in days:
            for reason in REASONS:
                flushed += _flush(profile, day, reason)
    return flushed


def _flush(profile: ChipProfile, day: dt.date, reason: str) -> int:
    key = _key(profile.slug, day, reason)
    links = cache.get(key)
    if not links:
        return 0
    # Taken out first: a crash between the two loses a count, never doubles one.
    try:
        cache.decr(key, links)
    except ValueError:  # dropped, or taken by another flush, between the two calls
        return 0
    with transaction.atomic():
        row, _made = ForgedLinkCount.objects.get_or_create(
            profile=profile.slug, day=day, reason=reason, defaults={"brand_id": profile.brand_id}
        )
        ForgedLinkCount.objects.filter(pk=row.pk).update(links=F("links") + links)
    return int(links)
