"""Cursors for the few statements that run at every tap.

PostgreSQL takes longer to plan the tap's joins than to run them, so psycopg prepares these statements: after five uses on a
connection the plan is kept there. Everything else goes through Django's cursors, which send whole statements.
"""

from typing import Any

from django.db import connection


def hot_cursor() -> Any:
    """Return a cursor, to be used in a `with`; on PostgreSQL its statements are prepared (`PREPARE_STATEMENTS`).

    Statements are counted, and errors translated, as with Django's own cursors.
    """
    if connection.vendor != "postgresql":
        return connection.cursor()
    import psycopg

    connection.close_if_health_check_failed()
    connection.ensure_connection()
    raw: Any = psycopg.Cursor(connection.connection)
    return connection.make_debug_cursor(raw) if connection.queries_logged else connection.make_cursor(raw)
