"""G4: what one brand's staff can reach in the console, model by model; a new model can't be forgotten here."""

import pytest
from django.contrib import admin
from django.test import Client
from django.urls import reverse

from products.console import BrandScopedAdmin
from products.models import Brand, Category, Person, Product, Role, StaffMembership, Unit
from tests import factories
from tests.config.console_rows import ROWS

pytestmark = pytest.mark.django_db

REGISTERED = {model._meta.label_lower: model for model in admin.site._registry}
LABELS = sorted(REGISTERED)
EDITABLE = sorted(
    label for label, model in REGISTERED.items() if not admin.site.get_model_admin(model).service_owned
)


def console(person) -> Client:
    client = Client()
    client.force_login(factories.with_second_factor(person))
    return client


@pytest.fixture
def boss(acme):
    """Brand admin of Acme, who may see every model."""
    return console(factories.staff(acme, "boss", "brand_admin"))


def url(label: str, page: str, *args) -> str:
    return reverse(f"admin:{label.replace('.', '_')}_{page}", args=args)


def test_every_registered_admin_is_brand_scoped_and_has_a_row_here():
    for model, model_admin in admin.site._registry.items():
        assert isinstance(model_admin, BrandScopedAdmin), model
    assert set(ROWS) == set(REGISTERED)


@pytest.mark.parametrize("label", LABELS)
def test_own_rows_are_listed_and_opened(label, boss, acme):
    row = ROWS[label](acme)
    assert boss.get(url(label, "changelist")).status_code == 200
    assert boss.get(url(label, "change", row.pk)).status_code == 200
    assert boss.get(url(label, "history", row.pk)).status_code == 200


@pytest.mark.parametrize("label", LABELS)
def test_a_rivals_row_is_neither_listed_nor_opened_nor_changed(label, boss, acme, globex):
    own, rival = ROWS[label](acme), ROWS[label](globex)
    listed = boss.get(url(label, "changelist")).context["cl"].result_list
    assert rival not in listed
    assert own in listed
    for page in ("change", "history", "delete"):
        for answer in (
            boss.get(url(label, page, rival.pk)),
            boss.post(url(label, page, rival.pk), {"post": "yes"}),
        ):
            # The admin says "doesn't exist" and goes home; what may never be deleted is forbidden.
            assert answer.status_code in (302, 403), (page, answer.status_code)
            if answer.status_code == 302:
                assert answer.url == reverse("admin:index")
    assert type(rival)._default_manager.filter(pk=rival.pk).exists()


@pytest.mark.parametrize("label", LABELS)
def test_no_filter_or_choice_names_a_rival(label, boss, acme, globex):
    ROWS[label](acme)
    ROWS[label](globex)
    Brand.objects.filter(pk=globex.pk).update(name="Zzrival")
    for category in Category.objects.filter(brand=globex):
        Category.objects.filter(pk=category.pk).update(names={"en": "Zzrival kind"})
    Product.objects.filter(brand=globex).update(names={"en": "Zzrival thing"})
    pages = [url(label, "changelist"), url(label, "change", ROWS[label](acme).pk)]
    if admin.site.get_model_admin(REGISTERED[label]).roles_edit:
        pages.append(url(label, "add"))
    for page in pages:
        assert "Zzrival" not in boss.get(page).content.decode(), page


@pytest.mark.parametrize("label", LABELS)
def test_a_role_that_may_not_see_a_model_is_refused(label, acme):
    model_admin = admin.site.get_model_admin(REGISTERED[label])
    row = ROWS[label](acme)
    shut_out = sorted(set(Role.values) - model_admin.roles_view)
    for role in shut_out:
        client = console(factories.staff(acme, f"person-{role}", role))
        assert client.get(url(label, "changelist")).status_code == 403, role
        assert client.get(url(label, "change", row.pk)).status_code in (302, 403), role


@pytest.mark.parametrize("label", EDITABLE)
def test_a_role_that_may_only_look_changes_nothing(label, acme):
    model_admin = admin.site.get_model_admin(REGISTERED[label])
    row = ROWS[label](acme)
    for role in sorted(model_admin.roles_view - model_admin.roles_edit):
        client = console(factories.staff(acme, f"person-{role}", role))
        assert client.post(url(label, "change", row.pk), {}).status_code == 403, role
        assert client.get(url(label, "add")).status_code == 403, role


def test_a_role_at_one_brand_gives_no_rights_at_another(acme, globex):
    """An agent at Acme who is an analyst at Globex sees Acme's owners only."""
    person = factories.staff(acme, "double", "support_agent")
    StaffMembership.objects.create(brand=globex, person=person, role="analyst")
    own, other = factories.OwnerFactory(brand=acme), factories.OwnerFactory(brand=globex)
    client = console(person)
    assert list(client.get(url("ownership.owner", "changelist")).context["cl"].result_list) == [own]
    assert client.get(url("ownership.owner", "change", other.pk)).status_code == 302


