"""Registering on the tap page, through HTTP: by chip, by printed code."""

import re
import uuid

import pytest
import time_machine
from allauth.account.models import EmailAddress
from django.core import mail
from django.test import Client
from django.utils import timezone

from analytics.models import Event, UnitFacts
from ownership.models import Consent, ConsentWording, Owner, Ownership, Registration
from ownership.services import end_ownership, start_ownership
from products.limits import Limit
from products.models import Device, Person, Unit
from products.services.brands import touch_content
from products.services.devices import revoke_devices
from tests import factories
from tests.reading import code_in_mail, filled_form, form_of, main_attributes, text_of
from warranty.models import Coverage, CoveragePlan

pytestmark = pytest.mark.django_db

ALICE = {"contact": "alice@example.com", "name": "Alice"}


@pytest.fixture
def plan(acme):
    return CoveragePlan.objects.create(brand=acme, names={"en": "Two years"}, months=24)


def path(unit: Unit, page: str = "register") -> str:
    return f"/u/{unit.public_code}/{page}/"


def filled(client: Client, unit: Unit, **typed: str) -> dict[str, str]:
    """Return the form as the page gives it, with what Alice types."""
    return {**form_of(client.get(path(unit))), **ALICE, **typed}


def register(client: Client, unit: Unit, **typed: str):
    return client.post(path(unit), filled(client, unit, **typed))


def confirm(client: Client, unit: Unit, code: str | None = None, *, follow: bool = True):
    return client.post(path(unit, "confirm"), {"code": code or code_in_mail()}, follow=follow)


def viewer(client: Client, unit: Unit) -> str:
    return main_attributes(client.get(f"/u/{unit.public_code}/"))["viewer"]


def kinds() -> list[str]:
    return list(Event.objects.order_by("id").values_list("kind", flat=True))


def known_alice() -> Person:
    """Return Alice as somebody who confirmed her address long ago."""
    person = factories.PersonFactory(username="alice")
    EmailAddress.objects.create(user=person, email="alice@example.com", verified=True, primary=True)
    return person


def test_holding_the_unit_makes_its_owner_at_once(client, chip, unit, plan):
    """C1, C2: one submit on the tap page; owner and under warranty when it returns."""
    page = client.get(chip.tap())
    if 'id="registering"' not in page.content.decode():
        page = client.get(path(unit))
    response = client.post(path(unit), {**form_of(page), **ALICE})
    assert response.status_code == 302
    assert response.url == path(unit, "welcome")
    assert Ownership.objects.get(unit=unit).owner.email == "alice@example.com"
    assert Coverage.objects.get(unit=unit).plan == plan
    assert main_attributes(client.get(response.url))["viewer"] == "owner"
    assert viewer(client, unit) == "owner"
    assert viewer(Client(), unit) == "looking"


def test_a_printed_code_makes_the_owner_only_when_the_address_is_confirmed(client, unit, plan):
    """A9, C1: by QR the one-time code comes first."""
    response = register(client, unit)
    assert response.url == path(unit, "confirm")
    assert not Ownership.objects.exists()
    assert viewer(client, unit) == "looking"
    assert client.get(response.url).status_code == 200
    assert confirm(client, unit).redirect_chain[-1][0] == path(unit, "welcome")
    assert Ownership.objects.get(unit=unit).owner.email == "alice@example.com"
    assert Coverage.objects.filter(unit=unit).exists()
    assert Registration.objects.get().state == "confirmed"
    assert kinds() == [
        "registration.sent", "ownership.started", "registration.confirmed", "coverage.activated"
    ]  # fmt: skip


def test_the_form_asks_two_things_and_has_one_submit(client, unit):
    """C1: at most two visible fields, a box that is not ticked, one submit."""
    ConsentWording.objects.create(brand=unit.brand, purpose="marketing", version=1, texts={"en": "News, yes"})
    touch_content(unit.brand_id)
    body = client.get(path(unit)).content.decode()
    form = re.search(r'<form id="registering".*?</form>', body, flags=re.DOTALL).group()
    inputs = re.findall(r"<input[^>]*>", form)
    visible = [one for one in inputs if 'type="hidden"' not in one]
    assert len([one for one in visible if 'type="checkbox"' not in one]) == 2
    (box,) = [one for one in visible if 'type="checkbox"' in one]
    assert "checked" not in box
    assert len(re.findall(r'<button[^>]*type="submit"[^>]*form="registering"', body)) == 1


