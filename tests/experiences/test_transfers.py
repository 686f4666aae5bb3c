"""Passing a unit on, through HTTP: the owner offers it, the buyer accepts by tapping it or with the code."""

import datetime as dt
import re
import uuid

import pytest
import time_machine
from allauth.account.models import EmailAddress
from django.core import mail
from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation

from analytics.models import Event, UnitFacts
from experiences.devices import DEVICE_COOKIE, remember_in_browser
from experiences.returns import return_unit
from experiences.transfers import call_off, expire_transfers, offer_units
from ownership.models import Owner, Ownership, Registration, Transfer
from ownership.models.owners import Acquired
from ownership.models.transfers import TransferKind
from ownership.services import hand_over
from ownership.services.letting_go import WhyGone, let_go
from ownership.services.life import retire_unit
from ownership.services.transfers import take_over
from products.models import Product, Unit
from products.models.units import UnitStatus
from products.services.devices import remember_device
from tests import factories
from tests.reading import action_of, code_in_mail, main_attributes, text_of
from warranty.models import Coverage, CoveragePlan
from warranty.services import activate_coverage

pytestmark = pytest.mark.django_db

BOB = {"contact": "bob@example.com", "name": "Bob Baker"}


@pytest.fixture(autouse=True)
def _english():
    with translation.override("en"):
        yield


def browser_of(owner: Owner) -> Client:
    """Return a browser that is remembered as the owner's, with a confirmed address."""
    if owner.person is None:
        owner.person = factories.PersonFactory()
        owner.save(update_fields=["person"])
        EmailAddress.objects.create(user=owner.person, email=owner.email, verified=True, primary=True)
    from django.http import HttpResponse

    response = HttpResponse()
    remember_in_browser(response, remember_device(person=owner.person, now=timezone.now()))
    browser = Client()
    browser.cookies[DEVICE_COOKIE] = response.cookies[DEVICE_COOKIE].value
    return browser


@pytest.fixture
def owned(unit, alice):
    """Alice's bag, under warranty."""
    CoveragePlan.objects.create(brand=unit.brand, names={"en": "Two years"}, months=24)
    factories.own(unit, alice, timezone.now() - dt.timedelta(days=200))
    activate_coverage(unit_id=unit.pk, now=timezone.now())
    return unit


@pytest.fixture
def seller(owned, alice):
    return browser_of(alice)


def path(unit, page: str = "transfer") -> str:
    return f"/u/{unit.public_code}/{page}/"


def offer(seller: Client, unit, **typed: str) -> Transfer:
    response = seller.post(path(unit), {"kind": "sale", **typed})
    assert response.status_code == 302, text_of(response)
    return Transfer.objects.get(unit=unit, state="open")


def accept_form(response) -> dict[str, str]:
    form = re.search(r'<form id="accepting".*?</form>', response.content.decode(), flags=re.DOTALL).group()
    hidden = re.findall(r'<input type="hidden" name="([^"]+)"(?: value="([^"]*)")?', form)
    return {name: value for name, value in hidden if name != "csrfmiddlewaretoken"} | BOB


def accept(browser: Client, unit, **typed: str):
    return browser.post(path(unit, "transfer/accept"), {**accept_form(browser.get(path(unit))), **typed})


def kinds() -> list[str]:
    return list(Event.objects.order_by("id").values_list("kind", flat=True))


