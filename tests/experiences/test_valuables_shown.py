"""C4, A9: a valuable piece without a chip changes hands by the owner's code, a proof, and staff who look at it."""

import datetime as dt
import uuid

import pytest
import time_machine
from django.core import mail
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import TestCase
from django.utils import timezone, translation

from analytics.models import Event, UnitFacts
from experiences.cards import product_card
from experiences.releases import decide, sweep_releases
from experiences.transfers import accept_as, expire_transfers, offer_units
from ownership.errors import OwnershipError
from ownership.models import Ownership, Registration, ReleaseRequest, Transfer
from ownership.models.releases import Side
from ownership.models.transfers import TransferKind
from ownership.services.ownerships import end_ownership
from ownership.services.releases import approve_release, refuse_release
from ownership.services.transfers import start_transfer
from products.models import PrivateFile, Product
from tests import factories
from tests.experiences.conftest import ago
from tests.experiences.releasing import CARL, WORDS, Browser, ask_path, link_to, photo, reachable
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
    seller = browser_of(alice)
    assert "they send a picture of it" in text_of(seller.get(f"/u/{watch.public_code}/transfer/"))
    case, _path = shown(client, offer)
    page = seller.get(f"/u/{watch.public_code}/transfer/")
    assert "looks at who takes it over" in text_of(page)
    assert offer.code not in page.content.decode(), "nobody else can use it now"
    owners = seller.get(f"/release/{case.owner_code}/")
    assert "Somebody showed that they have it" in text_of(owners)
    assert text_of(owners).count("Somebody wants to take over what you pass on") == 1
    assert f"/u/{watch.public_code}/transfer/" in owners.content.decode()
    for secret in (CARL, "Carl", WORDS):
        assert secret not in text_of(page) + text_of(owners) + text_of(seller.get("/me/"))
    assert "See how far it is" in text_of(seller.get("/me/"))


def test_the_owner_calls_it_off_and_the_taker_is_told(client, offer, watch, alice):
    case, path = shown(client, offer)
    mail.outbox.clear()
    seller = browser_of(alice)
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


def test_the_taker_sees_on_my_things_what_is_waited_for(client, offer, watch):
    case, path = shown(client, offer)
    page = browser_of(case.claimant).get("/me/")
    assert "looks at it" in text_of(page)
    assert path in page.content.decode()
    assert watch.serial in text_of(page)
    decided(case, Side.CLAIMANT)
    assert path not in browser_of(case.claimant).get("/me/").content.decode()


def test_at_the_desk_the_offer_waits_for_nobody_elses_time(client, offer, watch, alice):
    """C4: it does not expire while staff look at it, and nobody else can take it over meanwhile."""
    _case, path = shown(client, offer)
    with time_machine.travel(offer.expires_at + dt.timedelta(days=3), tick=True):
        assert expire_transfers(now=timezone.now()) == 0
        other = Browser()
        page = other.get(link(offer))
        assert page.status_code == 409
        assert "has shown that they have it" in text_of(page)
        assert other.get(proof_of(offer)).status_code == 409
        late = sent(other, offer, contact="dora@example.net")
        assert late.status_code == 409
        assert "dora@example.net" in late.content.decode(), "nothing typed is lost"
        assert "looks at who takes it over" in text_of(
            browser_of(alice).get(f"/u/{watch.public_code}/transfer/")
        )
        client.post(path, {"do": "withdraw"})
        assert expire_transfers(now=timezone.now()) == 1, "once nobody looks at it, its time counts again"


def test_of_two_who_asked_the_first_to_confirm_is_looked_at(client, offer):
    sent(client, offer)
    second = Browser(headers={"accept-language": "en"})
    sent(second, offer, contact="dora@example.net")
    assert second.post(link_to("dora@example.net"), {"do": "confirm"}).status_code == 302
    refused = client.post(link_to(CARL), {"do": "confirm"})
    assert refused.status_code == 409
    assert "has shown that they have it" in text_of(refused)
    assert ReleaseRequest.objects.open().get().contact == "dora@example.net"


def test_the_taker_takes_it_back_and_the_offer_stands_as_before(client, offer, watch):
    _case, path = shown(client, offer)
    mail.outbox.clear()
    assert client.post(path, {"do": "withdraw"}).status_code == 302
    offer.refresh_from_db()
    assert offer.state == "open"
    assert UnitFacts.objects.get(unit=watch).transfer
    assert "waits for its next owner again" in letters()["alice@example.com"]
    assert action_of(client.get(link(offer))) == "show"


