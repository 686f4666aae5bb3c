"""The registration form: two fields, one box that is not ticked; and its address alone, to correct it."""

import uuid
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from experiences.contact import Contact, parse_contact
from experiences.typed_words import clean_name


class AddressForm(forms.Form):
    """An e-mail address or telephone number; validates, nothing more."""

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

    def __init__(self, *args: Any, country: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.country = country
        self.parsed: Contact | None = None

    def clean_contact(self) -> str:
        self.parsed = parse_contact(self.cleaned_data["contact"], self.country)
        return self.parsed.value


class RegisterForm(AddressForm):
    """The address, a name (optional) and the box."""

    name = forms.CharField(
        label=_("Your name (optional)"),
        max_length=120,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "name", "enterkeyhint": "done"}),
    )
    marketing = forms.BooleanField(required=False)
    submission_key = forms.RegexField(r"\A[0-9a-f]{32}\Z", widget=forms.HiddenInput)
    # The version of the words beside the box: what was shown is what is agreed to.
    wording = forms.IntegerField(min_value=1, max_value=32767, required=False, widget=forms.HiddenInput)

    def clean_name(self) -> str:
        return clean_name(self.cleaned_data["name"])

    def show_words(self, version: int | None) -> None:
        """Show the form again with today's words: a box ticked beside other words is empty again."""
        if str(self.data.get("wording", "")) != str(version or ""):
            self.data = {**dict(self.data.items()), "wording": version or "", "marketing": ""}


def blank_form(wording: int | None, **initial: Any) -> RegisterForm:
    """Return a form to fill in, with a key of its own; `wording`: the version of the words beside its box."""
    return RegisterForm(initial={"submission_key": uuid.uuid4().hex, "wording": wording, **initial})
