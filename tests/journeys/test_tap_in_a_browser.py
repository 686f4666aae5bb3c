"""A tap opens in a real browser: nothing blocked, nothing fetched from elsewhere, nothing wider than the phone."""

import pytest
from playwright.sync_api import expect

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_a_tap_opens_without_errors_or_third_parties_and_fits_a_phone(live_server, page, chip, unit):
    complaints, addresses = [], []
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("request", lambda request: addresses.append(request.url))

    page.goto(live_server.url + chip.tap())

    expect(page.locator("main")).to_have_attribute("data-authenticity", "genuine")
    expect(page.get_by_text(unit.serial).first).to_be_visible()
    assert complaints == []
    assert all(address.startswith((live_server.url, "data:")) for address in addresses)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
