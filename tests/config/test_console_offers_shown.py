"""The desk where staff look at who takes over a valuable piece (C4, C5): what stands there, and what a decision does."""

import pytest
from django.test import TestCase
from django.urls import reverse
from django.utils import timezone

from config.console.to_do import what_to_do
from experiences import releases
from experiences.proofs import ProofFile
from ownership.models import Decision, Ownership, ReleaseRequest
from ownership.models.registrations import ContactKind
from ownership.models.releases import ReleaseGround
from ownership.models.transfers import TransferKind
from ownership.services.releases import ReleaseForm
from ownership.services.transfers import start_transfer
from products.console import access_of
from products.models import Product
from tests import factories
from tests.config.test_console_tenancy import console
from tests.experiences.conftest import ago
from tests.experiences.releasing import CARL, picture, reachable
from tests.reading import text_of

pytestmark = pytest.mark.django_db
REASON = "The number in the picture is that of the piece."


@pytest.fixture
def case(unit, alice) -> ReleaseRequest:
    """Alice offers her valuable piece, and Carl has shown that he has it."""
    Product.objects.update(is_valuable=True)
    factories.own(unit, reachable(alice), ago(100))
    now = timezone.now()
    offer = start_transfer(unit_id=unit.pk, owner_id=alice.pk, kind=TransferKind.GIFT, now=now)
    form = ReleaseForm(
        "c" * 32, ReleaseGround.OFFERED, ContactKind.EMAIL, CARL, "Carl", "My aunt gave it to me", "en"
    )
    file = ProofFile(picture(), "image/webp", "proof.webp")
    asked = releases.ask_to_take_over(transfer=offer, form=form, files=[file], now=now)
    return releases.confirm(release=asked, now=now)


def page_of(case) -> str:
    return reverse("admin:ownership_releaserequest_change", args=[case.pk])


def decide(client, case, **values):
    path = reverse("admin:ownership_releaserequest_decide", args=[case.pk])
    with TestCase.captureOnCommitCallbacks(execute=True):
        return client.post(path, {"for_side": "claimant", "reason": REASON, **values})


def test_the_desk_says_that_it_is_an_offer_and_shows_the_proof(case, sam):
    page = console(sam).get(page_of(case))
    text = text_of(page)
    for words in ("Offer to be looked at", "nobody is at odds", "Given away", "My aunt gave it to me", CARL):
        assert words in text
    assert "/console/files/" in page.content.decode()
    assert 'name="annuls"' not in page.content.decode(), "an owner who offers it was its owner"


def test_an_agent_hands_it_over_with_one_decision(case, sam):
    """C4: it holds at once; nobody lost anything."""
    assert decide(console(sam), case).status_code == 302
    current = Ownership.objects.get(until=None)
    assert (current.owner.email, current.acquired) == (CARL, "transfer")
    case.refresh_from_db()
    assert (case.state, case.transfer.state) == ("released", "accepted")


def test_a_no_needs_a_reason(case, sam):
    client = console(sam)
    assert decide(client, case, for_side="owner", reason="").status_code == 400
    assert not Decision.objects.exists()
    assert decide(client, case, for_side="owner").status_code == 302
    case.refresh_from_db()
    assert (case.state, case.transfer.state) == ("decided", "open")


def test_an_ownership_that_was_passed_on_is_never_annulled(case, sam):
    assert decide(console(sam), case, annuls="on").status_code == 302
    assert not Ownership.objects.exclude(annulled="").exists()


def test_a_rival_brand_neither_reads_nor_decides(case, globex):
    rival = console(factories.staff(globex, "rita", "brand_admin"))
    assert CARL not in rival.get(page_of(case), follow=True).content.decode()
    assert decide(rival, case).status_code == 404
    assert not Decision.objects.exists()


def test_what_waits_stands_on_the_home_page_apart_from_disputes(case, sam):
    agent = console(sam)
    tasks = {task.sentence: task.url for task in what_to_do(access_of(sam))}
    [sentence] = [sentence for sentence in tasks if "take" in sentence]
    assert not [sentence for sentence in tasks if "dispute" in sentence]
    listed = agent.get(f"/console/{tasks[sentence]}")
    assert case.unit.serial in text_of(listed)
    disputes = agent.get("/console/ownership/releaserequest/?state__exact=desk&transfer__isnull=True")
    assert disputes.status_code == 200
    assert case.unit.serial not in text_of(disputes)


def test_an_agent_who_calls_the_offer_off_ends_the_case(case, sam):
    """C4: for an owner who rings up."""
    path = reverse("admin:products_unit_act", args=[case.unit_id, "cancel-transfer"])
    answer = console(sam).post(path, {"reason": "The owner called"})
    case.refresh_from_db()
    assert answer.status_code == 302, text_of(answer)
    assert (case.state, case.transfer.state) == ("withdrawn", "cancelled")
