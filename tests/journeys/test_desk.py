"""C12 to C14 at the desk, in a browser: a sale at the till and its return, a lost address, an organisation's list."""

import datetime as dt
import re
from urllib.parse import urlsplit

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.utils import timezone
from playwright.sync_api import Page, expect

from analytics.models import Event
from ownership.models import Member, Owner, Ownership
from tests import factories
from tests.journeys.test_agent import log_in
from tests.journeys.test_owners_of_a_life import a_phone
from tests.journeys.usable import assert_everybody_can_use, assert_nothing_is_wider_than_the_screen
from tests.reading import code_in_mail
from warranty.models import Coverage, CoveragePlan

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture(autouse=True)
def _covered(acme):
    CoveragePlan.objects.create(brand=acme, names={"en": "Two years"}, months=24)


@pytest.fixture(autouse=True)
def _own_folder(tmp_path, settings):
    backend = {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": tmp_path / "private"},
    }
    settings.STORAGES = {**settings.STORAGES, "default": backend}


def link_in_mail(part: str, to: str) -> str:
    """Return the path of the link in the last letter to this address that holds one."""
    letters = [letter.body for letter in mail.outbox if letter.to == [to] and part in letter.body]
    return urlsplit(re.search(rf"\S+{part}\S+", letters[-1]).group()).path


def assert_fits_a_counter_phone(page: Page) -> None:
    page.set_viewport_size({"width": 320, "height": 844})
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), page.url
    page.set_viewport_size({"width": 390, "height": 844})


def test_a_boutique_sells_at_the_till_and_takes_it_back(live_server, browser, page: Page, unit, sam):
    """C12: found by its serial number, sold, the customer's first page; returned, it is nobody's."""
    console = f"{live_server.url}/console/"
    log_in(page, console, sam)
    page.goto(f"{console}till/")
    assert_fits_a_counter_phone(page)
    page.locator("#till-q").fill("NO-SUCH-UNIT")
    page.locator("#till-q").press("Enter")
    expect(page.get_by_text("No unit of yours was found")).to_be_visible()
    expect(page.locator("#till-q")).to_have_value("NO-SUCH-UNIT")
    page.locator("#till-q").fill(unit.serial)
    page.locator("#till-q").press("Enter")
    expect(page.get_by_text("How to undo it")).to_be_visible()
    assert_fits_a_counter_phone(page)
    page.locator("input[name=contact]").fill("carol at example")
    page.locator("input[name=name]").fill("Carol Cole")
    page.locator("form.act button[type=submit]").click()
    expect(page.locator("form.act .errorlist")).to_be_visible()
    expect(page.locator("input[name=name]")).to_have_value("Carol Cole")
    page.locator("input[name=contact]").fill("carol@example.com")
    page.locator("form.act button[type=submit]").click()
    expect(page.get_by_text("It is sold, and under warranty.")).to_be_visible()

    carol = a_phone(browser, [])
    carol.goto(live_server.url + link_in_mail("/confirm/", "carol@example.com"))
    assert_everybody_can_use(carol)
    carol.locator("[data-action=confirm]").click()
    home = f"{live_server.url}/u/{unit.public_code}/"
    carol.goto(home)
    expect(carol.locator("main")).to_have_attribute("data-viewer", "owner")
    expect(carol.locator("main")).to_have_attribute("data-stage", "onboarding")

    page.goto(f"{console}products/unit/{unit.pk}/act/return/")
    assert_fits_a_counter_phone(page)
    page.locator("form.act button[type=submit]").click()
    expect(page).to_have_url(re.compile(rf"/unit/{unit.pk}/change/"))
    assert not Ownership.objects.current().exists()
    carol.goto(home)
    expect(carol.locator("main")).not_to_have_attribute("data-viewer", "owner")
    page.goto(f"{console}products/unit/{unit.pk}/act/till/")
    expect(page.locator("input[name=contact]")).to_have_value("")


