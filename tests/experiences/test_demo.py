"""The demo: what it hands out works, a second run changes nothing, and its dates stay fresh."""

import datetime as dt
import io
import json
import re
from urllib.parse import urlsplit

import pytest
from django.apps import apps
from django.core import serializers
from django.core.cache import cache
from django.core.files.storage import storages
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client
from django.utils import timezone

from analytics.models import Doubt, Event, Scan, UnitActivity, UnitFacts
from experiences.demo.catalogue import load_pictures
from experiences.demo.houses import HOUSES
from experiences.demo.listing import list_units
from experiences.demo.load import DemoError, load_demo, shares
from experiences.demo.showcase import SHOWCASE
from experiences.models import BlockKind, ContentBlock, DemoLoad
from ownership.models import Consent, Ownership, Registration, Transfer
from ownership.services.transfers import cancel_transfer
from products.days import day_in, last_day, market_zones, zone_of
from products.digital_link import normalise_gtin
from products.models import ChipProfile, Person, Product, TradeItem, Unit
from tests.reading import code_in_mail
from warranty.models import Coverage

pytestmark = pytest.mark.django_db

STAGES = {"discovery", "unboxing", "onboarding", "ownership", "maturity", "resale", "retired"}
SHOWN = len(HOUSES) * len(SHOWCASE)


@pytest.fixture(autouse=True)
def _without_slow_parts(monkeypatch, request):
    """Pictures and partitions have a test each; elsewhere they would only take time."""
    if "in_partitions" not in request.node.name:
        monkeypatch.setattr("experiences.demo.load.load_pictures", lambda _house: 0)
        monkeypatch.setattr("experiences.demo.load.ensure_partitions", lambda _start, _end: [])


@pytest.fixture
def now():
    return timezone.now()


def demo(*arguments: str) -> str:
    out = io.StringIO()
    call_command("demo", *arguments, stdout=out)
    return out.getvalue()


def everything() -> dict[str, str]:
    """All rows of the house's own tables, by table."""
    labels = ("products", "analytics", "ownership", "warranty", "experiences", "mfa", "account")
    return {
        model._meta.label: serializers.serialize("json", model._default_manager.order_by("pk"))
        for label in labels
        for model in apps.get_app_config(label).get_models()
    }


def open_link(client, link: str):
    parts = urlsplit(link)
    path = f"{parts.path}?{parts.query}" if parts.query else parts.path
    return client.get(path, headers={"host": parts.netloc})


def main_attributes(response) -> dict[str, str]:
    main = re.search(r"<main([^>]*)>", response.content.decode()).group(1)
    return dict(re.findall(r'data-([a-z]+)="([^"]*)"', main))


def test_every_link_leads_an_anonymous_visitor_to_the_stage_it_announces():
    """Each chip link is fresh and genuine, each page shows the announced stage."""
    listed = json.loads(demo("--units", "75", "--json"))
    units = listed["units"] + listed["qr_only"]
    assert len(units) == 75
    assert all(unit["tap_url"] for unit in listed["units"])
    assert not any(unit["tap_url"] for unit in listed["qr_only"])
    assert list(units[0]) == ["serial", "gtin", "brand", "stage", "tap_url", "qr_url", "digital_link"]
    for unit in units:
        page = main_attributes(open_link(Client(), unit["tap_url"] or unit["qr_url"]))
        verdict = "genuine" if unit["tap_url"] else "identified"
        assert (page["stage"], page["authenticity"]) == (unit["stage"], verdict), unit


def test_the_owners_whom_one_can_be_enter_by_code_and_have_what_is_said_of_them():
    """In each house somebody passes a piece on and somebody looks for one; there are a fleet and a household."""
    told = json.loads(demo("--units", "150", "--json"))["owners"]
    for house in HOUSES:
        shown = {owner["shows"] for owner in told if owner["brand"] == house.slug}
        assert {"passes a piece on", "looks for a lost piece, and a finder wrote"} <= shown
    assert {"runs a fleet", "shares in a household"} <= {owner["shows"] for owner in told}
    for owner in told:
        cache.clear()  # the limit on ways in from one address
        browser = Client()
        browser.post("/me/enter/", {"contact": owner["address"]})
        browser.post("/me/enter/code/", {"code": code_in_mail()})
        assert browser.get("/me/").status_code == 200, owner


