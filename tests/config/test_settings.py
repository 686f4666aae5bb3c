"""The environment decides, and what it leaves out is safe."""

import json
import os
import re
import stat
import subprocess
import sys

import pytest

from config.bootstrap import write_keys_once
from tests.config.conftest import KEY, ROOT

PRINT = """
import json, sys
from django.conf import settings
print(json.dumps({name: getattr(settings, name) for name in sys.argv[1:]}, default=str))
"""


def read_settings(*names, **environment):
    """Return the settings of a production process with this environment alone."""
    base = {"PATH": os.environ["PATH"], "DJANGO_SETTINGS_MODULE": "config.settings"}
    keys = {"SECRET_KEY": "x" * 60, "FIELD_KEYS": KEY}
    run = subprocess.run(
        [sys.executable, "-c", PRINT, *names],
        cwd=ROOT,
        env={**base, **keys, **environment},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    return json.loads(run.stdout)


SECURE = ("SESSION_COOKIE_SECURE", "CSRF_COOKIE_SECURE", "COOKIES_SECURE")


@pytest.mark.parametrize(
    ("base", "secure"), [("https://tap.example", True), ("http://127.0.0.1:8000", False)]
)
def test_cookies_and_hsts_follow_the_public_address(base, secure):
    found = read_settings(*SECURE, "SECURE_HSTS_SECONDS", PUBLIC_BASE_URL=base)

    assert [found[name] for name in SECURE] == [secure] * 3
    assert (found["SECURE_HSTS_SECONDS"] > 0) is secure


def test_links_follow_the_port_unless_an_address_is_set():
    assert read_settings("PUBLIC_BASE_URL", PORT="8123")["PUBLIC_BASE_URL"] == "http://127.0.0.1:8123"
    address = read_settings("PUBLIC_BASE_URL", PORT="8123", PUBLIC_BASE_URL="https://tap.example/")
    assert address["PUBLIC_BASE_URL"] == "https://tap.example"


def test_tasks_are_embedded_only_without_a_broker_and_never_eager_in_production():
    names = ("EMBEDDED_TASKS", "CELERY_TASK_ALWAYS_EAGER")

    alone = read_settings(*names, CELERY_BROKER_URL="memory://localhost/")
    brokered = read_settings(*names, CELERY_BROKER_URL="amqp://guest:guest@127.0.0.1:5672//")

    assert alone == {"EMBEDDED_TASKS": True, "CELERY_TASK_ALWAYS_EAGER": False}
    assert brokered == {"EMBEDDED_TASKS": False, "CELERY_TASK_ALWAYS_EAGER": False}


def test_debug_is_off_and_proxies_are_not_believed_unless_told():
    found = read_settings("DEBUG", "SECURE_PROXY_SSL_HEADER", "TRUSTED_PROXIES")

    assert found == {"DEBUG": False, "SECURE_PROXY_SSL_HEADER": None, "TRUSTED_PROXIES": 0}


def test_sqlite_waits_in_line_and_postgresql_keeps_its_connections():
    sqlite = read_settings("DATABASES", DATABASE_URL="sqlite:////tmp/x.sqlite3")["DATABASES"]["default"]
    postgresql = read_settings("DATABASES", DATABASE_URL="postgres://u:p@h/d")["DATABASES"]["default"]

    assert sqlite["OPTIONS"]["transaction_mode"] == "IMMEDIATE"
    assert "journal_mode=WAL" in sqlite["OPTIONS"]["init_command"]
    assert postgresql["CONN_MAX_AGE"] == 600


def test_hot_statements_are_prepared_unless_a_pooler_forbids_it():
    def threshold(**more: str) -> object:
        databases = read_settings("DATABASES", DATABASE_URL="postgres://u:p@h/d", **more)["DATABASES"]
        return databases["default"]["OPTIONS"]["prepare_threshold"]

    assert threshold() == 5
    assert threshold(PREPARE_STATEMENTS="0") is None


def test_generated_keys_are_written_once_and_readable_by_their_owner_only(tmp_path):
    path = tmp_path / ".env"

    assert write_keys_once(path) is True
    first = path.read_text()
    assert write_keys_once(path) is False

    assert path.read_text() == first
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    keys = dict(line.split("=", 1) for line in first.splitlines())
    assert len(keys["SECRET_KEY"]) >= 50
    assert read_settings("FIELD_KEYS", **keys)["FIELD_KEYS"] == [keys["FIELD_KEYS"]]


def test_every_variable_is_explained_in_operations():
    source = (ROOT / "config/settings.py").read_text() + (ROOT / "deploy/gunicorn.conf.py").read_text()
    read = set(re.findall(r"""(?:env\.\w+|_required|environ\.get)\(\s*["']([A-Z_]+)["']""", source))
    explained = set(re.findall(r"^\| `([A-Z_]+)`", (ROOT / "docs/operations.md").read_text(), re.MULTILINE))

    assert read - {"HEIRLOOM_TESTING", "HEIRLOOM_TEST_DB"} == explained


def test_refused_links_are_not_logged_and_the_level_holds_for_django_too():
    """A forger would fill the log, and the path of a mistyped link may name a unit."""
    probe = (
        "import django, logging; django.setup();"
        "logging.getLogger('django.request').warning('Not Found: /q/abc');"
        "logging.getLogger('django.db').info('quiet');"
        "logging.getLogger('django.request').error('a fault')"
    )
    environment = {
        "PATH": os.environ["PATH"], "DJANGO_SETTINGS_MODULE": "config.settings",
        "SECRET_KEY": "x" * 60, "FIELD_KEYS": KEY, "LOG_LEVEL": "WARNING",
    }  # fmt: skip
    run = subprocess.run(
        [sys.executable, "-c", probe], cwd=ROOT, env=environment, capture_output=True, text=True, check=True
    )
    assert [line.split("django.", 1)[1] for line in run.stderr.splitlines()] == ["request a fault"]
