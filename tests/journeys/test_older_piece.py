"""C11 in a browser: an older drill without a code gets one, and is registered with it."""

import re
from pathlib import Path

import pytest
from django.core import mail
from PIL import Image
from playwright.sync_api import Page, expect

from ownership.models import Ownership
from products.models import Unit
from tests import factories
from tests.journeys.test_agent import log_in
from tests.reading import code_in_mail

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def drill(acme):
    product = factories.full_product(
        acme, names={"en": "D18 drill"}, model_number="D18", uncoded_rule="approval", is_archived=True
    )
    return product


def mailed(pattern: str, live_server) -> str:
    """Return the last mail's link of this shape, on the server of this test."""
    path = re.search(pattern, mail.outbox[-1].body)
    assert path, mail.outbox[-1].body
    return live_server.url + path.group()


def test_an_older_drill_gets_its_code_and_is_registered(
    live_server, page: Page, context, drill, sam, tmp_path: Path
):
    """The holder asks, an agent looks at the proof and agrees, the mail brings page and sheet, the code registers."""
    photo = tmp_path / "plate.jpg"
    Image.new("RGB", (1200, 900), "#8a7a55").save(photo)
    page.goto(f"{live_server.url}/find/")
    page.get_by_role("link", name="My piece has no code").click()
    page.get_by_role("textbox", name="Serial number").fill("D18 000214")
    page.get_by_label("Your e-mail").fill("holder@example.com")
    page.locator("input[name=proof]").set_input_files(photo)
    page.get_by_role("button", name="Ask for its code").click()
    expect(page.get_by_text("no spaces, no accents")).to_be_visible()
    expect(page.get_by_text("Only the file has to be chosen again")).to_be_visible()
    page.get_by_role("textbox", name="Serial number").fill("D18-000214")
    page.locator("input[name=proof]").set_input_files(photo)
    page.get_by_role("button", name="Ask for its code").click()
    expect(page.get_by_text("holder@example.com")).to_be_visible()
    page.goto(mailed(r"/request/\w+/", live_server))
    page.get_by_role("button", name="Confirm my address").click()
    expect(page.get_by_role("heading", name="Acme has your request")).to_be_visible()

    desk = context.browser.new_page(viewport={"width": 1280, "height": 900})
    log_in(desk, f"{live_server.url}/console/", sam)
    desk.get_by_role("link", name="1 holder of an older piece waits for its code").click()
    desk.get_by_role("link", name="D18-000214").click()
    proof = desk.get_by_role("img", name="The photograph that the holder sent")
    proof.scroll_into_view_if_needed()
    assert (
        proof.evaluate("async (picture) => { await picture.decode(); return picture.naturalWidth }") == 1200
    )
    desk.get_by_role("button", name="Give it an identity").click()
    expect(desk.get_by_text("The request is answered")).to_be_visible()
    desk.close()

    unit = Unit.objects.get(serial="D18-000214")
    page.goto(mailed(r"/u/\w+/", live_server))
    expect(page.locator("main")).to_have_attribute("data-authenticity", "identified")
    page.goto(f"{live_server.url}/u/{unit.public_code}/code/")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.goto(f"{live_server.url}/q/{unit.public_code}")
    page.goto(f"{live_server.url}/u/{unit.public_code}/register/")
    page.get_by_label("E-mail or telephone").fill("holder@example.com")
    page.get_by_role("button", name="Send me the code to register it").click()
    page.locator("input[name=code]").fill(code_in_mail())
    page.get_by_role("button", name="Confirm my address").click()
    page.wait_for_url("**/welcome/")
    assert Ownership.objects.of_unit(unit).current().exists()
