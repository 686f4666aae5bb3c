"""An agent at a desk: the pasted link of a tap opens the unit with all that one needs to answer its owner."""

import pytest
from django.utils import timezone

from analytics.models import Scan
from ownership.models import ConsentWording
from ownership.models.registrations import ContactKind, Proof
from ownership.services.registrations import RegistrationForm, send_registration
from products.models import AuditRow
from tests import factories
from warranty.models import Coverage, CoveragePlan
from warranty.services import activate_coverage

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PASSWORD = "a long enough sentence"
SECRET = "JBSWY3DPEHPK3PXP"


@pytest.fixture(params=[390, 1280], ids=["on a phone", "at a desk"])
def page(request, page):
    page.set_viewport_size({"width": request.param, "height": 844})
    return page


@pytest.fixture
def registered(acme, unit):
    """Alice registered the unit a minute ago, holding it, and agreed to news."""
    CoveragePlan.objects.create(brand=acme, names={"en": "Two years"}, months=24)
    ConsentWording.objects.create(brand=acme, purpose="marketing", version=1, texts={"en": "Write to me."})
    form = RegistrationForm("a" * 32, ContactKind.EMAIL, "alice@owner.example", "Alice", True, "en")
    send_registration(unit_id=unit.pk, form=form, proof=Proof.HOLDING, now=timezone.now())
    return activate_coverage(unit_id=unit.pk, now=timezone.now())


def log_in(page, address: str, person) -> None:
    """By password, then by the authenticator app's code."""
    person.set_password(PASSWORD)
    person.save()
    factories.with_second_factor(person, SECRET)
    page.goto(address)
    page.locator("input[name=login]").fill(person.username)
    page.locator("input[name=password]").fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()
    page.locator("input[name=code]").wait_for()
    page.locator("input[name=code]").fill(factories.code_of_app(SECRET))
    with page.expect_navigation(url=address):
        page.get_by_role("button", name="Log in").click()


def test_an_agent_pastes_the_link_and_sees_the_owner_the_coverage_and_why_this_stage(
    live_server, page, sam, chip, unit, registered
):
    """G1: one search to the whole history; and looking at a link consumes nothing of the chip."""
    link = live_server.url + chip.tap()
    log_in(page, f"{live_server.url}/console/", sam)
    assert page.get_by_role("heading", name="What to do next").is_visible()
    assert page.get_by_role("link", name="1 owner has not confirmed the address").is_visible()

    page.keyboard.press("/")
    page.keyboard.insert_text(link)
    with page.expect_navigation(url="**/products/unit/*/change/"):
        page.keyboard.press("Enter")

    def card(name: str) -> str:
        return page.get_by_role("region", name=name).inner_text()

    assert page.get_by_role("heading", name=unit.serial).is_visible()
    assert "alice@owner.example" in card("Owner")
    assert "News and offers, version 1: agreed" in card("Owner")
    coverage = Coverage.objects.get(unit=unit)
    assert coverage.ends_on.isoformat() in card("Coverage")
    assert "days left" in card("Coverage")
    assert "Held the unit: a verified tap" in card("Coverage")
    assert "Who taps it now gets Onboarding" in card("Why this stage")
    for told in ("Registration sent", "New owner", "Warranty activated", "Consent given"):
        assert told in card("Timeline")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert not Scan.objects.exists()
    assert AuditRow.objects.filter(action="read_owner", actor_id=sam.pk).exists()

    with page.expect_navigation(url="**/certificate/**"):
        page.get_by_role("link", name=coverage.certificate_code).click()
    assert unit.serial in page.locator("main").inner_text()
