"""With JavaScript off everything works (A2): tapping, reading on, finding by serial, saying that it's mine."""

import pytest
from django.urls import reverse

from experiences.pages.section_page import SECTION_NAMES

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def browser_context_args(browser_context_args):
    return {**browser_context_args, "java_script_enabled": False}


def main(page, name: str) -> str | None:
    return page.locator("main").get_attribute(f"data-{name}")


def test_a_tap_shows_its_page(live_server, page, chip, unit):
    page.goto(live_server.url + chip.tap())
    assert main(page, "authenticity") == "genuine"
    assert page.get_by_text(unit.serial).first.is_visible()
    topic = page.locator("summary").first
    folded = topic.locator("xpath=following-sibling::*").first
    assert not folded.is_visible()
    topic.click()
    assert folded.is_visible()


def test_a_units_further_pages_show_what_they_are_about(live_server, page, unit):
    for section in SECTION_NAMES:
        response = page.goto(live_server.url + reverse("unit_section", args=[unit.public_code, section]))
        assert (response.status, main(page, "section")) == (200, section)
        assert page.locator("h1").is_visible()
        page.locator(".unit-card").click()
        assert page.url == live_server.url + reverse("unit_home", args=[unit.public_code])


def test_a_piece_is_found_by_its_serial_number(live_server, page, unit):
    page.goto(f"{live_server.url}/find/acme/")
    page.get_by_label("Model").fill(unit.product.model_number)
    page.get_by_label("Serial number").fill("AC-9999")
    page.get_by_role("button").click()
    assert page.get_by_role("alert").is_visible()
    assert page.get_by_label("Model").input_value() == unit.product.model_number
    page.get_by_label("Serial number").fill(unit.serial)
    page.get_by_role("button").click()
    assert page.url == f"{live_server.url}/q/{unit.public_code}"
    assert main(page, "authenticity") == "identified"


def test_its_mine_begins_the_first_days(live_server, page, chip, unit):
    page.goto(live_server.url + chip.tap())
    assert main(page, "stage") == "discovery"
    page.locator("[data-module=register] a").first.click()
    page.get_by_role("button", name="Not now").click()
    assert page.url == f"{live_server.url}/u/{unit.public_code}/"
    assert main(page, "stage") == "unboxing"
    assert page.locator("[data-action]").is_visible()


def test_the_language_is_changed_by_a_link(live_server, page, unit):
    page.goto(f"{live_server.url}/q/{unit.public_code}")
    page.get_by_role("link", name="Français").click()
    assert page.locator("html").get_attribute("lang") == "fr"
    assert page.get_by_text("Sac de voyage").first.is_visible()


def test_no_page_brings_a_script(live_server, page, unit):
    for path in (f"/q/{unit.public_code}", f"/u/{unit.public_code}/register/", "/find/", "/q/nix"):
        page.goto(live_server.url + path)
        assert page.locator("script, noscript").count() == 0, path
