"""Statements per page of the console do not grow with its rows; home counts what stands in the rows."""

import datetime as dt

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from analytics.models import ForgedLinkCount, Scan
from products.models import Job
from tests import factories
from tests.config.console_rows import ROWS
from tests.config.test_console_tenancy import console, url

pytestmark = pytest.mark.django_db


def statements(client, path: str) -> int:
    with CaptureQueriesContext(
        connection,
    ) as seen:
        assert client.get(path).status_code == 200
    return len(seen)


@pytest.mark.parametrize("label", sorted(set(ROWS) - {"products.brand"}))
def test_a_list_costs_the_same_with_1_and_20_rows(label, acme):
    client = console(factories.staff(acme, "boss", "brand_admin"))
    ROWS[label](acme)
    client.get(url(label, "changelist"))
    few = statements(client, url(label, "changelist"))
    for _row in range(19):
        ROWS[label](acme)
    many = statements(client, url(label, "changelist"))
    assert many == few
    assert few <= 14


def test_the_list_of_brands_costs_the_same_with_1_and_20_rows(acme):
    client = console(factories.operator())
    client.get("/console/products/brand/")
    few = statements(client, "/console/products/brand/")
    factories.BrandFactory.create_batch(19)
    assert statements(client, "/console/products/brand/") == few


def test_home_costs_the_same_with_1_and_20_rows_of_everything(acme):
    client = console(factories.staff(acme, "boss", "brand_admin"))
    few = statements(client, "/console/")
    for label in ("analytics.scan", "analytics.event", "products.job", "analytics.forgedlinkcount"):
        for _row in range(20):
            ROWS[label](acme)
    assert statements(client, "/console/") == few
    assert few <= 20


def test_a_units_page_costs_the_same_however_long_its_history(acme, sam, unit, chip, alice):
    client = console(sam)
    past = dt.datetime(2025, 1, 1, tzinfo=dt.UTC)
    factories.own(unit, alice, past)
    page = reverse("admin:products_unit_change", args=[unit.pk])
    client.get(page)
    few = statements(client, page)
    from analytics.kinds import Flag
    from analytics.services import lower_flag, raise_flag

    for day in range(20):
        now = past + dt.timedelta(days=day)
        raise_flag(unit, Flag.LOST, now=now, actor_id=sam.pk)
        lower_flag(unit, Flag.LOST, now=now, actor_id=sam.pk)
        Scan.objects.create(at=now, brand=acme, unit=unit, verdict="genuine", stage="ownership", visitor="v")
    assert statements(client, page) == few
    assert few <= 32


def test_the_look_up_costs_the_same_with_1_and_20_hits(sam, acme, alice):
    client = console(sam)
    for _unit in range(2):
        factories.UnitFactory(product=factories.full_product(acme), serial="SAME-1")
    client.get("/console/look-up/?q=same-1")
    few = statements(client, "/console/look-up/?q=same-1")
    for _unit in range(18):
        factories.UnitFactory(product=factories.full_product(acme), serial="SAME-1")
    assert statements(client, "/console/look-up/?q=same-1") == few


def test_home_counts_the_rows_of_today_and_of_the_own_brand(acme, globex, unit, alice):
    now = timezone.now()
    rival = factories.UnitFactory(product=factories.full_product(globex))

    def scan(of, verdict, at=now):
        Scan.objects.create(at=at, brand=of.brand, unit=of, verdict=verdict, stage="discovery", visitor="v")

    for verdict in ("genuine", "genuine", "replayed", "identified"):
        scan(unit, verdict)
    scan(unit, "genuine", now - dt.timedelta(days=2))
    scan(rival, "genuine")
    factories.own(unit, alice, now)
    factories.facts(unit, lost=True)
    factories.facts(rival, lost=True)
    Job.objects.create(brand=acme, kind="import_units", state="running")
    for brand, links in ((acme, 5), (globex, 7)):
        ForgedLinkCount.objects.create(
            brand=brand, profile=brand.slug, day=now.date(), reason="mac_mismatch", links=links
        )
    client = console(factories.staff(acme, "boss", "brand_admin"))
    numbers = {number.label: number for number in client.get("/console/").context["numbers"]}
    assert [numbers[label].value for label in ("Taps", "Genuine", "Link used before")] == [4, 2, 1]
    assert numbers["Genuine"].note == "of 4 taps"
    assert "Europe/Paris" in numbers["Taps"].period
    assert numbers["Registrations"].value == 0
    assert numbers["Forged links"].value == 5
    assert numbers["Units flagged"].value == 1
    assert numbers["Units flagged"].note == "of 1 units: 1 Reported lost"
    assert numbers["Running jobs"].value == 1
    for number in numbers.values():
        assert client.get(f"/console/{number.url}").status_code == 200, number


def test_roles_that_do_not_read_the_ledger_get_no_numbers(acme):
    client = console(factories.staff(acme, "editor", "content_editor"))
    assert client.get("/console/").context["numbers"] == []


def test_a_form_costs_the_same_with_1_and_10_rows_in_its_tables(acme, bag):
    client = console(factories.staff(acme, "boss", "brand_admin"))
    pages = [url("products.product", "change", bag.pk), url("products.brand", "change", acme.pk)]
    bag.variants.create(code="V-0")
    acme.markets.create(country="FR", time_zone="Europe/Paris")
    for page in pages:
        client.get(page)
    few = [statements(client, page) for page in pages]
    for number in range(1, 10):
        bag.variants.create(code=f"V-{number}")
        factories.TradeItemFactory(product=bag)
        material = ROWS["products.material"](acme)
        bag.composition.create(material=material)
        factories.staff(acme, f"colleague-{number}", "analyst")
        acme.domains.create(host=f"care-{number}.acme.example")
    assert [statements(client, page) for page in pages] == few