def test_the_owner_offers_it_and_the_holder_accepts_it(
    seller, chip, owned, alice, django_capture_on_commit_callbacks
):
    """C4, B6: whoever holds it is its owner at submit; warranty and history go on."""
    ends_on = Coverage.objects.get().ends_on
    offer(seller, owned)
    bob = Client()
    tapped = bob.get(chip.tap())
    assert main_attributes(tapped)["stage"] == "resale"
    assert main_attributes(tapped)["flags"] == "transfer"
    assert action_of(tapped) == "transfer"
    assert path(owned) in tapped.content.decode()
    with django_capture_on_commit_callbacks(execute=True):
        response = accept(bob, owned)
    assert response.url == path(owned, "welcome")
    page = bob.get(response.url)
    assert "It is yours now" in text_of(page)
    assert "1 owner before you" in text_of(page)
    shown = main_attributes(page)
    assert (shown["viewer"], shown["stage"], shown["flags"]) == ("owner", "resale", "")
    current = Ownership.objects.get(until=None)
    assert (current.owner.email, current.ordinal, current.acquired) == ("bob@example.com", 2, "transfer")
    assert Coverage.objects.get().ends_on == ends_on, "the warranty goes on as it was"
    settled = Transfer.objects.get()
    assert (settled.state, settled.taken_over) == ("accepted", current)
    assert Event.objects.filter(kind="transfer.accepted").count() == 1
    assert not Event.objects.filter(kind="transfer.cancelled").exists()
    letters = {sent.to[0]: sent.subject for sent in mail.outbox}
    assert set(letters) == {"alice@example.com", "bob@example.com"}


def test_the_owners_browser_opens_nothing_of_it_afterwards(seller, chip, owned):
    """C4: the old owner is a visitor like everybody else."""
    offer(seller, owned)
    bob = Client()
    bob.get(chip.tap())
    accept(bob, owned)
    page = seller.get(f"/u/{owned.public_code}/")
    assert main_attributes(page)["viewer"] != "owner"
    for name in ("transfer", "lost", "purchase", "welcome"):
        response = seller.get(path(owned, name))
        assert response.status_code in (302, 403), name
    assert seller.post(path(owned), {"kind": "sale"}).status_code == 403


def test_neither_side_learns_who_the_other_is(seller, chip, owned, alice, django_capture_on_commit_callbacks):
    """C4: nothing of the seller is on any page or mail of the buyer, and the other way round."""
    with django_capture_on_commit_callbacks(execute=True):
        transfer = offer(seller, owned, recipient="bob@example.com")
        bob = Client()
        pages = [bob.get(chip.tap()), bob.get(path(owned)), bob.get(f"/transfer/{transfer.code}/")]
        welcome = accept(bob, owned)
    pages += [bob.get(welcome.url), bob.get(f"/u/{owned.public_code}/"), bob.get(path(owned, "provenance"))]
    of_bob = " ".join(page.content.decode() for page in pages)
    of_alice = " ".join(
        page.content.decode()
        for page in (seller.get(f"/u/{owned.public_code}/"), seller.get(f"/transfer/{transfer.code}/"))
    )
    for sent in mail.outbox:
        text = sent.body + sent.subject + str(sent.alternatives)
        if sent.to == ["alice@example.com"]:
            of_alice += text
        else:
            of_bob += text
    for secret in ("Alice", "Archer", "alice@example.com"):
        assert secret not in of_bob
    for secret in ("Bob", "Baker", "bob@example.com"):
        assert secret not in of_alice
    facts = str(list(Event.objects.values_list("data", flat=True)))
    assert "example.com" not in facts


def test_a_printed_code_needs_the_owners_code_and_a_confirmed_address(seller, owned):
    """C4, A9: on a unit with a QR only."""
    transfer = offer(seller, owned)
    bob = Client()
    page = bob.get(path(owned))
    assert action_of(page) == "code"
    assert transfer.code not in page.content.decode()
    wrong = bob.post(path(owned, "transfer/code"), {"code": "0" * 20})
    assert wrong.status_code == 400
    assert "not the code of this offer" in text_of(wrong)
    spoken = " ".join(transfer.code[n : n + 4].upper() for n in range(0, 20, 4))
    right = bob.post(path(owned, "transfer/code"), {"code": spoken})
    assert right.url == f"/transfer/{transfer.code}/"
    sent = bob.post(right.url, accept_form(bob.get(right.url)))
    assert sent.url == path(owned, "confirm")
    assert Ownership.objects.get(until=None).owner.email == "alice@example.com", "not before the address"
    assert bob.get(sent.url).status_code == 200
    done = bob.post(sent.url, {"code": code_in_mail()}, follow=True)
    assert done.redirect_chain[-1][0] == path(owned, "welcome")
    assert Ownership.objects.get(until=None).owner.email == "bob@example.com"
    assert main_attributes(done)["viewer"] == "owner"


