"""Everybody can read and use the pages: axe finds nothing, nothing overflows, keys and thumbs reach everything."""

import pytest
from axe_playwright_python.sync_playwright import Axe

from experiences.pages.section_page import SECTION_NAMES
from tests.journeys.conftest import HOUSES, STAGES

pytestmark = [pytest.mark.browser, pytest.mark.django_db]

TARGET = 44  # px: what a thumb hits (WCAG 2.2, 2.5.5)
EVERY_ROLE = ("recalled", "reported lost", "reported stolen", "just sold, never tapped", "onboarding, day 14")


@pytest.fixture(scope="module")
def open_page(browser):
    """Return what opens an address on one phone, all folded texts unfolded."""
    context = browser.new_context(viewport={"width": 390, "height": 844}, locale="en-GB")
    page = context.new_page()

    def go(url: str, *, scheme: str = "light"):
        page.set_viewport_size({"width": 390, "height": 844})
        page.emulate_media(color_scheme=scheme)
        page.goto(url)
        page.evaluate("document.querySelectorAll('details').forEach((folded) => { folded.open = true })")
        return page

    yield go
    context.close()


def violations(page) -> str:
    result = Axe().run(page)
    return "" if result.violations_count == 0 else result.generate_report()


# Words and boxes that stand beside the screen, apart from pictures that bleed and what only screen readers read.
_OUTSIDE = """() => {
  const outside = (box) => box.width && (box.left < -1 || box.right > innerWidth + 1);
  const found = [];
  for (const element of document.querySelectorAll('body *')) {
    if (element.tagName === 'IMG' || getComputedStyle(element).clipPath !== 'none') continue;
    const words = [...element.childNodes].filter((node) => node.nodeType === 3 && node.data.trim()).map((node) => {
      const range = document.createRange();
      range.selectNodeContents(node);
      return range.getBoundingClientRect();
    });
    if ([element.getBoundingClientRect(), ...words].some(outside)) found.push(element.outerHTML.slice(0, 120));
  }
  return found;
}"""


def assert_nothing_is_wider_than_the_screen(page) -> None:
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), page.url
    assert page.evaluate(_OUTSIDE) == [], page.url


def further_pages(site) -> list[str]:
    """Every kind of page beside a unit's first: of each house its part."""
    pages = [f"{site.url}/find/", f"{site.url}/find/how-to-tap/", f"{site.url}/q/nix", f"{site.url}/nothing"]
    for house in HOUSES:
        unit = site.unit(house, stage="ownership")
        pages += [f"{site.url}/model/{unit.gtin}/", f"{site.here(unit.digital_link)}?linkType=linkset"]
        pages += [f"{site.url}/find/{house}/", f"{site.url}/t/{site.unit(house, stage='ownership').serial}"]
    pages += [site.printed(HOUSES[place % 3], role=role) for place, role in enumerate(EVERY_ROLE)]
    for place, section in enumerate(SECTION_NAMES):
        stage = "discovery" if section in ("register", "story") else "maturity"
        code = site.printed(HOUSES[place % 3], stage=stage).rsplit("/", 1)[1]
        pages.append(f"{site.url}/u/{code}/{section}/")
    return pages


_SMALL = """(least) => [...document.querySelectorAll(
    '.button, .quieter a, .more a, .contact a, .languages a, .unit-card, summary, input:not([type=hidden])'
  )].filter((element) => {
    // A box to tick is hit on its label as well.
    const box = (element.type === 'checkbox' && element.labels[0] || element).getBoundingClientRect();
    return box.width && (box.height < least || box.width < least);
  }).map((element) => element.outerHTML.slice(0, 100))"""


def assert_everybody_can_use(page) -> None:
    """Axe finds nothing, thumbs hit, and nothing is wider than 320 px, also from right to left and with text at 200 %."""
    assert not violations(page), page.url
    assert page.evaluate(_SMALL, TARGET) == [], page.url
    for size, width in (("100%", 320), ("200%", 390)):
        page.set_viewport_size({"width": width, "height": 844})
        page.evaluate("(size) => { document.documentElement.style.fontSize = size }", size)
        for direction in ("rtl", "ltr"):
            page.evaluate("(direction) => { document.documentElement.dir = direction }", direction)
            assert_nothing_is_wider_than_the_screen(page)


