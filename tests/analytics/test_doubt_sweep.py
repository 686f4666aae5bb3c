"""The round over new scans: what it raises, that a second round changes nothing, and what staff's word does."""

import datetime as dt

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from analytics.doubts.services import MOST_EVIDENCE, decide_doubt, dismiss_doubts
from analytics.doubts.sweep import LOOK_BACK, sweep_brand
from analytics.errors import AnalyticsError
from analytics.kinds import DoubtState, EventKind, Flag
from analytics.models import Doubt, DoubtRules, DoubtWatch, Event
from analytics.partitions import ensure_partitions
from analytics.services import NewScan, lower_flag, raise_flag, record_scan
from analytics.tasks import sweep_doubts
from products.models import Unit
from tests import factories
from tests.test_races import at_once

pytestmark = pytest.mark.django_db

NOW = dt.datetime(2026, 6, 15, 12, tzinfo=dt.UTC)


def scan(unit, minutes=0.0, *, visitor="a", country="FR", verdict="genuine", counter=1, tag_id=1, at=NOW):
    """Write a scan as a tap does, so many minutes before noon."""
    new = NewScan(
        at=at - dt.timedelta(minutes=minutes), brand_id=unit.brand_id, unit_id=unit.pk, tag_id=tag_id,
        counter=counter, verdict=verdict, stage="ownership", visitor=visitor * 32, locale="en", country=country,
    )  # fmt: skip
    record_scan(new)


def printed(unit, minutes=0.0, **values):
    scan(unit, minutes, **{"verdict": "identified", "counter": None, "tag_id": 2, **values})


def sweep(unit, now=NOW):
    return sweep_brand(brand_id=unit.brand_id, now=now)


def two_phones(unit, at=NOW, visitors="ab"):
    scan(unit, 50, visitor=visitors[0], at=at)
    scan(unit, 5, visitor=visitors[1], country="JP", counter=2, at=at)


def only_doubt():
    return Doubt.objects.get()


# --- What is raised ------------------------------------------------------------------------------
def test_two_phones_in_two_countries_raise_a_doubt_with_its_evidence_and_event(unit):
    two_phones(unit)
    assert sweep(unit) == 1
    doubt = only_doubt()
    assert (doubt.unit, doubt.brand, doubt.kind, doubt.state) == (unit, unit.brand, "far_apart", "open")
    assert (doubt.sightings, doubt.country) == (1, "JP")
    assert doubt.first_seen_at == doubt.last_seen_at == NOW - dt.timedelta(minutes=5)
    assert [
        (scan["country"], scan["visitor"], scan["verdict"], scan["counter"]) for scan in doubt.evidence
    ] == [("FR", "a" * 8, "genuine", 1), ("JP", "b" * 8, "genuine", 2)]
    assert set(doubt.evidence[0]) == {"scan", "at", "country", "verdict", "counter", "visitor"}
    event = Event.objects.get(kind=EventKind.DOUBT_RAISED)
    assert (event.unit, event.data) == (unit, {"doubt": doubt.pk, "kind": "far_apart"})
    assert event.actor_id is None


def test_each_kind_is_raised_from_rows_of_the_ledger(acme, bag):
    acme.records_shipping = True
    acme.save(update_fields=["records_shipping"])
    DoubtRules.objects.create(brand=acme, code_visitors=3, market_days=2)
    units = {
        kind: factories.UnitFactory(product=bag, shipped_on=NOW.date() - dt.timedelta(days=7))
        for kind in KINDS
    }
    for kind, prepare in KINDS.items():
        prepare(units[kind])
    sweep_brand(brand_id=acme.pk, now=NOW)
    raised = {doubt.unit_id: doubt.kind for doubt in Doubt.objects.all()}
    assert raised == {unit.pk: kind for kind, unit in units.items()}


def _jumps(unit):
    scan(unit, 50)
    scan(unit, 40, counter=60)


def _copied(unit):
    scan(unit, 90, counter=1)
    scan(unit, 80, counter=2)
    for minutes, visitor in ((30, "b"), (20, "c"), (10, "d")):
        scan(unit, minutes, visitor=visitor, verdict="replayed", counter=1)


