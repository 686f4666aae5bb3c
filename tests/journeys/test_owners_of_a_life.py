"""A bag and its people: Alice registers it and sells it to Bob, who taps it; then Alice wants to be forgotten.

Afterwards nobody's name or address stands in a log, in an address of a page, or in the ledger.
"""

import datetime as dt
import json
import logging

import pytest
import time_machine
from django.core import mail
from django.db import connection
from django.utils import timezone
from playwright.sync_api import Page, expect

from analytics.models import Event
from experiences.models import Message
from experiences.tasks import run_due_data_requests
from ownership.models import Ownership
from products.models import Unit
from tests.journeys.test_first_tap import modules_of, stage_and_action
from tests.reading import code_in_mail
from warranty.models import Coverage, CoveragePlan

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

ALICE, BOB = ("alice.archer@example.com", "Alice Archer"), ("bob.baker@example.com", "Bob Baker")
NAMES = ("alice.archer", "Alice Archer", "bob.baker", "Bob Baker")


@pytest.fixture
def covered(acme, unit) -> Unit:
    """A bag that was sold yesterday, with two years of warranty waiting for it."""
    CoveragePlan.objects.create(brand=acme, names={"en": "Two years"}, months=24)
    Unit.objects.filter(pk=unit.pk).update(sold_on=(timezone.now() - dt.timedelta(days=1)).date())
    return unit


@pytest.fixture
def asked() -> list[str]:
    """The addresses that the browsers of this test asked for."""
    return []


def a_phone(browser, asked) -> Page:
    """A phone of its own: no cookies of anybody else."""
    context = browser.new_context(viewport={"width": 390, "height": 844}, locale="en-GB")
    context.on("request", lambda request: asked.append(request.url))
    return context.new_page()


def become_owner(page: Page, who: tuple[str, str], action: str) -> None:
    page.locator("input[name=contact]").fill(who[0])
    page.locator("input[name=name]").fill(who[1])
    page.locator(f"[data-action={action}]").click()


def confirm(page: Page, server: str, unit: Unit) -> None:
    page.goto(f"{server}/u/{unit.public_code}/confirm/")
    page.locator("input[name=code]").fill(code_in_mail())
    page.locator("[data-action=confirm]").click()
    expect(page.locator("main")).to_have_attribute("data-viewer", "owner")


def everything_written() -> str:
    """Return every text of every table, as the database keeps it."""
    texts = []
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT * FROM "{table}"')
            texts += [
                str(value) for row in cursor.fetchall() for value in row if isinstance(value, str | dict)
            ]
    return "\n".join(texts)


def test_alice_sells_to_bob_and_is_forgotten_while_the_history_stays_true(
    live_server, browser, chip, covered, asked, caplog, mailoutbox
):
    """C1, C4, B6, C9: from the first owner to the second, and what stays of the first."""
    caplog.set_level(logging.INFO)
    home = f"{live_server.url}/u/{covered.public_code}/"
    alice = a_phone(browser, asked)
    alice.goto(live_server.url + chip.tap())
    become_owner(alice, ALICE, "register")
    expect(alice).to_have_url(f"{home}welcome/")
    confirm(alice, live_server.url, covered)
    ends_on = Coverage.objects.get(unit=covered).ends_on

    alice.goto(f"{home}transfer/")
    alice.locator("select[name=kind]").select_option("sale")
    alice.locator("[data-action=offer]").click()
    expect(alice.locator("[data-action=call-off]")).to_be_visible()

    bob = a_phone(browser, asked)
    bob.goto(live_server.url + chip.tap())
    assert stage_and_action(bob) == ("resale", "holding", "transfer")
    assert "transfer" in bob.locator("main").get_attribute("data-flags")
    bob.locator("[data-action=transfer]").click()
    become_owner(bob, BOB, "accept")
    expect(bob.locator("main")).to_have_attribute("data-viewer", "owner")
    confirm(bob, live_server.url, covered)
    bob.goto(home)
    assert stage_and_action(bob)[:2] == ("resale", "owner")
    assert "provenance" in modules_of(bob)
    expect(bob.get_by_text("It had 1 owner before you")).to_be_visible()
    assert "Alice" not in bob.content()
    assert Coverage.objects.get(unit=covered).ends_on == ends_on
    alice.goto(home)
    assert stage_and_action(alice)[1] == "reachable"
    assert "Bob" not in alice.content()
    letters = set(Message.objects.filter(state="sent").values_list("kind", "owner__email"))
    assert {("transfer_given", ALICE[0]), ("transfer_taken", BOB[0])} <= letters
    assert {ALICE[0], BOB[0]} == {message.to[0] for message in mail.outbox}

    alice.goto(f"{live_server.url}/me/data/")
    alice.locator("[data-action=forget]").click()
    alice.locator("[data-action=forget]").click()
    expect(alice.locator("[data-action=keep]")).to_be_visible()
    ledger = Event.objects.filter(unit_id=covered.pk).count()
    with time_machine.travel(timezone.now() + dt.timedelta(days=15)):
        run_due_data_requests()
    words = everything_written()
    assert "alice" not in words.lower()
    assert BOB[0] in words

    first, second = Ownership.objects.of_unit(covered)
    assert (first.ordinal, first.until is not None, str(first.owner.name)) == (1, True, "")
    assert (second.ordinal, second.until, second.owner.email) == (2, None, BOB[0])
    assert Event.objects.filter(unit_id=covered.pk).count() >= ledger
    bob.goto(home)
    expect(bob.get_by_text("It had 1 owner before you")).to_be_visible()
    alice.goto(f"{live_server.url}/me/")
    assert covered.serial not in alice.content()

    told = json.dumps(list(Event.objects.values_list("data", flat=True)))
    for name in NAMES:
        assert name not in told, "the ledger names nobody"
        assert name not in caplog.text, "logs name nobody"
        assert not [url for url in asked if name in url], "addresses of pages name nobody"
    assert asked
    assert caplog.records
