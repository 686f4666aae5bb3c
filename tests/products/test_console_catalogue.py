"""Editing a brand and its catalogue in the console: what is stored, what is refused, what pages show next."""

import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from PIL import Image

from experiences.models import ContentBlock
from products.models import AuditRow, Brand, NextProduct, Product, TradeItem
from tests import factories
from tests.config.test_console_tenancy import console, empty_inlines, url

pytestmark = pytest.mark.django_db


@pytest.fixture
def editor(acme):
    return console(factories.staff(acme, "editor", "content_editor"))


@pytest.fixture
def boss(acme):
    return console(factories.staff(acme, "boss", "brand_admin"))


def product_form(product: Product, **extra):
    return {
        "names_en": "Weekend bag", "names_fr": "Sac", "slug": product.slug, "category": product.category_id,
        **empty_inlines("variants", "trade_items", "composition", "next_products"), **extra,
    }  # fmt: skip


def new_gtin(gtin: str) -> dict[str, str]:
    return {"trade_items-TOTAL_FORMS": "1", "trade_items-0-gtin": gtin}


def version(brand: Brand) -> int:
    return Brand.objects.get(pk=brand.pk).content_version


def png(size=(40, 30)) -> SimpleUploadedFile:
    out = io.BytesIO()
    Image.new("RGB", size, "#884422").save(out, "PNG")
    return SimpleUploadedFile("bag.png", out.getvalue(), "image/png")


@pytest.fixture(autouse=True)
def _pictures(settings, tmp_path):
    settings.STORAGES = {
        **settings.STORAGES,
        "pictures": {
            "BACKEND": "django.core.files.storage.FileSystemStorage",
            "OPTIONS": {"location": tmp_path},
        },
    }


def test_a_text_has_one_labelled_field_per_language_and_is_stored_so(editor, bag):
    page = editor.get(url("products.product", "change", bag.pk)).content.decode()
    assert '<label for="id_names_0">English</label>' in page
    assert '<label for="id_names_1">French</label>' in page
    editor.post(url("products.product", "change", bag.pk), product_form(bag, names_fr=" Sac de nuit "))
    bag.refresh_from_db()
    assert bag.names == {"en": "Weekend bag", "fr": "Sac de nuit"}


def test_an_edit_shows_at_the_very_next_tap(editor, client, bag, unit):
    code = f"/q/{unit.public_code}"
    client.get(code)
    before = version(bag.brand)
    editor.post(url("products.product", "change", bag.pk), product_form(bag, names_en="Night bag"))
    assert version(bag.brand) > before
    assert "Night bag" in client.get(code).content.decode()


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("4006381333931", "04006381333931"),
        ("4 006381-333931", "04006381333931"),
        ("96385074", "00000096385074"),
    ],
)
def test_a_gtin_is_stored_with_14_digits_however_it_is_typed(editor, bag, typed, stored):
    answer = editor.post(url("products.product", "change", bag.pk), product_form(bag, **new_gtin(typed)))
    assert answer.status_code == 302
    item = TradeItem.objects.get(gtin=stored)
    assert (item.product, item.brand) == (bag, bag.brand)


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("4006381333932", "the check digit should be 1"),
        ("12345", "a GTIN has 8, 12, 13 or 14 digits, this has 5"),
        ("400638133393X", "a GTIN has only digits"),
    ],
)
def test_a_wrong_gtin_gets_its_kind_sentence(editor, bag, typed, sentence):
    answer = editor.post(url("products.product", "change", bag.pk), product_form(bag, **new_gtin(typed)))
    assert sentence in answer.content.decode()
    assert typed in answer.content.decode(), "what was typed is not lost"


def test_a_gtin_of_another_brand_is_refused_without_naming_it(editor, bag, globex):
    taken = factories.TradeItemFactory(product=factories.ProductFactory(brand=globex))
    answer = editor.post(url("products.product", "change", bag.pk), product_form(bag, **new_gtin(taken.gtin)))
    assert answer.status_code == 200
    assert "already exists" in answer.content.decode()
    assert "Globex" not in answer.content.decode()


def test_a_slug_that_is_taken_is_refused_on_the_form(editor, acme, bag):
    other = factories.ProductFactory(brand=acme, category=bag.category, slug="taken")
    answer = editor.post(url("products.product", "change", bag.pk), product_form(bag, slug=other.slug))
    assert answer.status_code == 200
    assert answer.context["errors"]


def test_a_picture_is_stored_and_shown(editor, bag):
    editor.post(url("products.product", "change", bag.pk), product_form(bag, picture_file=png()))
    bag.refresh_from_db()
    assert bag.picture.endswith(".webp")
    page = editor.get(url("products.product", "change", bag.pk)).content.decode()
    assert reverse("picture", args=[bag.picture]) in page


def test_a_file_that_is_no_picture_is_refused_beside_the_field(editor, bag):
    wrong = SimpleUploadedFile("bag.png", b"not a picture", "image/png")
    answer = editor.post(url("products.product", "change", bag.pk), product_form(bag, picture_file=wrong))
    assert "picture_file" in answer.context["adminform"].form.errors
    bag.refresh_from_db()
    assert bag.picture == ""


def test_a_product_is_archived_not_deleted(boss, bag):
    assert boss.post(url("products.product", "delete", bag.pk), {"post": "yes"}).status_code == 403
    assert Product.objects.filter(pk=bag.pk).exists()


