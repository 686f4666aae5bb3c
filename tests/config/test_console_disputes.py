"""The desk of disputes (C5, C12): who sees a case and what stands there, who decides; a rival learns nothing."""

import pytest
from django.core import mail
from django.db import connection
from django.test import TestCase
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from analytics.kinds import EventKind
from analytics.models import Event
from experiences import releases
from experiences.proofs import ProofFile
from ownership.models import Decision, Ownership, Registration, ReleaseRequest
from ownership.models.releases import Side
from products.models import AuditRow, PrivateFile
from tests import factories
from tests.config.test_console_tenancy import console
from tests.experiences.conftest import ago
from tests.experiences.releasing import CARL, picture, reachable
from tests.reading import text_of

pytestmark = pytest.mark.django_db

REASON = "The receipt names the serial number."


@pytest.fixture
def case(unit, alice) -> ReleaseRequest:
    """Carl's case against Alice, at the desk; she registered it 30 days before its sale."""
    unit.sold_on = ago(70).date()
    unit.save()
    held = factories.own(unit, reachable(alice), ago(100))
    now = timezone.now()
    made = ReleaseRequest.objects.create(
        brand=unit.brand, unit=unit, ownership=held, ground="bought_new", proof="code", state="desk",
        claimant=factories.OwnerFactory(brand=unit.brand, email=CARL, person=factories.PersonFactory()),
        contact_kind="email", contact=CARL, name="Carl", statement="From the boutique", answer="It was a present",
        locale="en", submission_key="c" * 64, sent_at=now, confirmed_at=now,
    )  # fmt: skip
    file = ProofFile(picture(), "image/webp", "proof.webp")
    releases.send_evidence(release=made, side=Side.CLAIMANT, files=[file], now=now, actor_id=None)
    return made


def page_of(case) -> str:
    return reverse("admin:ownership_releaserequest_change", args=[case.pk])


def decide(client, case, **values):
    path = reverse("admin:ownership_releaserequest_decide", args=[case.pk])
    with TestCase.captureOnCommitCallbacks(execute=True):
        return client.post(path, {"for_side": "claimant", "reason": REASON, **values})


def test_the_desk_shows_both_sides_and_the_units_own_facts(case, sam):
    """C5, C12: a registration before the sale is said first, and its box is ticked beforehand."""
    page = console(sam).get(page_of(case))
    text = text_of(page)
    for words in ("From the boutique", "It was a present", "days after it was registered", CARL):
        assert words in text
    assert "This may be a registration before the sale." in text
    assert 'name="annuls" id="id_annuls" checked' in page.content.decode().replace(
        'aria-describedby="id_annuls_helptext" ', ""
    )
    file = PrivateFile.objects.get()
    assert f"/console/files/{file.pk}/" in page.content.decode()


def test_reading_a_case_is_noted(case, sam):
    client = console(sam)
    client.get(page_of(case))
    row = AuditRow.objects.get(action="read_release")
    assert (row.actor_id, row.object_id) == (sam.pk, str(case.pk))
    client.get(f"/console/files/{PrivateFile.objects.get().pk}/")
    assert AuditRow.objects.filter(action="file.read", actor_id=sam.pk).exists()


def test_a_rival_brand_finds_no_case_and_no_evidence(case, globex):
    rival = console(factories.staff(globex, "rita", "brand_admin"))
    assert rival.get(page_of(case)).status_code in (302, 404)
    assert CARL not in rival.get(page_of(case), follow=True).content.decode()
    assert decide(rival, case).status_code == 404
    assert rival.get(f"/console/files/{PrivateFile.objects.get().pk}/").status_code == 404
    assert not Decision.objects.exists()


@pytest.mark.parametrize("role", ["content_editor", "analyst", "auditor"])
def test_who_may_not_read_of_people_sees_no_case(case, acme, role):
    other = console(factories.staff(acme, "other", role))
    assert other.get(page_of(case)).status_code in (302, 403, 404)
    assert other.get(f"/console/files/{PrivateFile.objects.get().pk}/").status_code == 404


@pytest.mark.parametrize("role", ["compliance", "service_manager"])
def test_who_only_reads_does_not_decide(case, acme, role):
    reader = console(factories.staff(acme, "reader", role))
    page = reader.get(page_of(case))
    assert page.status_code == 200
    assert "for_side" not in page.content.decode()
    assert decide(reader, case).status_code == 403
    assert not Decision.objects.exists()


