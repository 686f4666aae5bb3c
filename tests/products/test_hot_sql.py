"""The tap's statements on PostgreSQL: planned once per connection, counted and refused like all others."""

import pytest
from django.db import DatabaseError, connection, transaction

from products.hot_sql import hot_cursor

pytestmark = pytest.mark.django_db


@pytest.mark.postgres
def test_a_hot_statement_is_prepared_after_a_few_uses():
    with connection.cursor() as cursor:
        cursor.execute("DEALLOCATE ALL")
    for number in range(8):
        with hot_cursor() as cursor:
            cursor.execute("SELECT %(number)s + 41 AS hot_answer", {"number": number})
            assert cursor.fetchone() == (number + 41,)
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_prepared_statements WHERE statement LIKE '%hot_answer%'")
        assert cursor.fetchone() == (1,)


def test_it_is_counted_and_its_errors_are_djangos():
    seen = []

    def note(execute, sql, params, many, context):
        seen.append(sql)
        return execute(sql, params, many, context)

    with connection.execute_wrapper(note), hot_cursor() as cursor:
        cursor.execute("SELECT 1")
        assert cursor.fetchone() == (1,)
    assert seen == ["SELECT 1"]
    with pytest.raises(DatabaseError), transaction.atomic(), hot_cursor() as cursor:
        cursor.execute("SELECT nothing FROM nowhere")