def test_without_the_code_nobody_accepts_what_they_do_not_hold(seller, owned):
    offer(seller, owned)
    form = {"submission_key": uuid.uuid4().hex, **BOB}
    assert Client().post(path(owned, "transfer/accept"), form).url == path(owned)
    assert Ownership.objects.count() == 1


def test_guesses_at_the_code_are_limited(seller, owned):
    offer(seller, owned)
    answers = [
        Client().post(path(owned, "transfer/code"), {"code": f"{number:020d}"}).status_code
        for number in range(12)
    ]
    assert answers == [400] * 10 + [429] * 2


@pytest.mark.parametrize("typed", ["", "abc", "\0" * 20, "ß" * 20, "x" * 5000, "<b>" * 7])
def test_a_code_that_can_not_be_one_is_told_beside_the_field(seller, owned, typed):
    offer(seller, owned)
    response = Client().post(path(owned, "transfer/code"), {"code": typed})
    assert response.status_code == 400
    assert 'class="error"' in response.content.decode()


def test_a_known_owner_accepts_with_one_button(seller, chip, owned, bob):
    """C4: who is known in this browser types nothing."""
    offer(seller, owned)
    browser = browser_of(bob)
    browser.get(chip.tap())
    page = browser.get(path(owned))
    assert f'name="taker" value="{bob.pk}"' in page.content.decode()
    assert 'name="contact"' not in page.content.decode()
    answers = [browser.post(path(owned, "transfer/accept"), {"taker": bob.pk}).url for _time in range(3)]
    assert answers == [path(owned, "welcome")] * 3
    assert Ownership.objects.get(until=None).owner == bob
    assert Ownership.objects.count() == 2


def test_nobody_accepts_for_somebody_else(seller, chip, owned, bob, acme):
    """A crafted number of an owner whom this browser does not know is ignored."""
    offer(seller, owned)
    carol = factories.OwnerFactory(brand=acme, email="carol@example.com")
    browser = browser_of(bob)
    browser.get(chip.tap())
    for taker in (carol.pk, "", "abc", "9" * 40, "\0"):
        assert browser.post(path(owned, "transfer/accept"), {"taker": taker}).url == path(owned)
    assert Ownership.objects.count() == 1


def test_the_same_acceptance_sent_twice_is_one(seller, chip, owned):
    offer(seller, owned)
    bob = Client()
    bob.get(chip.tap())
    form = accept_form(bob.get(path(owned)))
    answers = {bob.post(path(owned, "transfer/accept"), form).url for _time in range(3)}
    assert answers == {path(owned, "welcome")}
    assert Ownership.objects.count() == 2
    assert Registration.objects.count() == 1


def test_of_two_buyers_one_wins_and_the_other_is_told(seller, chip, owned):
    """C4: two buyers racing."""
    offer(seller, owned)
    bob, carol = Client(), Client()
    bob.get(chip.tap())
    form = accept_form(bob.get(path(owned)))
    carol.get(chip.tap())
    accept(carol, owned, contact="carol@example.com", name="Carol")
    late = bob.post(path(owned, "transfer/accept"), form)
    assert late.status_code == 410
    assert "Somebody accepted it before you did" in text_of(late)
    assert "arol" not in late.content.decode()
    assert Ownership.objects.get(until=None).owner.name == "Carol"


def test_who_confirms_after_somebody_else_accepted_is_told_too(seller, chip, owned):
    transfer = offer(seller, owned)
    bob = Client()
    link = f"/transfer/{transfer.code}/"
    sent = bob.post(link, accept_form(bob.get(link)))
    code = code_in_mail()
    carol = Client()
    carol.get(chip.tap())
    accept(carol, owned, contact="carol@example.com", name="Carol")
    late = bob.post(sent.url, {"code": code}, follow=True)
    assert late.status_code == 410
    assert "Somebody accepted it before you did" in text_of(late)
    assert Registration.objects.get(contact="bob@example.com").state == "superseded"


