"""Correcting one's own details, addresses and browsers, without calling anyone (C3)."""

import datetime as dt

import pytest
import time_machine
from allauth.account.models import EmailAddress
from django.core import mail
from django.test import Client
from django.utils import timezone

from analytics.models import Event
from ownership.models import Owner
from products.models import Device, PhoneNumber
from tests import factories
from tests.experiences.me.test_entering import ALICE, enter
from tests.experiences.test_confirming_later import WRONG, reopened
from tests.experiences.test_registering import confirm, register
from tests.reading import code_in_mail, text_of

pytestmark = pytest.mark.django_db

NEW = "alicia@example.com"
NUMBER = "+33612345678"


def add(client: Client, contact: str):
    """Add an address with the code that is sent to it."""
    client.post("/me/details/address/", {"contact": contact})
    return client.post("/me/details/address/code/", {"code": code_in_mail()})


def save(client: Client, at: Owner, **typed: str):
    return client.post(f"/me/details/{at.pk}/", {"name": "Alice", "locale": "en", **typed})


def test_name_and_language_are_corrected(owner, at_acme):
    """C3."""
    answer = save(owner, at_acme, name="  Alicia   Doe ", locale="fr")
    assert answer.url == "/me/details/?done=saved"
    assert "Saved." in text_of(owner.get(answer.url))
    at_acme.refresh_from_db()
    assert (at_acme.name, at_acme.locale) == ("Alicia Doe", "fr")
    event = Event.objects.get(kind="owner.changed")
    assert event.data == {"fields": ["locale", "name"]}
    save(owner, at_acme, name="Alicia Doe", locale="fr")
    assert Event.objects.filter(kind="owner.changed").count() == 1


def test_mistakes_are_said_beside_the_field_and_nothing_typed_is_lost(owner, at_acme):
    answer = save(owner, at_acme, name="Ali\u202ece", locale="xx")
    assert answer.status_code == 400
    assert answer.content.decode().count('class="error"') == 2
    assert "Ali\u202ece" in answer.content.decode()
    assert save(owner, at_acme, name="a\x00b").status_code == 400
    assert save(owner, at_acme, name="a" * 121).status_code == 400


def test_nobody_changes_the_details_of_somebody_else(owner, globex, unit):
    """Not of another owner at the brand, nor of one at a rival's."""
    for brand in (globex, unit.brand):
        other = factories.OwnerFactory(brand=brand, person=factories.PersonFactory(), name="Bob")
        assert save(owner, other).status_code == 404
        other.refresh_from_db()
        assert other.name == "Bob"


def test_addresses_are_masked_until_a_code_was_entered_in_this_session(owner, alice):
    before = text_of(owner.get("/me/details/"))
    assert (ALICE in before, "a•••@e•••.com" in before) == (False, True)
    other = Client()
    enter(other)
    assert ALICE in text_of(other.get("/me/details/"))
    assert ALICE not in text_of(reopened(other).get("/me/details/"))


@pytest.mark.parametrize("contact", [NEW, NUMBER])
def test_a_further_address_counts_once_its_code_was_entered(owner, alice, contact):
    """C3: several e-mails and several telephone numbers per person."""
    owner.post("/me/details/address/", {"contact": contact})
    assert not EmailAddress.objects.filter(email=NEW).exists()
    assert not PhoneNumber.objects.exists()
    page = owner.get("/me/details/address/code/")
    assert contact in text_of(page)
    answer = owner.post("/me/details/address/code/", {"code": code_in_mail()})
    assert answer.url == "/me/details/?done=added"
    other = Client()
    assert enter(other, contact).url == "/me/"
    assert text_of(other.get("/me/")) == text_of(owner.get("/me/"))


def test_the_other_addresses_are_told_of_a_new_one_and_brands_see_that_it_changed(
    owner, alice, at_acme, django_capture_on_commit_callbacks
):
    """Whoever sits at a remembered browser can't make themselves a way in unseen."""
    with django_capture_on_commit_callbacks(execute=True):
        add(owner, NEW)
    told = [sent for sent in mail.outbox if "opens your things" in sent.subject]
    assert [sent.to for sent in told] == [[ALICE]]
    assert NEW not in told[0].body
    assert "/me/details/" in told[0].body
    event = Event.objects.get(kind="owner.changed")
    assert (event.owner_id, event.data) == (at_acme.pk, {"fields": ["addresses"]})
    row = EmailAddress.objects.get(email=NEW)
    owner.post("/me/details/address/remove/", {"address": f"email-{row.pk}"})
    assert not EmailAddress.objects.filter(email=NEW).exists()
    assert Event.objects.filter(kind="owner.changed").count() == 2


