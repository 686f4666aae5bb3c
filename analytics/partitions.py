"""Monthly partitions of the ledger's tables on PostgreSQL; on SQLite there is nothing to do.

Each table has a default partition, so that no tap is ever lost for want of one. What landed there
is moved when its month's partition is made.
"""

import datetime as dt
from collections.abc import Iterator

from django.db import connection, transaction
from django.db.migrations.operations import CreateModel

MONTHS_AHEAD = 3


def months(start: dt.date, end: dt.date) -> Iterator[dt.date]:
    """Yield the first day of every month from the month of `start` to the month of `end`."""
    month = start.replace(day=1)
    while month <= end:
        yield month
        month = next_month(month)


def next_month(month: dt.date) -> dt.date:
    return (month.replace(day=1) + dt.timedelta(days=32)).replace(day=1)


def ensure_partitions(start: dt.date, end: dt.date) -> list[str]:
    """Create the missing partitions of both tables for the months from `start` to `end`; return their names.

    Raises OperationalError where a long transaction holds a table for over three seconds: beat tries again.
    """
    if connection.vendor != "postgresql":
        return []
    from analytics.models import Event, Scan

    return [
        name
        for table in (Scan._meta.db_table, Event._meta.db_table)
        for month in months(start, end)
        if (name := _ensure_partition(table, month))
    ]


def ensure_partitions_ahead(today: dt.date) -> list[str]:
    """Create the partitions of this month and the next three."""
    last = today
    for _month in range(MONTHS_AHEAD):
        last = next_month(last)
    return ensure_partitions(today, last)


def _ensure_partition(table: str, month: dt.date) -> str | None:
    name = f"{table}_{month:%Y_%m}"
    bounds = {"start": month.isoformat(), "end": next_month(month).isoformat()}
    with transaction.atomic(), connection.cursor() as cursor:
        # One maker at a time: beat, a starting web process and the demo may all want the same month.
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", [table])
        cursor.execute("SELECT to_regclass(%s)", [name])
        if cursor.fetchone()[0] is not None:
            return None
        # A row of this month that came meanwhile would be routed to the default partition and then refused
        # there: writers wait for a moment instead, and we wait for nobody longer than that.
        cursor.execute("SET LOCAL lock_timeout = '3s'")
        cursor.execute(f'LOCK TABLE ONLY "{table}" IN ACCESS EXCLUSIVE MODE')
        cursor.execute(f'CREATE TABLE "{name}" (LIKE "{table}" INCLUDING DEFAULTS INCLUDING CONSTRAINTS)')
        cursor.execute(
            # Names of tables are ours; the bounds are bound.
            f'WITH moved AS (DELETE FROM "{table}_default" WHERE at >= %(start)s AND at < %(end)s RETURNING *)'  # noqa: S608
            f' INSERT INTO "{name}" SELECT * FROM moved',
            bounds,
        )
        cursor.execute(
            f'ALTER TABLE "{table}" ATTACH PARTITION "{name}" FOR VALUES FROM (%(start)s) TO (%(end)s)',
            bounds,
        )
    return name


class CreatePartitionedModel(CreateModel):
    """CreateModel that on PostgreSQL makes a table partitioned by range of `at`, keyed by (id, at)."""

    def database_forwards(self, app_label, schema_editor, from_state, to_state):  # type: ignore[no-untyped-def]
        super().database_forwards(app_label, schema_editor, from_state, to_state)
        if schema_editor.connection.vendor != "postgresql":
            return
        table = to_state.apps.get_model(app_label, self.name)._meta.db_table
        schema_editor.execute(f'ALTER TABLE "{table}" RENAME TO "{table}_plain"')
        schema_editor.execute(
            f'CREATE TABLE "{table}" (LIKE "{table}_plain" INCLUDING DEFAULTS INCLUDING IDENTITY)'
            " PARTITION BY RANGE (at)"
        )
        schema_editor.execute(f'DROP TABLE "{table}_plain"')
        schema_editor.execute(f'ALTER TABLE "{table}" ADD PRIMARY KEY (id, at)')
        schema_editor.execute(f'CREATE TABLE "{table}_default" PARTITION OF "{table}" DEFAULT')
