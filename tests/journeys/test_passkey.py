"""C3 in a browser: an owner adds a passkey, leaves, and comes in again with their device's lock alone."""

import pytest
from django.core import signing
from django.utils import timezone
from playwright.sync_api import CDPSession, Page, expect

from products.services.devices import remember_device
from products.services.passkeys import passkeys_of
from tests import factories
from tests.experiences.test_my_consents import person  # noqa: F401

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def lock(page: Page, context) -> CDPSession:
    """A device with a lock, which its owner always opens."""
    session = context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    session.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    return session


@pytest.fixture
def remembered(live_server, context, unit, alice, person):  # noqa: F811
    """Alice's browser: she has a bag, and a confirmed address."""
    factories.own(unit, alice, timezone.now())
    row = remember_device(person=person, now=timezone.now())
    cookie = signing.dumps([[row.pk, row.epoch]], salt="experiences.devices")
    context.add_cookies([{"name": "device", "value": cookie, "url": live_server.url}])
    return person


def test_an_owner_comes_in_with_a_passkey(live_server, page: Page, lock, remembered, unit, mailoutbox):
    refused: list[str] = []
    page.on("console", lambda said: refused.append(said.text) if said.type == "error" else None)
    page.goto(f"{live_server.url}/me/details/")
    page.get_by_label("Its name").fill("My telephone")
    page.get_by_role("button", name="Add a passkey").click()
    expect(page.get_by_text("Your passkey is added")).to_be_visible()
    expect(page.get_by_text("not used yet")).to_be_visible()
    assert [sent.subject for sent in mailoutbox] == ["A passkey opens your things from now on"]

    page.goto(f"{live_server.url}/me/leave/")
    page.locator("main form button").click()
    page.goto(f"{live_server.url}/me/details/")
    expect(page.get_by_label("E-mail or telephone")).to_be_visible()
    page.get_by_role("button", name="Use a passkey").click()
    expect(page.get_by_text("last used")).not_to_have_count(0)
    expect(page).to_have_url(f"{live_server.url}/me/details/")
    assert "device" in {cookie["name"] for cookie in page.context.cookies()}
    page.goto(f"{live_server.url}/me/")
    expect(page.get_by_text(unit.serial)).to_be_visible()

    page.goto(f"{live_server.url}/me/details/")
    page.get_by_role("button", name="Remove My telephone").click()
    expect(page.get_by_text("The passkey is removed")).to_be_visible()
    page.goto(f"{live_server.url}/me/enter/")
    page.get_by_role("button", name="Use a passkey").click()
    expect(page.get_by_text("This passkey opens nothing here")).to_be_visible()
    assert not passkeys_of(remembered).exists()
    assert refused == []


def test_a_lock_without_a_passkey_says_so_and_the_address_stays(
    live_server, page: Page, lock, transactional_db
):
    page.goto(f"{live_server.url}/me/enter/")
    page.evaluate(
        "() => { navigator.credentials.get = () => Promise.reject(new DOMException('', 'NotAllowedError')); }"
    )
    page.get_by_role("button", name="Use a passkey").click()
    expect(page.get_by_text("No passkey was used")).to_be_visible()
    expect(page.get_by_role("button", name="Use a passkey")).to_be_enabled()


def test_a_passkey_of_whoever_became_staff_opens_nothing(live_server, page: Page, lock, remembered):
    """Whoever became staff comes in by their own door, with the second factor."""
    page.goto(f"{live_server.url}/me/details/")
    page.get_by_role("button", name="Add a passkey").click()
    expect(page.get_by_text("Your passkey is added")).to_be_visible()
    page.context.clear_cookies()
    remembered.is_staff = True
    remembered.save()
    page.goto(f"{live_server.url}/me/enter/")
    page.get_by_role("button", name="Use a passkey").click()
    expect(page.get_by_text("This passkey opens nothing here")).to_be_visible()
    page.goto(f"{live_server.url}/me/")
    expect(page).to_have_url(f"{live_server.url}/me/enter/?next=%2Fme%2F")
