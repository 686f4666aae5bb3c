"""What must hold before the first request; whatever does not is said in one sentence."""

import datetime as dt
import os
import sys

import django
from django.core.checks import ERROR, Tags, run_checks
from django.core.exceptions import ImproperlyConfigured
from django.db import OperationalError, connection, connections
from django.db.migrations.executor import MigrationExecutor


class StartupError(Exception):
    """The installation can't serve; the message tells its operator what to do."""


def verify_or_exit(*, processes: int, now: dt.datetime) -> None:
    """End with a sentence on stderr and exit code 1 where `verify` finds a reason."""
    try:
        verify(processes=processes, now=now)
    except (StartupError, ImproperlyConfigured) as error:
        sys.stderr.write(f"heirloom: {error}\n")
        sys.exit(1)


def verify(*, processes: int, now: dt.datetime) -> None:
    """Check settings, database, keys and schema, and make the ledger's partitions ahead; say on stderr what is risky.

    Raises StartupError or ImproperlyConfigured, with a sentence for the operator.
    """
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    _verify_processes(processes)
    try:
        _verify_checks()
        _verify_migrations()
        _ensure_partitions(now)
    except OperationalError as error:
        reason = str(error).strip().splitlines()[0]
        raise StartupError(f"The database of DATABASE_URL can't be used: {reason}") from error
    finally:
        connections.close_all()  # none is to be inherited by a worker process


def _verify_processes(processes: int) -> None:
    from django.conf import settings

    if processes == 1:
        return
    if settings.EMBEDDED_TASKS:
        raise StartupError(
            f"{processes} web processes need a broker: set CELERY_BROKER_URL, or WEB_CONCURRENCY to 1."
        )
    if "locmem" in settings.CACHES["default"]["BACKEND"]:
        raise StartupError(
            f"{processes} web processes need a cache that they share: set CACHE_URL to a Redis, or WEB_CONCURRENCY to 1."
        )


def _verify_checks() -> None:
    connection.ensure_connection()
    found = [*run_checks(), *run_checks(tags=[Tags.database], databases=["default"])]
    errors = [message for message in found if message.level >= ERROR]
    if errors:
        raise StartupError(str(errors[0].msg))
    for message in found:
        if str(message.id).startswith("heirloom."):
            sys.stderr.write(f"heirloom: warning: {message.msg}\n")


def _verify_migrations() -> None:
    executor = MigrationExecutor(connection)
    missing = executor.migration_plan(executor.loader.graph.leaf_nodes())
    if missing:
        raise StartupError(
            f"{len(missing)} migrations are not applied: run `python manage.py migrate` first."
        )


def _ensure_partitions(now: dt.datetime) -> None:
    from analytics.partitions import ensure_partitions_ahead

    ensure_partitions_ahead(now.date())
