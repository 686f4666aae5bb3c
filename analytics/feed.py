"""Reading the ledger in an order in which nothing is lost (docs/adr/0003).

An event's id is drawn when it is written, not when it is committed, so a reader that goes by id
alone would step over a row whose transaction is still open. The cursor is therefore the pair
(transaction, id), and a reader stops below the oldest transaction that still runs. Two events
of one unit keep their order because services lock the unit's row before they write anything.
"""

from dataclasses import dataclass

from django.db import connection
from django.db.models import Q

from analytics.models import Event
from analytics.querysets import EventQuerySet


@dataclass(frozen=True, slots=True)
class Cursor:
    """The last event that was read."""

    transaction_id: int = -1
    event_id: int = 0

    def __str__(self) -> str:
        return f"{self.transaction_id}:{self.event_id}"

    @classmethod
    def parse(cls, text: str) -> "Cursor":
        """Return the cursor that `str()` wrote; raises ValueError for any other text."""
        transaction_id, _, event_id = text.partition(":")
        return cls(int(transaction_id), int(event_id))


def read_events(events: EventQuerySet, *, after: Cursor, limit: int) -> tuple[list[Event], Cursor]:
    """Return at most `limit` events that follow `after`, and the cursor to go on with."""
    following = Q(transaction_id__gt=after.transaction_id) | Q(
        transaction_id=after.transaction_id, id__gt=after.event_id
    )
    rows = list(_settled(events.filter(following)).order_by("transaction_id", "id")[:limit])
    return rows, Cursor(rows[-1].transaction_id, rows[-1].pk) if rows else after


def _settled(events: EventQuerySet) -> EventQuerySet:
    if connection.vendor != "postgresql":
        return events
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint")
        oldest_running = cursor.fetchone()[0]
    return events.filter(transaction_id__lt=oldest_running)