@pytest.mark.parametrize("by", ["chip", "printed code"])
def test_the_same_form_sent_twice_is_one_registration(client, chip, unit, plan, by):
    if by == "chip":
        client.get(chip.tap())
    form = filled(client, unit)
    answers = [client.post(path(unit), form) for _time in range(3)]
    assert len({answer.url for answer in answers}) == 1
    assert Registration.objects.count() == Owner.objects.count() == 1
    assert Ownership.objects.count() == Coverage.objects.count() == (1 if by == "chip" else 0)
    assert Event.objects.filter(kind="registration.sent").count() == 1


def test_the_owner_who_goes_back_and_sends_again_is_welcome(client, chip, unit, plan):
    client.get(chip.tap())
    form = filled(client, unit)
    client.post(path(unit), form)
    assert client.get(path(unit)).url == path(unit, "welcome")
    assert client.post(path(unit), {**form, "name": "Alicia"}).url == path(unit, "welcome")
    assert Registration.objects.count() == 1


def test_an_address_corrected_after_going_back_gets_the_code(client, unit, plan):
    form = filled(client, unit, contact="alcie@example.com")
    client.post(path(unit), form)
    client.post(path(unit), {**form, "contact": "alice@example.com"})
    assert mail.outbox[-1].to == ["alice@example.com"]
    confirm(client, unit)
    assert Ownership.objects.get().owner.email == "alice@example.com"


def test_a_name_corrected_after_going_back_is_the_name(client, unit):
    form = filled(client, unit, name="Alcie")
    client.post(path(unit), form)
    client.post(path(unit), {**form, "name": "Alice"})
    confirm(client, unit)
    assert Ownership.objects.get().owner.name == "Alice"
    assert Registration.objects.count() == 1


def test_the_same_form_for_another_unit_registers_that_one(client, unit, bag):
    """A form's key says nothing of a unit: nothing breaks, and neither takes the other's place."""
    other = factories.UnitFactory(product=bag)
    form = filled(client, unit)
    assert client.post(path(unit), form).status_code == 302
    assert client.post(path(other), form).url == path(other, "confirm")
    assert set(Registration.objects.values_list("unit", flat=True)) == {unit.pk, other.pk}


def test_a_form_that_comes_back_from_another_browser_remembers_nobody(client, chip, unit):
    """Whoever finds the form's key is not taken for the owner: the code to the address comes first."""
    client.get(chip.tap())
    form = filled(client, unit)
    client.post(path(unit), form)
    stranger = Client()
    response = stranger.post(path(unit), form)
    assert response.url == path(unit, "confirm")
    assert "device" not in response.cookies
    assert viewer(stranger, unit) == "looking"


def test_a_confirmed_registrations_form_gives_its_browser_nothing_new(client, unit, chip):
    form = filled(client, unit)
    client.post(path(unit), form)
    confirm(client, unit)
    stranger = Client()
    stranger.get(chip.tap())
    response = stranger.post(path(unit), form)
    assert "device" not in response.cookies
    assert viewer(stranger, unit) == "holding"


def test_known_and_unknown_addresses_get_the_same_answer(unit, acme, bag):
    """Nobody learns whether somebody is a customer: same answer, same page, same mail."""
    known = known_alice()
    factories.OwnerFactory(brand=acme, person=known, name="Alice Archer", email="alice@example.com")
    seen = []
    for address in ("alice@example.com", "nobody@example.com"):
        browser = Client()
        response = register(browser, unit, contact=address, name="A")
        page = browser.get(response.url)
        wrong = browser.post(response.url, {"code": "AAAA-AAAA"})
        words = [text_of(one).replace(address, "ADDRESS") for one in (page, wrong)]
        body = re.sub(r"[A-Z]{4}-[A-Z]{4}", "CODE", mail.outbox[-1].body)
        seen.append(
            (response.status_code, response.url, words, set(response.cookies), body, wrong.status_code)
        )
    assert seen[0] == seen[1]
    assert "Archer" not in repr(seen)


