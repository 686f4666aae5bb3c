"""The forms of a purchase and of a present; they validate only."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from experiences.loss_forms import KEY, FormOfToday, PastDayField
from experiences.proofs import ACCEPTED, ProofFile, read_proof
from experiences.typed_words import LineField, WordsField
from products.services.pictures import PictureError


class PurchaseForm(FormOfToday):
    """When and where it was bought; the proof where it is at hand."""

    bought_on = PastDayField(label=_("Bought on"), error_messages={"required": _("Choose the day.")})
    seller = LineField(
        label=_("Bought from (optional)"),
        max_length=120,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    proof = forms.FileField(
        label=_("Proof of purchase (optional)"),
        help_text=_("A photograph or a PDF of the receipt, now or later. Only you and our staff see it."),
        required=False,
        allow_empty_file=True,  # read_proof says it in its own words
        error_messages={"invalid": _("The file did not arrive. Choose it again.")},
        widget=forms.FileInput(attrs={"accept": ACCEPTED}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.proof_file: ProofFile | None = None

    def clean_proof(self) -> Any:
        upload = self.cleaned_data["proof"]
        if not upload:
            return None
        try:
            self.proof_file = read_proof(upload)
        except PictureError as error:
            raise ValidationError(str(error), code=error.code) from error
        return upload

    @property
    def lost_its_file(self) -> bool:
        """Whether a file was chosen that the page can't show again: browsers don't send it back."""
        return self.is_bound and "proof" in self.files


class GiftForm(FormOfToday):
    """Words for whoever unpacks it, and the day of purchase for the warranty."""

    words = WordsField(
        label=_("Your words for whoever unpacks it"),
        help_text=_("They stand on its page, which anybody who scans it before then can open."),
        max_length=300,
        error_messages={"required": _("Write a few words first.")},
    )
    bought_on = PastDayField(
        label=_("Bought on (optional)"),
        help_text=_("So that the warranty can be counted from the right day."),
        required=False,
    )
    submission_key = forms.RegexField(KEY, widget=forms.HiddenInput)