def test_a_first_registration_warns_nobody(chip, unit, django_capture_on_commit_callbacks):
    browser = Client()
    with django_capture_on_commit_callbacks(execute=True):
        browser.get(chip.tap())
        register(browser, unit)
        confirm(browser, unit)
    assert [sent.subject for sent in mail.outbox if "opens your things" in sent.subject] == []


def test_a_mistyped_code_stays_on_the_page_and_five_end_it(owner, alice):
    owner.post("/me/details/address/", {"contact": NEW})
    code = code_in_mail()
    for _try in range(4):
        answer = owner.post("/me/details/address/code/", {"code": WRONG})
        assert answer.url == "/me/details/address/code/"
    page = owner.get(answer.url)
    assert "This is not the code." in text_of(page)
    assert WRONG in page.content.decode()
    assert "This is not the code." not in text_of(owner.get(answer.url))
    gone = owner.post("/me/details/address/code/", {"code": WRONG})
    assert "works no longer" in text_of(owner.get(gone.url))
    owner.post("/me/details/address/code/", {"code": code})
    assert not EmailAddress.objects.filter(email=NEW).exists()


def test_a_code_for_a_further_address_is_too_old_after_fifteen_minutes(owner, alice):
    owner.post("/me/details/address/", {"contact": NEW})
    with time_machine.travel(timezone.now() + dt.timedelta(minutes=16)):
        gone = owner.post("/me/details/address/code/", {"code": code_in_mail()})
    assert gone.url == "/me/details/?code=gone"
    assert not EmailAddress.objects.filter(email=NEW).exists()


def test_the_code_of_one_browser_is_worth_nothing_in_another(owner, alice):
    other = Client()
    enter(other)
    owner.post("/me/details/address/", {"contact": NEW})
    assert other.post("/me/details/address/code/", {"code": code_in_mail()}).url == "/me/details/?code=gone"


def test_an_address_that_somebody_else_confirmed_stays_theirs(owner, alice):
    bob = factories.PersonFactory()
    EmailAddress.objects.create(user=bob, email=NEW, verified=True, primary=True)
    PhoneNumber.objects.create(person=bob, number=NUMBER, verified_at=timezone.now())
    for contact in (NEW, NUMBER):
        answer = add(owner, contact)
        assert answer.status_code == 409
        assert "Enter with it to see them." in text_of(answer)
    assert EmailAddress.objects.get(email=NEW).user == bob
    assert PhoneNumber.objects.get().person == bob


@pytest.mark.parametrize("typed", ["", "alice", "a\x00b@example.com", "+33 1", "a" * 5_000])
def test_what_is_no_address_is_said_beside_the_field(owner, alice, typed):
    answer = owner.post("/me/details/address/", {"contact": typed})
    assert answer.status_code == 400
    assert 'class="error"' in answer.content.decode()
    assert mail.outbox == []


def test_the_brand_writes_to_the_chosen_address_and_the_old_one_is_told(
    owner,
    alice,
    at_acme,
    django_capture_on_commit_callbacks,
):
    """C3: the letter names neither the new address nor what is owned."""
    add(owner, NEW)
    mail.outbox.clear()
    key = EmailAddress.objects.get(email=NEW).pk
    with django_capture_on_commit_callbacks(execute=True):
        answer = save(owner, at_acme, address=f"email-{key}")
    assert answer.url == "/me/details/?done=saved"
    at_acme.refresh_from_db()
    assert (at_acme.email, at_acme.phone) == (NEW, "")
    (letter,) = mail.outbox
    assert letter.to == [ALICE]
    assert NEW not in letter.body
    assert "another address" in letter.subject.lower()
    assert not Event.objects.filter(data__icontains="alic").exists()


def test_a_new_address_ends_a_bounce(owner, alice, at_acme):
    Owner.objects.update(bounced_at=timezone.now())
    assert "comes back" in text_of(owner.get("/me/details/"))
    add(owner, NUMBER)
    at_acme.refresh_from_db()
    assert (at_acme.email, at_acme.phone, at_acme.bounced_at) == ("", NUMBER, None)


