"""A start that can't work ends with one sentence for the operator; one that can serves at once."""

import urllib.request
from urllib.error import HTTPError
from urllib.parse import quote

import pytest

from tests.config.conftest import SERIAL_WITH_SLASH

OTHER_KEY = "ZmVkY2JhOTg3NjU0MzIxMGZlZGNiYTk4NzY1NDMyMTA="
REFUSALS = {
    "no field keys": ({"FIELD_KEYS": ""}, "FIELD_KEYS is not set"),
    "malformed field key": ({"FIELD_KEYS": "not-a-key"}, "FIELD_KEYS holds a value that is not a key"),
    "wrong field key": ({"FIELD_KEYS": OTHER_KEY}, "FIELD_KEYS does not fit this database"),
    "no secret key": ({"SECRET_KEY": ""}, "SECRET_KEY is not set"),
    "no migrations": ({"DATABASE_URL": "sqlite://:memory:"}, "migrations are not applied"),
    "no database": ({"DATABASE_URL": "sqlite:////nowhere/at/all.sqlite3"}, "DATABASE_URL can't be used"),
    "two processes without a broker": ({"WEB_CONCURRENCY": "2"}, "need a broker"),
    "two processes without a shared cache": (
        {"WEB_CONCURRENCY": "2", "CELERY_BROKER_URL": "amqp://127.0.0.1:1//"},
        "need a cache that they share",
    ),
}


@pytest.mark.parametrize("reason", REFUSALS)
def test_a_start_that_can_not_work_ends_with_a_sentence(site, reason):
    changes, sentence = REFUSALS[reason]

    ended = site.start(**changes)

    assert ended.returncode == 1
    assert "Traceback" not in ended.stderr
    assert "Listening" not in ended.stderr
    spoken = [line for line in ended.stderr.splitlines() if line.startswith("heirloom: ")]
    assert len(spoken) == 1
    assert sentence in spoken[0]


VERIFY = "import datetime as dt; from config.startup import verify_or_exit as v; v(processes=1, now=dt.datetime.now(dt.UTC))"


@pytest.mark.parametrize(
    ("changes", "is_warned"),
    [
        ({"PUBLIC_BASE_URL": "https://care.example.com"}, True),
        ({"PUBLIC_BASE_URL": "https://care.example.com", "EMAIL_URL": "smtp://mail.example.com:25"}, False),
        ({"PUBLIC_BASE_URL": "http://localhost:8000"}, False),
    ],
)
def test_a_public_installation_without_a_mail_server_is_told_that_its_codes_reach_nobody(
    site, changes, is_warned
):
    started = site.command("-c", VERIFY, **changes)

    assert started.returncode == 0, started.stderr
    spoken = [line for line in started.stderr.splitlines() if line.startswith("heirloom: warning: ")]
    assert len(spoken) == is_warned
    assert all("EMAIL_URL is not set" in line and "care.example.com" in line for line in spoken)


def test_both_keys_start_while_one_replaces_the_other(site):
    checked = site.command(
        "manage.py",
        "check",
        "--database",
        "default",
        FIELD_KEYS=f"{OTHER_KEY},{site.environment['FIELD_KEYS']}",
    )

    assert checked.returncode == 0, checked.stderr


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"FIELD_KEYS": ""}, "heirloom.E001"),
        ({"FIELD_KEYS": "not-a-key"}, "heirloom.E001"),
        ({"FIELD_KEYS": OTHER_KEY}, "heirloom.E002"),
        ({"SECRET_KEY": ""}, "SECRET_KEY is not set"),
    ],
)
def test_manage_py_check_says_the_same(site, changes, sentence):
    checked = site.command("manage.py", "check", "--database", "default", **changes)

    assert checked.returncode == 1
    assert sentence in checked.stderr
    assert "Traceback" not in checked.stderr


def test_a_started_server_answers_and_keeps_an_escaped_slash_of_a_serial_apart(site):
    link = f"/01/{site.gtin}/21/"
    with site.serving() as base:
        with urllib.request.urlopen(f"{base}/health/ready", timeout=30) as answer:
            assert answer.status == 200
        with urllib.request.urlopen(base + link + quote(SERIAL_WITH_SLASH, safe=""), timeout=30) as answer:
            assert answer.status == 200
            assert SERIAL_WITH_SLASH in answer.read().decode()
        with pytest.raises(HTTPError) as refused:
            urllib.request.urlopen(base + link + SERIAL_WITH_SLASH, timeout=30)
        assert refused.value.code in (400, 404)
