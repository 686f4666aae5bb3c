"""Everybody can read and use the pages: axe finds nothing, nothing overflows, keys and thumbs reach everything."""

import pytest
from playwright.sync_api import expect

from experiences.pages.section_page import SECTION_NAMES
from ownership.models import Ownership
from products.models import Unit
from tests.journeys.conftest import HOUSES, STAGES
from tests.journeys.usable import HEIGHT, WIDTH, assert_everybody_can_use, violations
from tests.reading import code_in_mail

pytestmark = [pytest.mark.browser, pytest.mark.django_db]

EVERY_ROLE = ("recalled", "reported lost", "reported stolen", "just sold, never tapped", "onboarding, day 14")


@pytest.fixture(scope="module")
def open_page(browser):
    """Return what opens an address on one phone, all folded texts unfolded."""
    context = browser.new_context(viewport={"width": WIDTH, "height": HEIGHT}, locale="en-GB")
    page = context.new_page()

    def go(url: str, *, scheme: str = "light"):
        page.set_viewport_size({"width": WIDTH, "height": HEIGHT})
        page.emulate_media(color_scheme=scheme)
        page.goto(url)
        page.evaluate("document.querySelectorAll('details').forEach((folded) => { folded.open = true })")
        return page

    yield go
    context.close()


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


@pytest.mark.parametrize("stage", STAGES)
@pytest.mark.parametrize("house", HOUSES)
def test_everybody_can_use_the_page_of_any_stage_of_any_house(open_page, demo_site, house, stage):
    assert_everybody_can_use(open_page(demo_site.printed(house, stage=stage)))


def test_everybody_can_use_any_other_page(open_page, demo_site):
    for url in further_pages(demo_site):
        assert_everybody_can_use(open_page(url))


def owners_pages(site, serial: str) -> list[str]:
    """What an owner does with a piece, and looks after under their things."""
    unit = Unit.objects.get(serial=serial)
    owner = Ownership.objects.current().get(unit=unit).owner_id
    of_unit = ("transfer", "lost", "history/share", "purchase", "gone", "welcome", "provenance")
    of_owner = ("", "details/", "consents/", "data/", f"forget/{owner}/", "points/", "people/", "leave/")
    certificate = f"{site.url}/certificate/{unit.coverage.certificate_code}/"
    return [
        *(f"{site.url}/u/{unit.public_code}/{page}/" for page in of_unit),
        *(f"{site.url}/me/{page}" for page in of_owner),
        certificate,
    ]


def test_everybody_can_use_an_owners_pages(browser, demo_site, mailoutbox):
    """C3, C4, C6 to C10, C14: from the way in to the way out."""
    piece = demo_site.unit("corvane", role="ownership, month six")
    contact = Ownership.objects.current().get(unit__serial=piece.serial).owner.email
    context = browser.new_context(viewport={"width": WIDTH, "height": HEIGHT}, locale="en-GB")
    page = context.new_page()
    page.goto(f"{demo_site.url}/me/enter/")
    assert_everybody_can_use(page)
    page.locator("input[name=contact]").fill(contact)
    page.locator("[data-action=enter]").click()
    assert_everybody_can_use(page)
    page.locator("input[name=code]").fill(code_in_mail())
    page.locator("[data-action=enter-code]").click()
    expect(page.locator("main")).to_have_attribute("data-section", "me")
    for url in owners_pages(demo_site, piece.serial):
        assert page.goto(url).ok, url
        assert_everybody_can_use(page)
    context.close()


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
