"""Passkeys are offered, never asked: who may add one, see it, remove it, and what opens nothing (C3)."""

import datetime as dt
import hashlib
import json

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from cryptography.hazmat.primitives.asymmetric import ec
from django.test import Client
from django.utils import timezone
from fido2.cose import ES256
from fido2.utils import websafe_encode
from fido2.webauthn import AttestationObject, AttestedCredentialData, AuthenticatorData, CollectedClientData

from experiences import passkeys
from experiences.passkeys import MOST, TRIES
from ownership.models import Owner
from ownership.services.data_rights.steps import delete_person_without_things
from products.limits import spend_if_room
from products.models import BrandDomain
from products.services.passkeys import passkeys_of
from tests import factories
from tests.config.test_console_tenancy import console
from tests.experiences.me.test_entering import enter
from tests.experiences.test_confirming_later import hours_later, reopened
from tests.experiences.test_registering import register
from tests.reading import text_of

pytestmark = pytest.mark.django_db

OPTIONS = "/me/details/passkeys/new/"
KEEP = "/me/details/passkeys/"
COME_IN = "/me/enter/passkey/"


def passkey(person, name: str = "My telephone", host: str = "testserver") -> Authenticator:
    """Give the person a passkey, as a browser makes it."""
    key = ES256.from_cryptography_key(ec.generate_private_key(ec.SECP256R1()).public_key())
    made = AttestedCredentialData.create(b"\0" * 16, name.encode(), key)
    about = AuthenticatorData.create(hashlib.sha256(host.encode()).digest(), 0x45, 0, made)
    asked = CollectedClientData.create(type="webauthn.create", challenge=b"a", origin=f"https://{host}")
    response = {
        "clientDataJSON": websafe_encode(asked),
        "attestationObject": websafe_encode(AttestationObject.create("none", about, {})),
    }
    number = websafe_encode(name.encode())
    credential = {"id": number, "rawId": number, "type": "public-key", "response": response}
    data = {"name": name, "host": host, "credential": credential}
    return Authenticator.objects.create(user=person, type="webauthn", data=data)


def test_the_options_ask_for_the_lock_and_name_nobody(owner, alice):
    """Whoever merely holds the telephone sees no address in full; the passkey is made for the host that was asked."""
    answer = owner.get(OPTIONS)
    asked = answer.json()["publicKey"]
    assert asked["rp"] == {"id": "testserver", "name": "Heirloom"}
    assert asked["user"]["name"] == "a•••@e•••.com"
    assert asked["authenticatorSelection"]["userVerification"] == "required"
    assert asked["authenticatorSelection"]["residentKey"] == "required"
    assert "alice@example.com" not in json.dumps(asked)


def test_on_a_brands_domain_it_is_the_brands(owner, acme, alice):
    """Of passkeys made elsewhere nothing is said there; on the house's host each tells where it works."""
    BrandDomain.objects.create(brand=acme, host="own.acme.example")
    elsewhere = passkey(alice, "Desk")
    passkey(alice, "Bag", "own.acme.example")
    here = Client(headers={"host": "own.acme.example"})
    here.cookies = owner.cookies
    assert here.get(OPTIONS).json()["publicKey"]["rp"] == {"id": "own.acme.example", "name": "Acme"}
    words = text_of(here.get("/me/details/"))
    assert "Bag" in words
    assert "Desk" not in words
    assert here.post(f"{KEEP}{elsewhere.pk}/remove/").status_code == 404
    words = text_of(owner.get("/me/details/"))
    assert "Desk" in words
    assert "own.acme.example" in words


def test_a_silent_browser_is_asked_for_a_code_first(owner, alice):
    mine = passkey(alice)
    with time_machine.travel(timezone.now() + dt.timedelta(days=91)):
        for answer in (owner.get(OPTIONS), owner.post(KEEP), owner.post(f"{KEEP}{mine.pk}/remove/")):
            assert answer.url.startswith("/me/enter/?next=")
    assert passkeys_of(alice).exists()


def test_a_stranger_is_sent_to_the_way_in(db):
    assert Client().get(OPTIONS).url.startswith("/me/enter/?next=")


def test_whoever_comes_from_the_way_in_goes_on_to_their_details(owner):
    assert owner.get(KEEP).url == "/me/details/"


def test_before_an_address_is_confirmed_there_is_none(chip, unit):
    """Until then only this very browser is the owner's, and passkeys travel between devices."""
    first = Client()
    first.get(chip.tap())
    register(first, unit)
    hours_later()
    browser = reopened(first)
    assert "lock" not in text_of(browser.get("/me/details/"))
    assert browser.get(OPTIONS).status_code == 404
    assert browser.post(KEEP).status_code == 404


def test_ones_own_is_removed_and_nobody_elses(owner, alice):
    mine, theirs = passkey(alice), passkey(factories.PersonFactory())
    assert owner.post(f"{KEEP}{theirs.pk}/remove/").status_code == 404
    assert owner.get(f"{KEEP}{mine.pk}/remove/").status_code == 405
    answer = owner.post(f"{KEEP}{mine.pk}/remove/")
    assert "The passkey is removed." in text_of(owner.get(answer.url))
    assert owner.post(f"{KEEP}{mine.pk}/remove/").status_code == 404
    assert Authenticator.objects.get() == theirs


