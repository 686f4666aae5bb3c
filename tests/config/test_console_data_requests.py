"""Requests about personal data in the console (C9): for a caller, called off, by whom, and never at another brand."""

import datetime as dt

import pytest
from django.urls import reverse
from django.utils import timezone

from ownership.models import DataRequest, Owner
from products.models import AuditRow, PrivateFile
from tests import factories
from tests.config.test_console_tenancy import console
from tests.experiences.test_my_consents import person  # noqa: F401
from tests.reading import text_of

pytestmark = pytest.mark.django_db

SHOWN = {"shown": "known_facts"}


def start(owner, slug: str) -> str:
    return reverse("admin:ownership_datarequest_caller", args=[owner.pk, slug])


@pytest.fixture
def agent(sam):
    return console(sam)


@pytest.mark.parametrize("slug", ["export", "erase"])
def test_an_agent_starts_it_for_a_caller_and_the_audit_trail_says_so(slug, agent, sam, alice):
    """C9, G2: what will happen stands before the button; how the caller showed who they are stays on record."""
    asked = agent.get(start(alice, slug))
    assert "What will happen" in text_of(asked)
    assert agent.post(start(alice, slug), SHOWN).status_code == 302
    request = DataRequest.objects.get()
    assert request.asked_by_id == sam.pk
    row = AuditRow.objects.get(action__startswith="ask_")
    assert (row.actor_id, row.object_id, row.data["shown"]) == (sam.pk, str(alice.pk), "known_facts")
    assert alice.email not in str(row.data)


def test_without_saying_how_the_caller_showed_it_nothing_starts(agent, alice):
    assert agent.post(start(alice, "erase"), {}).status_code == 400
    assert not DataRequest.objects.exists()


def test_staff_cant_open_the_archive(acme, alice, person, django_capture_on_commit_callbacks):  # noqa: F811
    """C9: not even the brand's admin."""
    boss = console(factories.staff(acme, "boss", "brand_admin"))
    with django_capture_on_commit_callbacks(execute=True):
        boss.post(start(alice, "export"), SHOWN)
    file = PrivateFile.objects.get(purpose="export")
    assert boss.get(reverse("console_file", args=[file.pk])).status_code == 404


def test_what_hinders_stands_on_the_form(agent, unit, alice):
    from analytics.services import update_facts

    factories.own(unit, alice, timezone.now())
    update_facts(unit.pk, claim=True)
    refused = agent.post(start(alice, "erase"), SHOWN)
    assert refused.status_code == 400
    assert "A claim is open" in text_of(refused)


def test_an_agent_calls_it_off(agent, alice):
    agent.post(start(alice, "erase"), SHOWN)
    asked = DataRequest.objects.get()
    here = reverse("admin:ownership_datarequest_change", args=[asked.pk])
    off = reverse("admin:ownership_datarequest_call_off", args=[asked.pk])
    assert off in agent.get(here).content.decode()
    assert agent.get(off).status_code == 200
    assert agent.post(off, SHOWN).status_code == 302
    asked.refresh_from_db()
    assert asked.state == "cancelled"
    assert AuditRow.objects.filter(action="call_off_erasure").count() == 1
    assert off not in agent.get(here).content.decode()


def test_what_came_too_late_changes_nothing(agent, acme, alice):
    past = timezone.now() - dt.timedelta(days=1)
    asked = DataRequest.objects.create(brand=acme, owner=alice, kind="erasure", asked_at=past, due_at=past)
    answer = agent.post(reverse("admin:ownership_datarequest_call_off", args=[asked.pk]), SHOWN, follow=True)
    assert "too late" in text_of(answer)
    asked.refresh_from_db()
    assert asked.state == "waiting"
    assert not AuditRow.objects.filter(action="call_off_erasure").exists()


@pytest.mark.parametrize("role", ["analyst", "content_editor", "auditor"])
def test_who_is_not_there_for_people_starts_nothing(role, acme, alice):
    client = console(factories.staff(acme, "other", role))
    assert client.get(start(alice, "erase")).status_code in (403, 404)
    assert client.post(start(alice, "export"), SHOWN).status_code in (403, 404)
    assert not DataRequest.objects.exists()


def test_a_rivals_owner_is_not_there(globex, agent, alice):
    rival = factories.OwnerFactory(brand=globex)
    theirs = DataRequest.objects.create(
        brand=globex, owner=rival, kind="erasure", asked_at=timezone.now(),
        due_at=timezone.now() + dt.timedelta(days=1),
    )  # fmt: skip
    off = reverse("admin:ownership_datarequest_call_off", args=[theirs.pk])
    for path in (start(rival, "erase"), start(rival, "export"), off, start(alice, "sell")):
        assert agent.get(path).status_code == 404
        assert agent.post(path, SHOWN).status_code == 404
    assert DataRequest.objects.get() == theirs


def test_why_it_failed_and_that_somebody_is_gone_is_said(agent, acme, alice):
    now = timezone.now()
    for problem in ("claim", "broken"):
        DataRequest.objects.create(
            brand=acme, owner=alice, kind="export", state="failed", asked_at=now, due_at=now, ended_at=now,
            problem=problem,
        )  # fmt: skip
    gone = DataRequest.objects.create(
        brand=acme, kind="erasure", state="done", asked_at=now, due_at=now, ended_at=now
    )
    words = [
        text_of(agent.get(reverse("admin:ownership_datarequest_change", args=[asked.pk])))
        for asked in DataRequest.objects.order_by("pk")
    ]
    assert "A claim is open" in words[0]
    assert "Start it again" in words[1]
    assert "erased" in words[2]
    assert gone.owner is None
    assert Owner.objects.filter(pk=alice.pk).exists()


def test_compliance_sets_the_periods_and_an_agent_only_reads_them(acme, agent):
    from tests.config.console_rows import ROWS

    row = ROWS["ownership.ownershippolicy"](acme)
    here = reverse("admin:ownership_ownershippolicy_change", args=[row.pk])
    assert agent.post(here, {"erasure_days": 0}).status_code == 403
    keeper = console(factories.staff(acme, "keeper", "compliance"))
    form = {
        field.name: getattr(row, field.name) for field in row._meta.fields if field.name.endswith("_days")
    }
    bad = keeper.post(here, {**form, "brand": acme.pk, "evidence_days": 1})
    assert bad.status_code == 200
    assert keeper.post(here, {**form, "brand": acme.pk, "erasure_days": 7}).status_code == 302
    row.refresh_from_db()
    assert row.erasure_days == 7