def test_the_demos_chips_are_of_every_kind(now):
    load_demo(units=SHOWN, now=now)
    profiles = list(ChipProfile.objects.all())
    assert any(profile.mode == "lrp" and "an10922" in profile.keys for profile in profiles)
    assert {profile.tamper_loop for profile in profiles} == {"", "seal", "guard"}
    opened = UnitFacts.objects.filter(opened_at__isnull=False)
    assert opened.exists()
    for facts in opened.select_related("unit"):
        event = Event.objects.get(unit=facts.unit_id, kind="seal.opened")
        assert event.at == facts.opened_at
        assert facts.opened_at.date() >= facts.unit.sold_on


def test_printed_codes_and_digital_links_lead_to_the_same_unit():
    for unit in json.loads(demo("--units", "1", "--json"))["units"][::7]:
        for link in (unit["qr_url"], unit["digital_link"]):
            response = open_link(Client(), link)
            assert main_attributes(response)["authenticity"] == "identified"
            assert unit["serial"] in response.content.decode()


def test_every_brand_shows_every_stage_with_and_without_a_chip(now):
    load = load_demo(units=1, now=now)
    listed = list(list_units(load, units=1, now=now))
    for house in HOUSES:
        of_house = [unit for unit in listed if unit.brand == house.slug]
        assert {unit.stage for unit in of_house if unit.tap_url} == STAGES
        assert {unit.stage for unit in of_house if not unit.tap_url} == STAGES


@pytest.mark.parametrize("later", [dt.timedelta(days=7), dt.timedelta(hours=-11), dt.timedelta(hours=11)])
def test_the_showcase_stays_in_its_stages_until_the_dates_are_renewed(now, later):
    load = load_demo(units=1, now=now)
    before = [unit.stage for unit in list_units(load, units=1, now=now)]
    assert [unit.stage for unit in list_units(load, units=1, now=now + later)] == before


def test_a_second_run_changes_nothing_and_prints_the_same():
    first = demo("--units", str(SHOWN + 6), "--json")
    before = everything()
    assert demo("--units", str(SHOWN + 6), "--json") == first
    assert everything() == before
    assert demo("--units", "1", "--json") != first
    assert everything() == before


def test_more_units_come_on_top_of_those_that_are_there(now):
    load_demo(units=SHOWN, now=now)
    codes = set(Unit.objects.values_list("public_code", flat=True))
    load_demo(units=SHOWN + 13, now=now)
    assert Unit.objects.count() == SHOWN + 13
    assert codes <= set(Unit.objects.values_list("public_code", flat=True))


def test_units_are_shared_out_evenly_and_add_up():
    assert shares(1) == [len(SHOWCASE)] * 3
    assert sum(shares(1000)) == 1000
    assert max(shares(1000)) - min(shares(1000)) <= 1


def test_another_seed_makes_other_codes_and_is_refused_beside_the_first(now):
    load_demo(units=1, seed="one", now=now)
    with pytest.raises(DemoError, match="loaded with the seed “one”"):
        load_demo(units=1, seed="two", now=now)
    with pytest.raises(CommandError, match="empty database"):
        demo("--seed", "two")


def test_a_brand_of_the_same_name_is_left_alone(acme, now):
    type(acme).objects.filter(pk=acme.pk).update(slug="corvane")
    with pytest.raises(DemoError, match="“corvane” exists already"):
        load_demo(units=1, now=now)
    assert not DemoLoad.objects.exists()


