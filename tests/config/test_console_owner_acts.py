"""C13, G2: what an agent does for an owner: recover, send the way to their things, note bounces, merge."""

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.test import Client
from django.urls import reverse
from django.utils import translation

from analytics.models import Event
from experiences.models import Message
from ownership.errors import OwnershipError
from ownership.models import Owner, Recovery
from products.models import AuditRow
from tests import factories
from tests.config.test_console_tenancy import console

pytestmark = pytest.mark.django_db

RECOVERY = {
    "contact": "Alice.New@example.com",
    "locale": "en",
    "shown": "purchase",
    "reason": "Receipt of the shop in Lyon",
}


@pytest.fixture(autouse=True)
def _english():
    with translation.override("en"):
        yield


@pytest.fixture
def agent(sam):
    return console(sam)


def act(client: Client, owner: Owner, slug: str, **values):
    return client.post(reverse("console_owner_act", args=[owner.pk, slug]), values)


def test_an_agent_writes_a_new_address_down_and_nothing_changes_yet(
    agent, alice, sam, django_capture_on_commit_callbacks
):
    """C13: only the new address' reader makes it count."""
    with django_capture_on_commit_callbacks(execute=True):
        done = act(agent, alice, "recover", **RECOVERY)
    assert done.status_code == 302
    recovery = Recovery.objects.get(owner=alice)
    assert (recovery.contact, recovery.asked_by_id) == ("alice.new@example.com", sam.pk)
    alice.refresh_from_db()
    assert alice.email == "alice@example.com"
    assert [letter.to for letter in mail.outbox] == [["alice.new@example.com"]]
    assert recovery.code in mail.outbox[0].body
    assert "alice@example.com" not in mail.outbox[0].body
    audit = AuditRow.objects.get(action="recover_owner")
    assert (audit.actor_id, audit.object_id) == (sam.pk, str(alice.pk))
    assert "example.com" not in str(audit.data)


def test_without_a_reason_or_with_nonsense_nothing_is_written_and_nothing_typed_is_lost(agent, alice):
    shown = act(agent, alice, "recover", **{**RECOVERY, "reason": "", "contact": "not an address"})
    assert shown.status_code == 400
    page = shown.content.decode()
    assert "not an address" in page
    assert "It looks like name@example.com" in page
    assert not Recovery.objects.exists()
    assert act(agent, alice, "recover", **{**RECOVERY, "reason": "a\0b"}).status_code == 400


def test_the_address_on_file_and_a_household_are_refused(agent, alice, acme):
    same = act(agent, alice, "recover", **{**RECOVERY, "contact": "alice@example.com"})
    assert "on file already" in same.content.decode()
    house = factories.OwnerFactory(brand=acme, kind="household")
    assert "can&#x27;t be done" in act(agent, house, "recover", **RECOVERY).content.decode()


def test_asked_again_the_first_link_is_void(agent, alice):
    act(agent, alice, "recover", **RECOVERY)
    first = Recovery.objects.get()
    act(agent, alice, "recover", **{**RECOVERY, "contact": "other@example.com"})
    first.refresh_from_db()
    assert first.called_off_at is not None
    assert Client().get(reverse("recover", args=[first.code])).status_code == 410


def test_the_way_to_their_things_is_sent_and_limited(agent, alice, django_capture_on_commit_callbacks):
    """G2: the link opens nothing without the code."""
    with django_capture_on_commit_callbacks(execute=True):
        assert act(agent, alice, "link").status_code == 302
        assert act(agent, alice, "link").status_code == 302  # the same minute: one message
    assert len(mail.outbox) == 1
    assert "/me/" in mail.outbox[0].body
    for _time in range(3):
        act(agent, alice, "link")
    refused = act(agent, alice, "link")
    assert refused.status_code == 400
    assert "several times" in refused.content.decode()


def test_a_bounce_is_noted_and_taken_back(agent, alice):
    act(agent, alice, "bounced")
    alice.refresh_from_db()
    assert alice.bounced_at is not None
    assert Event.objects.filter(kind="owner.bounced", owner_id=alice.pk).count() == 1
    assert act(agent, alice, "link").status_code == 400
    act(agent, alice, "arrives")
    alice.refresh_from_db()
    assert alice.bounced_at is None


def test_another_address_in_the_console_has_not_bounced_yet(agent, alice):
    act(agent, alice, "bounced")
    url = reverse("admin:ownership_owner_change", args=[alice.pk])
    values = {"kind": "person", "name": alice.name, "email": "new@example.com", "phone": "", "locale": "en"}
    assert agent.post(url, {**values, "brand": alice.brand_id}).status_code == 302
    alice.refresh_from_db()
    assert (alice.email, alice.bounced_at) == ("new@example.com", None)


