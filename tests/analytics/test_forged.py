"""Forged links: counted without a statement, moved to the table once, added up, never doubled."""

import datetime as dt

import pytest
from django.core.cache import cache

from analytics.forged import _key, count_forged_link, flush_forged_links
from analytics.models import ForgedLinkCount
from analytics.tasks import flush_forged_links as flush_task

pytestmark = pytest.mark.django_db

NOON = dt.datetime(2026, 6, 15, 12, tzinfo=dt.UTC)


def counts() -> dict:
    return {
        (row.profile, row.day.isoformat(), row.reason): row.links for row in ForgedLinkCount.objects.all()
    }


def test_counting_takes_no_statement(profile, django_assert_num_queries):
    with django_assert_num_queries(0):
        for _time in range(5):
            count_forged_link("acme-a", "mac_mismatch", now=NOON)


def test_flushing_twice_counts_once(profile):
    for _time in range(5):
        count_forged_link("acme-a", "mac_mismatch", now=NOON)
    assert flush_forged_links(now=NOON) == 5
    assert flush_forged_links(now=NOON) == 0
    assert counts() == {("acme-a", "2026-06-15", "mac_mismatch"): 5}


def test_counts_add_up_over_flushes(profile):
    for times in (3, 4):
        for _time in range(times):
            count_forged_link("acme-a", "not_hex", now=NOON)
        flush_forged_links(now=NOON)
    assert counts() == {("acme-a", "2026-06-15", "not_hex"): 7}


def test_profiles_days_and_reasons_are_counted_apart(profile, globex):
    from tests.factories import ChipProfileFactory

    ChipProfileFactory(brand=globex, slug="globex-a")
    yesterday = NOON - dt.timedelta(days=1)
    count_forged_link("acme-a", "not_hex", now=NOON)
    count_forged_link("acme-a", "oversized", now=NOON)
    count_forged_link("acme-a", "not_hex", now=yesterday)
    count_forged_link("globex-a", "not_hex", now=NOON)
    assert flush_forged_links(now=NOON) == 4
    assert set(counts()) == {
        ("acme-a", "2026-06-15", "not_hex"),
        ("acme-a", "2026-06-15", "oversized"),
        ("acme-a", "2026-06-14", "not_hex"),
        ("globex-a", "2026-06-15", "not_hex"),
    }
    assert ForgedLinkCount.objects.get(profile="globex-a").brand == globex


def test_what_came_just_before_midnight_is_flushed_just_after(profile):
    count_forged_link("acme-a", "not_hex", now=dt.datetime(2026, 6, 15, 23, 59, 59, tzinfo=dt.UTC))
    assert flush_forged_links(now=dt.datetime(2026, 6, 16, 0, 0, 1, tzinfo=dt.UTC)) == 1
    assert set(counts()) == {("acme-a", "2026-06-15", "not_hex")}


def test_a_count_that_the_cache_drops_in_between_hurts_nobody(profile, monkeypatch):
    monkeypatch.setattr(cache, "add", lambda *_args: False)
    count_forged_link("acme-a", "not_hex", now=NOON)
    monkeypatch.undo()
    count_forged_link("acme-a", "not_hex", now=NOON)
    monkeypatch.setattr(cache, "decr", lambda *_args: (_ for _ in ()).throw(ValueError("gone")))
    assert flush_forged_links(now=NOON) == 0
    assert counts() == {}


def test_a_crash_while_flushing_loses_a_count_and_never_doubles_one(profile, monkeypatch):
    count_forged_link("acme-a", "not_hex", now=NOON)
    with monkeypatch.context() as patched:
        patched.setattr(ForgedLinkCount.objects, "get_or_create", lambda **_values: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            flush_forged_links(now=NOON)
    flush_forged_links(now=NOON)
    assert sum(counts().values()) <= 1


def test_the_tenth_thousandth_forgery_is_still_counted(profile):
    count_forged_link("acme-a", "mac_mismatch", now=NOON)
    cache.incr(_key("acme-a", NOON.date(), "mac_mismatch"), 9_999)
    assert flush_forged_links(now=NOON) == 10_000


def test_counts_outlive_a_crowd_of_other_keys_in_the_cache(profile):
    """The embedded default's cache must not throw counts and limits out for want of room."""
    count_forged_link("acme-a", "mac_mismatch", now=NOON)
    for number in range(2_000):
        cache.set(f"limit:find-address:{number}", 1, 900)
    assert flush_forged_links(now=NOON) == 1


def test_the_task_flushes_now(profile):
    count_forged_link("acme-a", "not_hex", now=dt.datetime.now(dt.UTC))
    assert flush_task.delay().successful()
    assert sum(counts().values()) == 1
