"""B3: with a milestone's thanks stands what comes next, as the brand's console says it; never what the owner has."""

import datetime as dt

import pytest
from django.test import Client
from django.utils import timezone

from ownership.models import LoyaltyEntry
from ownership.services.loyalty import run_loyalty
from products.models import NextProduct, Product, ResolverLink
from products.services.brands import touch_content
from tests import factories
from tests.experiences.test_points import hers, owner, stranger  # noqa: F401 - fixtures of the same people
from tests.ownership.points import rule
from tests.reading import module_names, text_of

pytestmark = pytest.mark.django_db


def product(brand, name: str, *, gtin: str = "", **values) -> Product:
    made = factories.ProductFactory(brand=brand, names={"en": name, "fr": f"{name} (fr)"}, **values)
    if gtin:
        factories.TradeItemFactory(brand=brand, product=made, gtin=gtin)
    return made


def after(first: Product, then: Product, why: str = "", position: int = 0) -> Product:
    NextProduct.objects.create(
        product=first, next_product=then, why={"en": why, "fr": f"{why} (fr)"}, position=position
    )
    touch_content(first.brand_id)
    return then


def has(somebody, thing: Product) -> None:
    factories.own(factories.UnitFactory(product=thing), somebody, timezone.now())


@pytest.fixture
def serum(acme, bag):
    return after(bag, product(acme, "Serum", gtin="09520000000011"), "It goes on first.")


@pytest.fixture
def cream(acme, serum):
    return after(serum, product(acme, "Cream", gtin="09520000000028"), "It keeps the serum in.")


@pytest.fixture
def milestone(owner, unit, acme):  # noqa: F811
    """Sixty days of use with five of taps, seen by the brand's round as it runs every day."""
    made = rule(acme, "use", names={"en": "Sixty days of care"})
    now = timezone.now()
    LoyaltyEntry.objects.create(
        owner=owner, kind="award", points=200, rule=made, unit=unit, dedupe_key="a", at=now
    )
    return made


def moments(client, unit, **query) -> tuple[str, str]:
    """Return the module as the page shows it: its HTML, and its words."""
    page = client.get(f"/u/{unit.public_code}/", query)
    if "moments" not in module_names(page):
        return "", ""
    html = page.content.decode().split('data-module="moments"', 1)[1].split("</section>", 1)[0]
    return html, text_of(page).replace("\u00a0", " ")


def test_a_milestone_is_thanked_with_points_and_what_comes_next(hers, unit, serum, milestone):  # noqa: F811
    """B3: thanks, 200 points, and the next product with the brand's own why and a link that works."""
    html, said = moments(hers, unit)
    for words in (
        "Sixty days of care: 200 marks", "Thank you for keeping it well.", "What comes next", "It goes on first.", "Serum",
    ):  # fmt: skip
        assert words in said
    assert 'href="/01/09520000000011"' in html
    page = hers.get("/01/09520000000011")
    assert page.url.endswith("/model/09520000000011/")
    assert "Serum" in text_of(hers.get("/model/09520000000011/"))


def test_the_link_leads_where_the_brand_declared(hers, unit, acme, serum, milestone):  # noqa: F811
    ResolverLink.objects.create(
        brand=acme,
        product=serum,
        link_type="gs1:pip",
        href="https://shop.example/serum",
        title="The serum",
        is_default=True,
    )
    touch_content(acme.pk)
    assert 'href="/01/09520000000011"' in moments(hers, unit)[0]
    assert hers.get("/01/09520000000011").url == "https://shop.example/serum"


def test_sixty_days_of_use_lead_there_by_the_brands_own_rule(hers, owner, chip, unit, acme, serum):  # noqa: F811
    """B3: the round over real taps gives the points once, and the page shows what comes next."""
    made = rule(acme, "use", use_days=1, use_taps=1, starts_at=timezone.now() - dt.timedelta(days=400))
    hers.get(chip.tap())
    tomorrow = timezone.now() + dt.timedelta(days=1)
    assert [run_loyalty(brand_id=acme.pk, now=tomorrow).awards for _time in range(2)] == [1, 0]
    assert LoyaltyEntry.objects.get().rule == made
    assert "It goes on first." in moments(hers, unit)[1]


