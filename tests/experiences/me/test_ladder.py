"""The trust ladder through HTTP: who sees what, and who may do what (PRODUCT.md, "Trust ladder"; C3, A9)."""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass

import pytest
import time_machine
from allauth.account.models import EmailAddress
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone

from experiences.devices import DEVICE_COOKIE, remember_in_browser
from ownership.models import Ownership
from ownership.services import start_ownership
from products.services.devices import remember_device
from tests import factories
from tests.experiences.test_confirming_later import reopened
from tests.experiences.test_registering import viewer

pytestmark = pytest.mark.django_db

SEES, CODE, REFUSED = "sees it", "asked for a code", "refused"
RUNGS = ("looking", "holding", "reachable", "owner", "stale owner", "rival's owner", "staff")


@dataclass(frozen=True)
class Act:
    """A request, and what it comes to on each rung."""

    path: str
    outcomes: tuple[str, ...]  # in the order of RUNGS


ACTS = {
    "the unit's page": Act("/u/{code}/", (SEES,) * 7),
    "its care": Act("/u/{code}/care/", (SEES,) * 7),
    "my things": Act("/me/", (CODE, CODE, SEES, SEES, CODE, SEES, CODE)),
    "my details": Act("/me/details/", (CODE, CODE, SEES, SEES, CODE, SEES, CODE)),
    "what an owner wrote down of the purchase": Act(
        "/u/{code}/purchase/", (CODE, CODE, REFUSED, SEES, CODE, REFUSED, CODE)
    ),
    "reporting it lost": Act("/u/{code}/lost/", (CODE, CODE, REFUSED, SEES, CODE, REFUSED, CODE)),
    "sharing its history": Act("/u/{code}/history/share/", (CODE, CODE, REFUSED, SEES, CODE, REFUSED, CODE)),
    "letting it go": Act("/u/{code}/gone/", (CODE, CODE, REFUSED, SEES, CODE, REFUSED, CODE)),
}
VIEWERS = {
    "looking": "looking", "holding": "holding", "reachable": "reachable", "owner": "owner",
    "stale owner": "owner", "rival's owner": "reachable", "staff": "looking",
}  # fmt: skip


def browser_of(person) -> Client:
    """Return a browser that is remembered for this person."""
    answer = HttpResponse()
    remember_in_browser(answer, remember_device(person=person, now=timezone.now()))
    client = Client()
    client.cookies[DEVICE_COOKIE] = answer.cookies[DEVICE_COOKIE].value
    return client


def confirmed(name: str):
    person = factories.PersonFactory()
    EmailAddress.objects.create(user=person, email=f"{name}@example.com", verified=True, primary=True)
    return person


@pytest.fixture
def rungs(owner, chip, acme, globex) -> dict[str, Callable[[], Client]]:
    def holding() -> Client:
        client = Client()
        client.get(chip.tap())
        return client

    def rival() -> Client:
        person = confirmed("bob")
        theirs = factories.UnitFactory(product=factories.ProductFactory(brand=globex))
        now = timezone.now()
        start_ownership(
            unit=theirs, owner=factories.OwnerFactory(brand=globex, person=person), since=now, now=now
        )
        return browser_of(person)

    def staff() -> Client:
        client = Client()
        client.force_login(factories.staff(acme, "agent", "support_agent"))
        return client

    return {
        "looking": Client,
        "holding": holding,
        "reachable": lambda: browser_of(confirmed("carol")),
        "owner": lambda: reopened(owner),
        "stale owner": lambda: reopened(owner),
        "rival's owner": rival,
        "staff": staff,
    }


def outcome(response) -> str:
    if response.status_code == 302 and response.url.startswith("/me/enter/?next="):
        return CODE
    return {200: SEES, 403: REFUSED}[response.status_code]


@pytest.mark.parametrize("act", ACTS)
@pytest.mark.parametrize("rung", RUNGS)
def test_who_may(rungs, unit, rung, act):
    client = rungs[rung]()
    later = timezone.now() + dt.timedelta(days=91 if rung == "stale owner" else 0)
    with time_machine.travel(later):
        response = client.get(ACTS[act].path.format(code=unit.public_code))
    assert outcome(response) == ACTS[act].outcomes[RUNGS.index(rung)]


@pytest.mark.parametrize("rung", RUNGS)
def test_the_page_says_on_which_rung_one_stands(rungs, unit, rung):
    assert viewer(rungs[rung](), unit) == VIEWERS[rung]


def test_who_sees_only_their_own(rungs, unit):
    """A person whom the browser knows, and who owns nothing here, sees nothing of the unit's owner."""
    for rung in ("reachable", "rival's owner"):
        page = rungs[rung]().get("/me/").content.decode()
        assert unit.serial not in page
        assert "alice" not in page.lower()
    assert Ownership.objects.get(unit=unit).owner.email == "alice@example.com"