def test_an_unconfirmed_or_foreign_address_is_none_that_a_brand_can_write_to(owner, alice, at_acme):
    waiting = EmailAddress.objects.create(user=alice, email=NEW)
    foreign = EmailAddress.objects.create(
        user=factories.PersonFactory(), email="bob@example.com", verified=True
    )
    EmailAddress.objects.create(user=alice, email="third@example.com", verified=True)
    for row in (waiting, foreign):
        assert save(owner, at_acme, address=f"email-{row.pk}").status_code == 400
    at_acme.refresh_from_db()
    assert at_acme.email == ALICE


def test_the_last_confirmed_address_stays_and_so_does_one_that_a_brand_writes_to(owner, alice):
    own = f"email-{EmailAddress.objects.get().pk}"
    refused = owner.post("/me/details/address/remove/", {"address": own})
    assert refused.status_code == 409
    assert "the only address" in text_of(refused)
    add(owner, NUMBER)
    refused = owner.post("/me/details/address/remove/", {"address": own})
    assert "Acme writes to this address." in text_of(refused)
    number = f"phone-{PhoneNumber.objects.get().pk}"
    assert owner.post("/me/details/address/remove/", {"address": number}).url == "/me/details/?done=removed"
    assert not PhoneNumber.objects.exists()
    assert owner.post("/me/details/address/remove/", {"address": number}).url == "/me/details/"


def test_nobody_removes_the_address_of_somebody_else(owner, alice):
    bob = EmailAddress.objects.create(user=factories.PersonFactory(), email="bob@example.com", verified=True)
    owner.post("/me/details/address/remove/", {"address": f"email-{bob.pk}"})
    assert EmailAddress.objects.filter(pk=bob.pk).exists()


def test_a_browser_is_forgotten_and_all_others_are(owner, alice, unit):
    second, third = Client(), Client()
    enter(second)
    enter(third)
    second, third = reopened(second), reopened(third)
    page = text_of(third.get("/me/details/"))
    assert page.count("last used") == 3
    assert page.count("This browser") >= 1
    newest = Device.objects.order_by("-pk")[1]
    assert third.post("/me/details/forget/", {"device": newest.pk}).url == "/me/details/?done=forgotten"
    assert "/me/enter/" in second.get("/me/").url
    assert owner.get("/me/").status_code == 200
    third.post("/me/details/forget/", {"device": "others"})
    assert "/me/enter/" in owner.get("/me/").url
    assert third.get("/me/").status_code == 200


def test_a_forgotten_browser_is_out_of_the_session_in_which_the_code_was_entered(owner, alice):
    """C3: the code of then opens nothing any more, nor does the way in remember the browser anew."""
    other = Client()
    enter(other)
    assert other.get("/me/").status_code == 200
    owner.post("/me/details/forget/", {"device": "others"})
    assert "/me/enter/" in other.get("/me/").url
    for path in ("/me/entered/", "/me/enter/code/"):
        assert other.get(path).url.startswith("/me/enter/")
    assert "/me/enter/" in other.get("/me/").url
    assert Device.objects.filter(revoked_at=None).count() == 1
    enter(other)
    assert other.get("/me/").status_code == 200


@pytest.mark.parametrize("typed", ["", "x", "9" * 40, "-1", "²"])
def test_a_browser_that_is_none_is_not_forgotten(owner, alice, typed):
    assert owner.post("/me/details/forget/", {"device": typed}).url.startswith("/me/details/")
    assert Device.objects.filter(revoked_at=None).count() == 1


def test_nobody_forgets_the_browser_of_somebody_else(owner, alice):
    now = timezone.now()
    other = Device.objects.create(person=factories.PersonFactory(), created_at=now, last_used_at=now)
    owner.post("/me/details/forget/", {"device": other.pk})
    other.refresh_from_db()
    assert other.revoked_at is None


@pytest.mark.parametrize("path", ["/me/", "/me/details/", "/me/details/address/code/"])
def test_a_stale_browser_and_a_stranger_see_nothing(owner, alice, path):
    assert Client().get(path).url.startswith("/me/enter/")
    with time_machine.travel(timezone.now() + dt.timedelta(days=91)):
        assert owner.get(path).url.startswith("/me/enter/")
