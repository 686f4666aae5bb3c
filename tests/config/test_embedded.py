"""Tasks reach a worker, and schedules fire: in this process by default, through the broker where there is one."""

import datetime as dt
import threading
from contextlib import contextmanager

import pytest
from celery import shared_task
from django.conf import settings
from django.db import OperationalError, connections
from django.utils import timezone
from django_celery_beat.models import IntervalSchedule, PeriodicTask

from config.celery import app
from config.embedded import embedded_tasks
from products.models import AuditRow

DEADLINE = 30  # seconds; a passing run waits for a fraction of one
done = threading.Event()
workers: list[threading.Thread] = []
found_open: list[bool] = []


# SQLite in memory refuses at once where a file would wait: beat may be writing its schedule just then.
@shared_task(
    name="tests.write_a_row",
    autoretry_for=(OperationalError,),
    default_retry_delay=0.2,
    max_retries=100,
)
def write_a_row(action: str) -> None:
    AuditRow.objects.create(action=action, object_type="test", object_id="1", at=timezone.now())
    workers.append(threading.current_thread())
    done.set()


@shared_task(name="tests.report_connection")
def report_connection() -> None:
    """Tell whether the task found its thread's connection closed by the one before it."""
    found_open.append(connections["default"].connection is not None)
    done.set()


@contextmanager
def tasks_running():
    """Worker and beat on the broker of this configuration: memory by default, else a real one, emptied first."""
    if not settings.EMBEDDED_TASKS:
        with app.connection_for_write() as broker:
            queue = app.amqp.queues[app.conf.task_default_queue](broker.default_channel)
            queue.declare()
            queue.purge()
    with embedded_tasks(app):
        yield


@pytest.fixture(autouse=True)
def _through_the_worker():
    """Tasks go to the worker instead of running where they are called."""
    done.clear()
    workers.clear()
    found_open.clear()
    app.conf.task_always_eager = False
    yield
    app.conf.task_always_eager = True


@pytest.mark.django_db(transaction=True)
def test_a_task_that_is_sent_is_done_by_the_worker_and_leaves_no_connection_open():
    with tasks_running():
        write_a_row.delay("sent")
        assert done.wait(DEADLINE)
        done.clear()
        report_connection.delay()
        assert done.wait(DEADLINE)

    assert AuditRow.objects.filter(action="sent").count() == 1
    assert workers[0] is not threading.current_thread()
    assert found_open == [connections["default"].vendor == "sqlite"]  # SQLite in memory never closes


@pytest.mark.django_db(transaction=True)
def test_a_periodic_task_that_is_due_fires():
    PeriodicTask.objects.create(
        name="write",
        task="tests.write_a_row",
        interval=IntervalSchedule.objects.create(every=1, period=IntervalSchedule.SECONDS),
        args='["due"]',
        last_run_at=timezone.now() - dt.timedelta(minutes=1),
    )

    with tasks_running():
        assert done.wait(DEADLINE)

    assert AuditRow.objects.filter(action="due").exists()
