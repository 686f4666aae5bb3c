"""Links and cookies in the wrong hands: each browser is told what is true for it."""

import pytest

from tests.journeys.conftest import read

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def stranger(browser, browser_context_args):
    """Another phone."""
    context = browser.new_context(**browser_context_args)
    yield context.new_page()
    context.close()


def headline(page) -> str:
    return page.locator("[data-module=authenticity] h2").inner_text()


def test_a_copied_link_is_named_as_used_and_says_what_to_do(live_server, page, stranger, chip):
    """A6: the doubt comes first, in words that accuse nobody, with the way to settle it."""
    link = live_server.url + chip.tap()
    page.goto(link)
    assert read(page).verdict == "genuine"
    response = stranger.goto(link)
    shown = read(stranger)
    assert (response.status, shown.verdict, shown.viewer) == (200, "replayed", "looking")
    assert (shown.modules[0], shown.action) == ("authenticity", "tap-again")
    assert headline(stranger) == "This link was used before"
    stranger.locator("[data-action]").click()
    assert stranger.get_by_role("heading", name="How to hold the phone to a tag").is_visible()


def test_a_reload_stays_genuine_and_ones_own_old_link_gets_softer_words(live_server, page, stranger, chip):
    first, second = (live_server.url + chip.tap() for _ in range(2))
    page.goto(first)
    page.reload()
    assert read(page).verdict == "refreshed"
    assert headline(page) == "Genuine, checked a moment ago"
    page.goto(second)
    assert read(page).verdict == "genuine"
    page.goto(second)
    page.goto(first)
    assert read(page).verdict == "replayed"
    own, words = headline(page), read(page).words
    stranger.goto(first)
    assert headline(stranger) != own
    assert "This link was used before" not in words


def test_the_mark_of_holding_is_worth_nothing_on_another_phone(live_server, page, stranger, chip, unit):
    """What this browser proved is bound to it: carried over alone, it opens nothing."""
    page.goto(live_server.url + chip.tap())
    assert read(page).viewer == "holding"
    home = f"{live_server.url}/u/{unit.public_code}/"
    page.goto(home)
    assert read(page).viewer == "holding"
    [possession] = [cookie for cookie in page.context.cookies() if cookie["name"] == "possession"]
    stranger.goto(home)
    stranger.context.add_cookies([possession])
    stranger.goto(home)
    assert read(stranger).viewer == "looking"


def test_spoilt_cookies_cost_nothing_but_the_memory(live_server, page, chip):
    page.goto(live_server.url + chip.tap())
    spoilt = [{**cookie, "value": "x" + cookie["value"][1:]} for cookie in page.context.cookies()]
    page.context.clear_cookies()
    page.context.add_cookies(spoilt)
    response = page.goto(live_server.url + chip.tap())
    assert (response.status, read(page).verdict, read(page).viewer) == (200, "genuine", "holding")
