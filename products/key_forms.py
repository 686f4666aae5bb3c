"""Forms for the versions of a chip profile's key. What is typed as a key is read like a profile's JSON."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from products.errors import ProductsError
from products.imports.profiles import read_file_read_key
from products.keyring import AN10922
from products.models.encoding import MAX_KEY_VERSION

SHARED = "shared"
_EXACT = {"autocomplete": "off", "autocapitalize": "off", "spellcheck": "false"}


class AddKeyForm(forms.Form):
    version = forms.IntegerField(
        label=_("Version"),
        min_value=0,
        max_value=MAX_KEY_VERSION,
        help_text=_("Chips under a higher version start counting anew."),
    )
    scheme = forms.ChoiceField(
        label=_("Kind of key"),
        choices=[
            (AN10922, _("A master key: each chip has a key of its own (AN10922)")),
            (SHARED, _("One key that all chips share")),
        ],
        initial=AN10922,
        widget=forms.RadioSelect,
    )
    key = forms.CharField(
        label=_("Key"),
        help_text=_("32 hexadecimal digits. It is kept encrypted and never shown again."),
        widget=forms.PasswordInput(render_value=True, attrs={**_EXACT, "size": 40}),
    )
    system_id = forms.CharField(
        label=_("System identifier"),
        required=False,
        help_text=_("Hexadecimal, as the encoding station uses it. Only with a master key."),
        widget=forms.TextInput(attrs={**_EXACT, "size": 40}),
    )
    aid = forms.CharField(
        label=_("Application identifier"),
        required=False,
        help_text=_("Hexadecimal. Only with a master key, and only where the encoding station uses one."),
        widget=forms.TextInput(attrs={**_EXACT, "size": 40}),
    )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if "key" not in cleaned or "scheme" not in cleaned:
            return cleaned
        value: Any = cleaned["key"]
        if cleaned["scheme"] == AN10922:
            inputs = {"system_id": cleaned.get("system_id", ""), "aid": cleaned.get("aid", "")}
            value = {"scheme": AN10922, "master_key": value, **inputs}
        elif cleaned.get("system_id") or cleaned.get("aid"):
            self.add_error(
                "scheme", _("A key that all chips share has no identifiers: choose the master key.")
            )
            return cleaned
        try:
            cleaned["file_read_key"] = read_file_read_key(value)
        except ProductsError as error:
            self.add_error("key", error.sentence)
        return cleaned


class RemoveKeyForm(forms.Form):
    confirmation = forms.CharField(
        label=_("The profile's name in the link, to confirm"),
        widget=forms.TextInput(attrs={**_EXACT, "size": 40}),
    )

    def __init__(self, *args: Any, slug: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._slug = slug
        self.fields["confirmation"].help_text = _("Type %(slug)s.") % {"slug": slug}

    def clean_confirmation(self) -> str:
        typed: str = self.cleaned_data["confirmation"]
        if typed != self._slug:
            raise forms.ValidationError(
                _("This is not the profile's name. Type %(slug)s."), params={"slug": self._slug}
            )
        return typed