def test_typing_somebody_elses_address_opens_nothing_of_theirs(chip, unit, acme, bag):
    known = known_alice()
    alice = factories.OwnerFactory(brand=acme, person=known, name="Alice Archer", email="alice@example.com")
    hers = factories.UnitFactory(product=bag)
    factories.own(hers, alice, timezone.now())
    mallory = Client()
    mallory.get(chip.tap())
    response = register(mallory, unit, name="Mallory")
    assert response.url == path(unit, "welcome")
    assert viewer(mallory, unit) == "owner"
    assert viewer(mallory, hers) == "looking"
    assert "Archer" not in mallory.get(response.url).content.decode()
    assert Ownership.objects.get(unit=unit).owner != alice
    assert not Device.objects.filter(person=known).exists()


def test_after_the_code_the_unit_is_under_the_owner_that_the_brand_knows(client, chip, unit, acme, globex):
    """Merged at this brand; another brand's row of the same person stays as it is."""
    known = known_alice()
    alice = factories.OwnerFactory(brand=acme, person=known, name="Alice Archer", email="alice@example.com")
    elsewhere = factories.OwnerFactory(brand=globex, person=known, name="A. A.")
    client.get(chip.tap())
    register(client, unit)
    confirm(client, unit)
    assert Ownership.objects.get(unit=unit).owner == alice
    assert UnitFacts.objects.get(unit=unit).owner_id == alice.pk
    assert set(Owner.objects.all()) == {alice, elsewhere}
    alice.refresh_from_db()
    assert alice.name == "Alice Archer"
    assert list(Person.objects.filter(username__startswith="p-")) == []
    assert viewer(client, unit) == "owner"


def test_a_second_unit_at_the_same_brand_is_under_the_same_owner(client, unit, bag):
    second = factories.UnitFactory(product=bag)
    for one in (unit, second):
        register(client, one)
        confirm(client, one)
    assert Owner.objects.count() == 1
    assert Ownership.objects.filter(owner=Owner.objects.get()).count() == 2


def test_a_unit_of_another_brand_makes_another_owner_row(client, unit, globex):
    other = factories.UnitFactory(product=factories.full_product(globex))
    for one in (unit, other):
        register(client, one)
        confirm(client, one)
    assert {owner.brand_id for owner in Owner.objects.all()} == {unit.brand_id, globex.pk}
    assert Owner.objects.values("person").distinct().count() == 1


def test_a_code_entered_after_the_address_was_confirmed_elsewhere_counts(unit, bag):
    """Two browsers, one new address: whoever reads its mail has both units."""
    second = factories.UnitFactory(product=bag)
    phone, laptop = Client(), Client()
    register(phone, unit)
    register(laptop, second)
    confirm(laptop, second, code_in_mail(-1))
    codes = [code_in_mail(number) for number in range(2)]
    response = confirm(phone, unit, codes[0])
    assert response.redirect_chain[-1][0] == path(unit, "welcome")
    assert Owner.objects.count() == 1
    assert Ownership.objects.count() == 2


def test_of_two_printed_codes_the_first_confirmed_wins_and_the_second_is_told(unit, plan):
    alice, bob = Client(), Client()
    register(alice, unit)
    register(bob, unit, contact="bob@example.com")
    confirm(bob, unit)
    response = confirm(alice, unit, code_in_mail(0))
    assert response.status_code == 200
    assert len({step for step, _status in response.redirect_chain}) == len(response.redirect_chain)
    page = text_of(response)
    assert "Your address is confirmed, but somebody else registered this piece before you did." in page
    assert "care@acme.example" in page
    assert "bob" not in page.lower()
    assert Ownership.objects.get().owner.email == "bob@example.com"
    assert sorted(Registration.objects.values_list("state", flat=True)) == ["confirmed", "superseded"]
    assert Coverage.objects.count() == 1
    assert viewer(alice, unit) == "looking"
    assert alice.get(path(unit, "confirm"), follow=True).status_code == 200


def test_the_same_person_confirming_twice_is_not_told_of_somebody_else(unit, plan):
    phone, laptop = Client(), Client()
    register(phone, unit)
    register(laptop, unit)
    confirm(phone, unit, code_in_mail(0))
    assert confirm(laptop, unit, code_in_mail(1)).redirect_chain[-1][0] == path(unit, "welcome")
    assert Ownership.objects.count() == Coverage.objects.count() == 1
    assert set(Registration.objects.values_list("state", flat=True)) == {"confirmed"}
    assert viewer(laptop, unit) == "owner"


