"""What an address opens on the log-in pages, and whose limits they count."""

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.test import Client

from products.models import Device, Person
from tests import factories
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