def test_the_owner_can_not_accept_it_from_themselves(seller, chip, owned, alice):
    """Transfer to oneself: neither by the button nor by typing one's own address."""
    offer(seller, owned)
    seller.get(chip.tap())
    own = seller.post(path(owned, "transfer/accept"), {"taker": alice.pk})
    assert own.status_code == 409
    assert "yours already" in text_of(own)
    stranger = Client()
    stranger.get(chip.tap())
    typed = accept(stranger, owned, contact="Alice@example.com")
    assert typed.url == path(owned, "confirm"), "a code to it comes first, and nothing is said of the address"
    assert Ownership.objects.count() == 1
    done = stranger.post(typed.url, {"code": code_in_mail()}, follow=True)
    assert done.status_code == 200
    assert Ownership.objects.count() == 1
    assert Transfer.objects.get().state == "open"


def test_the_owner_calls_it_off(seller, chip, owned, django_capture_on_commit_callbacks):
    """C4: cancel; the link says so, who was offered it is told, and it can be offered anew."""
    with django_capture_on_commit_callbacks(execute=True):
        transfer = offer(seller, owned, recipient="bob@example.com")
    with django_capture_on_commit_callbacks(execute=True):
        assert seller.post(path(owned, "transfer/cancel")).url == f"/u/{owned.public_code}/"
        assert seller.post(path(owned, "transfer/cancel")).status_code == 302, "twice changes nothing"
    assert not UnitFacts.objects.get(unit=owned).transfer
    late = Client().get(f"/transfer/{transfer.code}/")
    assert late.status_code == 410
    assert "called off" in text_of(late)
    assert [sent.to for sent in mail.outbox] == [["bob@example.com"]] * 2
    assert kinds().count("transfer.cancelled") == 1
    again = offer(seller, owned)
    assert again.code != transfer.code


def test_an_offer_that_nobody_accepts_in_time_is_over(
    seller, chip, owned, django_capture_on_commit_callbacks
):
    """C4: expires; the link says so even before beat came by, both are told, twice changes nothing."""
    transfer = offer(seller, owned, recipient="bob@example.com")
    bob = Client()
    with time_machine.travel(timezone.now() + dt.timedelta(days=14, minutes=1)):
        late = bob.get(f"/transfer/{transfer.code}/")
        assert late.status_code == 410
        assert "Nobody accepted this offer in time" in text_of(late)
        bob.get(chip.tap())
        assert bob.get(path(owned)).status_code == 410
        form = {"submission_key": uuid.uuid4().hex, **BOB}
        assert bob.post(path(owned, "transfer/accept"), form).status_code == 410
        with django_capture_on_commit_callbacks(execute=True):
            assert expire_transfers(now=timezone.now()) == 1
            assert expire_transfers(now=timezone.now()) == 0
        assert {sent.to[0] for sent in mail.outbox} == {"alice@example.com", "bob@example.com"}
        assert not UnitFacts.objects.get(unit=owned).transfer
    with time_machine.travel(timezone.now() + dt.timedelta(days=20)):
        expire_transfers(now=timezone.now())
        assert Transfer.objects.get().recipient == "", "whoever was told is forgotten"


def end_by(how: str, unit, owner: Owner) -> None:
    now = timezone.now()
    if how == "let go":
        let_go(unit_id=unit.pk, owner_id=owner.pk, why=WhyGone.GIVEN, now=now)
    elif how == "retired":
        retire_unit(unit=unit, status=UnitStatus.DESTROYED, retired_on=now.date(), now=now)
    else:
        return_unit(unit_id=unit.pk, now=now, actor_id=None)


