"""Coverage: which plan, from which day to which, once per unit, whoever owns it."""

import datetime as dt

import pytest
import time_machine
from django.test import Client

from analytics.models import Event
from ownership.services import end_ownership, start_ownership
from products.days import last_day
from products.models import Category, Market, Unit
from tests import factories
from tests.experiences.test_registering import confirm, path, register
from tests.reading import module_names
from warranty.models import Coverage, CoveragePlan
from warranty.services import activate_coverage, choose_plan

pytestmark = pytest.mark.django_db

NOON = dt.datetime(2026, 6, 15, 12, tzinfo=dt.UTC)


def plan(brand, name: str = "plan", months: int = 24, **values) -> CoveragePlan:
    return CoveragePlan.objects.create(brand=brand, names={"en": name}, months=months, **values)


@pytest.fixture
def branch(acme, bag) -> list[Category]:
    """The bag's category, the one above it and the one above that."""
    root = factories.CategoryFactory(brand=acme, slug="things")
    middle = factories.CategoryFactory(brand=acme, slug="leather", parent=root)
    Category.objects.filter(pk=bag.category_id).update(parent=middle)
    bag.refresh_from_db()
    return [bag.category, middle, root]


def test_the_most_particular_plan_is_chosen(acme, globex, bag, unit, branch):
    """Product before category before the ones above it before the brand; nobody else's ever."""
    elsewhere = factories.CategoryFactory(brand=acme, slug="elsewhere")
    plan(acme, "another category's", category=elsewhere)
    plan(acme, "another product's", product=factories.ProductFactory(brand=acme))
    plan(globex, "the rival's")
    plan(acme, "withdrawn", product=bag, is_active=False)
    assert choose_plan(unit) is None
    assert choose_plan(unit) != plan(acme, "brand", market="DE")
    whole = plan(acme, "brand")
    assert choose_plan(unit) == whole
    for category in reversed(branch):
        nearer = plan(acme, category.slug, category=category)
        assert choose_plan(unit) == nearer
    own = plan(acme, "product", product=bag)
    assert choose_plan(unit) == own


def test_a_markets_own_plan_comes_before_all_markets_of_the_same_level_only(acme, bag, unit):
    everywhere, in_france = plan(acme, "all"), plan(acme, "France", market="FR")
    plan(acme, "Germany", market="DE")
    assert choose_plan(unit) == everywhere, "a unit of no known market"
    unit.market = "FR"
    assert choose_plan(unit) == in_france
    unit.market = "JP"
    assert choose_plan(unit) == everywhere
    product = plan(acme, "product", product=bag)
    unit.market = "FR"
    assert choose_plan(unit) == product


def test_of_two_equal_plans_the_newer_counts(acme, unit):
    plan(acme, "old")
    new = plan(acme, "new")
    assert choose_plan(unit) == new


def test_categories_in_a_circle_end_where_they_close(acme, bag, unit, branch):
    Category.objects.filter(pk=branch[-1].pk).update(parent=branch[0])
    top = plan(acme, "top", category=branch[-1])
    assert choose_plan(unit) == top


@pytest.mark.parametrize(
    ("starts_on", "months", "ends_on"),
    [
        ("2026-03-12", 24, "2028-03-11"),
        ("2026-01-01", 12, "2026-12-31"),
        ("2026-03-01", 1, "2026-03-31"),
        ("2023-03-01", 12, "2024-02-29"),
        ("2024-03-01", 12, "2025-02-28"),
        ("2024-02-29", 12, "2025-02-28"),  # no 29 February that year: the month's end
        ("2024-02-29", 48, "2028-02-28"),
        ("2024-02-28", 12, "2025-02-27"),
        ("2026-01-31", 1, "2026-02-28"),
        ("2026-01-30", 1, "2026-02-28"),
        ("2026-01-29", 1, "2026-02-28"),
        ("2026-01-28", 1, "2026-02-27"),
        ("2026-08-31", 6, "2027-02-28"),
        ("2026-10-31", 1, "2026-11-30"),
        ("2026-05-31", 24, "2028-05-30"),
        ("2026-06-15", 1200, "2126-06-14"),
    ],
)
def test_the_last_day_of_a_term(starts_on, months, ends_on):
    assert last_day(dt.date.fromisoformat(starts_on), months).isoformat() == ends_on