def _crowd(unit):
    for minutes, visitor in ((30, "b"), (20, "c"), (10, "d")):
        printed(unit, minutes, visitor=visitor)


def _unshipped(unit):
    Unit.objects.filter(pk=unit.pk).update(shipped_on=None)
    scan(unit, 10)


def _abroad(unit):
    Unit.objects.filter(pk=unit.pk).update(market="FR")
    for day, visitor in enumerate("bcd"):
        scan(unit, 24 * 60 * day, visitor=visitor, country="US", counter=9 - day)


def _retired(unit):
    Unit.objects.filter(pk=unit.pk).update(status="recycled", retired_on=NOW.date() - dt.timedelta(days=3))
    scan(unit, 10)


def _lost(unit):
    raise_flag(unit, Flag.STOLEN, now=NOW - dt.timedelta(hours=2), actor_id=None)
    scan(unit, 10)


KINDS = {
    "far_apart": two_phones,
    "counter_jump": _jumps,
    "counter_regression": _copied,
    "many_visitors": _crowd,
    "never_shipped": _unshipped,
    "other_market": _abroad,
    "retired": _retired,
    "reported_lost": _lost,
}


def test_honest_lives_raise_nothing(acme, unit):
    scan(unit, 200, visitor="a")
    scan(unit, 190, visitor="a", verdict="refreshed")
    scan(unit, 180, visitor="b", verdict="replayed")  # a link sent to a friend
    scan(unit, 60, visitor="c", country="BE", counter=2)  # a neighbour
    printed(unit, 50, visitor="d")
    assert sweep(unit) == 0
    assert not Doubt.objects.exists()


def test_what_was_found_again_before_the_round_is_no_doubt(unit):
    raise_flag(unit, Flag.LOST, now=NOW - dt.timedelta(hours=2), actor_id=None)
    scan(unit, 10)
    lower_flag(unit, Flag.LOST, now=NOW, actor_id=None)
    assert sweep(unit) == 0


# --- Again, and more of it -----------------------------------------------------------------------
def test_a_second_round_changes_nothing(unit):
    two_phones(unit)
    sweep(unit)
    before = list(Doubt.objects.values())
    assert sweep(unit) == 0
    assert sweep(unit, NOW + dt.timedelta(minutes=3)) == 0
    DoubtWatch.objects.update(swept_until=NOW - LOOK_BACK)  # as after a restore
    assert sweep(unit) == 0
    assert list(Doubt.objects.values()) == before
    assert Event.objects.filter(kind=EventKind.DOUBT_RAISED).count() == 1


def test_more_evidence_strengthens_the_standing_doubt(unit):
    two_phones(unit)
    sweep(unit)
    later = NOW + dt.timedelta(hours=1)
    scan(unit, 20, visitor="c", country="BR", counter=3, at=later)
    assert sweep(unit, later) == 1
    doubt = only_doubt()
    assert (doubt.sightings, doubt.country, doubt.state) == (2, "BR", "open")
    assert [scan["country"] for scan in doubt.evidence] == ["FR", "JP", "BR"]
    assert doubt.last_seen_at == later - dt.timedelta(minutes=20)
    assert Event.objects.filter(kind=EventKind.DOUBT_RAISED).count() == 1


def test_evidence_keeps_the_newest_scans(unit):
    raise_flag(unit, Flag.LOST, now=NOW - dt.timedelta(days=1), actor_id=None)
    for minutes in range(60, 60 - MOST_EVIDENCE - 5, -1):
        scan(unit, minutes, counter=100 - minutes)
    sweep(unit)
    doubt = only_doubt()
    assert doubt.sightings == MOST_EVIDENCE + 5
    assert len(doubt.evidence) == MOST_EVIDENCE
    assert doubt.evidence[-1]["counter"] == 100 - (60 - MOST_EVIDENCE - 4)


def test_the_round_reads_on_where_the_last_one_ended(unit):
    two_phones(unit, at=NOW - dt.timedelta(minutes=20))
    sweep(unit)
    assert DoubtWatch.objects.get().swept_until == NOW
    Doubt.objects.all().delete()
    assert sweep(unit, NOW + dt.timedelta(minutes=30)) == 0  # those scans were looked at