@pytest.mark.parametrize("how", ["let go", "retired", "returned"])
def test_however_an_offer_ends_who_was_sent_the_link_is_told_once_in_its_language(
    how, seller, owned, alice, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        seller.post(path(owned) + "?lang=fr", {"kind": "sale", "recipient": "bob@example.com"})
    end_by(how, owned, alice)
    for _round in range(2):
        with django_capture_on_commit_callbacks(execute=True):
            expire_transfers(now=timezone.now())
    offered, over = mail.outbox
    assert (offered.to, over.to) == (["bob@example.com"], ["bob@example.com"])
    assert "n’est plus proposée" in over.body
    assert Transfer.objects.get().recipient == "", "whoever was told is forgotten"


def test_who_has_it_by_now_is_not_told_that_its_offer_is_over(
    seller, owned, alice, bob, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        offer(seller, owned, recipient=bob.email)
        hand_over(unit=owned, owner=bob, acquired=Acquired.RELEASE, now=timezone.now())
        expire_transfers(now=timezone.now())
    assert [sent.subject for sent in mail.outbox if "not passed on" in sent.subject] == []
    assert mail.outbox == [], "the offer itself was over before its letter went"


def test_the_shop_that_takes_it_back_gives_a_receipt(seller, owned, django_capture_on_commit_callbacks):
    """C4, C12: a return is told to whoever gave it back."""
    offer(seller, owned, kind="return")
    with django_capture_on_commit_callbacks(execute=True):
        return_unit(unit_id=owned.pk, now=timezone.now(), actor_id=None)
    (receipt,) = mail.outbox
    assert receipt.to == ["alice@example.com"]
    assert receipt.subject.endswith("is back at the shop")
    assert "new owner" not in receipt.body


def test_started_again_after_it_expired_without_waiting_for_beat(seller, owned):
    transfer = offer(seller, owned)
    with time_machine.travel(timezone.now() + dt.timedelta(days=15)):
        assert "What goes along" in text_of(seller.get(path(owned)))
        again = offer(seller, owned)
    assert again.pk != transfer.pk
    assert kinds().count("transfer.expired") == 1


def test_offered_twice_is_one_offer(seller, owned):
    first = offer(seller, owned)
    assert offer(seller, owned).pk == first.pk
    assert kinds().count("transfer.started") == 1


def test_the_owner_reads_what_goes_along_and_what_stays(seller, owned):
    page = text_of(seller.get(path(owned)))
    assert "Its warranty, until" in page
    for line in ("Your name and your address", "Your points", "Which parts"):
        assert line in page


def test_the_offer_shows_code_link_and_symbol(seller, owned):
    transfer = offer(seller, owned, recipient="carol.long@example.com")
    page = seller.get(path(owned))
    body = page.content.decode()
    assert f"/transfer/{transfer.code}/" in body
    assert "-".join(transfer.code[n : n + 4] for n in range(0, 20, 4)) in body
    assert "<svg" in body
    assert "carol.long" not in body, "masked: somebody may look over the shoulder"


@pytest.mark.parametrize("flag", ["lost", "stolen", "dispute"])
def test_what_is_missed_or_disputed_is_not_passed_on(seller, owned, chip, flag):
    """C4, C6: refused when it begins, and when it is accepted."""
    factories.facts(owned, **{flag: True})
    page = seller.get(path(owned))
    assert 'id="offering"' not in page.content.decode()
    assert seller.post(path(owned), {"kind": "sale"}).status_code == 409
    factories.facts(owned, **{flag: False})
    offer(seller, owned)
    factories.facts(owned, **{flag: True})
    bob = Client()
    bob.get(chip.tap())
    response = bob.post(path(owned, "transfer/accept"), {"submission_key": uuid.uuid4().hex, **BOB})
    assert response.status_code == 409
    assert Ownership.objects.count() == 1


def test_what_is_asked_back_by_somebody_is_not_passed_on(seller, owned):
    from ownership.models import ReleaseRequest

    ReleaseRequest.objects.create(
        brand=owned.brand, unit=owned, ownership=Ownership.objects.get(), state="asked", locale="en",
        **release_values(),
    )  # fmt: skip
    response = seller.post(path(owned), {"kind": "sale"})
    assert response.status_code == 409
    assert "asked for its release" in text_of(response)


def release_values() -> dict:
    now = timezone.now()
    return {
        "ground": "bought_used", "proof": "holding", "contact_kind": "email", "contact": "carol@example.com",
        "submission_key": uuid.uuid4().hex, "sent_at": now, "confirmed_at": now,
        "answer_by": now + dt.timedelta(days=14),
    }  # fmt: skip


def test_only_the_owner_offers_it(owned, chip, bob, globex):
    """C4: a stranger, another owner, an owner of a rival brand."""
    stranger = Client()
    stranger.get(chip.tap())
    assert stranger.post(path(owned), {"kind": "sale"}).url.startswith(reverse("me_enter"))
    assert browser_of(bob).post(path(owned), {"kind": "sale"}).status_code == 403
    rival = factories.OwnerFactory(brand=globex, email="ruth@example.com")
    assert browser_of(rival).post(path(owned), {"kind": "sale"}).status_code == 403
    assert not Transfer.objects.exists()


def test_a_browser_that_was_silent_for_long_is_asked_for_a_code_first(seller, owned):
    with time_machine.travel(timezone.now() + dt.timedelta(days=91)):
        response = seller.get(path(owned))
        assert response.url.startswith(reverse("me_enter"))
        assert seller.post(path(owned), {"kind": "sale"}).url.startswith(reverse("me_enter"))
    assert not Transfer.objects.exists()


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ({"kind": ""}, "Say whether you sell it"),
        ({"kind": "theft"}, "Say whether you sell it"),
        ({"recipient": "nobody"}, "not an e-mail address"),
        ({"recipient": "+33 6 12 34 56 78"}, "The link goes by mail"),
        ({"recipient": "bob@example.com\nBcc: eve@example.com"}, "not an e-mail address"),
        ({"recipient": "bоb@example.com"}, "not an e-mail address"),
        ({"recipient": "\0"}, "ull characters"),
        ({"recipient": "x" * 100_000}, "at most 254"),
    ],
)
def test_a_bad_offer_is_told_beside_the_field_and_nothing_is_lost(seller, owned, typed, words):
    response = seller.post(path(owned), {"kind": "gift", "recipient": "bob@example.com", **typed})
    assert response.status_code == 400
    assert words in text_of(response)
    assert not Transfer.objects.exists()


