"""C6, C7 in a browser: Alice misses her bag, a finder writes, both arrange it; and she shares its history."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests import factories
from tests.journeys.usable import assert_everybody_can_use

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def finder(browser) -> Page:
    context = browser.new_context(viewport={"width": 390, "height": 844}, locale="en-GB")
    yield context.new_page()
    context.close()


def test_a_lost_bag_comes_home(live_server, page: Page, finder: Page, acme):
    unit = factories.UnitFactory(product=factories.full_product(acme), serial="AC-0007")
    chip = factories.put_chip_on(unit, factories.ChipProfileFactory(brand=acme, slug="acme-a"))
    home = f"{live_server.url}/u/{unit.public_code}/"
    page.goto(live_server.url + chip.tap())
    page.goto(home + "register/")
    page.get_by_label("E-mail or telephone").fill("alice@example.com")
    page.locator("[data-action=register]").click()
    expect(page.locator("main")).to_have_attribute("data-viewer", "owner")

    page.goto(home)
    page.get_by_role("link", name="Report it lost or stolen").click()
    page.get_by_label("What happened?").select_option("lost")
    page.get_by_label("Words for whoever finds it").fill("Thank you for writing.")
    page.get_by_role("button", name="Report it").click()
    expect(page.get_by_role("heading", name="You are looking for it")).to_be_visible()
    assert_everybody_can_use(page)

    finder.goto(live_server.url + chip.tap())
    expect(finder.locator("main")).to_have_attribute("data-flags", "lost")
    finder.get_by_role("link", name="Tell its owner that you found it").click()
    expect(finder.get_by_text("Thank you for writing.")).to_be_visible()
    assert_everybody_can_use(finder)
    finder.get_by_label("Your message to its owner").fill("It is safe with me.")
    finder.get_by_role("button", name="Send it to its owner").click()
    expect(finder).to_have_url(re.compile(r"/found/\w+/"))

    page.reload()
    page.get_by_role("link", name="A finder wrote").click()
    expect(page.get_by_text("It is safe with me.")).to_be_visible()
    page.get_by_label("Write on").fill("At the station at six?")
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_text("At the station at six?")).to_be_visible()
    assert_everybody_can_use(page)
    finder.reload()
    expect(finder.get_by_text("At the station at six?")).to_be_visible()
    assert "alice" not in finder.content().lower()

    page.goto(home + "lost/")
    page.get_by_role("button", name="I have it again").click()
    expect(page.locator("main")).to_have_attribute("data-flags", "")
    page.get_by_role("link", name="Share its history with a buyer").click()
    page.get_by_role("button", name="Make a link").click()
    address = page.locator("a[href^='/provenance/']").get_attribute("href")
    finder.goto(live_server.url + address)
    expect(finder.get_by_text("Not reported lost or stolen")).to_be_visible()
    assert_everybody_can_use(finder)
    page.get_by_role("button", name="Take it back").click()
    expect(page.get_by_role("button", name="Make a link")).to_be_visible()
    assert finder.goto(live_server.url + address).status == 410
    assert_everybody_can_use(finder)