def test_a_scan_that_was_committed_late_is_not_stepped_over(unit):
    scan(unit, 50)
    sweep(unit)
    scan(unit, 0.2, visitor="b", country="JP", counter=2)
    assert sweep(unit, NOW + dt.timedelta(minutes=3)) == 1


def test_a_brand_that_was_never_looked_at_begins_with_its_last_30_days(unit):
    two_phones(unit, at=NOW - dt.timedelta(days=29))
    two_phones(factories.UnitFactory(product=unit.product), at=NOW - dt.timedelta(days=40))
    assert sweep(unit) == 1
    assert only_doubt().unit == unit


def test_a_round_that_broke_off_goes_on_where_it_was(unit, monkeypatch):
    from analytics.doubts import sweep as module

    two_phones(unit)
    two_phones(unit, at=NOW - dt.timedelta(days=20))
    real, calls = module._look_at, []

    def breaks_off(*args):
        calls.append(args)
        if len(calls) == 2:
            raise RuntimeError
        return real(*args)

    monkeypatch.setattr(module, "_look_at", breaks_off)
    with pytest.raises(RuntimeError):
        sweep(unit)
    assert only_doubt().sightings == 1
    assert NOW - LOOK_BACK < DoubtWatch.objects.get().swept_until < NOW
    sweep(unit)
    assert only_doubt().sightings == 2


def test_a_code_that_is_everywhere_is_judged_by_its_newest_scans(unit, monkeypatch):
    from analytics.doubts import sweep as module

    monkeypatch.setattr(module, "MOST_OPENINGS", 10)
    for minutes in range(100, 20, -1):
        printed(unit, minutes)
    two_phones(unit)
    assert sweep(unit) == 1
    assert only_doubt().kind == "far_apart"


def test_statements_do_not_grow_with_the_scans(acme, bag):
    def cost():
        with CaptureQueriesContext(connection) as seen:
            sweep_brand(brand_id=acme.pk, now=NOW)
        DoubtWatch.objects.update(swept_until=NOW - dt.timedelta(hours=1))
        return len(seen)

    DoubtWatch.objects.create(brand=acme, swept_until=NOW - dt.timedelta(hours=1))
    scan(factories.UnitFactory(product=bag), 10)
    few = cost()
    for number in range(20):
        unit = factories.UnitFactory(product=bag)
        for minutes in range(number):
            scan(unit, minutes)
    assert cost() == few


# --- What staff say ------------------------------------------------------------------------------
def decide(state, reason="A display piece", actor_id=7, now=NOW):
    return decide_doubt(doubt_id=only_doubt().pk, state=state, reason=reason, actor_id=actor_id, now=now)


def test_a_decision_keeps_who_when_and_why(unit):
    two_phones(unit)
    sweep(unit)
    watched = decide(DoubtState.WATCHED, reason="")
    assert (watched.state, watched.decided_at) == ("watched", None)
    confirmed = decide(DoubtState.CONFIRMED, reason=" Seen on a market stall ")
    assert (confirmed.reason, confirmed.decided_by_id, confirmed.decided_at) == (
        "Seen on a market stall", 7, NOW,
    )  # fmt: skip
    events = Event.objects.filter(kind=EventKind.DOUBT_DECIDED).order_by("id")
    assert [(event.data["state"], event.actor_id) for event in events] == [("watched", 7), ("confirmed", 7)]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (DoubtState.DISMISSED, DoubtState.OPEN),
        (DoubtState.DISMISSED, DoubtState.CONFIRMED),
        (DoubtState.CONFIRMED, DoubtState.WATCHED),
        (DoubtState.WATCHED, DoubtState.WATCHED),
        (DoubtState.CONFIRMED, DoubtState.CONFIRMED),
    ],
)
def test_a_doubt_goes_no_way_that_is_not_drawn(unit, before, after):
    two_phones(unit)
    sweep(unit)
    decide(before)
    with pytest.raises(AnalyticsError) as refused:
        decide(after)
    assert refused.value.code == "decided"