def test_a_valuable_asks_for_a_new_tap(seller, chip, owned):
    """Trust ladder: a higher counter within two minutes after being asked; neither the code nor one tap is enough."""
    Product.objects.update(is_valuable=True)
    from experiences.cards import product_card

    product_card.cache_clear()
    transfer = offer(seller, owned)
    link = f"/transfer/{transfer.code}/"
    assert action_of(Client().get(link)) == "tap"
    form = {"submission_key": uuid.uuid4().hex, **BOB}
    assert Client().post(link, form).url == path(owned)
    bob = Client()
    bob.get(chip.tap())
    assert bob.post(path(owned, "transfer/accept"), form).url == path(owned), "held, but not asked yet"
    page = bob.get(path(owned))
    assert action_of(page) == "tap"
    with time_machine.travel(timezone.now() + dt.timedelta(seconds=130), tick=True):
        bob.get(chip.tap())
        assert action_of(bob.get(path(owned))) == "tap", "too late, asked anew"
        bob.get(chip.tap())
        assert action_of(bob.get(path(owned))) == "accept"
        assert accept(bob, owned).url == path(owned, "welcome")
    assert Ownership.objects.get(until=None).owner.email == "bob@example.com"


def test_a_return_waits_for_the_shop(seller, chip, owned):
    """C12: no visitor accepts what goes back to the shop."""
    transfer = offer(seller, owned, kind="return")
    assert "back to the shop" in text_of(seller.get(path(owned)))
    bob = Client()
    bob.get(chip.tap())
    page = bob.get(path(owned))
    assert "returning it" in text_of(page)
    form = {"submission_key": uuid.uuid4().hex, **BOB}
    for url in (path(owned, "transfer/accept"), f"/transfer/{transfer.code}/"):
        assert bob.post(url, form).url == path(owned)
    assert Ownership.objects.count() == 1