def dates(now) -> list:
    """Every date and instant that belongs to the showcase's units, in a fixed order."""
    units = Unit.objects.order_by("pk").values_list("made_on", "sold_on", "retired_on")
    scans = Scan.objects.order_by("id").values_list("at", flat=True)
    events = Event.objects.order_by("id").values_list("at", flat=True)
    tenures = Ownership.objects.order_by("pk").values_list("since", "until")
    sent = Registration.objects.order_by("pk").values_list("created_at", "confirmed_at")
    agreed = Consent.objects.order_by("pk").values_list("given_at", "withdrawn_at")
    covered = Coverage.objects.order_by("pk").values_list("activated_at", "starts_on")
    joined = Person.objects.filter(is_staff=False).order_by("pk").values_list("date_joined", flat=True)
    single = [(at,) for at in (*scans, *events, *joined)]
    return [*units, *single, *tenures, *sent, *agreed, *covered]


def test_dates_are_renewed_once_they_are_more_than_a_week_old(now):
    load_demo(units=1, now=now)
    before = dates(now)
    load_demo(units=1, now=now + dt.timedelta(days=7))
    assert dates(now) == before
    load_demo(units=1, now=now + dt.timedelta(days=8))
    week = dt.timedelta(days=8)
    assert dates(now) == [tuple(value and value + week for value in row) for row in before]
    assert DemoLoad.objects.get().anchor == now.date() + week


def test_an_offer_moves_as_a_whole_and_once_it_is_settled_another_waits(now):
    load_demo(units=90, now=now)
    first = Transfer.objects.open().order_by("pk").first()
    lasts = first.expires_at - first.started_at
    load_demo(units=90, now=now + dt.timedelta(days=100))
    moved = Transfer.objects.get(pk=first.pk)
    assert moved.started_at - first.started_at == dt.timedelta(days=100)
    assert moved.expires_at - moved.started_at == lasts
    cancel_transfer(transfer_id=first.pk, owner_id=first.ownership.owner_id, now=now + dt.timedelta(days=100))
    load_demo(units=90, now=now + dt.timedelta(days=100))
    assert Transfer.objects.open().filter(brand=first.brand_id).exclude(pk=first.pk).count() == 1


def test_events_tell_the_renewed_day_of_sale(now):
    load_demo(units=1, now=now)
    load_demo(units=1, now=now + dt.timedelta(days=30))
    for event in Event.objects.filter(kind="unit.sold"):
        sold_on = Unit.objects.get(pk=event.unit_id).sold_on
        assert event.data["sold_on"] == sold_on.isoformat() == event.at.date().isoformat()


def test_terms_of_coverage_still_last_for_months_after_a_renewal(now):
    load_demo(units=90, now=now)
    load_demo(units=90, now=now + dt.timedelta(days=800))
    ends = {}
    for coverage in Coverage.objects.select_related("plan"):
        ends[coverage.unit_id] = coverage.ends_on.isoformat()
        assert coverage.ends_on == last_day(coverage.starts_on, coverage.plan.months)
    said = Event.objects.filter(kind="coverage.activated")
    assert {event.unit_id: event.data["ends_on"] for event in said} == ends
    assert len(ends) > 20


def test_the_showcase_has_a_unit_to_register_and_units_under_coverage(now):
    """The unit to unbox is registered with a name, an address and one submit."""
    load = load_demo(units=1, now=now)
    for unit in list_units(load, units=1, now=now):
        if unit.brand == "ysolde":
            continue  # of whose products only the device is covered
        row = Unit.objects.get(serial=unit.serial)
        if unit.stage == "onboarding":
            assert row.coverage.ends_on > now.date()
        if unit.role == "unboxing":
            client = Client()
            open_link(client, unit.tap_url)
            form = {"submission_key": f"{row.pk:032x}", "contact": "new@owner.example", "name": ""}
            host = urlsplit(unit.tap_url).netloc
            answer = client.post(f"/u/{row.public_code}/register/", form, headers={"host": host})
            assert answer.status_code == 302, answer.content
            assert Registration.objects.get(unit=row).state == "owned"
            today = day_in(zone_of(row.market, market_zones(row.brand), row.brand.time_zone), timezone.now())
            assert Coverage.objects.get(unit=row).starts_on <= today


