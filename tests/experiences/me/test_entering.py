"""Coming back to one's own things from any browser: an address, a code, and on to where one wanted to go."""

import datetime as dt

import pytest
import time_machine
from allauth.account.models import EmailAddress
from django.core import mail
from django.http import HttpResponse
from django.test import Client, RequestFactory
from django.utils import timezone

from experiences.devices import DEVICE_COOKIE, DeviceKey, devices_of, remember_in_browser
from ownership.models import Ownership, Registration
from ownership.services import start_ownership
from products.models import BrandDomain, ChipProfile, Device, Person
from tests import factories
from tests.experiences.test_confirming_later import WRONG, hours_later, reopened
from tests.experiences.test_registering import confirm, register
from tests.reading import code_in_mail, main_attributes, text_of

pytestmark = pytest.mark.django_db

ALICE = "alice@example.com"


def ask(client: Client, contact: str = ALICE, **more):
    return client.post("/me/enter/", {"contact": contact, **more})


def enter(client: Client, contact: str = ALICE, **more):
    """Ask for the code, enter it, and return the last redirect of the way in."""
    ask(client, contact, **more)
    answer = client.post("/me/enter/code/", {"code": code_in_mail()})
    assert answer.status_code == 302
    return client.get(answer.url)


def test_the_owner_reaches_their_things_from_any_device_with_a_code(owner, unit):
    """C3."""
    other = Client()
    sent_away = other.get("/me/")
    assert sent_away.url == "/me/enter/?next=%2Fme%2F"
    assert "Type the address" in text_of(other.get(sent_away.url))
    answer = enter(other)
    assert answer.url == "/me/"
    assert unit.serial in text_of(other.get("/me/"))
    later = reopened(other)
    assert unit.serial in text_of(later.get("/me/"))
    assert main_attributes(later.get(f"/u/{unit.public_code}/"))["viewer"] == "owner"


def test_the_way_in_leads_on_to_the_page_that_was_asked_for(owner, unit):
    target = f"/u/{unit.public_code}/register/?a=1"
    assert enter(Client(), next=target).url == target


def test_another_language_leads_on_to_the_same_page(client):
    body = client.get("/me/enter/?next=%2Fme%2Fdetails%2F").content.decode()
    assert 'href="/me/enter/?lang=fr&amp;next=%2Fme%2Fdetails%2F"' in body


@pytest.mark.parametrize(
    "elsewhere",
    [
        "https://evil.example/",
        "//evil.example/",
        "/\\evil.example",
        "javascript:alert(1)",
        "me/",
        "/" + "a" * 3_000,
    ],
)
def test_the_way_in_leads_to_no_other_site(owner, elsewhere):
    assert enter(Client(), next=elsewhere).url == "/me/"


def test_the_answer_is_the_same_for_an_address_that_nobody_knows(owner):
    known, unknown = Client(), Client()
    answers = [ask(known), ask(unknown, "nobody@example.com")]
    assert {answer.url for answer in answers} == {"/me/enter/code/"}
    pages = [text_of(client.get("/me/enter/code/")) for client in (known, unknown)]
    assert pages[0] == pages[1].replace("nobody@example.com", ALICE)
    assert [sent.subject for sent in mail.outbox][1].startswith("No code for this address")
    wrong = [client.post("/me/enter/code/", {"code": WRONG}) for client in (known, unknown)]
    assert {answer.url for answer in wrong} == {"/me/enter/code/"}
    again = [client.post("/me/enter/code/", {"action": "resend"}) for client in (known, unknown)]
    assert {answer.url for answer in again} == {"/me/enter/code/"}
    assert unknown.post("/me/enter/code/", {"code": "-"}).url == "/me/enter/code/"
    assert unknown.get("/me/").status_code == 302


def test_an_address_that_was_never_confirmed_opens_nothing_in_another_browser(chip, unit):
    first = Client()
    first.get(chip.tap())
    register(first, unit)
    hours_later()
    ask(Client())
    assert mail.outbox[-1].subject.startswith("No code for this address")


def test_a_browser_that_was_silent_for_long_confirms_the_address_that_waits(chip, unit):
    """The address was never confirmed; without this its owner would be shut out for good."""
    first = Client()
    first.get(chip.tap())
    register(first, unit)
    hours_later()
    late = reopened(first)
    with time_machine.travel(timezone.now() + dt.timedelta(days=91)):
        assert "/me/enter/" in late.get("/me/").url
        assert "not used for a while" in text_of(late.get("/me/enter/"))
        enter(late)
        assert unit.serial in text_of(late.get("/me/"))
        assert unit.serial in text_of(reopened(late).get("/me/"))
    assert Registration.objects.get().state == "confirmed"
    assert EmailAddress.objects.get().verified


def test_the_code_brings_a_silent_browser_up_to_date_and_keeps_the_others_in_it(owner, unit):
    bob = factories.PersonFactory()
    beside = Device.objects.create(person=bob, created_at=timezone.now(), last_used_at=timezone.now())
    answer = HttpResponse()
    remember_in_browser(answer, beside, beside=devices_in(owner))
    owner.cookies[DEVICE_COOKIE] = answer.cookies[DEVICE_COOKIE].value
    with time_machine.travel(timezone.now() + dt.timedelta(days=91)):
        assert "/me/enter/" in owner.get("/me/").url
        enter(owner)
        later = reopened(owner)
        assert unit.serial in text_of(later.get("/me/"))
    assert Device.objects.count() == 2
    assert {key.id for key in devices_in(later)} == set(Device.objects.values_list("pk", flat=True))


