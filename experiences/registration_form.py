"""The registration form: two fields, one box that is not ticked."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from experiences.contact import Contact, parse_contact


class RegisterForm(forms.Form):
    """Name (optional) and an e-mail address or telephone number; validates, nothing more."""

    contact = forms.CharField(
        label=_("E-mail or telephone"),
        max_length=254,
        error_messages={"required": _("We need an e-mail address or a telephone number to reach you.")},
        widget=forms.TextInput(
            attrs={
                "autocomplete": "email",
                "inputmode": "email",
                "autocapitalize": "none",
                "spellcheck": "false",
                "enterkeyhint": "next",
            }
        ),
    )
    name = forms.CharField(
        label=_("Your name (optional)"),
        max_length=120,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "name", "enterkeyhint": "done"}),
    )
    marketing = forms.BooleanField(required=False)
    submission_key = forms.RegexField(r"^[0-9a-f]{32}$", widget=forms.HiddenInput)

    def __init__(self, *args: Any, country: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.country = country
        self.parsed: Contact | None = None

    def clean_contact(self) -> str:
        self.parsed = parse_contact(self.cleaned_data["contact"], self.country)
        return self.parsed.value

    def clean_name(self) -> str:
        name = str(self.cleaned_data["name"]).strip()
        if any(not ch.isprintable() for ch in name):
            raise ValidationError(_("The name holds characters that can't be written."), code="unprintable")
        return name
