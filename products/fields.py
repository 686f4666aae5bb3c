"""Model fields of our own: text in several languages, and values encrypted at rest."""

import json
from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

from products.encryption import decrypt, encrypt


def in_language(texts: dict[str, str] | None, locale: str, fallback: str = "en") -> str:
    """Return the text for `locale`, else for its base language, else for `fallback`, else any, else ''."""
    return (texts or {}).get(language_of(texts, locale, fallback), "")


def language_of(texts: dict[str, str] | None, locale: str, fallback: str = "en") -> str:
    """Return the language in which `in_language` says it; '' where there is no text."""
    wanted = (locale, locale.split("-")[0], fallback)
    return next((code for code in wanted if (texts or {}).get(code)), next(iter(texts or {}), ""))


def validate_localized(value: object) -> None:
    """Accept `{"en": "…", "fr": "…"}`: known languages, text values."""
    if not isinstance(value, dict):
        raise ValidationError(_("Write one text per language, like {“en”: “…”}."), code="not_localized")
    known = {code for code, _name in settings.LANGUAGES}
    for code, text in value.items():
        if code not in known:
            raise ValidationError(
                _("“%(code)s” is not a language of this installation."),
                code="unknown_language",
                params={"code": code},
            )
        if not isinstance(text, str):
            raise ValidationError(
                _("The text for “%(code)s” is not text."), code="not_text", params={"code": code}
            )


class LocalizedTextWidget(forms.MultiWidget):
    """One labelled input per language of the installation."""

    template_name = "console/widgets/localized_text.html"

    def __init__(self, *, multiline: bool, attrs: dict[str, Any] | None = None) -> None:
        self.codes = [code for code, _name in settings.LANGUAGES]
        kind: type[forms.Widget] = forms.Textarea if multiline else forms.TextInput
        size: dict[str, Any] = {"rows": 5} if multiline else {"size": 60}
        super().__init__({code: kind(attrs={"lang": code, **size}) for code in self.codes}, attrs)

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        for subwidget, (_code, label) in zip(
            context["widget"]["subwidgets"], settings.LANGUAGES, strict=True
        ):
            subwidget["label"] = label
        return context

    def decompress(self, value: Any) -> list[str]:
        if isinstance(value, str):
            value = json.loads(value or "{}")
        return [(value or {}).get(code, "") for code in self.codes]


class LocalizedTextFormField(forms.MultiValueField):
    """Compresses one input per language to `{"en": "…"}`, leaving out empty ones."""

    def __init__(self, *, multiline: bool = False, **kwargs: Any) -> None:
        for unused in ("encoder", "decoder", "max_length"):
            kwargs.pop(unused, None)
        kwargs["widget"] = LocalizedTextWidget(multiline=multiline)
        fields = [forms.CharField(required=False, label=str(name)) for _code, name in settings.LANGUAGES]
        super().__init__(fields, require_all_fields=False, **kwargs)

    def compress(self, data_list: list[str]) -> dict[str, str]:
        codes = [code for code, _name in settings.LANGUAGES]
        texts = {
            code: text.strip() for code, text in zip(codes, data_list, strict=False) if text and text.strip()
        }
        if self.required and not texts:
            raise ValidationError(self.error_messages["required"], code="required")
        return texts


class LocalizedTextField(models.JSONField):
    """Text per language, stored as a JSON object from language code to text."""

    def __init__(self, *args: Any, multiline: bool = False, **kwargs: Any) -> None:
        self.multiline = multiline
        kwargs.setdefault("default", dict)
        super().__init__(*args, **kwargs)
        self.default_validators = [*super().default_validators, validate_localized]

    def deconstruct(self) -> Any:
        name, path, args, kwargs = super().deconstruct()
        if self.multiline:
            kwargs["multiline"] = True
        return name, path, args, kwargs

    def formfield(self, **kwargs: Any) -> Any:
        kwargs.pop("widget", None)
        own = {"form_class": LocalizedTextFormField, "multiline": self.multiline}
        # A default that is called would have Django repeat the texts in a hidden input, where they can't be read back.
        return models.Field.formfield(self, **{**own, "show_hidden_initial": False, **kwargs})


class EncryptedTextField(models.TextField):
    """Text encrypted at rest with `FIELD_KEYS`; it can't be searched or ordered by."""

    def get_prep_value(self, value: Any) -> Any:
        return None if value is None else encrypt(str(value))

    def from_db_value(self, value: Any, _expression: Any, _connection: Any) -> str | None:
        return None if value is None else decrypt(value)