def test_what_the_owner_has_is_skipped_for_what_comes_after_it(hers, owner, unit, serum, cream, milestone):  # noqa: F811
    has(owner, serum)
    html, said = moments(hers, unit)
    assert "It keeps the serum in." in said
    assert 'href="/01/09520000000028"' in html
    assert "It goes on first." not in said
    has(owner, cream)
    html, said = moments(hers, unit)
    assert "With thanks" in said
    assert "data-next" not in html
    assert "What comes next" not in said


def test_what_somebody_else_has_is_not_skipped(hers, unit, acme, serum, milestone, bob):  # noqa: F811
    has(bob, serum)
    assert "It goes on first." in moments(hers, unit)[1]


def test_a_list_is_shown_in_the_brands_order(hers, owner, unit, bag, acme, serum, milestone):  # noqa: F811
    after(bag, product(acme, "Tonic", gtin="09520000000035"), "Before all else.", position=0)
    NextProduct.objects.filter(next_product=serum).update(position=5)
    touch_content(acme.pk)
    assert "Before all else." in moments(hers, unit)[1]


def test_a_routine_that_leads_back_to_its_beginning_ends(hers, owner, unit, bag, serum, cream, milestone):  # noqa: F811
    after(cream, bag, "And again.")
    for thing in (serum, cream):
        has(owner, thing)
    assert "And again." not in moments(hers, unit)[1]


def test_what_is_no_longer_sold_is_passed_over(hers, unit, acme, serum, cream, milestone):  # noqa: F811
    Product.objects.filter(pk=serum.pk).update(is_archived=True)
    touch_content(acme.pk)
    said = moments(hers, unit)[1]
    assert "It goes on first." not in said
    assert "It keeps the serum in." in said


def test_a_product_without_a_page_is_named_without_a_link(hers, unit, bag, acme, milestone):  # noqa: F811
    after(bag, product(acme, "Whetstone"), "An edge wants a stone.")
    html, said = moments(hers, unit)
    assert "Whetstone" in said
    assert "An edge wants a stone." in said
    assert "<a" not in html.split("<h3>", 1)[1]


def test_another_brands_product_is_never_shown(hers, unit, bag, globex, milestone):  # noqa: F811
    """G4: even a row that no console would write."""
    after(bag, product(globex, "Zzrival"), "Buy it.")
    assert "Zzrival" not in moments(hers, unit)[1]


def test_a_welcome_recommends_nothing(hers, owner, unit, acme, serum):  # noqa: F811
    rule(acme, "event")
    run_loyalty(brand_id=acme.pk, now=timezone.now())
    html, said = moments(hers, unit)
    assert "200 marks" in said
    assert "data-next" not in html


def test_where_something_is_wrong_nothing_is_recommended(hers, owner, unit, serum, milestone):  # noqa: F811
    from analytics.models import UnitFacts

    UnitFacts.objects.filter(unit=unit).update(recall=True)
    html, said = moments(hers, unit)
    assert "200 marks" in said
    assert "data-next" not in html


def test_only_the_owner_is_shown_it(hers, unit, serum, milestone, stranger):  # noqa: F811
    for client in (stranger, Client()):
        assert moments(client, unit) == ("", "")
        assert "It goes on first." not in text_of(client.get(f"/u/{unit.public_code}/"))


def test_the_words_are_in_ones_own_language_and_cannot_break_the_page(hers, unit, bag, acme, milestone):  # noqa: F811
    after(bag, product(acme, "Stone <b>"), "<script>alert(1)</script>")
    html, said = moments(hers, unit, lang="fr")
    assert "Stone <b> (fr)" in said
    assert "<script>alert(1)</script> (fr)" in said
    assert "<script>" not in html