def test_confirming_and_finishing_again_changes_nothing(client, unit, plan):
    register(client, unit)
    confirm(client, unit)
    before = kinds()
    for page in ("registered", "confirm", "registered"):
        assert client.get(path(unit, page), follow=True).status_code == 200
    assert kinds() == before
    assert Ownership.objects.count() == 1


def test_possession_older_than_ten_minutes_falls_back_to_the_code(client, chip, unit, plan):
    with time_machine.travel("2026-11-01 12:00:00Z", tick=False) as clock:
        client.get(chip.tap())
        form = filled(client, unit)
        clock.shift(600)
        assert client.post(path(unit), form).url == path(unit, "confirm")
        assert not Ownership.objects.exists()
        client.get(chip.tap())
        assert client.post(path(unit), form).url == path(unit, "welcome")
    assert Registration.objects.count() == 1
    assert Registration.objects.get().proof == "holding"


def test_a_telephone_number_is_registered_by_text_message(client, unit):
    """The number is national: the unit's market says where it is dialled."""
    Unit.objects.filter(pk=unit.pk).update(market="FR")
    response = register(client, unit, contact="06 12 34 56 78")
    assert response.url == path(unit, "confirm")
    assert mail.outbox[-1].to == ["33612345678@sms.invalid"]
    assert confirm(client, unit).redirect_chain[-1][0] == path(unit, "welcome")
    owner = Ownership.objects.get().owner
    assert (owner.phone, owner.email) == ("+33612345678", "")
    (number,) = owner.person.phone_numbers.all()
    assert (number.number, number.verified_at is not None) == ("+33612345678", True)


def test_the_second_unit_by_telephone_is_under_the_same_owner(unit, bag):
    second = factories.UnitFactory(product=bag)
    for one in (unit, second):
        browser = Client()
        register(browser, one, contact="+33 6 12 34 56 78")
        confirm(browser, one)
    assert Ownership.objects.count() == 2
    assert Ownership.objects.values("owner").distinct().count() == 1


def test_only_a_ticked_box_is_a_consent_to_the_words_that_were_shown(client, unit, acme):
    """C8: the wording's version and the language in which it stood there are kept; recalls need no consent."""
    words = ConsentWording.objects.create(
        brand=acme, purpose="marketing", version=1, texts={"en": "News, yes", "fr": "Des nouvelles, oui"}
    )
    touch_content(acme.pk)
    page = client.get(path(unit) + "?lang=fr")
    assert "Des nouvelles, oui" in text_of(page)
    form = {**form_of(page), **ALICE, "marketing": "on"}
    ConsentWording.objects.create(brand=acme, purpose="marketing", version=2, texts={"en": "More"})
    touch_content(acme.pk)
    client.post(path(unit) + "?lang=fr", form)
    assert not Consent.objects.exists(), "nobody is the owner yet"
    confirm(client, unit)
    consent = Consent.objects.get()
    assert (consent.wording, consent.locale, consent.owner) == (words, "fr", Ownership.objects.get().owner)
    assert Event.objects.get(kind="consent.given").data == {
        "purpose": "marketing", "version": 1, "locale": "fr"
    }  # fmt: skip


def test_words_shown_in_the_brands_own_language_are_kept_as_those(client, unit, acme):
    ConsentWording.objects.create(brand=acme, purpose="marketing", version=1, texts={"en": "News, yes"})
    touch_content(acme.pk)
    form = {**form_of(client.get(path(unit) + "?lang=fr")), **ALICE, "marketing": "on"}
    client.post(path(unit) + "?lang=fr", form)
    confirm(client, unit)
    assert Registration.objects.get().locale == "fr"
    assert Consent.objects.get().locale == "en"


def test_a_box_left_empty_is_no_consent(client, chip, unit, acme):
    ConsentWording.objects.create(brand=acme, purpose="marketing", version=1, texts={"en": "News, yes"})
    touch_content(acme.pk)
    client.get(chip.tap())
    register(client, unit)
    assert Ownership.objects.exists()
    assert not Consent.objects.exists()


def test_a_box_ticked_beside_words_that_have_changed_is_empty_when_the_form_comes_back(client, unit, acme):
    ConsentWording.objects.create(brand=acme, purpose="marketing", version=1, texts={"en": "News, yes"})
    touch_content(acme.pk)
    form = filled(client, unit, contact="not an address", marketing="on")
    ConsentWording.objects.create(brand=acme, purpose="marketing", version=2, texts={"en": "More, yes"})
    touch_content(acme.pk)
    body = client.post(path(unit), form).content.decode()
    assert "More, yes" in body
    assert 'name="wording" value="2"' in body
    assert "checked" not in re.search(r'<input type="checkbox"[^>]*>', body).group()