def test_an_owner_who_lost_the_address_comes_in_by_the_new_one(
    live_server, browser, page: Page, unit, chip, alice, sam
):
    """C13: tapped and proven on the telephone; the reader of the new address is in, and passes nothing on yet."""
    person = factories.PersonFactory()
    EmailAddress.objects.create(user=person, email=alice.email, verified=True, primary=True)
    Owner.objects.filter(pk=alice.pk).update(person=person)
    factories.own(unit, alice, timezone.now() - dt.timedelta(days=100))
    phone = a_phone(browser, [])
    phone.goto(live_server.url + chip.tap())
    expect(phone.locator("main")).to_have_attribute("data-viewer", "holding")

    log_in(page, f"{live_server.url}/console/", sam)
    recover = f"{live_server.url}/console/owners/{alice.pk}/recover/"
    page.goto(recover)
    assert_fits_a_counter_phone(page)
    page.locator("input[name=contact]").fill("new@example.com")
    page.locator("input[name=shown]").first.check()
    page.locator("input[name=reason]").fill(" ")
    page.locator("form.act button[type=submit]").click()
    expect(page.locator("input[name=contact]")).to_have_value("new@example.com")
    page.locator("input[name=reason]").fill("Read the receipt out")
    page.locator("form.act button[type=submit]").click()
    expect(page.get_by_text("Nothing changes before it is confirmed.")).to_be_visible()

    link = live_server.url + link_in_mail("/recover/", "new@example.com")
    phone.goto(link)
    assert_everybody_can_use(phone)
    phone.locator("[data-action=confirm]").click()
    expect(phone).to_have_url(f"{live_server.url}/me/")
    expect(phone.get_by_text(unit.serial)).to_be_visible()
    assert phone.goto(link).status == 410
    assert Event.objects.get(kind="owner.recovered").actor_id == sam.pk

    phone.goto(f"{live_server.url}/u/{unit.public_code}/transfer/")
    phone.locator("select[name=kind]").select_option("gift")
    phone.locator("[data-action=offer]").click()
    expect(phone.locator("[data-flag=problem]")).to_be_visible()
    assert alice.email not in phone.content()


def test_an_organisations_list_becomes_its_fleet_and_goes_on_to_another(
    live_server, browser, page: Page, acme, bag, sam
):
    """C14: the list is checked, staff approve it, its units are the fleet's; two go on under one link."""
    works = Owner.objects.create(brand=acme, kind="organisation", name="Works", email="works@example.com")
    boss = factories.PersonFactory(last_login=timezone.now())
    EmailAddress.objects.create(user=boss, email="ann@example.com", verified=True, primary=True)
    factories.OwnerFactory(brand=acme, person=boss, name="Ann", email="ann@example.com")
    Member.objects.create(owner=works, person=boss, role="admin", since=timezone.now())
    units = [factories.UnitFactory(product=bag, serial=f"W-{number}") for number in range(2)]
    ann = a_phone(browser, [])
    remember(ann, live_server.url, boss)
    fleet = f"{live_server.url}/me/fleet/{works.pk}/"
    ann.goto(f"{fleet}register/")
    choose(ann, "list.csv", b"PK\x03\x04")
    expect(ann.locator(".error").first).to_be_visible()
    rows = "".join(f"{unit.trade_item.gtin},{unit.serial}\n" for unit in units)
    choose(ann, "list.csv", f"gtin,serial\n{rows}".encode())
    ann.locator("[data-action=send-list]").click()
    expect(ann.locator("[data-list=waiting]")).to_be_visible()
    ann.goto(f"{fleet}register/")  # what was sent is not there to be sent again
    expect(ann.locator("[data-action=send-list]")).to_have_count(0)
    assert not Ownership.objects.exists()

    page.set_viewport_size({"width": 1280, "height": 900})
    log_in(page, f"{live_server.url}/console/", sam)
    page.goto(f"{live_server.url}/console/ownership/bulkrequest/")
    page.locator("#result_list tbody th a").click()
    page.get_by_role("button", name="Approve and register").click()
    expect(page.locator("main")).to_be_visible()
    ann.goto(fleet)
    for unit in units:
        expect(ann.get_by_text(unit.serial)).to_be_visible()
        ann.locator(f"#unit-{unit.pk}").check()
    assert_nothing_is_wider_than_the_screen(ann)
    ann.locator("[data-action=pass-on]").click()
    ann.locator("select[name=kind]").select_option("sale")
    ann.locator("[data-action=offer]").click()
    link = ann.locator("a.code").inner_text()

    bob = a_phone(browser, [])
    bob.goto(live_server.url + urlsplit(link).path)
    bob.locator("input[name=contact]").fill("bob@example.com")
    bob.locator("[data-action=accept]").click()
    bob.locator("input[name=code]").fill(code_in_mail())
    bob.locator("[data-action=confirm]").click()
    expect(bob.locator("main")).to_be_visible()
    assert {row.owner.email for row in Ownership.objects.current()} == {"bob@example.com"}
    assert Coverage.objects.count() == 2
    ann.goto(fleet)
    expect(ann.get_by_text("W-0")).to_have_count(0)


def remember(page: Page, server: str, person) -> None:
    """Let the person's browser be one that we know."""
    from tests.experiences.test_people import browser_of

    cookie = browser_of(person).cookies["device"].value
    page.context.add_cookies([{"name": "device", "value": cookie, "url": server}])


def choose(page: Page, name: str, content: bytes) -> None:
    page.locator("input[name=file]").set_input_files(
        {"name": name, "mimeType": "text/csv", "buffer": content}
    )
    page.locator("[data-action=check-list]").click()