def test_a_no_ends_the_offer_once_it_can_not_be_appealed(client, offer, watch, alice):
    """C4, C5: both are told the reason; the taker may have a colleague look again."""
    case, path = shown(client, offer)
    mail.outbox.clear()
    with TestCase.captureOnCommitCallbacks(execute=True):
        case = decided(case, Side.OWNER)
    assert case.state == "decided"
    assert {subject.split(" is ")[-1] for subject in letters().values()} == {"not handed over"}
    page = client.get(path)
    assert REASON in text_of(page)
    assert 'value="appeal"' in page.content.decode()
    owners = client.get(f"/release/{case.owner_code}/")
    assert REASON in text_of(owners)
    assert 'value="appeal"' not in owners.content.decode()
    mail.outbox.clear()
    with TestCase.captureOnCommitCallbacks(execute=True):
        assert sweep_releases(now=case.appeal_by + dt.timedelta(minutes=1)) == 1
    offer.refresh_from_db()
    case.refresh_from_db()
    assert (offer.state, case.state) == ("cancelled", "kept")
    assert set(letters()) == {"alice@example.com", CARL}
    assert Ownership.objects.get(until=None).owner == alice
    assert not UnitFacts.objects.get(unit=watch).transfer


def test_on_appeal_a_colleague_may_hand_it_over(client, offer):
    """C5: the second decision holds at once."""
    case, path = shown(client, offer)
    decided(case, Side.OWNER)
    assert client.post(path, {"do": "appeal", "words": "The number is under the strap"}).status_code == 302
    decided(case, Side.CLAIMANT)
    offer.refresh_from_db()
    assert offer.state == "accepted"
    assert Ownership.objects.get(until=None).owner.email == CARL


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ({"evidence": ""}, "a picture of the piece with its number"),
        ({"contact": "nowhere"}, "nowhere"),
        ({"evidence": SimpleUploadedFile("x.exe", b"MZ", "image/jpeg")}, "x.exe"),
    ],
)
def test_what_is_missing_or_wrong_is_said_and_nothing_typed_is_lost(client, offer, typed, words):
    answer = sent(client, offer, **typed)
    assert answer.status_code == 400
    assert words in answer.content.decode()
    assert WORDS in answer.content.decode()
    assert not ReleaseRequest.objects.exists()


def test_without_the_code_nobody_comes_to_the_form(client, offer, watch):
    """The trust ladder: the code comes first, and it leads to the form."""
    page = client.get(f"/u/{watch.public_code}/transfer/")
    assert action_of(page) == "code"
    assert offer.code not in page.content.decode()
    assert client.get("/transfer/00000000000000000000/proof/").status_code == 404
    typed = client.post(f"/u/{watch.public_code}/transfer/code/", {"code": offer.code})
    assert typed.url == link(offer)


def test_neither_the_form_nor_the_button_goes_round_the_desk(client, offer, watch, bob):
    """C4: whatever is posted, a valuable piece without a chip is nobody's before staff looked at it."""
    known = browser_of(bob)
    for browser, typed in (
        (client, {"contact": CARL, "submission_key": uuid.uuid4().hex}),
        (known, {"taker": bob.pk}),
    ):
        for address in (link(offer), f"/u/{watch.public_code}/transfer/accept/"):
            assert browser.post(address, typed).status_code == 302
    with pytest.raises(OwnershipError, match="seen first"):
        accept_as(transfer_id=offer.pk, owner=bob, now=timezone.now())
    assert Ownership.objects.count() == 1
    assert not Registration.objects.exists()


def test_the_owner_can_not_answer_what_they_offered_themselves(client, offer):
    """The private link of the owner is no way round staff either."""
    case, _path = shown(client, offer)
    owners = f"/release/{case.owner_code}/"
    assert client.post(owners, {"do": "approve", "sure": "on"}).status_code == 302
    now = timezone.now()
    for answer in (
        lambda: approve_release(release_id=case.pk, now=now, actor_id=None),
        lambda: refuse_release(release_id=case.pk, answer="", now=now, actor_id=None),
    ):
        with pytest.raises(OwnershipError, match="yourself"):
            answer()
    case.refresh_from_db()
    assert case.state == "desk"
    assert Ownership.objects.count() == 1


def test_nobody_chooses_that_it_was_offered(client, watch):
    answer = client.post(
        ask_path(watch),
        {"ground": "offered", "contact": CARL, "evidence": photo(), "submission_key": uuid.uuid4().hex},
    )
    assert answer.status_code == 400
    assert not ReleaseRequest.objects.exists()


def test_an_owner_does_not_take_over_their_own_offer(client, offer):
    sent(client, offer, contact="alice@example.com")
    refused = client.post(link_to("alice@example.com"), {"do": "confirm"})
    assert refused.status_code == 409
    assert ReleaseRequest.objects.get().state == "unconfirmed"


def test_an_ordinary_piece_needs_no_proof(client, offer):
    Product.objects.update(is_valuable=False)
    product_card.cache_clear()
    assert client.get(proof_of(offer)).url == link(offer)
    assert sent(client, offer).status_code == 409
    assert not PrivateFile.objects.filter(expires_at__gt=timezone.now()).exists(), "the picture goes again"


