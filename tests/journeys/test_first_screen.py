"""The first screen on the reference phone (A2, P9): slow 4G, a slow processor, nothing cached."""

import sys
from dataclasses import dataclass, field

import pytest
from playwright.sync_api import Page, Request, Route

from tests.journeys.conftest import HOUSES

pytestmark = [pytest.mark.browser, pytest.mark.django_db]

FIRST_WINDOW = 14_336  # bytes: what a server may send before the first acknowledgement (ten segments)
PHONE = {"width": 360, "height": 640}  # px
LINE = {
    "offline": False,
    "latency": 150,  # ms
    "downloadThroughput": 1_600_000 / 8,  # bytes per second
    "uploadThroughput": 750_000 / 8,
}


@dataclass
class Phone:
    """A page on the reference phone, and what it asked for and complained about."""

    page: Page
    requests: list[Request] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    def kinds(self) -> list[str]:
        return [request.resource_type for request in self.requests if not request.url.startswith("data:")]


@pytest.fixture
def phone(browser):
    context = browser.new_context(viewport=PHONE, device_scale_factor=2, is_mobile=True, has_touch=True)
    page = context.new_page()
    devtools = context.new_cdp_session(page)
    devtools.send("Network.enable")
    devtools.send("Network.setCacheDisabled", {"cacheDisabled": True})
    devtools.send("Network.emulateNetworkConditions", LINE)
    devtools.send("Emulation.setCPUThrottlingRate", {"rate": 4})
    seen = Phone(page)
    page.on("request", lambda request: seen.requests.append(request))
    page.on("pageerror", lambda error: seen.complaints.append(str(error)))
    page.on(
        "console",
        lambda line: seen.complaints.append(line.text) if line.type in ("error", "warning") else None,
    )
    yield seen
    context.close()


def on_the_first_screen(page, selector: str) -> bool:
    """True if the element is seen whole without scrolling."""
    box = page.locator(selector).first.bounding_box()
    return box is not None and box["y"] >= 0 and box["y"] + box["height"] <= PHONE["height"]


def _only_the_document(route: Route) -> None:
    if route.request.resource_type == "document":
        route.continue_()
    else:
        route.abort()


# Milliseconds from the start of navigation to the first paint of content.
_FIRST_PAINT = """() => new Promise((done) => new PerformanceObserver((list) => {
  const [entry] = list.getEntriesByName('first-contentful-paint');
  if (entry) done(entry.startTime);
}).observe({type: 'paint', buffered: true}))"""


@pytest.mark.parametrize("house", HOUSES)
def test_the_verdict_and_the_first_action_need_the_document_alone(demo_site, phone, house, capsys):
    """A2, P9: nothing asked first; with every other request unanswered the first screen is useful."""
    unit = demo_site.unit(house, role="ownership, month six")
    page = phone.page
    page.route("**/*", _only_the_document)
    response = page.goto(demo_site.here(unit.tap_url), wait_until="commit")
    painted = page.evaluate(_FIRST_PAINT)

    assert phone.kinds().count("document") == 1
    assert set(phone.kinds()) <= {"document", "image"}
    assert page.locator("main").get_attribute("data-authenticity") == "genuine"
    assert on_the_first_screen(page, "[data-module=authenticity] h2")
    assert on_the_first_screen(page, "[data-action]")
    sizes = response.request.sizes()
    assert response.header_value("content-encoding") == "gzip"
    assert sizes["responseHeadersSize"] + sizes["responseBodySize"] <= FIRST_WINDOW
    assert page.locator("dialog, form, iframe, [role=dialog]").count() == 0
    with capsys.disabled():
        sys.stdout.write(
            f"\n{house}: first screen after {painted:.0f} ms, {sizes['responseBodySize']} bytes "
        )


@pytest.mark.parametrize("house", HOUSES)
def test_the_whole_page_asks_nobody_else_and_the_browser_does_not_complain(demo_site, phone, house):
    """P9: the document and the unit's picture, from this server; nothing that the content policy stops."""
    phone.page.goto(
        demo_site.here(demo_site.unit(house, role="onboarding, day 14").tap_url), wait_until="load"
    )
    assert sorted(phone.kinds()) == ["document", "image"]
    assert all(request.url.startswith((demo_site.url, "data:")) for request in phone.requests)
    hero = phone.page.locator(".hero img")
    assert hero.evaluate("async (picture) => { await picture.decode(); return picture.naturalWidth }") > 0
    assert phone.complaints == []


# Where the button that sends the form stands, beside the fields that are whole on the screen.
_BUTTON = """async (top) => {
  scrollTo(0, top);
  await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
  const button = document.querySelector('[data-action]').getBoundingClientRect();
  const inputs = [...document.querySelectorAll('main form input:not([type=hidden])')];
  const fields = inputs.map((input) => input.getBoundingClientRect());
  const whole = fields.filter((box) => box.bottom <= innerHeight);
  return {
    covered: whole.filter((box) => box.bottom > button.top && box.top < button.bottom).length,
    fillable: whole.length > 0,
    underTheThumb: button.top >= 0 && button.bottom <= innerHeight,
    belowTheFields: button.top >= fields.at(-1).bottom,
  };
}"""
SCREENS = [
    (320, 568),
    (360, 640),
    (390, 844),
    (390, 500),
    (768, 1024),
    (1280, 800),
]  # px; 500: above a keyboard


@pytest.mark.parametrize("house", HOUSES)
def test_the_button_waits_under_the_thumb_until_a_field_can_be_filled_in(demo_site, browser, house):
    """From the first field that is whole on the screen on it rests below them all, and covers none."""
    context = browser.new_context()
    page = context.new_page()
    page.goto(demo_site.printed(house, stage="unboxing"))
    for width, height in SCREENS:
        page.set_viewport_size({"width": width, "height": height})
        for top in range(0, 1_000, 100):
            seen = page.evaluate(_BUTTON, top)
            assert seen["covered"] == 0, (width, height, top)
            assert seen["belowTheFields" if seen["fillable"] else "underTheThumb"], (width, height, top)
    context.close()