@pytest.mark.parametrize("stage", STAGES)
@pytest.mark.parametrize("house", HOUSES)
def test_everybody_can_use_the_page_of_any_stage_of_any_house(open_page, demo_site, house, stage):
    assert_everybody_can_use(open_page(demo_site.printed(house, stage=stage)))


def test_everybody_can_use_any_other_page(open_page, demo_site):
    for url in further_pages(demo_site):
        assert_everybody_can_use(open_page(url))


@pytest.mark.parametrize("house", HOUSES)
def test_axe_finds_nothing_wrong_by_night_or_after_a_copied_link(open_page, demo_site, house):
    for role in ("ownership, month six", "recalled"):
        page = open_page(demo_site.printed(house, role=role), scheme="dark")
        assert not violations(page), role
    used = demo_site.here(demo_site.unit(house, role="reported lost").tap_url)
    open_page(used)
    page = open_page(used)
    page.context.clear_cookies()
    page = open_page(used)
    assert page.locator("main").get_attribute("data-authenticity") == "replayed"
    assert not violations(page)


def test_axe_finds_nothing_wrong_where_a_form_says_no(open_page, demo_site):
    page = open_page(f"{demo_site.url}/find/corvane/")
    page.get_by_role("button").click()
    assert page.locator(".error").count() == 2
    assert not violations(page)


def test_axe_finds_nothing_wrong_at_the_consoles_entrance(open_page, demo_site):
    page = open_page(f"{demo_site.url}/console/")
    assert page.locator("input[type=password]").is_visible()
    assert not violations(page)


_FOCUS = """() => {
  const element = document.activeElement, box = element.getBoundingClientRect(), style = getComputedStyle(element);
  const top = document.elementFromPoint(box.left + box.width / 2, box.top + box.height / 2);
  return {
    tag: element.tagName,
    action: element.dataset.action ?? '',
    outline: style.outlineStyle === 'none' ? 0 : parseFloat(style.outlineWidth),
    colour: style.outlineColor,
    uncovered: element.contains(top) || !!top?.contains(element),
  };
}"""


@pytest.mark.parametrize("house", HOUSES)
def test_the_keyboard_reaches_the_first_action_first_and_shows_where_it_is(open_page, demo_site, house):
    page = open_page(demo_site.printed(house, stage="ownership"))
    stops = []
    for _press in range(40):
        page.keyboard.press("Tab")
        stop = page.evaluate(_FOCUS)
        if stop["tag"] == "BODY":
            break
        stops.append(stop)
    assert stops[0]["action"] == "help"
    assert len(stops) > 5
    for stop in stops:
        assert stop["outline"] >= 2, stop
        assert stop["colour"] != page.evaluate("getComputedStyle(document.body).backgroundColor")
        assert stop["uncovered"], stop


def test_a_raised_flag_puts_its_contacts_and_the_first_action_within_three_stops(open_page, demo_site):
    page = open_page(demo_site.printed("kronfeldt", role="recalled"))
    seen = []
    for _press in range(3):
        page.keyboard.press("Tab")
        seen.append(page.evaluate(_FOCUS)["action"])
    assert "recall" in seen


_MOVING = """() => [...document.querySelectorAll('*')].flatMap((element) => ['', '::before', '::after'].map((part) => {
  const style = getComputedStyle(element, part || null);
  const takes = style.transitionDuration.split(', ').some((duration) => parseFloat(duration) > 0);
  return takes || style.animationName !== 'none' ? element.tagName + part : '';
})).filter(Boolean)"""


@pytest.mark.parametrize("house", HOUSES)
def test_nothing_moves_where_reduced_motion_is_asked_for(open_page, demo_site, house):
    page = open_page(demo_site.printed(house, stage="unboxing"))
    page.emulate_media(reduced_motion="no-preference")
    assert page.evaluate(_MOVING)
    page.emulate_media(reduced_motion="reduce")
    assert page.evaluate(_MOVING) == []
