"""Forms of the public pages: they validate, nothing more."""

from django import forms
from django.utils.translation import gettext_lazy as _


class FindForm(forms.Form):
    """Model and serial number as they stand on the label."""

    model = forms.CharField(
        label=_("Model"),
        help_text=_("Its name, its number, or the digits under the barcode"),
        max_length=80,
        error_messages={"required": _("Type the model name, its number, or the digits under the barcode.")},
        widget=forms.TextInput(
            attrs={"autocomplete": "off", "autocapitalize": "words", "enterkeyhint": "next"}
        ),
    )
    serial = forms.CharField(
        label=_("Serial number"),
        help_text=_("Letters and digits, often after “SN” or “No.”"),
        max_length=20,
        error_messages={
            "required": _("Type the serial number."),
            "max_length": _("A serial number has at most 20 characters; this has more."),
        },
        widget=forms.TextInput(
            attrs={
                "autocomplete": "off",
                "autocapitalize": "characters",
                "spellcheck": "false",
                "enterkeyhint": "go",
            }
        ),
    )
