"""Two owner rows become one while something is written for one of them."""

import datetime as dt
import threading
import time

import pytest
from django.db import connection, transaction
from django.db.models import Sum

from ownership.models import LoyaltyAccount, LoyaltyEntry, LoyaltyProgramme
from ownership.services.loyalty import award_by_hand
from ownership.services.merging import merge_owners
from tests import factories
from tests.test_races import at_once

NOW = dt.datetime(2026, 6, 1, 12, tzinfo=dt.UTC)
WAITS = "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"


def until_somebody_waits() -> None:
    """Return when another connection to this database waits for a lock."""
    until = time.monotonic() + 30
    with connection.cursor() as cursor:
        while time.monotonic() < until:
            cursor.execute(
                "SELECT pg_stat_clear_snapshot()"
            )  # else a transaction sees the first answer for ever
            cursor.execute(WAITS)
            if cursor.fetchone():
                return
    raise AssertionError("nobody waited")


@pytest.mark.postgres
def test_points_given_while_two_owners_become_one_are_not_lost(transactional_db):
    """C10: who gives points holds the balance and names the owner at the commit; merging goes the same way."""
    brand = factories.BrandFactory(slug="acme")
    LoyaltyProgramme.objects.create(brand=brand)
    kept, gone = factories.OwnerFactory(brand=brand), factories.OwnerFactory(brand=brand)
    held = threading.Event()

    def give(key: str) -> None:
        award_by_hand(
            owner_id=gone.pk, points=10, reason="Thanks", submission_key=key, actor_id=None, now=NOW
        )

    def give_slowly() -> None:
        with transaction.atomic():
            give("b" * 32)
            held.set()
            until_somebody_waits()

    def merge() -> None:
        held.wait(30)
        merge_owners(kept_id=kept.pk, gone_id=gone.pk, now=NOW, actor_id=None)

    give("a" * 32)
    assert at_once([give_slowly, merge]) == [None, None]
    assert LoyaltyAccount.objects.get().balance == 20
    assert LoyaltyEntry.objects.filter(owner=kept).aggregate(sum=Sum("points")) == {"sum": 20}
