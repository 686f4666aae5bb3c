"""C8, C9 in a browser: an owner agrees and takes it back, takes their data along, and is forgotten."""

import datetime as dt
import json
import zipfile

import pytest
from django.core import signing
from django.utils import timezone
from playwright.sync_api import Page, expect

from experiences.tasks import run_due_data_requests
from ownership.models import ConsentWording, DataRequest, Owner, Ownership
from products.services.devices import remember_device
from tests import factories
from tests.experiences.test_my_consents import person  # noqa: F401

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def owned(unit, alice, person, acme) -> Ownership:  # noqa: F811
    ConsentWording.objects.create(
        brand=acme, purpose="marketing", version=1, texts={"en": "News by mail, please."}
    )
    return factories.own(unit, alice, timezone.now() - dt.timedelta(days=40))


def test_an_owner_takes_their_data_along_and_is_forgotten(
    live_server, page: Page, context, alice, person, owned, tmp_path  # noqa: F811
):  # fmt: skip
    device = remember_device(person=person, now=timezone.now())
    cookie = signing.dumps([[device.pk, device.epoch]], salt="experiences.devices")
    context.add_cookies([{"name": "device", "value": cookie, "url": live_server.url}])
    page.goto(f"{live_server.url}/me/consents/")
    page.get_by_role("button", name="I agree").click()
    expect(page.get_by_text("You agreed on")).to_be_visible()
    page.get_by_role("button", name="Take it back").click()
    expect(page.get_by_text("You have not agreed.")).to_be_visible()

    page.goto(f"{live_server.url}/me/data/")
    page.get_by_role("button", name="Put it together for me").click()
    with page.expect_download() as fetched:
        page.get_by_role("link", name="Fetch the archive").click()
    path = tmp_path / "mine.zip"
    fetched.value.save_as(path)
    with zipfile.ZipFile(path) as archive:
        assert json.loads(archive.read("data.json"))["data"]["owner"][0]["name"] == "Alice Archer"

    page.get_by_role("link", name="See what that means").click()
    expect(page.get_by_text("registered to nobody")).to_be_visible()
    page.get_by_role("button", name="Forget me").click()
    expect(page.get_by_text("Your data will be erased on")).to_be_visible()
    page.get_by_role("button", name="Call it off").click()
    expect(page.get_by_role("link", name="See what that means")).to_be_visible()
    page.get_by_role("link", name="See what that means").click()
    page.get_by_role("button", name="Forget me").click()
    expect(page.get_by_role("button", name="Call it off")).to_be_visible()
    DataRequest.objects.filter(state="waiting").update(due_at=timezone.now())
    run_due_data_requests()
    page.goto(f"{live_server.url}/me/")
    expect(page.get_by_role("heading", name="Your things")).to_be_visible()
    assert Owner.objects.get(pk=alice.pk).name == ""
    assert Ownership.objects.get(pk=owned.pk).ordinal == 1
