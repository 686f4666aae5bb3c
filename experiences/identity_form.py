"""The form by which the holder of an older piece asks for its code; validates, nothing more."""

import uuid
from collections.abc import Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from experiences.contact import parse_contact
from experiences.proofs import ACCEPTED, ProofFile, read_proof
from ownership.models.registrations import ContactKind
from products.digital_link import IdentifierError, check_serial
from products.services.pictures import PictureError


class AskIdentityForm(forms.Form):
    """Which model, which serial number, a proof, and an address for the answer."""

    product = forms.TypedChoiceField(
        label=_("Model"),
        coerce=int,
        error_messages={
            "required": _("Choose the model."),
            "invalid_choice": _("This model is not in the list any more. Choose another."),
        },
    )
    serial = forms.CharField(
        label=_("Serial number"),
        help_text=_("As it stands on the piece, with its dashes"),
        max_length=80,
        error_messages={
            "required": _("Type the serial number."),
            "max_length": _("A serial number has at most 20 characters; this has more."),
        },
        widget=forms.TextInput(
            attrs={
                "autocomplete": "off",
                "autocapitalize": "characters",
                "spellcheck": "false",
                "enterkeyhint": "next",
            }
        ),
    )
    proof = forms.FileField(
        label=_("A photograph of the serial number, or the receipt"),
        help_text=_("A picture or a PDF. Only the staff who decide see it."),
        allow_empty_file=True,  # read_proof says it in its own words
        error_messages={
            "required": _("Choose a photograph of the serial number on the piece, or its receipt."),
            "invalid": _("The file did not arrive. Choose it again."),
        },
        widget=forms.FileInput(attrs={"accept": ACCEPTED}),
    )
    email = forms.CharField(
        label=_("Your e-mail"),
        help_text=_("The answer goes there, and nothing else."),
        max_length=254,
        error_messages={"required": _("We need an e-mail address for the answer.")},
        widget=forms.EmailInput(
            attrs={"autocomplete": "email", "spellcheck": "false", "enterkeyhint": "next"}
        ),
    )
    note = forms.CharField(
        label=_("What else helps (optional)"),
        max_length=1000,
        required=False,
        error_messages={"max_length": _("At most 1,000 characters, please.")},
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    submission_key = forms.RegexField(r"\A[0-9a-f]{32}\Z", widget=forms.HiddenInput)

    def __init__(self, *args: Any, choices: Sequence[tuple[int, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        product: Any = self.fields["product"]
        asked = [("", _("Choose …"))] if len(choices) > 1 else []
        product.choices = [*asked, *choices]
        self.proof_file: ProofFile | None = None

    def clean_serial(self) -> str:
        serial = str(self.cleaned_data["serial"])
        try:
            return check_serial(serial)
        except IdentifierError as error:
            raise ValidationError(_serial_problem(serial), code=error.code) from error

    def clean_proof(self) -> Any:
        try:
            self.proof_file = read_proof(self.cleaned_data["proof"])
        except PictureError as error:
            raise ValidationError(str(error), code=error.code) from error
        return self.cleaned_data["proof"]

    def clean_email(self) -> str:
        text = str(self.cleaned_data["email"])
        contact = parse_contact(text)
        if contact.kind is not ContactKind.EMAIL:
            raise ValidationError(
                _("Type an e-mail address: the answer holds a link and a sheet to print."), code="email"
            )
        return contact.value

    @property
    def lost_its_file(self) -> bool:
        """Whether a file was chosen that the page can't show again: browsers don't send it back."""
        return self.is_bound and "proof" in self.files


def blank_identity_form(choices: Sequence[tuple[int, str]], **initial: Any) -> AskIdentityForm:
    """Return a form to fill in, with a key of its own."""
    return AskIdentityForm(choices=choices, initial={"submission_key": uuid.uuid4().hex, **initial})


def _serial_problem(serial: str) -> Any:
    if len(serial) > 20:
        return _("A serial number has at most 20 characters; this has more.")
    return _(
        "Serial numbers have only plain letters, digits and signs like - / and a full stop; no spaces, no accents."
    )
