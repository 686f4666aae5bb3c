"""B3, B4, C10 in a browser: sixty days of use are thanked, points become a code, and staff take the exchange back."""

import datetime as dt

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from analytics.models import Scan
from experiences.models import ContentBlock
from ownership.models import LoyaltyEntry, Ownership, Redemption
from ownership.services.loyalty import run_loyalty
from products.models import NextProduct, Unit
from products.services.brands import touch_content
from tests import factories
from tests.journeys.test_agent import log_in
from tests.ownership import points
from tests.reading import code_in_mail

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def routine(acme, bag) -> None:
    """The brand's programme: a reward with codes, what comes next after the bag, and a text for owners alone."""
    points.programme(acme)
    points.rule(acme, "use", names={"en": "Sixty days of care"}, use_taps=3)
    points.reward(acme, "BELT-1", names={"en": "A belt"}, cost=150)
    balm = factories.ProductFactory(brand=acme, names={"en": "Leather balm"})
    factories.TradeItemFactory(brand=acme, product=balm, gtin="09520000000011")
    NextProduct.objects.create(product=bag, next_product=balm, why={"en": "Leather wants feeding by now."})
    ContentBlock.objects.create(
        brand=acme, product=bag, kind="help", audience="owner", titles={"en": "For its owner"},
        bodies={"en": "Solène sewed this one."},
    )  # fmt: skip
    touch_content(acme.pk)


@pytest.fixture
def stranger(browser) -> Page:
    context = browser.new_context(viewport={"width": 390, "height": 844}, locale="en-GB")
    yield context.new_page()
    context.close()


@pytest.fixture
def desk(browser) -> Page:
    context = browser.new_context(viewport={"width": 1280, "height": 900}, locale="en-GB")
    yield context.new_page()
    context.close()


def register(page: Page, server: str, link: str, unit: Unit) -> None:
    page.goto(server + link)
    page.goto(f"{server}/u/{unit.public_code}/register/")
    page.get_by_label("E-mail or telephone").fill("alice@example.com")
    page.locator("[data-action=register]").click()
    page.goto(f"{server}/u/{unit.public_code}/confirm/")
    page.locator("input[name=code]").fill(code_in_mail())
    page.locator("[data-action=confirm]").click()
    expect(page.locator("main")).to_have_attribute("data-viewer", "owner")


def sixty_days_go_by(unit: Unit) -> None:
    """Let the registration be of two months ago, with a tap every ten days since; and the brand's round come by."""
    now = timezone.now()
    Ownership.objects.update(since=now - dt.timedelta(days=61))
    tap = {"brand": unit.brand, "unit": unit, "verdict": "genuine", "stage": "onboarding", "visitor": "v"}
    Scan.objects.bulk_create(Scan(at=now - dt.timedelta(days=days), **tap) for days in (50, 40, 30))
    assert run_loyalty(brand_id=unit.brand_id, now=now).awards == 1
    assert run_loyalty(brand_id=unit.brand_id, now=now).awards == 0


def test_sixty_days_are_thanked_exchanged_and_taken_back(
    live_server, page: Page, stranger: Page, desk: Page, chip, unit, routine, sam, mailoutbox, settings
):
    settings.PUBLIC_BASE_URL = live_server.url  # where links of models lead
    home = live_server.url + f"/u/{unit.public_code}/"
    register(page, live_server.url, chip.tap(), unit)
    sixty_days_go_by(unit)

    page.goto(live_server.url + chip.tap())
    moments = page.locator("[data-module=moments]")
    expect(moments).to_contain_text("Sixty days of care: 200\u00a0marks")
    expect(moments).to_contain_text("Thank you for keeping it well.")
    expect(moments).to_contain_text("Leather wants feeding by now.")
    moments.get_by_role("link", name="Leather balm").click()
    expect(page.get_by_role("heading", name="Leather balm")).to_be_visible()

    page.goto(home)
    page.get_by_role("link", name="See what they are good for").click()
    page.locator("[data-action=exchange]").click()
    page.get_by_role("button", name="Exchange 150").click()
    expect(page.locator("[data-code]")).to_have_text("BELT-1")
    code_page = page.url
    page.goto(f"{live_server.url}/me/points/")
    expect(page.locator("[data-balance]")).to_have_text("50\u00a0marks")
    page.get_by_role("link", name="A belt").click()
    expect(page.locator("[data-code]")).to_have_text("BELT-1")

    page.goto(home + "help/")
    expect(page.get_by_text("Solène sewed this one.")).to_be_attached()
    stranger.goto(live_server.url + chip.tap())
    assert stranger.locator("[data-module=moments]").count() == 0
    for address in (home, home + "help/"):
        stranger.goto(address)
        assert "Solène" not in stranger.content()
    stranger.goto(code_page)
    assert "BELT-1" not in stranger.content()

    taken = Redemption.objects.get()
    log_in(desk, f"{live_server.url}/console/", sam)
    desk.goto(f"{live_server.url}/console/ownership/loyaltyentry/{taken.entry_id}/change/")
    desk.get_by_role("link", name="Take back").click()
    expect(desk.get_by_text("The owner gets 150 of 150 points back")).to_be_visible()
    desk.get_by_label("Reason").fill("The shop had no belt left")
    desk.get_by_role("button", name="Take back").click()
    expect(desk.get_by_text("The points are back.")).to_be_visible()

    page.goto(f"{live_server.url}/me/points/")
    expect(page.locator("[data-balance]")).to_have_text("200\u00a0marks")
    expect(page.get_by_text("Given back: Exchanged: A belt")).to_be_visible()
    assert page.goto(code_page).status == 404
    assert LoyaltyEntry.objects.count() == 3
