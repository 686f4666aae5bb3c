"""A thing with a printed code alone changes hands: the seller reads the code out, the buyer types it."""

import datetime as dt

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from ownership.models import Ownership, Transfer
from products.models import Unit
from tests.journeys.test_owners_of_a_life import ALICE, BOB, a_phone, become_owner
from tests.journeys.usable import assert_everybody_can_use
from tests.reading import code_in_mail
from warranty.models import CoveragePlan

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def printed(acme, bag) -> Unit:
    """A bag with a QR code and no chip, sold yesterday."""
    CoveragePlan.objects.create(brand=acme, names={"en": "Two years"}, months=24)
    unit = Unit.objects.create(
        brand=acme, product=bag, trade_item=bag.trade_items.get(), serial="AC-0007",
        sold_on=(timezone.now() - dt.timedelta(days=1)).date(),
    )  # fmt: skip
    return unit


def enter_code(page) -> None:
    page.locator("input[name=code]").fill(code_in_mail())
    page.locator("[data-action=confirm]").click()
    expect(page.locator("main")).to_have_attribute("data-viewer", "owner")


def test_a_thing_with_a_printed_code_changes_hands_by_the_code_that_is_read_out(
    live_server, browser, printed, mailoutbox
):
    """C4, A9, B6: without a chip, by the owner's code and a confirmed address."""
    home = f"{live_server.url}/u/{printed.public_code}/"
    alice = a_phone(browser, [])
    alice.goto(f"{home}register/")
    become_owner(alice, ALICE, "register")
    enter_code(alice)
    alice.goto(f"{home}transfer/")
    alice.locator("select[name=kind]").select_option("gift")
    alice.locator("[data-action=offer]").click()
    assert_everybody_can_use(alice)
    spoken = alice.locator("dd .code").first.inner_text()

    bob = a_phone(browser, [])
    bob.goto(f"{live_server.url}/q/{printed.public_code}")
    expect(bob.locator("main")).to_have_attribute("data-stage", "resale")
    bob.locator("[data-action=transfer]").click()
    bob.locator("input[name=code]").fill("0000 0000 0000 0000 0000")
    bob.locator("[data-action=code]").click()
    expect(bob.locator(".error")).to_be_visible()
    assert_everybody_can_use(bob)
    bob.locator("input[name=code]").fill(spoken.replace("-", " ").upper())
    bob.locator("[data-action=code]").click()
    assert_everybody_can_use(bob)
    become_owner(bob, BOB, "accept")
    assert Ownership.objects.count() == 1, "the address comes first"
    enter_code(bob)
    expect(bob.get_by_text("It had 1 owner before you")).to_be_visible()
    assert "Alice" not in bob.content()
    assert Transfer.objects.get().state == "accepted"
    assert Ownership.objects.get(until=None).owner.email == BOB[0]
    alice.goto(home)
    assert alice.locator("main").get_attribute("data-viewer") != "owner"
