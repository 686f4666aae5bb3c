"""A copied chip: two phones in two countries within the hour, a mail to staff, and a decision on the evidence."""

import re

import pytest
from django.core import mail

from analytics.models import Doubt
from analytics.tasks import sweep_doubts
from experiences.tasks import tell_staff_of_doubts
from tests import factories
from tests.journeys.conftest import read
from tests.journeys.test_agent import log_in

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def phone_in(browser, live_server, settings):
    """A phone of its own behind an edge that names its country."""
    settings.COUNTRY_HEADER = "X-Country"
    contexts = []

    def phone(country):
        context = browser.new_context(extra_http_headers={"X-Country": country})
        contexts.append(context)
        return context.new_page()

    yield phone
    for context in contexts:
        context.close()


@pytest.mark.parametrize("width", [390, 1280])
def test_two_phones_in_two_countries_raise_a_doubt_that_an_agent_decides(
    live_server, page, phone_in, acme, unit, chip, width
):
    page.set_viewport_size({"width": width, "height": 844})
    boss = factories.staff(acme, "boss", "brand_admin")
    at_home, far_away = phone_in("FR"), phone_in("JP")
    for phone in (at_home, far_away):
        phone.goto(live_server.url + chip.tap())
        assert read(phone).verdict == "genuine"

    # Beat's rounds, twice: the second changes nothing and writes nothing.
    for _round in range(2):
        sweep_doubts()
        tell_staff_of_doubts()
    (letter,) = mail.outbox
    assert (letter.to, letter.subject) == (["boss@acme.example"], "1 new doubt at Acme")
    assert unit.serial in letter.body
    link = re.search(r"http\S+/change/", letter.body)[0]

    log_in(page, live_server.url + link.removeprefix("http://127.0.0.1:8000"), boss)
    evidence = page.locator(".evidence").inner_text()
    assert "FR" in evidence
    assert "JP" in evidence
    page.get_by_role("button", name="Confirm").click()
    page.get_by_text("Give the reason in a few words.").wait_for()
    page.get_by_label("Reason").fill("The chip was lifted off a returned bag")
    page.get_by_role("button", name="Confirm").click()
    page.get_by_text("The doubt is “Confirmed” now.").wait_for()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert Doubt.objects.get().decided_by_id == boss.pk

    page.get_by_role("link", name="The unit and its history").click()
    page.get_by_text("Far apart in a short time: Confirmed").wait_for()
    # Whoever holds either phone learns nothing of it.
    for phone in (at_home, far_away):
        phone.goto(live_server.url + chip.tap())
        seen = read(phone)
        assert (seen.verdict, seen.flags) == ("genuine", "")
        for word in ("copy", "copied", "clone", "doubt", "lifted", "far apart"):
            assert word not in seen.words.lower()
