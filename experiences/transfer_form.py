"""The forms of passing a unit on: the owner's offer, and the code that somebody was given. They validate only."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from experiences.contact import parse_contact
from ownership.models.registrations import ContactKind
from ownership.models.transfers import TransferKind
from products.codes import LENGTH, normalise_public_code


class OfferForm(forms.Form):
    """How the owner parts with it, and to whom the link is sent, if anybody."""

    kind = forms.ChoiceField(
        label=_("How do you pass it on?"),
        choices=[
            ("", _("Choose …")),
            (TransferKind.SALE, _("I am selling it")),
            (TransferKind.GIFT, _("I am giving it away")),
            (TransferKind.RETURN, _("I am returning it to the shop")),
        ],
        error_messages={
            "required": _("Say whether you sell it, give it away or return it."),
            "invalid_choice": _("Say whether you sell it, give it away or return it."),
        },
    )
    recipient = forms.CharField(
        label=_("Their e-mail (optional)"),
        help_text=_("We send the link there. Without it, you show or read out the code yourself."),
        max_length=254,
        required=False,
        widget=forms.TextInput(
            attrs={
                "autocomplete": "off",
                "inputmode": "email",
                "autocapitalize": "none",
                "spellcheck": "false",
                "enterkeyhint": "done",
            }
        ),
    )

    def clean_recipient(self) -> str:
        typed = str(self.cleaned_data["recipient"]).strip()
        if not typed:
            return ""
        contact = parse_contact(typed)
        if contact.kind is not ContactKind.EMAIL:
            raise ValidationError(_("The link goes by mail. Write an e-mail address, or leave it empty."))
        return contact.value


class CodeForm(forms.Form):
    """A transfer's code, as it was read out: in groups, with or without hyphens and spaces."""

    code = forms.CharField(
        label=_("The code from its owner"),
        max_length=64,
        error_messages={"required": _("Type the code that its owner gave you.")},
        widget=forms.TextInput(
            attrs={
                "autocomplete": "off",
                "autocapitalize": "none",
                "autocorrect": "off",
                "spellcheck": "false",
                "dir": "ltr",
                "enterkeyhint": "done",
            }
        ),
    )

    def clean_code(self) -> str:
        code = normalise_public_code("".join(str(self.cleaned_data["code"]).split()))
        if len(code) != LENGTH:
            raise ValidationError(
                _("The code has %(count)d letters and digits. Some may be missing.") % {"count": LENGTH}
            )
        return code


def grouped(code: str) -> str:
    """Return a code as it is read out: in groups of four."""
    return "-".join(code[start : start + 4] for start in range(0, len(code), 4))


def offer_of(form: OfferForm) -> dict[str, Any]:
    """Return what was typed, as the service takes it."""
    return {"kind": TransferKind(form.cleaned_data["kind"]), "recipient": form.cleaned_data["recipient"]}
