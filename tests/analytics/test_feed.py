"""Reading the ledger: nothing is lost, whichever transaction commits first."""

import datetime as dt
import threading
import time

import pytest
from django.db import connection, connections, transaction

from analytics.feed import Cursor, read_events
from analytics.kinds import EventKind
from analytics.models import Event
from analytics.services import NewEvent, lock_unit, record_event
from products.models import Unit
from tests import factories

NOW = dt.datetime(2026, 6, 15, 12, tzinfo=dt.UTC)


def write(unit, number: int) -> None:
    lock_unit(unit.pk)
    event = NewEvent(EventKind.UNIT_SOLD, unit.brand_id, NOW, unit_id=unit.pk, data={"n": number})
    record_event(event, now=NOW)


def numbers(events) -> list[int]:
    return [event.data["n"] for event in events]


def read_settled(events, expected: int, after: Cursor | None = None) -> tuple[list[int], Cursor]:
    """Read until so many events are settled: transactions of other databases of the server delay them too."""
    cursor, read = after or Cursor(), []
    deadline = time.monotonic() + 60
    while len(read) < expected and time.monotonic() < deadline:
        found, cursor = read_events(events, after=cursor, limit=10)
        read += numbers(found)
        if not found:
            time.sleep(0.02)
    return read, cursor


class Writer:
    """A second connection that holds its transaction open until it is told to commit."""

    def __init__(self, unit, number: int, *, roll_back: bool = False):
        self.written, self.go = threading.Event(), threading.Event()
        self.failure = None
        self.thread = threading.Thread(target=self._run, args=(unit, number, roll_back), daemon=True)
        self.thread.start()

    def _run(self, unit, number, roll_back):
        try:
            with transaction.atomic():
                write(unit, number)
                self.written.set()
                assert self.go.wait(20)
                if roll_back:
                    transaction.set_rollback(True)
        except Exception as error:
            self.failure = error
        finally:
            connections.close_all()

    def open(self):
        assert self.written.wait(20), self.failure
        return self

    def finish(self) -> None:
        self.go.set()
        self.thread.join(20)
        assert self.failure is None


@pytest.fixture
def committed(transactional_db):
    """Two units in committed rows, which a second connection can see."""
    brand = factories.BrandFactory(slug="acme", name="Acme")
    product = factories.ProductFactory(brand=brand)
    return [factories.UnitFactory(product=product) for _n in range(2)]


needs_postgresql = pytest.mark.postgres


@needs_postgresql
def test_an_event_that_commits_late_is_not_lost(committed):
    first, second = committed
    late = Writer(first, 1).open()
    with transaction.atomic():
        write(second, 2)
    # The later event is committed, but an older transaction is open: the reader waits for both.
    events, cursor = read_events(Event.objects.all(), after=Cursor(), limit=10)
    assert (events, cursor) == ([], Cursor())
    late.finish()
    read, cursor = read_settled(Event.objects.all(), 2, cursor)
    assert read == [1, 2]
    assert read_events(Event.objects.all(), after=cursor, limit=10) == ([], cursor)


@needs_postgresql
def test_a_reader_goes_on_to_what_is_settled_and_stops_below_what_is_open(committed):
    first, second = committed
    with transaction.atomic():
        write(second, 1)
    late = Writer(first, 2).open()
    with transaction.atomic():
        write(second, 3)
    read, cursor = read_settled(Event.objects.all(), 1)
    assert read == [1]
    assert read_events(Event.objects.all(), after=cursor, limit=10) == ([], cursor)
    late.finish()
    assert read_settled(Event.objects.all(), 2, cursor)[0] == [2, 3]


@needs_postgresql
def test_a_transaction_that_rolls_back_leaves_nothing_and_blocks_nothing(committed):
    first, second = committed
    late = Writer(first, 1, roll_back=True).open()
    with transaction.atomic():
        write(second, 2)
    late.finish()
    assert read_settled(Event.objects.all(), 1)[0] == [2]


@needs_postgresql
def test_events_of_one_unit_keep_their_order_whoever_began_first(committed):
    """The second writer begins while the first holds the unit's lock; the feed has them as they happened."""
    unit, _other = committed
    first = Writer(unit, 1).open()
    second = Writer(unit, 2)
    assert not second.written.wait(0.3), "the second writer must wait for the unit's lock"
    first.finish()
    second.open().finish()
    assert read_settled(Event.objects.of_unit(unit), 2)[0] == [1, 2]


@needs_postgresql
def test_a_slow_transaction_on_a_unit_does_not_block_its_first_tap(committed):
    """The tap inserts the unit's activity, whose foreign key asks for the unit's row."""
    from django.test import Client

    from analytics.models import Scan

    unit, _other = committed
    slow = Writer(unit, 1).open()
    with connection.cursor() as cursor:
        cursor.execute("SET statement_timeout = '3s'")
    try:
        assert Client().get(f"/q/{unit.public_code}").status_code == 200
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SET statement_timeout = 0")
        slow.finish()
    assert Scan.objects.filter(unit=unit).count() == 1


def test_a_feed_is_read_in_pages_without_gap_or_repetition(transactional_db):
    unit = factories.UnitFactory()
    for batch in range(4):
        with transaction.atomic():
            for number in range(5):
                write(Unit.objects.get(pk=unit.pk), batch * 5 + number)
    assert len(read_settled(Event.objects.all(), 20)[0]) == 20
    read, cursor = [], Cursor()
    while True:
        events, cursor = read_events(Event.objects.all(), after=cursor, limit=3)
        if not events:
            break
        assert len(events) <= 3
        read += numbers(events)
        cursor = Cursor.parse(str(cursor))
    assert read == list(range(20))


@pytest.mark.parametrize("cursor", [Cursor(), Cursor(0, 7), Cursor(2**62, 2**62)])
def test_a_cursor_reads_what_it_wrote(cursor):
    assert Cursor.parse(str(cursor)) == cursor


@pytest.mark.parametrize("text", ["", "5", ":", "1:", ":1", "a:b", "1:2:3", "1.5:2", "None:None"])
def test_any_other_text_is_no_cursor(text):
    with pytest.raises(ValueError):  # noqa: PT011 - the type is the contract
        Cursor.parse(text)
