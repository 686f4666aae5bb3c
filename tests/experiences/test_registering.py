"""Registering on the tap page, through HTTP: by chip, by printed code."""

import re

import pytest
from django.core import mail
from django.test import Client

from analytics.models import Event
from ownership.models import Ownership, Registration
from warranty.models import Coverage, CoveragePlan

pytestmark = pytest.mark.django_db


@pytest.fixture
def plan(acme):
    return CoveragePlan.objects.create(brand=acme, names={"en": "Two years"}, months=24)


def form_of(response) -> dict[str, str]:
    key = re.search(r'name="submission_key" value="([0-9a-f]{32})"', response.content.decode()).group(1)
    return {"submission_key": key, "contact": "alice@example.com", "name": "Alice"}


def code_in_mail() -> str:
    return re.search(r"^\s*([A-Z0-9-]{6,9})\s*$", mail.outbox[-1].body, re.M).group(1)


def test_holding_the_unit_makes_its_owner_at_once(client, chip, unit, plan):
    """C1, C2: one submit on the tap page; owner and under warranty when it returns."""
    client.get(chip.tap())
    page = client.get(f"/u/{unit.public_code}/register/")
    response = client.post(f"/u/{unit.public_code}/register/", form_of(page))
    assert response.status_code == 302
    assert response.url == f"/u/{unit.public_code}/welcome/"
    assert Ownership.objects.get(unit=unit).owner.email == "alice@example.com"
    assert Coverage.objects.get(unit=unit).plan == plan
    assert 'data-viewer="owner"' in client.get(response.url).content.decode()
    assert 'data-viewer="owner"' in client.get(f"/u/{unit.public_code}/").content.decode()
    assert 'data-viewer="owner"' not in Client().get(f"/u/{unit.public_code}/").content.decode()


def test_a_printed_code_makes_the_owner_only_when_the_address_is_confirmed(client, unit, plan):
    """A9, C1: by QR the one-time code comes first."""
    page = client.get(f"/u/{unit.public_code}/register/")
    response = client.post(f"/u/{unit.public_code}/register/", form_of(page))
    assert response.url == f"/u/{unit.public_code}/confirm/"
    assert not Ownership.objects.exists()
    assert client.get(response.url).status_code == 200
    response = client.post(response.url, {"code": code_in_mail()}, follow=True)
    assert response.redirect_chain[-1][0] == f"/u/{unit.public_code}/welcome/"
    assert Ownership.objects.get(unit=unit).owner.email == "alice@example.com"
    assert Coverage.objects.filter(unit=unit).exists()
    assert Registration.objects.get().state == "confirmed"
    kinds = list(Event.objects.order_by("id").values_list("kind", flat=True))
    assert kinds == ["registration.sent", "ownership.started", "registration.confirmed", "coverage.activated"]
