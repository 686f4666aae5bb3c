"""What an address opens on the log-in pages, and whose limits they count."""

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.core.cache import cache
from django.test import Client

from products.models import Device, Person
from tests import factories
from tests.experiences.test_registering import register
from tests.reading import code_in_mail, filled_form

pytestmark = pytest.mark.django_db

ADDRESS = {"email": "alice@example.com"}


@pytest.fixture
def strangers_browser(chip, unit) -> Client:
    """A browser whose holder registered the unit with Alice's address, and never confirmed it."""
    browser = Client()
    browser.get(chip.tap())
    page = browser.get(f"/u/{unit.public_code}/register/")
    browser.post(f"/u/{unit.public_code}/register/", filled_form(page))
    assert Device.objects.count() == 1
    mail.outbox.clear()
    return browser


def test_a_log_in_code_never_confirms_an_address_that_a_stranger_typed(strangers_browser):
    """C3: else the browser of whoever typed it would be remembered as its reader's."""
    alice = Client()
    response = alice.post("/accounts/login/code/", ADDRESS)
    assert response.status_code == 302
    assert response.url == Client().post("/accounts/login/code/", {"email": "bob@example.com"}).url
    with pytest.raises(IndexError):
        code_in_mail()
    assert not EmailAddress.objects.filter(verified=True).exists()


def test_whoever_has_not_confirmed_reads_what_holds_for_them_too(strangers_browser):
    """C3: “nothing is registered with it” would be untrue; the words are the same for known and unknown."""
    for path, words in (("login/code/", "never confirmed"), ("password/reset/", "No account opens with it")):
        letters = []
        for email in ("alice@example.com", "nobody@example.com"):
            mail.outbox.clear()
            Client().post(f"/accounts/{path}", {"email": email})
            (sent,) = mail.outbox
            letters.append((sent.subject, sent.body))
            assert sent.to == [email]
        assert letters[0] == letters[1]
        assert words in " ".join(letters[0][1].split())
    assert "password" in letters[0][0]


def test_guesses_on_both_pages_of_codes_are_counted_together(settings, unit):
    """C3: the log-in page takes the code of a registration, too, so it must not bring new tries."""
    settings.ACCOUNT_RATE_LIMITS = {"request_login_code": "100/m/key"}
    page, log_in = f"/u/{unit.public_code}/confirm/", "/accounts/login/code/confirm/"
    for where, times in ((page, 3), (log_in, 4), (page, 3)):
        browser = Client()
        register(browser, unit)
        for _time in range(times):
            answer = browser.post(where, {"code": "ZZZZ-ZZZZ"})
            assert answer.status_code == 200 or answer.url.startswith(page), "there is more to try"
    for where in (log_in, page):
        browser = Client()
        register(browser, unit)
        assert browser.post(where, {"code": code_in_mail()}).status_code == 302
        assert "_auth_user_id" not in browser.session, where
    assert not EmailAddress.objects.filter(verified=True).exists()
    cache.clear()  # a quarter of an hour later
    register(browser, unit)
    browser.post(log_in, {"code": code_in_mail()})
    assert EmailAddress.objects.get(verified=True).email == "alice@example.com"


def test_nobody_gets_a_password_for_an_address_that_is_not_confirmed(strangers_browser):
    response = Client().post("/accounts/password/reset/", ADDRESS)
    assert response.status_code == 302
    assert not any("/accounts/password/reset/key/" in sent.body for sent in mail.outbox)


@pytest.mark.parametrize("is_staff", [True, False])
def test_staff_and_confirmed_addresses_get_their_code(is_staff):
    person: Person = factories.PersonFactory(username="alice", is_staff=is_staff, **ADDRESS)
    EmailAddress.objects.create(user=person, verified=not is_staff, primary=True, **ADDRESS)
    client = Client()
    client.post("/accounts/login/code/", ADDRESS)
    client.post("/accounts/login/code/confirm/", {"code": code_in_mail()})
    assert client.session["_auth_user_id"] == str(person.pk)


def test_behind_a_proxy_one_visitor_does_not_use_up_the_codes_of_all(settings):
    """allauth sends 20 codes a minute to one visitor's address."""
    settings.TRUSTED_PROXIES = 1

    def ask(number: int, visitor: str) -> int:
        form = {"email": f"a{number}@example.com"}
        return Client().post("/accounts/login/code/", form, headers={"X-Forwarded-For": visitor}).status_code

    assert [ask(number, "192.0.2.1") for number in range(21)] == [302] * 20 + [200]
    assert ask(21, "192.0.2.2") == 302


STAFF_PAGES = ("/accounts/password/set/", "/accounts/password/change/", "/accounts/email/")


@pytest.mark.parametrize("path", STAFF_PAGES)
def test_an_owner_who_entered_a_code_never_gets_a_password(client, unit, path):
    """C3: the code's session opens none of the pages on which staff look after their accounts."""
    register(client, unit)
    client.post(f"/u/{unit.public_code}/confirm/", {"code": code_in_mail()}, follow=True)
    person = Person.objects.get(emailaddress__verified=True)
    assert client.session["_auth_user_id"] == str(person.pk)
    assert client.get(path).status_code == 403
    passwords = {"password1": "a-Long-one-4711", "password2": "a-Long-one-4711"}
    assert client.post(path, {**passwords, "action_add": "", "email": "eve@example.com"}).status_code == 403
    person.refresh_from_db()
    assert not person.has_usable_password()
    assert EmailAddress.objects.get().email == "alice@example.com"


@pytest.mark.parametrize("path", STAFF_PAGES)
def test_staff_look_after_their_accounts_and_strangers_log_in_first(client, acme, path):
    assert client.get(path).url.startswith("/accounts/login/")
    client.force_login(factories.staff(acme, "sam", "support_agent"))
    assert client.get(path, follow=True).status_code == 200