def test_autocomplete_offers_own_rows_only(boss, acme, globex):
    own, _rival = factories.CategoryFactory(brand=acme), factories.CategoryFactory(brand=globex)
    answer = boss.get(
        reverse("admin:autocomplete"),
        {"app_label": "products", "model_name": "product", "field_name": "category", "term": ""},
    )
    assert [row["id"] for row in answer.json()["results"]] == [str(own.pk)]


def test_a_rivals_brand_or_category_in_a_form_is_refused(boss, acme, globex):
    values = {
        "names_en": "Bag", "slug": "bag", "brand": globex.pk,
        "category": factories.CategoryFactory(brand=globex).pk,
        **empty_inlines("variants", "trade_items", "composition", "next_products"),
    }  # fmt: skip
    answer = boss.post(url("products.product", "add"), values)
    assert answer.status_code == 200
    assert "category" in answer.context["adminform"].form.errors
    values["category"] = factories.CategoryFactory(brand=acme).pk
    assert boss.post(url("products.product", "add"), values).status_code == 302
    assert Product.objects.get(slug="bag").brand == acme


def test_staff_of_two_brands_cannot_mix_them(acme, globex):
    person = factories.staff(acme, "double", "brand_admin")
    StaffMembership.objects.create(brand=globex, person=person, role="brand_admin")
    values = {
        "names_en": "Bag", "slug": "bag", "brand": acme.pk,
        "category": factories.CategoryFactory(brand=globex).pk,
        **empty_inlines("variants", "trade_items", "composition", "next_products"),
    }  # fmt: skip
    answer = console(person).post(url("products.product", "add"), values)
    assert "This belongs to another brand." in answer.content.decode()
    assert not Product.objects.exists()


def test_a_brand_admin_changes_nobodys_account(boss, acme):
    colleague = factories.staff(acme, "colleague", "analyst")
    page = boss.get(url("products.person", "change", colleague.pk)).content.decode()
    assert colleague.email not in page
    assert "is_superuser" not in page
    assert (
        boss.post(url("products.person", "change", colleague.pk), {"is_superuser": "on"}).status_code == 403
    )
    assert boss.get(reverse("admin:auth_user_password_change", args=[colleague.pk])).status_code in (302, 403)


def test_people_who_registered_something_are_no_accounts_of_a_brand(boss, acme):
    """Owners are reached by what the brand knows of them; only the operator sees the account behind it."""
    person = factories.PersonFactory(username="p-0123")
    factories.OwnerFactory(brand=acme, person=person)
    left = factories.staff(acme, "left", "analyst")
    Person.objects.filter(pk=left.pk).update(is_staff=False)
    listed = boss.get(url("products.person", "changelist")).context["cl"].result_list
    assert [one.username for one in listed] == ["boss"]
    for one in (person, left):
        assert boss.get(url("products.person", "change", one.pk)).status_code == 302
    operator = console(factories.operator())
    everybody = operator.get(url("products.person", "changelist")).context["cl"].result_list
    assert {"p-0123", "left"} <= {one.username for one in everybody}
    staff = (
        operator.get(url("products.person", "changelist"), {"is_staff__exact": "1"}).context["cl"].result_list
    )
    assert {one.username for one in staff} == {"boss", "operator"}


def test_the_operator_sees_all_brands(acme, globex):
    units = {ROWS["products.unit"](acme), ROWS["products.unit"](globex)}
    client = console(factories.operator())
    assert set(client.get(url("products.unit", "changelist")).context["cl"].result_list) == units
    assert client.get(url("products.person", "add")).status_code == 200


@pytest.mark.parametrize("label", sorted(set(LABELS) - set(EDITABLE)))
def test_what_a_service_owns_is_read_only_even_for_the_operator(label, acme):
    row = ROWS[label](acme)
    client = console(factories.operator())
    assert client.get(url(label, "add")).status_code == 403
    assert client.get(url(label, "delete", row.pk)).status_code == 403
    if label != "products.unit":
        assert client.post(url(label, "change", row.pk), {}).status_code == 403
    assert Unit.objects.count() == Unit.objects.filter(brand=acme).count()


def empty_inlines(*names: str) -> dict[str, str]:
    return {
        f"{name}-{key}": value
        for name in names
        for key, value in (("TOTAL_FORMS", "0"), ("INITIAL_FORMS", "0"))
    }