@pytest.mark.parametrize("day", ["9999-12-31", "9999-06-30", "9990-01-01"])
def test_a_term_beyond_the_calendars_end_ends_not_before_it_began(day):
    starts_on = dt.date.fromisoformat(day)
    assert last_day(starts_on, 1200) >= starts_on


@pytest.mark.parametrize(
    ("market", "zone", "first"),
    [
        ("JP", "Asia/Tokyo", "2026-06-16"),
        ("US", "America/New_York", "2026-06-15"),
        ("NZ", "Pacific/Auckland", "2026-06-16"),
        ("", "", "2026-06-16"),  # no market: the brand's own Paris, 01:30
        ("BR", "", "2026-06-16"),  # a market that the brand doesn't list
    ],
)
def test_days_are_days_of_the_units_market(acme, unit, market, zone, first):
    """C2: at 23:30 UTC it is tomorrow in Tokyo and still today in New York."""
    plan(acme)
    if zone:
        Market.objects.create(brand=acme, country=market, time_zone=zone)
    Unit.objects.filter(pk=unit.pk).update(market=market)
    coverage = activate_coverage(unit_id=unit.pk, now=dt.datetime(2026, 6, 15, 23, 30, tzinfo=dt.UTC))
    assert coverage.starts_on.isoformat() == first
    assert (coverage.market, coverage.ends_on) == (market, last_day(coverage.starts_on, 24))


@pytest.mark.parametrize(
    ("sold_on", "first"),
    [
        ("2026-05-01", "2026-05-01"),
        (None, "2026-06-15"),
        ("2026-06-16", "2026-06-15"),
        ("9999-12-31", "2026-06-15"),
    ],
)
def test_a_plan_may_run_from_the_day_of_sale(acme, unit, sold_on, first):
    """A sale that lies ahead was entered wrongly: it costs nobody their cover."""
    plan(acme, starts_from="sale")
    Unit.objects.filter(pk=unit.pk).update(sold_on=sold_on)
    assert activate_coverage(unit_id=unit.pk, now=NOON).starts_on.isoformat() == first


def test_a_sale_means_nothing_to_a_plan_from_registration(acme, unit):
    plan(acme)
    Unit.objects.filter(pk=unit.pk).update(sold_on="2020-01-01")
    assert activate_coverage(unit_id=unit.pk, now=NOON).starts_on == NOON.date()


def test_it_is_activated_once(acme, unit):
    plan(acme)
    first = activate_coverage(unit_id=unit.pk, now=NOON)
    plan(acme, "a better one", months=120, product=unit.product)
    again = activate_coverage(unit_id=unit.pk, now=NOON + dt.timedelta(days=400))
    assert again == first
    (event,) = Event.objects.filter(kind="coverage.activated")
    assert event.data == {"plan": first.plan_id, "starts_on": "2026-06-15", "ends_on": "2028-06-14"}


def test_a_brand_without_plan_covers_nothing_and_registering_still_works(client, unit):
    register(client, unit)
    response = confirm(client, unit)
    assert response.redirect_chain[-1][0] == path(unit, "welcome")
    assert "coverage" not in module_names(response)
    assert not Coverage.objects.exists()


def test_a_unit_registered_today_shows_its_coverage_on_its_pages(client, acme, unit):
    plan(acme)
    register(client, unit)
    assert "coverage" in module_names(confirm(client, unit))
    assert "coverage" in module_names(client.get(f"/u/{unit.public_code}/"))


def test_it_follows_the_unit_on_resale(acme, unit, alice, bob):
    plan(acme)
    factories.own(unit, alice, NOON)
    coverage = activate_coverage(unit_id=unit.pk, now=NOON)
    sold, bought = NOON + dt.timedelta(days=90), NOON + dt.timedelta(days=91)
    end_ownership(unit=unit, until=sold, now=sold)
    start_ownership(unit=unit, owner=bob, since=bought, now=bought)
    assert activate_coverage(unit_id=unit.pk, now=bought) == coverage
    with time_machine.travel(NOON + dt.timedelta(days=100)):
        page = Client().get(f"/u/{unit.public_code}/")
    assert "coverage" in module_names(page)
    assert f"/certificate/{coverage.certificate_code}/" in page.content.decode()
