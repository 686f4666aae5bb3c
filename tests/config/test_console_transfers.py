"""G2: an agent starts a transfer for a caller, reads the code out, and calls it off."""

import datetime as dt

import pytest
from django.urls import reverse
from django.utils import timezone

from analytics.models import Event, UnitFacts
from experiences.transfer_form import grouped
from ownership.models import Transfer
from tests import factories
from tests.config.test_console_tenancy import console
from tests.config.test_console_unit_page import act, agent, page_of  # noqa: F401 - a fixture among them

pytestmark = pytest.mark.django_db


@pytest.fixture
def owned(unit, alice):
    return factories.own(unit, alice, timezone.now() - dt.timedelta(days=40))


def row(transfer: Transfer) -> str:
    return reverse("admin:ownership_transfer_change", args=[transfer.pk])


def test_an_agent_starts_a_transfer_and_calls_it_off(agent, sam, unit, owned):  # noqa: F811
    assert act(agent, unit, "transfer", kind="sale", recipient="bob@example.com").status_code == 302
    transfer = Transfer.objects.get()
    assert (transfer.ownership, transfer.started_by_id, transfer.state) == (owned, sam.pk, "open")
    assert Event.objects.get(kind="transfer.started").actor_id == sam.pk
    assert UnitFacts.objects.get(unit=unit).transfer
    page = agent.get(row(transfer)).content.decode()
    assert grouped(transfer.code) in page
    assert "bob@example.com" not in page, "nobody reads to whom it was offered"
    assert act(agent, unit, "cancel-transfer").status_code == 302
    transfer.refresh_from_db()
    assert transfer.state == "cancelled"
    assert Event.objects.get(kind="transfer.cancelled").actor_id == sam.pk
    assert grouped(transfer.code) not in agent.get(row(transfer)).content.decode()


def test_what_can_not_be_passed_on_is_refused_with_the_reason(agent, unit):  # noqa: F811
    answer = act(agent, unit, "transfer", kind="sale")
    assert answer.status_code == 200
    assert "Only its owner can pass it on" in answer.content.decode()
    assert not Transfer.objects.exists()


def test_a_rival_brands_agent_neither_reads_nor_starts_one(globex, unit, owned, alice):
    """Tenancy."""
    from ownership.models.transfers import TransferKind
    from ownership.services.transfers import start_transfer

    rival = console(factories.staff(globex, "ruth", "support_agent"))
    assert act(rival, unit, "transfer", kind="sale").status_code in (302, 403, 404)
    assert not Transfer.objects.exists()
    transfer = start_transfer(unit_id=unit.pk, owner_id=alice.pk, kind=TransferKind.SALE, now=timezone.now())
    answer = rival.get(row(transfer))
    assert answer.status_code != 200
    assert transfer.code not in answer.content.decode()
    act(rival, unit, "cancel-transfer")
    transfer.refresh_from_db()
    assert transfer.state == "open"