def test_a_code_that_is_nobodys_leads_nowhere(db):
    for code in ("0" * 20, "x", "%00", "ß"):
        assert Client().get(f"/transfer/{code}/").status_code == 404


def test_a_bounced_code_brings_back_what_was_typed(seller, owned):
    """Nothing typed is lost when the code is mistyped too often."""
    transfer = offer(seller, owned)
    bob, link = Client(), f"/transfer/{transfer.code}/"
    sent = bob.post(link, accept_form(bob.get(link)))
    for _time in range(6):
        response = bob.post(sent.url, {"code": "AAAA-AAAA"}, follow=True)
    assert response.redirect_chain[-1][0] == f"{link}?code=gone"
    assert 'value="bob@example.com"' in response.content.decode()
    assert "works no longer" in text_of(response)


def test_nobody_is_invited_to_take_what_is_reported_stolen(owned, alice):
    """C6: the offer stands, but its page says why it can't be accepted, before anything is typed."""
    offered = bundle_of([owned], alice).transfers[0]
    factories.facts(owned, stolen=True)
    for link in (f"/transfer/{offered.code}/", path(owned)):
        answer = Client().get(link)
        assert "reported lost or stolen" in text_of(answer)
        assert 'id="accepting"' not in answer.content.decode()
    factories.facts(owned, stolen=False)
    assert 'id="accepting"' in Client().get(f"/transfer/{offered.code}/").content.decode()


@pytest.fixture
def three(owned, bag, alice):
    """Alice's three bags, the first with a chip that the tests may tap."""
    units = [owned, *(factories.UnitFactory(product=bag) for _n in range(2))]
    for unit in units[1:]:
        factories.own(unit, alice, timezone.now() - dt.timedelta(days=20))
    return units


def bundle_of(units, owner, **more):
    return offer_units(
        unit_ids=[unit.pk for unit in units], owner_id=owner.pk, kind=TransferKind.SALE, locale="en",
        now=timezone.now(), **{"recipient": "", **more},
    )  # fmt: skip


def test_one_code_accepts_all_that_is_passed_on_together(
    three, alice, bob, django_capture_on_commit_callbacks
):
    """C14: a bundle by somebody known, with one receipt for each side."""
    started = bundle_of(three, alice)
    assert len(started.transfers) == 3
    browser, link = browser_of(bob), f"/transfer/{started.bundle}/"
    page = text_of(browser.get(link))
    for unit in three:
        assert unit.serial in page
    with django_capture_on_commit_callbacks(execute=True):
        assert browser.post(link, {"taker": bob.pk}).url == link
    assert Ownership.objects.filter(until=None, owner=bob).count() == 3
    assert sorted(sent.to[0] for sent in mail.outbox) == ["alice@example.com", "bob@example.com"]
    assert text_of(browser.get(link)).count("It has its new owner.") == 3


def test_somebody_new_accepts_a_bundle_with_one_code(three, alice):
    """C14: all pieces wait for the same code, as one person's."""
    started = bundle_of(three, alice)
    bob, link = Client(), f"/transfer/{started.bundle}/"
    sent = bob.post(link, accept_form(bob.get(link)))
    assert Registration.objects.values("person").distinct().count() == 1
    bob.post(sent.url, {"code": code_in_mail()}, follow=True)
    assert Ownership.objects.filter(until=None, owner__email="bob@example.com").count() == 3
    assert Owner.objects.filter(email="bob@example.com").count() == 1