def test_what_visitors_did_since_never_moves_into_the_future(now):
    load = load_demo(units=1, now=now)
    shown = next(unit for unit in list_units(load, units=1, now=now) if unit.tap_url)
    open_link(Client(), shown.tap_url)
    later = now + dt.timedelta(days=20)
    load_demo(units=1, now=later)
    assert Scan.objects.latest("id").at == later
    assert max(Scan.objects.values_list("at", flat=True)) <= later
    unit = Unit.objects.get(serial=shown.serial)
    activity = UnitActivity.objects.get(unit=unit)
    of_unit = Scan.objects.of_unit(unit).order_by("at", "id")
    assert (activity.first_scan_at, activity.last_scan_at) == (of_unit.first().at, of_unit.last().at)
    counters = [counter for counter in of_unit.values_list("counter", flat=True) if counter is not None]
    assert counters == sorted(counters)


def test_the_history_can_be_loaded_and_moved_to_run_to_any_day(now):
    load = load_demo(units=1, as_of=dt.date(2025, 3, 31), now=now)
    assert max(Scan.objects.values_list("at", flat=True)).date() == dt.date(2025, 3, 30)
    early = dates(now)
    load_demo(units=1, as_of=dt.date(2025, 4, 10), now=now)
    assert dates(now) == [tuple(v and v + dt.timedelta(days=10) for v in row) for row in early]
    for doubt in Doubt.objects.all():  # and so does what doubts keep of the scans
        scans = Scan.objects.in_bulk([scan["scan"] for scan in doubt.evidence])
        assert [scans[scan["scan"]].at.isoformat() for scan in doubt.evidence] == [
            scan["at"] for scan in doubt.evidence
        ]
    load_demo(units=1, as_of=load.anchor, now=now)
    assert dates(now) == early


@pytest.mark.parametrize(
    ("option", "value"), [("--as-of", "31.3.2025"), ("--units", "many"), ("--units", "0")]
)
def test_wrong_options_are_explained(option, value):
    with pytest.raises(CommandError, match=f"“{value}” is not a"):
        demo(option, value)


def test_the_table_names_a_link_per_unit_and_the_log_ins():
    text = demo("--units", "1")
    assert text.count("http://127.0.0.1:8000/") == SHOWN
    assert "corvane-agent" in text
    assert "manage.py totp USERNAME" in text


def test_the_catalogue_is_whole_in_both_languages(now):
    load_demo(units=1, now=now)
    for product in Product.objects.all():
        of_product = ContentBlock.objects.filter(product=product)
        kinds = {kind: of_product.filter(kind=kind).count() for kind in BlockKind.values}
        assert 3 < kinds["setup"] < 7, product
        assert kinds["tip"] >= 2, product
        assert kinds["help"] >= 3, product
        assert kinds["story"] == kinds["recycle"] == 1, product
        for texts in (
            product.names,
            product.line,
            product.picture_alt,
            product.serial_place,
            product.tag_place,
        ):
            assert set(texts) == {"en", "fr"}
        assert sum(use.share for use in product.composition.all()) <= 100
    for block in ContentBlock.objects.all():
        assert set(block.titles) == set(block.bodies) == {"en", "fr"}
        assert all("!" not in text for text in (*block.titles.values(), *block.bodies.values())), block
    for gtin in TradeItem.objects.values_list("gtin", flat=True):
        assert gtin.startswith("0952")
        assert normalise_gtin(gtin) == gtin


def test_pictures_are_loaded_once(now, settings):
    settings.STORAGES = {
        **settings.STORAGES,
        "pictures": {"BACKEND": "django.core.files.storage.InMemoryStorage"},
    }
    load_demo(units=1, now=now)
    ysolde = HOUSES[1]
    assert load_pictures(ysolde) == 3
    assert all(
        storages["pictures"].exists(product.picture)
        for product in Product.objects.filter(brand__slug="ysolde")
    )
    assert load_pictures(ysolde) == 0


@pytest.mark.postgres
def test_history_lies_in_partitions_before_and_after_a_renewal(now):
    """Nothing of the demo falls into the default partitions."""
    for moment in (now, now + dt.timedelta(days=70)):
        load_demo(units=1, now=moment)
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM analytics_scan_default")
            assert cursor.fetchone() == (0,)
            cursor.execute("SELECT count(*) FROM analytics_event_default")
            assert cursor.fetchone() == (0,)
