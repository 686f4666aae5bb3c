"""Shared page parts: an edit shows at the next tap, texts and thresholds come from the nearest level."""

import datetime as dt

import pytest
import time_machine
from django.test import Client

from experiences.cards import product_card, resolve_policy
from experiences.models import ContentBlock
from experiences.stages import StagePolicy
from products.models import Brand, BrandDomain, Category, Material, Product
from products.services.brands import touch_content
from tests import factories
from tests.reading import main_attributes, text_of

pytestmark = pytest.mark.django_db


def page_of(unit, section=""):
    return Client().get(f"/u/{unit.public_code}/{section}")


def test_an_edit_of_content_shows_at_the_very_next_tap(unit, acme, bag):
    assert "Weekend bag" in text_of(page_of(unit))
    Product.objects.filter(pk=bag.pk).update(names={"en": "Evening bag"})
    Material.objects.update(cleaning={"en": "Use a soft brush."})
    Brand.objects.filter(pk=acme.pk).update(accent="#445566")
    touch_content(acme.pk)
    page = page_of(unit, "care/")
    assert "Evening bag" in text_of(page)
    assert "Use a soft brush." in text_of(page)
    assert "#445566" in page.content.decode()


def test_an_edit_that_is_rolled_back_shows_nowhere(unit, acme, bag):
    from django.db import transaction

    page_of(unit)
    version = Brand.objects.get(pk=acme.pk).content_version
    with transaction.atomic():
        Product.objects.filter(pk=bag.pk).update(names={"en": "Evening bag"})
        touch_content(acme.pk)
        transaction.set_rollback(True)
    assert Brand.objects.get(pk=acme.pk).content_version == version
    assert "Weekend bag" in text_of(page_of(unit))


def test_one_brands_edit_leaves_the_others_cards_alone(unit, acme, globex):
    before = Brand.objects.get(pk=globex.pk).content_version
    touch_content(acme.pk)
    assert Brand.objects.get(pk=globex.pk).content_version == before


def test_each_threshold_comes_from_the_nearest_level_that_sets_it(unit, acme, bag):
    top = factories.CategoryFactory(brand=acme, maturity_months=60, discovery_days=60)
    Category.objects.filter(pk=bag.category_id).update(parent=top, discovery_days=40)
    Brand.objects.filter(pk=acme.pk).update(maturity_months=12, resale_days=10)
    Product.objects.filter(pk=bag.pk).update(unboxing_days=3)
    policy = product_card(bag.pk, 999, "en").policy
    assert policy == StagePolicy(
        discovery_days=40, unboxing_days=3, onboarding_days=30, resale_days=10, maturity_months=60
    )


def test_no_level_means_the_installations_defaults():
    assert resolve_policy([]) == StagePolicy()


def test_a_brands_own_threshold_decides_the_stage_over_http(unit, acme):
    with time_machine.travel(dt.datetime(2026, 1, 1, tzinfo=dt.UTC), tick=False):
        Client().get(f"/q/{unit.public_code}")
    with time_machine.travel(dt.datetime(2026, 1, 6, tzinfo=dt.UTC), tick=False):
        assert main_attributes(page_of(unit))["stage"] == "discovery"
        Brand.objects.filter(pk=acme.pk).update(discovery_days=5)
        touch_content(acme.pk)
        assert main_attributes(page_of(unit))["stage"] == "ownership"


def test_a_loop_of_categories_ends(acme, bag):
    other = factories.CategoryFactory(brand=acme, parent=bag.category)
    Category.objects.filter(pk=bag.category_id).update(parent=other)
    assert product_card(bag.pk, 998, "en").policy == StagePolicy()


def test_texts_of_a_kind_come_from_the_nearest_level_alone(acme, globex):
    product = factories.ProductFactory(brand=acme)
    for place, title in (
        ({"brand": acme}, "brand"),
        ({"brand": acme, "category": product.category}, "category"),
        ({"brand": globex}, "rival"),
    ):
        ContentBlock.objects.create(kind="help", titles={"en": title}, bodies={"en": title}, **place)
    ContentBlock.objects.create(brand=acme, kind="tip", titles={"en": "tip"}, bodies={"en": "tip"})

    def titles(version):
        return {
            kind: [t.title for t in texts]
            for kind, texts in product_card(product.pk, version, "en").texts.items()
        }

    assert titles(2) == {"help": ["category"], "tip": ["tip"]}
    for title in ("first", "second"):
        ContentBlock.objects.create(brand=acme, product=product, kind="help", titles={"en": title}, bodies={})
    assert titles(3) == {"help": ["first", "second"], "tip": ["tip"]}


def test_a_text_without_a_translation_falls_back_to_the_brands_language(acme):
    Brand.objects.filter(pk=acme.pk).update(locales=["fr", "en"])
    product = factories.ProductFactory(brand=acme, names={"fr": "Sac"}, line={"en": "A line"})
    assert product_card(product.pk, 1, "en").name == "Sac"
    assert product_card(product.pk, 1, "fr").line == "A line"


@pytest.mark.parametrize(
    "evil",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "[click](javascript:alert(1))",
        "![track](https://tracker.example/x.gif)",
        '<a href="https://x.example" style="position:fixed" onclick="x()">y</a>',
    ],
)
def test_what_staff_write_can_not_run_or_fetch_anything(unit, bag, evil):
    ContentBlock.objects.filter(kind="help").update(titles={"en": evil}, bodies={"en": evil})
    page = page_of(unit, "help/").content.decode()
    assert "<script>alert" not in page
    assert "<img src=x" not in page
    assert 'href="javascript' not in page
    assert "<img" not in page.partition("tracker.example")[0][-40:]
    assert 'onclick="x()"' not in page.replace("&quot;", "")


def test_attributes_of_a_unit_are_escaped(unit):
    from products.models import Unit

    Unit.objects.filter(pk=unit.pk).update(attributes={"<b>artisan</b>": "<script>alert(1)</script>"})
    assert "<script>alert" not in page_of(unit).content.decode()


def test_a_due_treatment_is_dated_from_the_sale(unit):
    from products.models import Unit

    Unit.objects.filter(pk=unit.pk).update(sold_on=dt.date(2026, 1, 31))
    with time_machine.travel(dt.datetime(2026, 6, 15, 12, tzinfo=dt.UTC), tick=False):
        assert "31 July 2026" in text_of(page_of(unit, "care/"))


def test_links_of_a_brand_follow_its_primary_domain(unit, acme):
    from experiences.cards import brand_card

    assert brand_card(acme.pk, 1).base_url == "http://127.0.0.1:8000"
    BrandDomain.objects.create(brand=acme, host="care.acme.example", is_primary=True)
    assert brand_card(acme.pk, 2).base_url == "http://care.acme.example"
