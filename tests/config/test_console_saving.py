"""Saving a form of the console with what its page holds, every hidden input included, as a browser does."""

from html.parser import HTMLParser

import pytest
from django.contrib import admin
from django.urls import reverse

from products.models import AuditRow, Role
from tests import factories
from tests.config.console_rows import ROWS

pytestmark = pytest.mark.django_db

EDITABLE = sorted(
    model._meta.label_lower
    for model, model_admin in admin.site._registry.items()
    if not model_admin.service_owned and Role.BRAND_ADMIN in model_admin.roles_edit
)
NOT_SENT = {"submit", "button", "file", "image", "reset"}


class FormReader(HTMLParser):
    """What a browser would send of the form with this id."""

    def __init__(self, form_id: str) -> None:
        super().__init__()
        self.form_id, self.inside, self.sent = form_id, False, []
        self.select = self.text = None

    def handle_starttag(self, tag, attributes):
        given = dict(attributes)
        if tag == "form":
            self.inside = given.get("id") == self.form_id
        if not self.inside or "disabled" in given:
            return
        if tag == "input" and given.get("name"):
            kind = given.get("type", "text")
            ticked = kind not in ("checkbox", "radio") or "checked" in given
            if kind not in NOT_SENT and ticked:
                self.sent.append((given["name"], given.get("value", "on" if kind == "checkbox" else "")))
        elif tag == "textarea":
            self.text = (given["name"], [])
        elif tag == "select":
            self.select = given.get("name")
        elif tag == "option" and self.select and "selected" in given:
            self.sent.append((self.select, given.get("value", "")))

    def handle_data(self, data):
        if self.text:
            self.text[1].append(data)

    def handle_endtag(self, tag):
        if tag == "textarea" and self.text:
            name, parts = self.text
            self.sent.append((name, "".join(parts).removeprefix("\n")))
            self.text = None
        elif tag == "select":
            self.select = None
        elif tag == "form":
            self.inside = False


def sent_of(page, form_id: str) -> dict[str, list[str]]:
    reader = FormReader(form_id)
    reader.feed(page.content.decode())
    sent: dict[str, list[str]] = {}
    for name, value in reader.sent:
        sent.setdefault(name, []).append(value)
    return sent


@pytest.fixture
def boss(client, acme):
    """Brand admin of Acme, who may edit what any of the brand's staff may."""
    client.force_login(factories.with_second_factor(factories.staff(acme, "boss", "brand_admin")))
    return client


@pytest.mark.parametrize("label", EDITABLE)
def test_a_page_that_is_saved_as_it_is_saves_and_changes_nothing(label, boss, acme):
    row = ROWS[label](acme)
    before = type(row)._default_manager.filter(pk=row.pk).values().get()
    url = reverse(f"admin:{label.replace('.', '_')}_change", args=[row.pk])
    sent = sent_of(boss.get(url), f"{type(row)._meta.model_name}_form")
    assert sent, "the page has no form"
    answer = boss.post(url, {**sent, "_save": "Save"})
    assert answer.status_code == 302, answer.context["errors"]
    after = type(row)._default_manager.filter(pk=row.pk).values().get()
    assert {name for name in before if before[name] != after[name]} <= {"content_version"}


def test_a_text_changed_in_one_language_keeps_the_other_and_is_written_down(boss, acme):
    category = ROWS["products.category"](acme)
    type(category).objects.filter(pk=category.pk).update(names={"en": "Bags", "fr": "Sacs"})
    url = reverse("admin:products_category_change", args=[category.pk])
    sent = sent_of(boss.get(url), "category_form") | {"names_en": ["Travel bags"]}
    assert boss.post(url, {**sent, "_save": "Save"}).status_code == 302
    category.refresh_from_db()
    assert category.names == {"en": "Travel bags", "fr": "Sacs"}
    assert AuditRow.objects.get(object_type="products.category").data["fields"] == ["Name"]