def test_an_agent_decides_and_both_sides_are_written_to(case, sam, unit):
    client = console(sam)
    assert decide(client, case).status_code == 302
    decision = Decision.objects.get()
    assert (decision.for_side, decision.reason, decision.decided_by_id) == ("claimant", REASON, sam.pk)
    assert {sent.to[0] for sent in mail.outbox} == {CARL, "alice@example.com"}
    event = Event.objects.get(kind=EventKind.RELEASE_DECIDED)
    assert event.data == {"release": case.pk, "instance": 1, "side": "claimant", "annuls": False}
    assert REASON not in "".join(sent.body for sent in mail.outbox)
    assert REASON in text_of(client.get(page_of(case)))
    assert Ownership.objects.of_unit(unit).current().get().owner.email == "alice@example.com"


def test_pressed_twice_it_is_one_decision(case, sam):
    client = console(sam)
    decide(client, case)
    again = decide(client, case)
    assert again.status_code == 400
    assert Decision.objects.count() == 1


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"reason": ""}, "Say why"),
        ({"reason": "x" * 2001}, "2000"),
        ({"reason": "nul\0"}, "Null characters"),
        ({"for_side": ""}, "Choose one side"),
        ({"for_side": "brand"}, "valid choice"),
        ({"for_side": "owner", "annuls": "on"}, "Untick the box"),
    ],
)
def test_a_decision_that_cannot_be_stays_on_its_form(case, sam, values, words):
    answer = decide(console(sam), case, **values)
    assert answer.status_code == 400
    assert words in text_of(answer)
    assert not Decision.objects.exists()


def test_an_appeal_waits_for_a_colleague(case, sam, acme, unit):
    """C5: whoever decided first finds no form, and is refused; a colleague's decision holds at once."""
    client = console(sam)
    decide(client, case)
    releases.appeal(
        release=ReleaseRequest.objects.select_related("ownership__owner").get(),
        side=Side.OWNER,
        words="It is forged",
        now=timezone.now(),
        actor_id=None,
    )
    page = client.get(page_of(case))
    assert "A colleague decides about the appeal" in text_of(page)
    assert decide(client, case).status_code == 400
    kim = console(factories.staff(acme, "kim", "brand_admin"))
    assert "It is forged" in text_of(kim.get(page_of(case)))
    assert decide(kim, case, annuls="on").status_code == 302
    current = Ownership.objects.of_unit(unit).current().get()
    assert (current.owner.email, current.ordinal, current.acquired) == (CARL, 1, "decision")


def test_home_counts_what_waits(case, sam, acme, globex):
    home = console(sam).get("/console/")
    assert "1 dispute waits for a decision" in text_of(home)
    rival = console(factories.staff(globex, "rita", "support_agent")).get("/console/")
    assert "dispute waits" not in text_of(rival)
    editor = console(factories.staff(acme, "ed", "content_editor")).get("/console/")
    assert "dispute waits" not in text_of(editor)


def test_a_registration_by_printed_code_looks_premature(case, sam, unit):
    unit.sold_on = ago(200).date()
    unit.save()
    Registration.objects.create(
        brand=unit.brand, unit=unit, owner=case.ownership.owner, ownership=case.ownership, state="confirmed",
        submission_key="d" * 32, proof="code", contact_kind="email", contact="alice@example.com", locale="en",
        created_at=ago(100), confirmed_at=ago(100),
    )  # fmt: skip
    text = text_of(console(sam).get(page_of(case)))
    assert "This may be a registration before the sale." in text
    assert "Knew the printed code" in text


def test_a_page_of_a_case_costs_the_same_however_much_was_sent(case, sam):
    client = console(sam)
    client.get(page_of(case))
    with CaptureQueriesContext(connection) as few:
        client.get(page_of(case))
    for number in range(3):
        colour = f"#{number}0{number}0{number}0"
        file = ProofFile(picture(colour) + bytes([number]), "image/webp", "proof.webp")
        releases.send_evidence(release=case, side=Side.OWNER, files=[file], now=timezone.now(), actor_id=None)
    with CaptureQueriesContext(connection) as many:
        client.get(page_of(case))
    assert len(many) == len(few) <= 30


def test_staff_do_not_read_evidence_after_its_time(case, sam):
    PrivateFile.objects.all().delete()
    assert "Deleted, its time was over." in text_of(console(sam).get(page_of(case)))