def test_what_goes_back_to_the_shop_is_not_shown(client, watch, alice):
    back = start_transfer(unit_id=watch.pk, owner_id=alice.pk, kind=TransferKind.RETURN, now=timezone.now())
    assert client.get(proof_of(back)).url == link(back)
    assert sent(client, back).status_code == 409


@pytest.mark.parametrize("flag", ["lost", "stolen"])
def test_what_its_owner_misses_is_neither_shown_nor_handed_over(client, offer, watch, flag):
    """C6."""
    case, _path = shown(client, offer)
    factories.facts(watch, **{flag: True})
    with pytest.raises(OwnershipError, match="lost or stolen"):
        decided(case, Side.CLAIMANT)
    assert client.get(proof_of(offer)).status_code == 409
    case.refresh_from_db()
    assert case.state == "desk"


def test_a_silent_chip_counts_as_none(client, offer, watch, chip):
    """A10, A9: who can't tap it shows it; with a tap that is not asked for."""
    page = client.get(link(offer))
    assert action_of(page) == "tap"
    assert proof_of(offer) in page.content.decode()
    case, _path = shown(client, offer)
    decided(case, Side.CLAIMANT)
    assert Ownership.objects.get(until=None).owner.email == CARL


def test_of_a_bundle_what_has_to_be_seen_has_a_page_of_its_own(client, watch, alice, bob):
    """C14: the ordinary pieces come with the code, the valuable one by the desk."""
    plain = factories.UnitFactory(product=factories.ProductFactory(brand=watch.brand))
    factories.own(plain, alice, ago(50))
    started = offer_units(
        unit_ids=[watch.pk, plain.pk], owner_id=alice.pk, kind=TransferKind.SALE, recipient="", locale="en",
        now=timezone.now(),
    )  # fmt: skip
    valuable = Transfer.objects.get(unit=watch)
    known, bundle = browser_of(bob), f"/transfer/{started.bundle}/"
    page = known.get(bundle)
    assert action_of(page) == "accept"
    assert proof_of(valuable) in page.content.decode()
    known.post(bundle, {"taker": bob.pk})
    assert Ownership.objects.get(until=None, owner=bob).unit == plain
    rest = known.get(bundle)
    assert "has to be seen first" in text_of(rest)
    assert 'name="taker"' not in rest.content.decode()
    case, _path = shown(client, valuable)
    assert case.unit == watch


def test_while_it_is_looked_at_the_owner_can_not_just_let_it_go(client, offer, watch, alice):
    shown(client, offer)
    answer = browser_of(alice).post(f"/u/{watch.public_code}/gone/", {"why": "sold"})
    assert answer.status_code == 409
    assert "Call that off first" in text_of(answer)
    assert Ownership.objects.get(until=None).owner == alice


def test_an_owner_who_leaves_does_not_leave_it_to_somebody_unseen(client, offer, watch):
    """What was still to be looked at is not given away by the beat."""
    case, _path = shown(client, offer)
    now = timezone.now()
    end_ownership(unit=watch, until=now, now=now)
    sweep_releases(now=now)
    case.refresh_from_db()
    assert case.state == "withdrawn"
    assert not Ownership.objects.filter(until=None).exists()


def asked_for(client, watch) -> ReleaseRequest:
    """Carl asks for its release, with a proof; the owner has not answered yet."""
    client.post(
        ask_path(watch),
        {"ground": "bought_used", "contact": CARL, "evidence": photo(), "submission_key": uuid.uuid4().hex},
    )
    client.post(link_to(CARL), {"do": "confirm"})
    return ReleaseRequest.objects.get()


@pytest.mark.parametrize("state", ["asked", "desk"])
def test_the_owners_yes_to_a_request_is_an_offer_that_staff_look_at(client, watch, state):
    """C5, A9: asking for release is no way round either; with the yes, nobody is at odds any more."""
    case = asked_for(client, watch)
    assert case.state == "asked"
    if state == "desk":
        sweep_releases(now=case.answer_by + dt.timedelta(minutes=1))
        assert UnitFacts.objects.get(unit=watch).dispute
    mail.outbox.clear()
    assert client.post(f"/release/{case.owner_code}/", {"do": "approve", "sure": "on"}).status_code == 302
    case.refresh_from_db()
    assert (case.state, case.ground, case.transfer.state) == ("desk", "offered", "open")
    facts = UnitFacts.objects.get(unit=watch)
    assert (facts.transfer, facts.dispute) == (True, False)
    assert Ownership.objects.count() == 1
    decided(case, Side.CLAIMANT)
    current = Ownership.objects.get(until=None)
    assert (current.owner.email, current.acquired) == (CARL, "transfer")


def test_with_a_chip_the_owners_yes_is_enough(client, watch, chip):
    client.get(chip.tap())
    case = asked_for(client, watch)
    client.post(f"/release/{case.owner_code}/", {"do": "approve", "sure": "on"})
    assert Ownership.objects.get(until=None).owner.email == CARL
