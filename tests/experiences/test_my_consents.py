"""Consents on an owner's own pages, and the one click in a mail (C8)."""

import datetime as dt

import pytest
from allauth.account.models import EmailAddress
from django.core import mail, signing
from django.test import Client
from django.utils import timezone

from analytics.models import Event
from experiences.cards import brand_card
from experiences.consents import may_be_ended, unsubscribe_url
from experiences.devices import DeviceKey, remember_in_browser
from experiences.mail import Letter, brand_look, compose_mail
from ownership.models import Consent, ConsentChannel, ConsentWording, Member, Owner, Purpose
from ownership.services.consents import agrees_to, give_consent
from products.models import Device
from tests import factories
from tests.reading import text_of

pytestmark = pytest.mark.django_db

URL = "/me/consents/"


@pytest.fixture
def words(acme):
    return {
        purpose: ConsentWording.objects.create(
            brand=acme, purpose=purpose, version=1, texts={"en": f"Yes to {purpose} of Acme", "fr": f"Oui : {purpose}"}
        )
        for purpose in ("marketing", "service")
    }  # fmt: skip


@pytest.fixture
def person(alice):
    """Alice with a confirmed address."""
    made = factories.PersonFactory()
    EmailAddress.objects.create(user=made, email=alice.email, verified=True, primary=True)
    Owner.objects.filter(pk=alice.pk).update(person=made)
    alice.person = made
    return made


def browser_of(person, *, silent_for: int = 0) -> Client:
    """Return a browser in which the person is remembered, last used so many days ago."""
    from django.http import HttpResponse

    used = timezone.now() - dt.timedelta(days=silent_for)
    device = Device.objects.create(person=person, created_at=used, last_used_at=used)
    response = HttpResponse()
    remember_in_browser(response, device, ())
    client = Client(headers={"accept-language": "en"})
    client.cookies["device"] = response.cookies["device"].value
    assert DeviceKey(device.pk, device.epoch)
    return client


def send(client, owner, act: str, purpose: str = "marketing", version: int = 1):
    return client.post(URL, {"owner": owner.pk, "purpose": purpose, "version": version, act: ""})


def test_one_button_gives_and_one_takes_back(alice, person, words):
    """C8: as easy one way as the other; words, version, place, time and proof stay on the ledger."""
    client = browser_of(person)
    page = client.get(URL)
    assert "Yes to marketing of Acme" in text_of(page)
    assert "a recall, we tell you in any case" in text_of(page)
    assert send(client, alice, "give").status_code == 302
    consent = Consent.objects.get()
    assert (consent.channel, consent.wording, consent.locale) == ("me", words["marketing"], "en")
    assert consent.confirmed_at is not None
    assert consent.proof == f"device:{Device.objects.get().pk}"
    assert 'data-purpose="marketing" data-given="yes"' in client.get(URL).content.decode()
    send(client, alice, "withdraw")
    consent.refresh_from_db()
    assert consent.withdrawn_at is not None
    assert consent.withdrawn_through == "me"
    assert "taken back" in text_of(client.get(URL))
    assert [event.kind for event in Event.objects.order_by("id")] == ["consent.given", "consent.withdrawn"]


def test_sent_twice_is_one_yes(alice, person, words):
    client = browser_of(person)
    for _again in range(2):
        send(client, alice, "give")
    assert Consent.objects.count() == 1
    for _again in range(2):
        assert send(client, alice, "withdraw").status_code == 302
    assert Event.objects.filter(kind="consent.withdrawn").count() == 1


def test_new_words_never_inherit_an_old_yes(acme, alice, person, words):
    """C8: what was agreed to are words, not a purpose."""
    client = browser_of(person)
    send(client, alice, "give")
    assert agrees_to(owner_id=alice.pk, purpose="marketing")
    ConsentWording.objects.create(brand=acme, purpose="marketing", version=2, texts={"en": "More news"})
    assert not agrees_to(owner_id=alice.pk, purpose="marketing")
    page = client.get(URL)
    assert "your yes does not carry over" in text_of(page)
    refused = send(client, alice, "give", version=1)
    assert refused.status_code == 409
    assert "changed since you opened the page" in text_of(refused)
    send(client, alice, "give", version=2)
    assert agrees_to(owner_id=alice.pk, purpose="marketing")


def test_a_yes_counts_once_the_address_is_confirmed(alice, person, words):
    """C8: the yes of an address that may be a stranger's is nobody's yet."""
    EmailAddress.objects.update(verified=False)
    client = browser_of(person)
    send(client, alice, "give")
    assert Consent.objects.get().confirmed_at is None
    assert not agrees_to(owner_id=alice.pk, purpose="marketing")
    assert "once your address is confirmed" in text_of(client.get(URL))


