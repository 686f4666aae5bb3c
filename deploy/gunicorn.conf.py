"""How gunicorn serves Heirloom: one process with threads unless WEB_CONCURRENCY says otherwise."""

import datetime as dt
import os
from pathlib import Path
from typing import Any

wsgi_app = "config.wsgi"
chdir = str(Path(__file__).resolve().parent.parent)
bind = os.environ.get("BIND") or f"127.0.0.1:{os.environ.get('PORT') or 8000}"
workers = int(os.environ.get("WEB_CONCURRENCY") or 1)
worker_class = "gthread"
threads = int(os.environ.get("WEB_THREADS") or 8)
timeout = 60  # seconds; what takes longer is a job
graceful_timeout = 30
keepalive = 15  # seconds; a page and its pictures come over one connection
limit_request_line = 8190  # characters: what is longer than any link gets our own page up to here
control_socket_disable = True
accesslog = None  # paths name units, addresses name people: neither belongs into a log


def on_starting(server: Any) -> None:
    """Refuse to start, with a sentence, before a process that would answer with 500 is forked."""
    from config.startup import verify_or_exit

    verify_or_exit(processes=server.cfg.workers, now=dt.datetime.now(dt.UTC))


def post_worker_init(worker: Any) -> None:
    """Without a broker, tasks and schedules run in this process."""
    from django.conf import settings

    if settings.EMBEDDED_TASKS:
        from config.celery import app
        from config.embedded import EmbeddedTasks

        worker.embedded_tasks = EmbeddedTasks(app)
        worker.embedded_tasks.start()


def worker_exit(server: Any, worker: Any) -> None:
    """Let the running task end before the process does."""
    if tasks := getattr(worker, "embedded_tasks", None):
        tasks.stop()