def test_staff_neither_add_nor_lose_a_second_factor_here(owner, alice):
    """Their passkey is their second factor: a remembered browser is not enough to add one or to take it away."""
    theirs = passkey(alice)
    alice.is_staff = True
    alice.save()
    assert "lock" not in text_of(owner.get("/me/details/"))
    assert owner.get(OPTIONS).status_code == 404
    assert owner.post(KEEP).status_code == 404
    assert owner.post(f"{KEEP}{theirs.pk}/remove/").status_code == 404
    assert Authenticator.objects.get() == theirs


FORGED = [
    "", "x", "[]", "[1]", "1", "null", '"a"', "{}", '{"response": null}', '{"response": {"userHandle": 1}}', "\x00",
    '{"id": "AA", "rawId": "AA", "type": "public-key", "response": {}}', "[" * 8_000, "{" * 20_000,
    json.dumps({
        "id": "AA", "rawId": "AA", "type": "public-key", "clientExtensionResults": {},
        "response": {
            "clientDataJSON": "e30", "authenticatorData": "AA", "signature": "AA", "attestationObject": "oA",
            "userHandle": "OTk5OTk5OTk5OTk5OTk5OTk5OTk5OTk5OTk5OTk",
        },
    }),
    json.dumps({
        "id": "AA", "rawId": "AA", "type": "public-key", "clientExtensionResults": {},
        "response": {
            "clientDataJSON": "eyJ0eXBlIjoid2ViYXV0aG4uZ2V0IiwiY2hhbGxlbmdlIjoiQUEiLCJvcmlnaW4iOiJ4In0",
            "authenticatorData": "A" * 60, "signature": "AA", "userHandle": "MQ", "attestationObject": "oWNmbXRkbm9uZQ",
        },
    }),
]  # fmt: skip


@pytest.mark.parametrize("answer", FORGED)
def test_a_forged_answer_opens_and_adds_nothing(owner, alice, answer):
    owner.get(OPTIONS)
    kept = owner.post(KEEP, {"credential": answer, "name": "a" * 300})
    assert "The passkey was not added." in text_of(owner.get(kept.url))
    stranger = Client()
    stranger.get(COME_IN)
    shown = stranger.post(COME_IN, {"credential": answer, "next": "/me/details/"})
    assert shown.url == "/me/enter/?passkey=unknown&next=%2Fme%2Fdetails%2F"
    assert "This passkey opens nothing here." in text_of(stranger.get(shown.url))
    assert stranger.get("/me/").status_code == 302
    assert not passkeys_of(alice).exists()


def test_an_answer_that_was_not_asked_for_is_not_even_read(owner, monkeypatch):
    monkeypatch.setattr(passkeys, "SignupWebAuthnForm", None)
    assert owner.post(KEEP, {"credential": "{}"}).url == "/me/details/?done=no-passkey"


def test_nobody_has_more_than_ten(owner, alice, monkeypatch):
    monkeypatch.setattr(passkeys, "SignupWebAuthnForm", None)  # the eleventh is not even read
    for number in range(MOST):
        passkey(alice, str(number))
    owner.get(OPTIONS)
    assert owner.post(KEEP, {"credential": "{}"}).url == "/me/details/?done=no-passkey"
    assert passkeys_of(alice).count() == MOST


def test_tries_are_counted(db, monkeypatch):
    monkeypatch.setattr(passkeys, "LoginWebAuthnForm", None)  # whoever tried too often is not even read
    stranger = Client()
    for _try in range(TRIES.most):
        assert spend_if_room((TRIES, "127.0.0.1"))
    assert stranger.post(COME_IN, {"credential": "{}"}).url == "/me/enter/?passkey=unknown"


def test_the_way_in_asks_for_a_lock_and_for_nobody_in_particular(db):
    answer = Client().get(COME_IN)
    asked = answer.json()["publicKey"]
    assert (asked["rpId"], asked["userVerification"]) == ("testserver", "required")
    assert not asked.get("allowCredentials")


def test_a_passkey_holds_up_no_code_and_the_page_needs_no_script(owner, alice):
    """What needs a script is hidden until there is one; removing needs none."""
    passkey(alice)
    assert enter(Client()).url == "/me/"
    body = owner.get("/me/details/").content.decode()
    assert 'data-makes="1"' in body
    assert '<section id="passkeys">' in body
    assert '<section class="aside" hidden>' in Client().get("/me/enter/").content.decode()


def test_an_agent_who_forgets_an_owners_browsers_takes_their_passkeys_too(owner, alice, sam):
    """A lost telephone has both."""
    passkey(alice)
    agent = console(sam)
    at_acme = Owner.objects.get(person=alice)
    agent.post(f"/console/ownership/owner/{at_acme.pk}/forget-browsers/")
    assert not passkeys_of(alice).exists()


def test_passkeys_go_with_the_person(db):
    """Nothing of a lock is left of whoever is erased (C9)."""
    gone = factories.PersonFactory()
    passkey(gone)
    assert delete_person_without_things(gone, now=timezone.now())
    assert not Authenticator.objects.exists()
