"""The first tap in a real browser: from the box to a known owner under warranty, then day 3 and month six.

By chip and by printed code, with JavaScript and without it, on a phone of 390 by 844.
"""

import datetime as dt
import sys
import time
from dataclasses import dataclass, field

import pytest
import time_machine
from django.utils import timezone
from playwright.sync_api import Page, expect

from ownership.models import Consent, ConsentWording, Ownership, Registration
from products.models import Brand, Unit
from products.services.brands import touch_content
from tests.reading import code_in_mail
from warranty.models import Coverage, CoveragePlan

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

VISIBLE_INPUTS = "main form#registering input:not([type=hidden]):not([type=checkbox])"
# The reference phone: a CPU four times slower than this one on a slow 4G line.
SLOW_LINE = {"offline": False, "latency": 150, "downloadThroughput": 200_000, "uploadThroughput": 90_000}


@pytest.fixture(params=[True, False], ids=["with JavaScript", "without JavaScript"])
def browser_context_args(request, browser_context_args):
    return {**browser_context_args, "java_script_enabled": request.param}


@pytest.fixture
def boxed(acme, unit) -> Unit:
    """A bag that was sold yesterday, at a brand with a plan and words about news."""
    CoveragePlan.objects.create(brand=acme, names={"en": "Two years"}, months=24)
    ConsentWording.objects.create(brand=acme, purpose="marketing", version=1, texts={"en": "Write to me."})
    Unit.objects.filter(pk=unit.pk).update(sold_on=(timezone.now() - dt.timedelta(days=1)).date())
    touch_content(acme.pk)
    return unit


@dataclass
class Journey:
    """A phone in somebody's hand: what they send, and how long it took."""

    page: Page
    sent: list[str] = field(default_factory=list)
    began: float = field(default_factory=time.monotonic)

    def slow_down(self) -> None:
        """Be the reference phone from now on."""
        cdp = self.page.context.new_cdp_session(self.page)
        cdp.send("Network.enable")
        cdp.send("Network.emulateNetworkConditions", SLOW_LINE)
        cdp.send("Emulation.setCPUThrottlingRate", {"rate": 4})
        self.page.on(
            "request", lambda request: self.sent.append(request.url) if request.method == "POST" else None
        )
        self.began = time.monotonic()

    def fits(self) -> None:
        box = self.page.locator("main").bounding_box()
        assert box["x"] >= 0 and box["x"] + box["width"] <= 390  # noqa: PT018

    def fill_in(self) -> int:
        """Type the address and send the form; return how many fields there were to look at."""
        fields = self.page.locator(VISIBLE_INPUTS)
        count = fields.count()
        assert not self.page.locator("main form#registering input[type=checkbox]").is_checked()
        self.page.locator("input[name=contact]").fill("alice@example.com")
        self.page.locator("[data-action=register]").click()
        return count

    def enter_code(self) -> None:
        self.page.locator("input[name=code]").fill(code_in_mail())
        self.page.locator("[data-action=confirm]").click()

    @property
    def seconds(self) -> float:
        return time.monotonic() - self.began


def stage_and_action(page: Page) -> tuple[str, str, str]:
    """Return stage, viewer and first action; without JavaScript, too."""
    main = page.locator("main")
    action = page.locator("[data-action]").first.get_attribute("data-action")
    return main.get_attribute("data-stage"), main.get_attribute("data-viewer"), action


def modules_of(page: Page) -> list[str]:
    sections = page.locator("main section[data-module]")
    return [sections.nth(index).get_attribute("data-module") for index in range(sections.count())]


def tell(capsys, what: str, seconds: float) -> None:
    """Say what was measured; a busy machine makes it longer, so that nothing is asserted of it."""
    with capsys.disabled():
        sys.stdout.write(f"\nFirst tap {what}, {seconds:.1f} s on the reference phone\n")


def follow_the_life(journey: Journey, server: str, unit: Unit) -> None:
    """The certificate, then the same unit on day 3 and in month six, in the same browser."""
    page = journey.page
    certificate = Coverage.objects.get(unit=unit).certificate_code
    page.locator(f"a[href='/certificate/{certificate}/']").click()
    assert page.url == f"{server}/certificate/{certificate}/"
    assert unit.serial in page.locator("main").inner_text()
    journey.fits()
    began = timezone.now()
    shapes = []
    for days, stage in ((3, "onboarding"), (183, "ownership")):
        with time_machine.travel(began + dt.timedelta(days=days)):
            page.goto(f"{server}/q/{unit.public_code}")
        assert stage_and_action(page)[:2] == (stage, "owner")
        assert "coverage" in modules_of(page)
        journey.fits()
        shapes.append((stage_and_action(page)[2], modules_of(page)))
    assert shapes[0] != shapes[1]
    assert shapes[0][0] == "setup"
    assert shapes[1][0] == "help"


