"""C4, A9: a valuable piece without a chip changes hands by the owner's code, a proof, and staff who look at it."""

import uuid

import pytest
from django.core import mail
from django.utils import timezone, translation

from analytics.models import Event, UnitFacts
from experiences.cards import product_card
from experiences.releases import decide
from ownership.errors import OwnershipError
from ownership.models import Ownership, ReleaseRequest, Transfer
from ownership.models.releases import Side
from ownership.models.transfers import TransferKind
from ownership.services.transfers import start_transfer
from products.models import Product
from tests import factories
from tests.experiences.conftest import ago
from tests.experiences.releasing import CARL, WORDS, Browser, link_to, photo, reachable
from tests.experiences.test_transfers import browser_of
from tests.reading import action_of, main_attributes, text_of

pytestmark = pytest.mark.django_db
REASON = "The number in the picture is another one."


@pytest.fixture(autouse=True)
def _english():
    with translation.override("en"):
        yield


@pytest.fixture
def client():
    return Browser(headers={"accept-language": "en"})


@pytest.fixture
def watch(unit, alice):
    """Alice's valuable piece, with a printed code only."""
    Product.objects.update(is_valuable=True)
    product_card.cache_clear()
    factories.own(unit, reachable(alice), ago(100))
    return unit


@pytest.fixture
def offer(watch, alice) -> Transfer:
    return start_transfer(unit_id=watch.pk, owner_id=alice.pk, kind=TransferKind.SALE, now=timezone.now())


def link(offer: Transfer) -> str:
    return f"/transfer/{offer.code}/"


def proof_of(offer: Transfer) -> str:
    return f"/transfer/{offer.code}/proof/"


def sent(browser, offer: Transfer, **typed):
    """Send what shows that Carl has it, and return the answer."""
    values = {
        "contact": CARL, "name": "Carl", "statement": WORDS, "evidence": photo(),
        "submission_key": uuid.uuid4().hex, **typed,
    }  # fmt: skip
    return browser.post(proof_of(offer), values)


def shown(browser, offer: Transfer, **typed) -> tuple[ReleaseRequest, str]:
    """Send and confirm it; return the case and the path of the taker's page."""
    answer = sent(browser, offer, **typed)
    assert answer.status_code == 302, text_of(answer)
    path = link_to(str(typed.get("contact", CARL)))
    assert browser.post(path, {"do": "confirm"}).status_code == 302
    return ReleaseRequest.objects.latest("id"), path


def decided(case: ReleaseRequest, side: Side, *, by=None) -> ReleaseRequest:
    actor = by or factories.staff(case.brand, uuid.uuid4().hex[:8], "support_agent")
    return decide(
        release_id=case.pk, for_side=side, reason=REASON, annuls=False, now=timezone.now(), actor_id=actor.pk
    )


def letters() -> dict[str, str]:
    return {letter.to[0]: letter.subject for letter in mail.outbox}


def test_the_code_leads_to_showing_it_and_staff_hand_it_over(
    client, offer, watch, django_capture_on_commit_callbacks
):
    """C4, A9: a code, a proof and staff's decision; then both get the receipts of every transfer."""
    page = client.get(link(offer))
    assert action_of(page) == "show"
    assert 'id="accepting"' not in page.content.decode()
    assert proof_of(offer) in page.content.decode()
    form = client.get(proof_of(offer))
    assert main_attributes(form)["section"] == "transfer-proof"
    assert 'name="ground"' not in form.content.decode(), "its owner has said how it comes to them"
    case, path = shown(client, offer)
    assert (case.state, case.ground, case.transfer, case.proof) == ("desk", "offered", offer, "code")
    assert Ownership.objects.get(until=None).owner.email == "alice@example.com", (
        "not before staff looked at it"
    )
    mail.outbox.clear()
    with django_capture_on_commit_callbacks(execute=True):
        decided(case, Side.CLAIMANT)
    current = Ownership.objects.get(until=None)
    assert (current.owner.email, current.acquired, current.ordinal) == (CARL, "transfer", 2)
    offer.refresh_from_db()
    case.refresh_from_db()
    assert (offer.state, offer.taken_over) == ("accepted", current)
    assert (case.state, case.taken_over) == ("released", current)
    assert not UnitFacts.objects.get(unit=watch).transfer
    assert set(letters()) == {"alice@example.com", CARL}
    kinds = list(Event.objects.values_list("kind", flat=True))
    assert kinds.count("transfer.accepted") == 1
    assert "transfer.cancelled" not in kinds
    assert "It is yours" in text_of(client.get(path))


def test_while_it_is_looked_at_nobody_is_at_odds(client, offer, watch):
    """A6, C4: the flag is `transfer`, and the page says what is waited for."""
    assert Event.objects.filter(kind__startswith="release.").count() == 0
    case, path = shown(client, offer)
    page = client.get(f"/u/{watch.public_code}/")
    assert main_attributes(page)["flags"] == "transfer"
    assert "looks at who takes it over" in text_of(page)
    data = Event.objects.get(kind="release.asked").data
    assert data == {
        "release": case.pk, "ground": "offered", "proof": "code", "claimant": case.claimant_id,
    }  # fmt: skip
    taker = text_of(client.get(path))
    assert "You showed that you have it" in taker
    assert "Alice" not in taker
    assert set(letters()) == {"alice@example.com", CARL}
    assert "looks at who takes" in letters()["alice@example.com"]


def test_the_owner_sees_how_far_it_is_and_learns_of_nobody(client, offer, watch, alice):
    case, _path = shown(client, offer)
    seller = browser_of(alice)
    page = seller.get(f"/u/{watch.public_code}/transfer/")
    assert "looks at who takes it over" in text_of(page)
    assert offer.code not in page.content.decode(), "nobody else can use it now"
    owners = seller.get(f"/release/{case.owner_code}/")
    assert "Somebody showed that they have it" in text_of(owners)
    assert f"/u/{watch.public_code}/transfer/" in owners.content.decode()
    for secret in (CARL, "Carl", WORDS):
        assert secret not in text_of(page) + text_of(owners) + text_of(seller.get("/me/"))
    assert "See how far it is" in text_of(seller.get("/me/"))


def test_the_owner_calls_it_off_and_the_taker_is_told(client, offer, watch, alice):
    case, path = shown(client, offer)
    mail.outbox.clear()
    seller = browser_of(alice)
    with pytest.MonkeyPatch.context():
        from django.test import TestCase

        with TestCase.captureOnCommitCallbacks(execute=True):
            assert seller.post(f"/u/{watch.public_code}/transfer/cancel/").status_code == 302
    case.refresh_from_db()
    offer.refresh_from_db()
    assert (case.state, offer.state) == ("withdrawn", "cancelled")
    assert set(letters()) == {CARL}
    assert "Its owner keeps it after all" in text_of(client.get(path))
    assert not UnitFacts.objects.get(unit=watch).transfer
    with pytest.raises(OwnershipError):
        decided(case, Side.CLAIMANT)
    assert Ownership.objects.count() == 1
