"""Tasks and schedules in the web process, for an installation without a broker.

A real Celery worker (solo pool, `memory://` transport) and a real beat run in two daemon threads,
so that a task behaves here as it does behind a broker. What waits in memory is lost with the
process; the sweeps that beat runs pick it up at the next start.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from celery import Celery
from celery.beat import Service
from celery.worker import WorkController, state
from django.db import connections

START_SECONDS = 30
STOP_SECONDS = 20


class EmbeddedTasks:
    """The two threads; `start()` returns once tasks are taken, `stop()` once the running task is done."""

    def __init__(self, app: Celery) -> None:
        self._app = app
        self._ready = threading.Event()
        self._worker = threading.Thread(target=self._work, name="tasks", daemon=True)
        # Beat looks up once a second at least, so that it stops within a second.
        self._clock = Service(
            app,
            max_interval=1,
            scheduler_cls=app.conf.beat_scheduler,
            remote_control=False,  # type: ignore[call-arg]  # newer than the stubs
        )
        self._beat = threading.Thread(target=self._tick, name="beat", daemon=True)

    def start(self) -> None:
        """Start worker and beat; raises RuntimeError if the worker does not come up."""
        state.should_stop = None
        self._worker.start()
        if not self._ready.wait(START_SECONDS):
            raise RuntimeError("The worker thread did not start.")
        self._beat.start()

    def stop(self) -> None:
        """Stop beat, let the running task end (at most `STOP_SECONDS` seconds), and stop the worker."""
        self._clock.stop()
        self._beat.join(STOP_SECONDS)
        state.should_stop = 0  # type: ignore[assignment]  # the worker's loop looks here: the way that needs no signal handler
        self._worker.join(STOP_SECONDS)
        state.should_stop = None

    def _work(self) -> None:
        worker = WorkController(
            app=self._app,
            hostname="embedded@localhost",
            pool="solo",
            concurrency=1,
            loglevel="INFO",
            use_eventloop=False,  # its hub would look at `should_stop` only when a message comes
            ready_callback=lambda consumer: self._ready.set(),
            without_heartbeat=True,
            without_mingle=True,
            without_gossip=True,
        )
        try:
            worker.start()
        finally:
            connections.close_all()

    def _tick(self) -> None:
        try:
            self._clock.start()
        finally:
            connections.close_all()


@contextmanager
def embedded_tasks(app: Celery) -> Iterator[None]:
    """Run the app's tasks and schedules in this process for as long as the block lasts."""
    tasks = EmbeddedTasks(app)
    tasks.start()
    try:
        yield
    finally:
        tasks.stop()
