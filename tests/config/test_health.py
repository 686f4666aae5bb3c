"""Probes tell a load balancer the truth."""

import pytest
from django.core.cache import cache
from django.db import DatabaseError, connection


def test_live_needs_nothing(client):
    response = client.get("/health/live")

    assert response.status_code == 200
    assert response.json() == {"status": "ok"}


@pytest.mark.django_db
def test_ready_when_database_and_cache_answer(client):
    response = client.get("/health/ready")

    assert response.status_code == 200
    assert response.json() == {"status": "ok", "failing": []}


@pytest.mark.django_db
def test_not_ready_without_the_database(client, monkeypatch):
    def refuse():
        raise DatabaseError("gone")

    monkeypatch.setattr(connection, "cursor", refuse)
    response = client.get("/health/ready")

    assert response.status_code == 503
    assert response.json() == {"status": "failing", "failing": ["database"]}


@pytest.mark.django_db
def test_not_ready_with_a_cache_that_forgets(client, monkeypatch):
    monkeypatch.setattr(cache, "get", lambda key: None)
    response = client.get("/health/ready")

    assert response.status_code == 503
    assert response.json()["failing"] == ["cache"]


def test_probes_answer_on_plain_http_where_everything_else_is_redirected(client, settings):
    settings.SECURE_SSL_REDIRECT = True

    assert client.get("/health/live").status_code == 200
    assert client.get("/find/").status_code == 301


@pytest.mark.parametrize("address", ["/health/live", "/health/ready"])
def test_probes_are_only_read(client, address):
    assert client.post(address).status_code == 405
