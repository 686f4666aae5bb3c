"""One unit followed through its life in a browser, by chip and by printed code (A3 to A6, A9)."""

import datetime as dt

import pytest
from django.utils import timezone

from analytics.kinds import Flag
from analytics.models import UnitActivity, UnitFacts
from analytics.services import lower_flag, raise_flag
from ownership.models import Ownership
from ownership.services import end_ownership, record_sale, retire_unit
from products.models import Unit
from tests import factories
from tests.journeys.conftest import Rendered, read

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

STAGES = {
    "before sale": "discovery",
    "unboxing": "unboxing",
    "day 3": "onboarding",
    "day 14": "onboarding",
    "month six": "ownership",
    "year five": "maturity",
    "after resale": "resale",
    "retired": "retired",
}
LEADS = {
    "before sale": "explore",
    "unboxing": "register",
    "day 3": "setup",
    "day 14": "care",
    "month six": "help",
    "year five": "service",
    "after resale": "provenance",
    "retired": "recycle",
}


def let_time_pass(unit: Unit, days: int) -> None:
    """Move all that is known of the unit into the past: the server's clock stays the real one."""
    for rows, names in (
        (Unit.objects.filter(pk=unit.pk), ("sold_on", "made_on")),
        (Ownership.objects.of_unit(unit), ("since", "until")),
        (UnitFacts.objects.filter(unit=unit), ("owned_since", "first_owned_at")),
        (UnitActivity.objects.filter(unit=unit), ("first_scan_at", "last_scan_at")),
    ):
        for row in rows:
            before = {name: getattr(row, name) for name in names}
            earlier = {name: moment - dt.timedelta(days=days) for name, moment in before.items() if moment}
            type(row).objects.filter(pk=row.pk).update(**earlier)


def life(unit: Unit, alice, bob):
    """Lead the unit through its life, stopping at each moment."""
    yield "before sale"
    record_sale(unit=unit, sold_on=timezone.localdate(), now=timezone.now())
    let_time_pass(unit, 1)
    yield "unboxing"
    factories.own(unit, alice, timezone.now())
    let_time_pass(unit, 3)
    yield "day 3"
    let_time_pass(unit, 11)
    yield "day 14"
    let_time_pass(unit, 170)
    yield "month six"
    let_time_pass(unit, 5 * 365 - 184)
    yield "year five"
    end_ownership(unit=unit, until=timezone.now(), now=timezone.now())
    factories.own(unit, bob, timezone.now())
    let_time_pass(unit, 5)
    yield "after resale"
    let_time_pass(unit, 900)
    today = timezone.localdate()
    retire_unit(unit=unit, status=Unit.Status.RECYCLED, retired_on=today, now=timezone.now())
    yield "retired"


@pytest.fixture(params=["chip", "printed code"])
def link(request, live_server, unit):
    """Return what gives the address of the next tap; a unit with a printed code only has no chip at all (A9)."""
    if request.param == "printed code":
        return lambda: f"{live_server.url}/q/{unit.public_code}"
    chip = factories.put_chip_on(unit, request.getfixturevalue("profile"))
    return lambda: live_server.url + chip.tap()


def first_action_leads_somewhere(page, unit: Unit) -> None:
    """A3: the first thing offered answers, and speaks of this very unit."""
    action = page.locator("[data-action]")
    assert action.is_visible()
    if action.get_attribute("type") == "submit":
        # The form stands on this very page: sent empty, it shows where to type.
        action.click()
        assert page.evaluate("document.activeElement.name") == "contact"
        return
    with page.expect_navigation() as navigation:
        action.click()
    assert navigation.value.status == 200
    assert unit.serial in page.locator("main").inner_text()
    page.go_back()


def answers_why_one_taps(page, shown: Rendered) -> None:
    """A3: is it genuine, how do I care for it, something is wrong, what can I get: on the page that opens."""
    assert shown.modules[0] == "authenticity"
    assert shown.verdict == ("genuine" if "/t/" in page.url else "identified")
    assert "help" in shown.modules
    assert {"care", "recycle"} & set(shown.modules)
    assert page.locator(".act a, .quieter a").count() >= 2


def test_each_moment_of_a_life_opens_its_own_page(link, page, unit, alice, bob):
    """A3, A4, A5, A9: eight moments, eight first actions, eight ordered lists of modules, at 390 px."""
    seen: dict[str, Rendered] = {}
    for moment in life(unit, alice, bob):
        page.goto(link())
        seen[moment] = read(page)
        assert page.evaluate("document.documentElement.scrollWidth") <= 390, moment
        answers_why_one_taps(page, seen[moment])
        first_action_leads_somewhere(page, unit)
    assert {moment: shown.stage for moment, shown in seen.items()} == STAGES
    assert {moment: shown.action for moment, shown in seen.items()} == LEADS
    assert len({shown.modules for shown in seen.values()}) == len(STAGES)
    assert all(unit.serial in shown.words for shown in seen.values())
    assert {"story", "register", "setup"}.isdisjoint(seen["month six"].modules)
    assert "1 owner before this one." in seen["after resale"].words


def test_what_is_open_leads_the_very_next_page(link, page, unit, alice, bob):
    """A6: each flag is the first thing on the screen, on the shelf and in use."""
    for moment in life(unit, alice, bob):
        if moment not in ("before sale", "month six"):
            continue
        for flag in Flag:
            raise_flag(unit, flag, now=timezone.now(), actor_id=None)
            page.goto(link())
            shown = read(page)
            assert (shown.flags, shown.modules[0], shown.action) == (flag, flag, flag), moment
            lower_flag(unit, flag, now=timezone.now(), actor_id=None)
        page.goto(link())
        assert read(page).flags == ""


def test_a_recall_leads_to_the_remedy(link, page, unit):
    raise_flag(unit, Flag.RECALL, now=timezone.now(), actor_id=None)
    page.goto(link())
    first_action_leads_somewhere(page, unit)
    page.locator("[data-action]").click()
    assert page.locator("main").get_attribute("data-flags") == "recall"
    assert page.locator("a[href^='mailto:']").first.is_visible()