def test_nobody_agrees_for_somebody_else(acme, globex, alice, bob, person, words):
    client = browser_of(person)
    rival = factories.OwnerFactory(brand=globex)
    for other in (bob, rival):
        assert send(client, other, "give").status_code == 400
    household = Owner.objects.create(brand=acme, kind="household", name="The Archers")
    Member.objects.create(owner=household, person=person, role="member", since=timezone.now())
    assert send(client, household, "give").status_code == 409
    assert not Consent.objects.exists()


@pytest.mark.parametrize(
    "form",
    [
        {},
        {"owner": "x\x00", "purpose": "marketing", "version": "1", "give": ""},
        {"owner": "²", "purpose": "marketing", "version": "1", "give": ""},
        {"owner": "9" * 400, "purpose": "everything", "version": "-1", "give": ""},
    ],
)
def test_nonsense_gives_nothing(form, person, words):
    assert browser_of(person).post(URL, form).status_code == 400
    assert not Consent.objects.exists()


def test_words_that_do_not_exist_cant_be_agreed_to(alice, person, words):
    assert send(browser_of(person), alice, "give", purpose="location").status_code == 409
    assert not Consent.objects.exists()


def test_a_browser_silent_for_long_asks_for_a_code_first(alice, person, words):
    client = browser_of(person, silent_for=91)
    for response in (client.get(URL), send(client, alice, "give")):
        assert response.status_code == 302
        assert response["Location"].startswith("/me/enter/")
    assert not Consent.objects.exists()


def test_a_rivals_domain_shows_nothing_of_acme(globex, alice, person, words):
    globex.domains.create(host="care.globex.example", is_primary=True)
    page = browser_of(person).get(URL, headers={"host": "care.globex.example"})
    assert "Acme" not in text_of(page)


def mailed(alice, words) -> str:
    """Give Alice's consent; return the path of the link in her mail."""
    give_consent(
        owner=alice, wording=words["marketing"], locale="en", channel=ConsentChannel.TAP_PAGE,
        now=timezone.now(), confirmed_at=timezone.now(),
    )  # fmt: skip
    return unsubscribe_url(alice, Purpose.MARKETING).removeprefix("http://127.0.0.1:8000")


def test_one_click_in_a_mail_takes_it_back_without_cookie_or_session(alice, words):
    """C8 (RFC 8058): a POST by the mail program alone; following the link by a robot changes nothing."""
    path = mailed(alice, words)
    stranger = Client(enforce_csrf_checks=True, headers={"accept-language": "en"})
    asked = stranger.get(path)
    assert 'data-given="yes"' in asked.content.decode()
    assert stranger.head(path).status_code == 200
    assert Consent.objects.get().withdrawn_at is None
    done = stranger.post(path, {"List-Unsubscribe": "One-Click"})
    assert done.status_code == 200
    assert 'data-given="no"' in done.content.decode()
    consent = Consent.objects.get()
    assert consent.withdrawn_through == "mail"
    assert stranger.post(path).status_code == 200, "clicking again is no error"
    assert "sessionid" not in stranger.cookies
    assert alice.email not in done.content.decode()


@pytest.mark.parametrize(
    "token",
    ["x", "a:b:c", pytest.param(signing.dumps([1, "marketing"], salt="other"), id="of another kind")],
)
def test_a_link_that_we_did_not_sign_does_nothing(token, alice, words):
    mailed(alice, words)
    assert Client().post(f"/consents/{token}/").status_code == 404
    assert Consent.objects.get().withdrawn_at is None


def test_a_letter_that_needs_a_consent_can_be_ended_in_the_mail_program(acme, alice, words):
    """C8: List-Unsubscribe and its one-click header, and the same link below the words."""
    letter = Letter("registered", brand_look(brand_card(acme.pk, 1)), "en", {"product": "Bag", "serial": "1"})
    ended = compose_mail(may_be_ended(letter, owner=alice, purpose=Purpose.SERVICE), alice.email)
    url = unsubscribe_url(alice, Purpose.SERVICE)
    ended.send()
    sent = mail.outbox[-1].message()
    assert sent["List-Unsubscribe"].replace("\n ", "").replace(" ", "") == f"<{url}>"
    assert sent["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert url in ended.body
    assert "List-Unsubscribe" not in compose_mail(letter, alice.email).message()