def test_two_rows_are_merged_after_both_were_shown(agent, alice, bob, sam):
    """G2."""
    found = agent.post(reverse("console_merge_owner", args=[alice.pk]), {"other": "bob@example.com"})
    assert found.url == reverse("console_merge_owners", args=[alice.pk, bob.pk])
    page = agent.get(found.url).content.decode()
    assert "Alice Archer" in page
    assert "Bob Baker" in page
    assert AuditRow.objects.filter(action="read_owner").count() == 2
    done = agent.post(found.url, {"kept": bob.pk, "shown": ""})
    assert done.url == reverse("admin:ownership_owner_change", args=[bob.pk])
    assert not Owner.objects.filter(pk=alice.pk).exists()
    assert AuditRow.objects.get(action="merge_owners").data == {"from": alice.pk, "to": bob.pk, "shown": ""}


def test_two_confirmed_people_need_how_they_showed_it(agent, alice, bob):
    for owner in (alice, bob):
        who = factories.PersonFactory()
        EmailAddress.objects.create(user=who, email=owner.email, verified=True)
        Owner.objects.filter(pk=owner.pk).update(person=who)
    url = reverse("console_merge_owners", args=[alice.pk, bob.pk])
    refused = agent.post(url, {"kept": alice.pk, "shown": ""})
    assert refused.status_code == 400
    assert "say how they showed" in refused.content.decode()
    assert agent.post(url, {"kept": alice.pk, "shown": "document"}).status_code == 302


@pytest.mark.parametrize(
    "other", ["#999999", "nobody@example.com", "a\0b", "9" * 30, "rival@example.com", "#"]
)
def test_another_that_is_not_there_or_a_rivals_is_not_found(agent, alice, globex, other):
    factories.OwnerFactory(brand=globex, email="rival@example.com")
    answer = agent.post(reverse("console_merge_owner", args=[alice.pk]), {"other": other})
    assert answer.status_code == 400
    assert not Event.objects.filter(kind="owner.merged").exists()


def test_a_rival_agent_reaches_none_of_it(globex, alice, bob):
    """A9: another brand's owner is not there."""
    rival = console(factories.staff(globex, "rival", "support_agent"))
    own = factories.OwnerFactory(brand=globex)
    for slug in ("recover", "link", "bounced", "arrives"):
        assert act(rival, alice, slug, **RECOVERY).status_code == 404
    assert rival.get(reverse("console_merge_owner", args=[alice.pk])).status_code == 404
    for pair in ([own.pk, alice.pk], [alice.pk, own.pk]):
        assert rival.post(reverse("console_merge_owners", args=pair), {"kept": own.pk}).status_code == 404
    assert not Recovery.objects.exists()
    assert not Message.objects.exists()
    assert Owner.objects.filter(pk=alice.pk, bounced_at=None).exists()


@pytest.mark.parametrize("role", ["compliance", "analyst", "auditor", "content_editor"])
def test_roles_that_do_not_act_are_refused(acme, alice, role):
    client = console(factories.staff(acme, f"p-{role}", role))
    for slug in ("recover", "link"):
        assert act(client, alice, slug, **RECOVERY).status_code in (403, 404)
    assert client.get(reverse("console_merge_owner", args=[alice.pk])).status_code in (403, 404)


@pytest.fixture
def sams(acme, sam):
    """Sam's own things at Acme."""
    EmailAddress.objects.create(user=sam, email="sam@example.com", verified=True, primary=True)
    return factories.OwnerFactory(brand=acme, person=sam, name="Sam", email="sam@example.com")


def test_an_agent_recovers_merges_and_gives_nothing_to_themselves(agent, alice, sams):
    """Whoever is a party leaves it to a colleague."""
    own = act(agent, alice, "recover", **{**RECOVERY, "contact": "sam@example.com"})
    assert (own.status_code, Recovery.objects.count()) == (400, 0)
    assert "A colleague has to do it" in own.content.decode()
    assert "Receipt of the shop in Lyon" in own.content.decode()
    assert act(agent, sams, "recover", **RECOVERY).status_code == 400
    merged = agent.post(
        reverse("console_merge_owners", args=[alice.pk, sams.pk]), {"kept": sams.pk, "shown": "purchase"}
    )
    assert merged.status_code == 400
    assert Owner.objects.filter(pk=alice.pk).exists()


def test_a_link_that_was_not_sent_takes_no_room(agent, alice, monkeypatch):
    def fails(**_values):
        raise OwnershipError("failed", "It failed.")

    with monkeypatch.context() as patch:
        patch.setattr("config.console.owner_acts.send_owner_link", fails)
        for _time in range(6):
            assert act(agent, alice, "link").status_code == 400
    assert act(agent, alice, "link").status_code == 302


def test_languages_are_filtered_by_name(agent, alice):
    Owner.objects.filter(pk=alice.pk).update(locale="fr")
    page = agent.get(reverse("admin:ownership_owner_changelist")).content.decode()
    assert "?locale=fr" in page
    assert ">Français<" in page or ">French<" in page


def test_the_owners_page_offers_what_fits(agent, alice):
    page = agent.get(reverse("admin:ownership_owner_change", args=[alice.pk])).content.decode()
    for slug in ("link", "recover", "bounced"):
        assert reverse("console_owner_act", args=[alice.pk, slug]) in page
    assert reverse("console_merge_owner", args=[alice.pk]) in page