def test_by_chip_from_the_box_to_month_six(live_server, page, chip, boxed, capsys, mailoutbox):
    """C1, C2: two fields, one submit, and the holder is owner under warranty."""
    journey = Journey(page)
    journey.slow_down()
    page.goto(live_server.url + chip.tap())
    assert stage_and_action(page) == ("unboxing", "holding", "register")
    assert journey.fill_in() <= 2
    expect(page).to_have_url(f"{live_server.url}/u/{boxed.public_code}/welcome/")
    seconds = journey.seconds
    assert len(journey.sent) == 1
    assert stage_and_action(page)[:2] == ("onboarding", "owner")
    assert "coverage" in modules_of(page)
    journey.fits()
    assert Ownership.objects.get(unit=boxed).owner.email == "alice@example.com"
    assert not Consent.objects.exists()
    tell(capsys, "by chip: 2 fields, 1 submit", seconds)

    page.get_by_role("link", name="Enter the code").click()
    journey.enter_code()
    expect(page).to_have_url(f"{live_server.url}/u/{boxed.public_code}/welcome/")
    assert Registration.objects.get().state == "confirmed"
    follow_the_life(journey, live_server.url, boxed)


def test_by_printed_code_from_the_box_to_month_six(live_server, page, boxed, capsys, mailoutbox):
    """A9: the code to the address comes first; then the same."""
    journey = Journey(page)
    journey.slow_down()
    page.goto(f"{live_server.url}/q/{boxed.public_code}")
    assert stage_and_action(page) == ("unboxing", "looking", "register")
    assert journey.fill_in() <= 2
    expect(page).to_have_url(f"{live_server.url}/u/{boxed.public_code}/confirm/")
    assert not Ownership.objects.exists()
    assert len(journey.sent) == 1
    journey.fits()
    journey.enter_code()
    expect(page).to_have_url(f"{live_server.url}/u/{boxed.public_code}/welcome/")
    seconds = journey.seconds
    assert len(journey.sent) == 2
    assert stage_and_action(page)[:2] == ("onboarding", "owner")
    tell(capsys, "by printed code: 2 fields and the code, 2 submits", seconds)
    follow_the_life(journey, live_server.url, boxed)


def test_the_back_button_after_registering_makes_nothing_twice(live_server, page, chip, boxed, mailoutbox):
    journey = Journey(page)
    page.goto(live_server.url + chip.tap())
    journey.fill_in()
    expect(page).to_have_url(f"{live_server.url}/u/{boxed.public_code}/welcome/")
    page.go_back()
    if page.locator("input[name=contact]").count():
        journey.fill_in()
    page.goto(f"{live_server.url}/u/{boxed.public_code}/register/")
    expect(page).to_have_url(f"{live_server.url}/u/{boxed.public_code}/welcome/")
    assert Registration.objects.count() == Ownership.objects.count() == Coverage.objects.count() == 1


def test_a_mistyped_address_is_said_beside_its_field_and_is_still_there(live_server, page, chip, boxed):
    page.goto(live_server.url + chip.tap())
    page.locator("input[name=contact]").fill("alice@example")
    page.locator("input[name=name]").fill("Alice Archer")
    page.locator("[data-action=register]").click()
    assert page.locator("#id_contact_error").is_visible()
    assert page.locator("input[name=contact]").input_value() == "alice@example"
    assert page.locator("input[name=name]").input_value() == "Alice Archer"
    page.locator("input[name=contact]").fill("alice@example.com")
    page.locator("[data-action=register]").click()
    expect(page).to_have_url(f"{live_server.url}/u/{boxed.public_code}/welcome/")


@pytest.mark.parametrize("typeface", ["serif", "humanist", "grotesk"])
def test_the_widest_code_is_seen_whole_on_the_narrowest_phone(
    live_server, page, acme, boxed, typeface, mailoutbox
):
    Brand.objects.filter(pk=acme.pk).update(typeface=typeface, corner="round")
    touch_content(acme.pk)
    page.set_viewport_size({"width": 320, "height": 640})
    page.goto(f"{live_server.url}/u/{boxed.public_code}/register/")
    Journey(page).fill_in()
    code = page.locator("input[name=code]")
    code.fill("WWMW-MWWM")
    assert code.evaluate("field => field.scrollWidth <= field.clientWidth")
