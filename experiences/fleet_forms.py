"""Forms of an organisation's fleet; they validate, nothing more."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from experiences.proofs import ACCEPTED, ProofFile, read_proof
from products.services.pictures import PictureError

MOST_SERIALS = 200_000  # characters of serial numbers typed or pasted


class FindForm(forms.Form):
    """Which of the units: a model, and the beginning of a serial number."""

    product = forms.TypedChoiceField(label=_("Model"), coerce=int, required=False, empty_value=None)
    serial = forms.CharField(
        label=_("Serial number"),
        help_text=_("Its beginning is enough"),
        max_length=20,
        required=False,
        widget=forms.TextInput(
            attrs={"autocomplete": "off", "spellcheck": "false", "enterkeyhint": "search"}
        ),
    )

    def __init__(self, *args: Any, products: Sequence[tuple[int, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["product"]
        field.choices = [("", _("All models")), *products]


class ListForm(forms.Form):
    """A list of units as a CSV, or serial numbers of one model; and the proof of purchase."""

    file = forms.FileField(
        label=_("The list, as a CSV"),
        help_text=_("Columns: gtin, serial and, if you like, bought_on and seller"),
        required=False,
        allow_empty_file=True,  # reading it says so in its own words
        widget=forms.FileInput(attrs={"accept": ".csv,.txt,.tsv,text/csv"}),
    )
    gtin = forms.ChoiceField(
        label=_("Or: the model"),
        required=False,
        error_messages={"invalid_choice": _("Choose one of the models in the list.")},
    )
    serials = forms.CharField(
        label=_("and its serial numbers, one a line"),
        required=False,
        max_length=MOST_SERIALS,
        error_messages={"max_length": _("That is too much for this field; send it as a CSV.")},
        widget=forms.Textarea(attrs={"rows": 5, "spellcheck": "false", "autocapitalize": "characters"}),
    )
    proof = forms.FileField(
        label=_("A proof of purchase (optional)"),
        help_text=_(
            "An invoice or a delivery note, as a picture or a PDF. Only the staff who decide see it."
        ),
        required=False,
        allow_empty_file=True,
        widget=forms.FileInput(attrs={"accept": ACCEPTED}),
    )

    def __init__(self, *args: Any, gtins: Sequence[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["gtin"]
        field.choices = [("", _("Choose …")), *gtins]
        self.proof_file: ProofFile | None = None

    def clean_proof(self) -> Any:
        if upload := self.cleaned_data["proof"]:
            try:
                self.proof_file = read_proof(upload)
            except PictureError as error:
                raise ValidationError(str(error), code=error.code) from error
        return upload

    def clean(self) -> Any:
        cleaned = super().clean() or self.cleaned_data
        if self.errors:
            return cleaned
        serials = cleaned.get("serials", "").strip()
        if cleaned.get("file") is None and not serials:
            self.add_error("file", _("Choose a CSV, or type serial numbers below."))
        elif cleaned.get("file") is not None and serials:
            self.add_error("serials", _("Send either a CSV or serial numbers, not both at once."))
        elif serials and not cleaned.get("gtin"):
            self.add_error("gtin", _("Choose the model that these serial numbers are of."))
        return cleaned
