"""Text in several languages, as it is checked, stored, typed and read."""

import pytest
from django import forms
from django.core.exceptions import ValidationError

from products.fields import LocalizedTextField, in_language, validate_localized
from products.models import Material, Product


@pytest.mark.parametrize(
    ("texts", "locale", "fallback", "expected"),
    [
        ({"en": "Bag", "fr": "Sac"}, "fr", "en", "Sac"),
        ({"en": "Bag", "fr": "Sac"}, "fr-CA", "en", "Sac"),
        ({"en": "Bag", "fr": "Sac"}, "de", "fr", "Sac"),
        ({"fr": "Sac"}, "de", "en", "Sac"),
        ({"en": "", "fr": "Sac"}, "en", "fr", "Sac"),
        ({}, "en", "en", ""),
        (None, "en", "en", ""),
    ],
)
def test_the_text_for_a_reader(texts, locale, fallback, expected):
    assert in_language(texts, locale, fallback) == expected


@pytest.mark.parametrize("value", [{}, {"en": "x"}, {"en": "x", "fr": ""}])
def test_texts_per_language_are_accepted(value):
    validate_localized(value)


@pytest.mark.parametrize(
    ("value", "code"),
    [
        ("x", "not_localized"),
        (["en"], "not_localized"),
        (None, "not_localized"),
        ({"tlh": "x"}, "unknown_language"),
        ({"en": 5}, "not_text"),
        ({"en": None}, "not_text"),
        ({"en": {"x": 1}}, "not_text"),
    ],
)
def test_anything_else_is_refused_with_its_reason(value, code):
    with pytest.raises(ValidationError) as refusal:
        validate_localized(value)
    assert refusal.value.code == code


@pytest.mark.parametrize("field", [Product._meta.get_field("names"), Material._meta.get_field("cleaning")])
def test_a_form_has_one_input_per_language_and_leaves_out_empty_ones(field):
    class TextForm(forms.Form):
        text = field.formfield(required=False)

    form = TextForm({"text_en": " Bag ", "text_fr": "  "})
    html = TextForm(initial={"text": {"fr": "Sac <b>"}})["text"].as_widget()
    assert form.is_valid(), form.errors
    assert form.cleaned_data == {"text": {"en": "Bag"}}
    assert "Sac &lt;b&gt;" in html
    assert html.count("lang=") >= 2


def test_a_form_says_when_a_required_text_is_missing():
    class TextForm(forms.Form):
        text = LocalizedTextField().formfield(required=True)

    assert not TextForm({"text_en": "", "text_fr": " "}).is_valid()


@pytest.mark.django_db
def test_texts_come_back_as_they_went_in(bag):
    texts = {"en": 'A "bag" – %s', "fr": "Sac à main"}
    Product.objects.filter(pk=bag.pk).update(names=texts)
    assert Product.objects.get(pk=bag.pk).names == texts
    assert Product.objects.filter(names__fr="Sac à main").count() == 1


def test_a_migration_can_write_the_field_down():
    _name, path, args, kwargs = LocalizedTextField(multiline=True, blank=True).deconstruct()
    assert (path, kwargs["multiline"]) == ("products.fields.LocalizedTextField", True)
    assert LocalizedTextField(*args, **kwargs).multiline