def test_deleting_a_text_reaches_the_pages_too(editor, bag):
    block = ContentBlock.objects.filter(product=bag).first()
    before = version(bag.brand)
    editor.post(url("experiences.contentblock", "delete", block.pk), {"post": "yes"})
    assert not ContentBlock.objects.filter(pk=block.pk).exists()
    assert version(bag.brand) > before
    ids = list(ContentBlock.objects.values_list("pk", flat=True)[:2])
    before = version(bag.brand)
    editor.post(
        url("experiences.contentblock", "changelist"),
        {"action": "delete_selected", "_selected_action": ids, "post": "yes"},
    )
    assert not ContentBlock.objects.filter(pk__in=ids).exists()
    assert version(bag.brand) > before


def test_a_change_stands_in_the_audit_trail_and_in_the_objects_history(editor, bag):
    editor.post(url("products.product", "change", bag.pk), product_form(bag, names_en="Night bag"))
    row = AuditRow.objects.get(action="change", object_type="products.product")
    assert (row.object_id, row.brand_id) == (str(bag.pk), bag.brand_id)
    assert "Night bag" not in str(row.data)
    history = editor.get(url("products.product", "history", bag.pk)).content.decode()
    assert "editor" in history
    assert "change" in history


def test_correcting_an_owner_writes_no_personal_data_into_the_trail(sam, alice):
    client = console(sam)
    values = {
        "kind": "person",
        "name": "Alice Arrow",
        "email": "alice@new.example",
        "phone": "",
        "locale": "en",
    }
    assert client.post(url("ownership.owner", "change", alice.pk), values).status_code == 302
    alice.refresh_from_db()
    assert alice.email == "alice@new.example"
    trail = " ".join(str(row.data) + row.object_id for row in AuditRow.objects.all())
    assert "lice" not in trail
    assert set(AuditRow.objects.values_list("action", flat=True)) >= {"read_owner", "change"}


def test_reading_owners_in_a_list_is_written_down(sam, alice, bob):
    console(sam).get(url("ownership.owner", "changelist"))
    assert set(AuditRow.objects.get(action="list_owners").data["owner_ids"]) == {alice.pk, bob.pk}


def brand_form(brand: Brand, **extra):
    return {
        "name": brand.name, "slug": brand.slug, "time_zone": "Europe/Paris", "main_language": "fr",
        "other_languages": ["en"], "accent": "#7a4b20", "paper": "#faf7f2", "typeface": "serif",
        "corner": "soft", "density": "calm", **empty_inlines("domains", "markets", "staff"), **extra,
    }  # fmt: skip


def test_a_brand_admin_sets_look_languages_and_thresholds(boss, acme):
    answer = boss.post(
        url("products.brand", "change", acme.pk), brand_form(acme, accent="#114455", maturity_months="36")
    )
    assert answer.status_code == 302
    acme.refresh_from_db()
    assert (acme.accent, acme.locales, acme.maturity_months) == ("#114455", ["fr", "en"], 36)


@pytest.mark.parametrize(
    ("field", "value"),
    [("accent", "red"), ("time_zone", "Mars/Olympus"), ("main_language", "xx"), ("slug", "a b")],
)
def test_a_wrong_value_of_a_brand_is_refused_beside_its_field(boss, acme, field, value):
    answer = boss.post(url("products.brand", "change", acme.pk), brand_form(acme, **{field: value}))
    assert field in answer.context["adminform"].form.errors


def test_keys_of_a_chip_profile_are_never_shown(acme, profile):
    for person in (factories.staff(acme, "boss2", "brand_admin"), factories.operator()):
        page = console(person).get(url("products.chipprofile", "change", profile.pk)).content.decode()
        assert "one key that all chips share" in page
        for secret in ("11" * 16, "22" * 16, "file_read_key"):
            assert secret not in page


def comes_next(*rows: tuple[Product, str]) -> dict[str, str]:
    form = {"next_products-TOTAL_FORMS": str(len(rows))}
    for number, (product, why) in enumerate(rows):
        name = f"next_products-{number}"
        form |= {
            f"{name}-next_product": str(product.pk),
            f"{name}-why_en": why,
            f"{name}-position": str(number),
        }
    return form


def test_the_brand_says_what_comes_next_after_a_product_and_why(editor, client, acme, bag, unit):
    """B3: as data, for any kind of product; the next tap knows it."""
    balm = factories.ProductFactory(brand=acme)
    before = version(acme)
    page = url("products.product", "change", bag.pk)
    assert (
        editor.post(page, product_form(bag, **comes_next((balm, "Leather wants feeding.")))).status_code
        == 302
    )
    step = NextProduct.objects.get()
    assert (step.product, step.next_product, step.why) == (bag, balm, {"en": "Leather wants feeding."})
    assert version(acme) > before
    assert "Leather wants feeding." in editor.get(page).content.decode()


def test_a_product_is_offered_the_brands_other_products_alone(editor, acme, globex, bag):
    """G4: neither itself nor a rival's may be chosen, nor one twice."""
    balm, foreign = factories.ProductFactory(brand=acme), factories.ProductFactory(brand=globex)
    page = url("products.product", "change", bag.pk)
    both = factories.staff(globex, "both", "content_editor")
    both.memberships.create(brand=acme, role="content_editor")
    for client in (editor, console(both)):
        for wrong in ([(bag, "")], [(foreign, "")], [(balm, ""), (balm, "")]):
            answer = client.post(page, product_form(bag, **comes_next(*wrong)))
            assert answer.status_code == 200
            assert not NextProduct.objects.exists()


def test_whoever_may_not_edit_products_says_nothing_of_what_comes_next(sam, acme, bag):
    balm = factories.ProductFactory(brand=acme)
    answer = console(sam).post(
        url("products.product", "change", bag.pk), product_form(bag, **comes_next((balm, "")))
    )
    assert answer.status_code == 403
    assert not NextProduct.objects.exists()