@pytest.mark.parametrize("state", [DoubtState.CONFIRMED, DoubtState.DISMISSED])
def test_a_last_word_needs_a_reason(unit, state):
    two_phones(unit)
    sweep(unit)
    with pytest.raises(AnalyticsError) as refused:
        decide(state, reason="  ")
    assert refused.value.code == "no_reason"
    assert only_doubt().state == "open"


def test_a_dismissed_doubt_is_raised_anew_by_new_evidence_alone(unit):
    two_phones(unit)
    sweep(unit)
    decide(DoubtState.DISMISSED)
    DoubtWatch.objects.update(swept_until=NOW - LOOK_BACK)
    assert sweep(unit) == 0
    later = NOW + dt.timedelta(hours=1)
    scan(unit, 30, visitor="c", country="BR", counter=3, at=later)
    assert sweep(unit, later) == 0  # what it is far apart from was dismissed
    later += dt.timedelta(days=1)
    two_phones(unit, at=later, visitors="de")
    assert sweep(unit, later) == 1
    assert [doubt.state for doubt in Doubt.objects.order_by("id")] == ["dismissed", "open"]


@pytest.mark.parametrize("state", [DoubtState.WATCHED, DoubtState.CONFIRMED])
def test_a_watched_or_confirmed_doubt_goes_on_counting(unit, state):
    two_phones(unit)
    sweep(unit)
    decide(state)
    later = NOW + dt.timedelta(hours=1)
    scan(unit, 30, visitor="c", country="BR", counter=3, at=later)
    sweep(unit, later)
    assert (only_doubt().sightings, only_doubt().state) == (2, state.value)


def test_many_are_dismissed_at_once_but_for_those_that_were_already(unit, bag):
    other = factories.UnitFactory(product=bag)
    for one in (unit, other):
        two_phones(one)
    sweep(unit)
    doubts = list(Doubt.objects.all())
    decide_doubt(doubt_id=doubts[0].pk, state=DoubtState.DISMISSED, reason="A test", actor_id=1, now=NOW)
    assert dismiss_doubts(doubts=doubts, reason="Fair in Tokyo", actor_id=1, now=NOW) == 1
    assert set(Doubt.objects.values_list("state", flat=True)) == {"dismissed"}


# --- Brands, and rounds at the same time -----------------------------------------------------------
def test_beats_round_looks_at_every_brand(unit, globex, monkeypatch):
    now = dt.datetime.now(dt.UTC)
    rival = factories.UnitFactory(product=factories.full_product(globex))
    for one in (unit, rival):
        two_phones(one, at=now)
    sweep_doubts()
    assert {doubt.brand for doubt in Doubt.objects.all()} == {unit.brand, globex}
    assert set(Doubt.objects.for_brand(globex)) == set(Doubt.objects.of_unit(rival))


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_two_rounds_at_the_same_time_raise_one_doubt(unit):
    for _number in range(5):
        two_phones(factories.UnitFactory(product=unit.product))
    changed = at_once([lambda: sweep(unit)] * 4)
    assert sum(changed) == 5
    assert [doubt.sightings for doubt in Doubt.objects.all()] == [1] * 5
    assert Event.objects.filter(kind=EventKind.DOUBT_RAISED).count() == 5


@pytest.mark.postgres
def test_the_round_reads_by_index_and_only_the_partitions_of_its_time(unit):
    ensure_partitions(dt.date(2026, 3, 1), dt.date(2026, 8, 1))
    two_phones(unit)
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")  # few rows are read faster without an index
    with CaptureQueriesContext(connection) as seen:
        sweep_brand(brand_id=unit.brand_id, now=NOW)
    reads = [query["sql"] for query in seen if query["sql"].startswith(("SELECT", "DECLARE"))]
    of_scans = [sql for sql in reads if 'FROM "analytics_scan"' in sql]
    for sql in of_scans[-2:]:
        with connection.cursor() as cursor:
            cursor.execute(f"EXPLAIN {sql}")
            plan = "\n".join(line for (line,) in cursor.fetchall())
        assert "analytics_scan_2026_06" in plan
        assert "analytics_scan_2026_07" not in plan
        assert "analytics_scan_2026_03" not in plan
        assert "Index Cond" in plan
        assert "Seq Scan" not in plan
