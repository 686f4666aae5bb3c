"""C5 and A9 in a browser: a bag bought second-hand is registered to somebody else; asked, refused, decided, his."""

from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from experiences import releases
from ownership.models import Ownership, ReleaseRequest
from tests import factories
from tests.experiences.conftest import ago
from tests.experiences.releasing import ALICE, CARL, link_to, reachable
from tests.journeys.test_agent import log_in
from tests.journeys.usable import assert_everybody_can_use

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def alices(unit, alice):
    factories.own(unit, reachable(alice), ago(100))
    return unit


def test_a_buyer_gets_the_bag_that_its_seller_never_passed_on(
    live_server, page: Page, context, alices, sam, tmp_path: Path
):
    """Carl asks with a receipt, Alice keeps it, Carl brings it to the desk, Sam decides, Alice agrees: it is Carl's."""
    receipt = tmp_path / "receipt.jpg"
    Image.new("RGB", (900, 1200), "#f4f1ea").save(receipt)
    page.goto(f"{live_server.url}/q/{alices.public_code}")
    page.get_by_role("link", name="It is mine now").click()
    page.get_by_label("How did it come to you?").select_option("bought_used")
    page.get_by_label("E-mail or telephone").fill(CARL)
    page.get_by_role("button", name="Ask for its release").click()
    expect(page.get_by_text("a picture of the piece, or its receipt")).to_be_visible()
    assert_everybody_can_use(page)
    page.locator("input[name=evidence]").set_input_files(receipt)
    page.get_by_role("button", name="Ask for its release").click()
    expect(page.get_by_text(CARL)).to_be_visible()
    carls = live_server.url + link_to(CARL)
    page.goto(carls)
    page.get_by_role("button", name="Confirm my address").click()
    expect(page.get_by_role("heading", name="The owner is asked")).to_be_visible()

    owner = context.browser.new_page(locale="en-GB")
    owner.goto(live_server.url + link_to(ALICE))
    assert_everybody_can_use(owner)
    owner.get_by_label("What we should know").fill("I lent it to a friend")
    owner.get_by_role("button", name="Keep it").click()
    expect(owner.get_by_role("heading", name="It stays with you")).to_be_visible()

    page.goto(carls)
    page.get_by_role("button", name="Have Acme decide").click()
    expect(page.get_by_role("heading", name="Acme looks at it")).to_be_visible()
    assert_everybody_can_use(page)

    desk = context.browser.new_page(viewport={"width": 1280, "height": 900}, locale="en-GB")
    log_in(desk, f"{live_server.url}/console/", sam)
    desk.get_by_role("link", name="1 dispute waits for a decision").click()
    desk.get_by_role("link", name=alices.serial).click()
    desk.get_by_label("the claimant: it is registered to them").check()
    desk.get_by_label("Reason").fill("The receipt names the serial number.")
    desk.get_by_role("button", name="Decide").click()
    expect(desk.get_by_text("It is decided; both sides are written to.")).to_be_visible()
    desk.close()

    owner.reload()
    expect(owner.get_by_text("The receipt names the serial number.")).to_be_visible()
    owner.get_by_role("button", name="I agree with the decision").click()
    expect(owner.get_by_role("heading", name="It has a new owner")).to_be_visible()
    owner.close()
    assert Ownership.objects.of_unit(alices).current().get().owner.email == CARL

    page.goto(carls)
    expect(page.get_by_role("heading", name="It is yours")).to_be_visible()
    expect(page.get_by_role("link", name="Enter with a code")).to_be_visible()
    assert releases.sweep_releases(now=ReleaseRequest.objects.get().ended_at) == 0