def devices_in(client: Client) -> tuple[DeviceKey, ...]:
    request = RequestFactory().get("/")
    request.COOKIES[DEVICE_COOKIE] = client.cookies[DEVICE_COOKIE].value
    return devices_of(request)


def test_back_after_a_mistyped_code_asks_for_nothing(owner):
    """A mistyped code is answered by a redirect, and the page then says what was wrong and keeps what was typed."""
    other = Client()
    ask(other)
    wrong = other.post("/me/enter/code/", {"code": WRONG})
    assert (wrong.status_code, wrong.url) == (302, "/me/enter/code/")
    page = other.get(wrong.url)
    assert "This is not the code." in text_of(page)
    assert WRONG in page.content.decode()
    assert "This is not the code." not in text_of(other.get(wrong.url))


def test_five_wrong_codes_end_it(owner):
    other = Client()
    ask(other)
    code = code_in_mail()
    answers = [other.post("/me/enter/code/", {"code": WRONG}).url for _try in range(5)]
    assert answers[-1] == "/me/enter/?code=gone"
    assert "works no longer" in text_of(other.get(answers[-1]))
    other.post("/me/enter/code/", {"code": code})
    assert other.get("/me/").status_code == 302


def test_too_many_codes_are_refused_and_the_address_stays_in_the_form(owner):
    for _code in range(3):
        ask(Client())
    answer = ask(Client())
    assert answer.status_code == 429
    assert "Wait a few minutes" in text_of(answer)
    assert ALICE in answer.content.decode()


@pytest.mark.parametrize(
    "typed", ["", "alice", "a\x00b@example.com", "аlice@example.com", "a" * 5_000 + "@example.com"]
)
def test_what_is_no_address_is_said_beside_the_field(client, typed):
    answer = ask(client, typed)
    assert answer.status_code == 400
    assert 'class="error"' in answer.content.decode()
    assert not mail.outbox


def test_staff_come_in_by_their_own_door(owner):
    staff = Person.objects.get(emailaddress__email=ALICE)
    Person.objects.filter(pk=staff.pk).update(is_staff=True)
    stranger, elsewhere = Client(), Client()
    pages = [ask(stranger).url, ask(elsewhere, "nobody@example.com").url]
    assert pages[0] == pages[1], "who asks learns nothing of whose address it is"
    assert all(sent.subject.startswith("No code for this address") for sent in mail.outbox[-2:])
    assert "It opens the console" in mail.outbox[-2].body
    assert "an address of your own" in mail.outbox[-2].body
    assert "console" not in mail.outbox[-1].body


def test_whoever_was_switched_off_gets_no_code(owner):
    Person.objects.filter(emailaddress__email=ALICE).update(is_active=False)
    ask(Client())
    assert mail.outbox[-1].subject.startswith("No code for this address")


def test_a_second_factor_holds_up_no_owner(owner):
    from allauth.mfa.models import Authenticator

    person = Person.objects.get(emailaddress__email=ALICE)
    Authenticator.objects.create(user=person, type=Authenticator.Type.WEBAUTHN, data={"name": "Key"})
    assert enter(Client()).url == "/me/"


@pytest.mark.parametrize("page", ["", "webauthn/add/", "totp/activate/", "recovery-codes/"])
def test_the_pages_of_second_factors_are_staffs(owner, acme, page):
    """An owner who finds them is brought to their own details; staff reach them as before."""
    other = Client()
    enter(other)
    assert other.get(f"/accounts/2fa/{page}").url == "/me/details/"
    staff = Client()
    staff.force_login(factories.staff(acme, "agent", "support_agent"))
    assert "/me/" not in staff.get(f"/accounts/2fa/{page}").headers.get("Location", "")


def test_a_domain_shows_its_brand_alone_and_the_letter_has_its_look(owner, unit, globex):
    """C3: on a brand's domain that brand's things, elsewhere all of them."""
    person = Person.objects.get(emailaddress__email=ALICE)
    theirs = factories.UnitFactory(product=factories.ProductFactory(brand=globex))
    at_globex = factories.OwnerFactory(brand=globex, person=person)
    start_ownership(unit=theirs, owner=at_globex, since=timezone.now(), now=timezone.now())
    BrandDomain.objects.create(brand=globex, host="own.globex.example")
    other = Client(headers={"host": "own.globex.example"})
    enter(other)
    assert "Globex" in mail.outbox[-1].from_email
    here, there = text_of(other.get("/me/")), text_of(owner.get("/me/"))
    assert (theirs.serial in here, unit.serial in here) == (True, False)
    assert (theirs.serial in there, unit.serial in there) == (True, True)


def test_a_revoked_browser_is_asked_for_a_code(owner):
    Device.objects.update(revoked_at=timezone.now())
    assert "/me/enter/" in owner.get("/me/").url


def test_one_code_confirms_all_that_waits_for_the_address(chip, unit, bag):
    """Of several pieces registered before the first code none stays behind."""
    second = factories.UnitFactory(product=bag)
    other_chip = factories.put_chip_on(second, ChipProfile.objects.get())
    first = Client()
    for one, tag in ((unit, chip), (second, other_chip)):
        first.get(tag.tap())
        register(first, one)
    confirm(first, second)
    assert {one.state for one in Registration.objects.all()} == {"confirmed"}
    assert Ownership.objects.values("owner").distinct().count() == 1