def test_a_revoked_device_is_forgotten(client, chip, unit):
    client.get(chip.tap())
    register(client, unit)
    assert viewer(client, unit) == "owner"
    revoke_devices(person=Person.objects.get(), now=timezone.now())
    assert viewer(client, unit) == "holding"
    client.cookies.pop("possession")
    assert viewer(client, unit) == "looking"


def test_a_browser_remembers_nobody_at_a_unit_that_changed_hands(client, chip, unit, bob):
    client.get(chip.tap())
    register(client, unit)
    end_ownership(unit=unit, until=timezone.now(), now=timezone.now())
    start_ownership(unit=unit, owner=bob, since=timezone.now(), now=timezone.now())
    assert viewer(client, unit) == "holding"
    assert client.get(path(unit, "welcome")).url == f"/u/{unit.public_code}/"


def test_a_form_whose_browser_has_no_key_gets_one(client, unit):
    """The tap page, too, carries a key of its own for every reader."""
    keys = {form_of(Client().get(path(unit)))["submission_key"] for _time in range(3)}
    assert len(keys) == 3
    assert all(uuid.UUID(key).hex == key for key in keys)


def test_a_browser_keeps_both_pieces_registered_with_one_address(client, chip, unit, bag, profile, plan):
    """C1: a further piece with the same address makes no second person, and loses the first piece to nobody."""
    second = factories.UnitFactory(product=bag, serial="AC-0002")
    other_chip = factories.put_chip_on(second, profile)
    for one, its_chip in ((unit, chip), (second, other_chip)):
        client.get(its_chip.tap())
        page = client.get(f"/u/{one.public_code}/register/")
        assert client.post(f"/u/{one.public_code}/register/", filled_form(page)).status_code == 302
    assert Ownership.objects.count() == 2
    assert Ownership.objects.values("owner").distinct().count() == 1
    for one in (unit, second):
        assert main_attributes(client.get(f"/u/{one.public_code}/"))["viewer"] == "owner"


def test_a_premium_number_gets_no_code(client, chip, unit):
    client.get(chip.tap())
    page = client.get(f"/u/{unit.public_code}/register/")
    refused = client.post(
        f"/u/{unit.public_code}/register/", {**filled_form(page), "contact": "+449098790000"}
    )
    assert refused.status_code == 400
    assert "+449098790000" in refused.content.decode()
    assert not Registration.objects.exists()


def test_printed_codes_are_not_registered_by_the_thousand(unit, monkeypatch):
    """Neither from one address nor from many."""
    monkeypatch.setattr("experiences.views.registering.PER_UNIT", Limit("few", most=8, seconds=60))
    statuses = []
    for number in range(12):
        browser = Client(REMOTE_ADDR=f"192.0.2.{number % 4}")
        page = browser.get(f"/u/{unit.public_code}/register/")
        typed = {**filled_form(page), "contact": f"stranger{number}@example.com"}
        statuses.append(browser.post(f"/u/{unit.public_code}/register/", typed).status_code)
    assert statuses == [302] * 8 + [429] * 4
    assert Registration.objects.count() == 8


def test_a_form_sent_several_times_at_once_gets_one_code_and_it_works(unit):
    """Three answers are under way together, each of a session that knows nothing of the others."""
    first = Client()
    form = filled(first, unit)
    browsers = [first, Client(), Client()]
    answers = [browser.post(path(unit), form) for browser in browsers]
    assert {answer.url for answer in answers} == {path(unit, "confirm")}
    assert len(mail.outbox) == 1
    assert not any(browser.session.keys() for browser in browsers[1:])
    confirm(first, unit)
    assert Ownership.objects.get(unit=unit).owner.email == "alice@example.com"


def test_the_same_form_sent_again_in_one_session_keeps_the_code(client, unit):
    form = filled(client, unit)
    for _time in range(2):
        assert client.post(path(unit), form).url == path(unit, "confirm")
    assert len(mail.outbox) == 1
    confirm(client, unit)
    assert Ownership.objects.filter(unit=unit).exists()