def test_of_a_valuable_bundle_the_tapped_piece_comes_along(three, alice, chip):
    """C4: what has a chip comes with a new tap of it; what is ordinary with the code."""
    valuable = factories.ProductFactory(brand=three[0].brand, is_valuable=True)
    Unit.objects.filter(pk=three[0].pk).update(product=valuable)
    started = bundle_of(three, alice)
    bob, link = Client(), f"/transfer/{started.bundle}/"
    assert 'id="accepting"' not in bob.get(link).content.decode()
    bob.get(chip.tap())
    sent = bob.post(link, accept_form(bob.get(link)))
    assert Ownership.objects.get(unit=three[0], until=None).owner.email == "bob@example.com"
    assert sent.url == f"{path(three[0], 'welcome')}"
    bob.post(path(three[0], "confirm"), {"code": code_in_mail()}, follow=True)
    assert Ownership.objects.filter(until=None, owner__email="bob@example.com").count() == 3


def test_of_a_valuable_bundle_the_rest_needs_no_tap_of_what_was_taken(three, alice, bob, chip):
    valuable = factories.ProductFactory(brand=three[0].brand, is_valuable=True)
    Unit.objects.filter(pk=three[0].pk).update(product=valuable)
    started = bundle_of(three, alice)
    take_over(transfer_id=started.transfers[0].pk, owner=bob, now=timezone.now())
    link = f"/transfer/{started.bundle}/"
    browser_of(bob).post(link, {"taker": bob.pk})
    assert Ownership.objects.filter(until=None, owner=bob).count() == 3


def test_of_a_bundle_what_can_not_be_accepted_is_told_one_by_one(three, alice):
    started = bundle_of(three, alice)
    factories.facts(three[1], stolen=True)
    call_off(transfer_id=started.transfers[2].pk, owner_id=alice.pk, now=timezone.now())
    bob, link = Client(), f"/transfer/{started.bundle}/"
    sent = bob.post(link, accept_form(bob.get(link)))
    done = bob.post(sent.url, {"code": code_in_mail()}, follow=True)
    assert done.redirect_chain[-1][0] == link
    assert Ownership.objects.get(unit=three[0], until=None).owner.email == "bob@example.com"
    assert Ownership.objects.filter(until=None, owner=alice).count() == 2
    page = text_of(done)
    assert "It has its new owner." in page
    assert "called off" in page


def test_what_another_owns_or_passes_on_already_is_left_out_of_a_bundle(three, alice, bob, bag):
    foreign = factories.UnitFactory(product=bag)
    factories.own(foreign, bob, timezone.now() - dt.timedelta(days=5))
    first = bundle_of(three[:1], alice)
    started = bundle_of([*three, foreign], alice)
    assert len(started.transfers) == 2
    assert {unit_id: error.code for unit_id, error in started.refused.items()} == {
        three[0].pk: "open", foreign.pk: "not_owner",
    }  # fmt: skip
    assert first.bundle != started.bundle


def test_an_offer_that_is_open_says_that_nothing_was_sent_to_a_second_address(
    owned, seller, django_capture_on_commit_callbacks
):
    """In a second tab: nothing went to the second address, the page says so and keeps it, and no try is spent."""
    with django_capture_on_commit_callbacks(execute=True):
        seller.post(path(owned), {"kind": "sale", "recipient": "bob@example.com"})
        again = seller.post(path(owned), {"kind": "sale", "recipient": "BOB@example.com"})
    assert again.status_code == 302, "sent twice is one"
    mail.outbox.clear()
    with django_capture_on_commit_callbacks(execute=True):
        refused = seller.post(path(owned), {"kind": "gift", "recipient": "carol@example.com"})
    assert refused.status_code == 409
    assert "nothing was sent to carol@example.com" in text_of(refused)
    assert 'value="carol@example.com"' in refused.content.decode()
    assert f'<a href="{path(owned)}">' in refused.content.decode()
    assert mail.outbox == []
    assert Transfer.objects.get().recipient == "bob@example.com"
    seller.post(path(owned, "transfer/cancel"))
    with django_capture_on_commit_callbacks(execute=True):
        seller.post(path(owned), {"kind": "gift", "recipient": "carol@example.com"})
    assert ["carol@example.com"] in [letter.to for letter in mail.outbox]
