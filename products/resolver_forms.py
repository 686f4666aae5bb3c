"""The console's forms for the links of the resolver and for GS1 keys: they validate, nothing more."""

import re
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from products.console import BrandScopedForm
from products.digital_link import IdentifierError, check_key
from products.digital_link.link_types import declarable
from products.links import our_hosts
from products.models import IdentificationKey, ResolverLink
from products.targets import MAX_LENGTH, check_target

_SPACES = re.compile(r"\s")


class ResolverLinkForm(BrandScopedForm):
    link_type = forms.ChoiceField(
        label=_("Link type"),
        help_text=_("What the page is, in the words of the GS1 Web Vocabulary."),
    )
    # Longer than what is stored: the name of a host may be typed in any script, and is stored in ASCII.
    href = forms.CharField(
        label=_("Leads to"),
        max_length=2 * MAX_LENGTH,
        help_text=_("The whole address of the page, with https://"),
        widget=forms.TextInput(attrs={"inputmode": "url", "size": 70, "spellcheck": "false"}),
    )

    class Meta:
        model = ResolverLink
        fields = "__all__"
        labels = {"language": _("Language"), "market": _("Market"), "media_type": _("Media type")}
        help_texts = {
            "language": _("Empty: for any"),
            "market": _("Empty: for all. Else it goes before the others for visitors from there."),
        }
        widgets = {
            "language": forms.TextInput(attrs={"size": 6, "placeholder": "fr"}),
            "market": forms.TextInput(attrs={"size": 4, "placeholder": "FR"}),
            "media_type": forms.TextInput(attrs={"size": 24}),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if (field := self.fields.get("link_type")) is not None:
            choices = [(kind.code, f"{kind.title} · {kind.code}") for kind in declarable()]
            field.choices = [("", "---------"), *choices]  # type: ignore[attr-defined]

    def clean_href(self) -> str:
        return check_target(self.cleaned_data["href"], our_hosts=our_hosts())


class IdentificationKeyForm(BrandScopedForm):
    # Longer than what is stored: a number may be typed with spaces.
    value = forms.CharField(
        label=_("Value, with its check digit"),
        max_length=120,
        widget=forms.TextInput(attrs={"size": 32, "autocapitalize": "off", "spellcheck": "false"}),
    )

    class Meta:
        model = IdentificationKey
        fields = ["brand", "ai", "value", "name"]

    def clean(self) -> Any:
        cleaned = super().clean()
        ai, value = cleaned.get("ai"), cleaned.get("value")
        if ai and value:
            try:
                cleaned["value"] = check_key(ai, _SPACES.sub("", value))
            except IdentifierError as error:
                self.add_error("value", ValidationError(error.message, code=error.code))
        return cleaned
