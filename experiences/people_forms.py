"""Forms about households and organisations; they validate, nothing more."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from experiences.contact import parse_contact
from experiences.typed_words import clean_name
from ownership.models.owners import MemberRole, OwnerKind
from ownership.models.registrations import ContactKind

ROLES = [
    (MemberRole.MEMBER.value, _("Uses the things: sees them, asks for help, reports one lost")),
    (MemberRole.ADMIN.value, _("Looks after them, too: invites people, passes things on")),
]


class NameForm(forms.Form):
    name = forms.CharField(
        label=_("Name"),
        max_length=120,
        required=False,
        error_messages={"max_length": _("At most 120 characters, please.")},
        widget=forms.TextInput(attrs={"autocomplete": "organization", "enterkeyhint": "done"}),
    )

    def clean_name(self) -> str:
        return clean_name(self.cleaned_data["name"])


class FoundForm(NameForm):
    """A household or an organisation, at which house, under which name."""

    kind = forms.ChoiceField(
        label=_("Who shares?"),
        choices=[
            (OwnerKind.HOUSEHOLD.value, _("A household: people who live together")),
            (OwnerKind.ORGANISATION.value, _("An organisation: a company, a club, a school")),
        ],
        initial=OwnerKind.HOUSEHOLD.value,
        widget=forms.RadioSelect,
        error_messages={
            "required": _("Choose one of the two."),
            "invalid_choice": _("Choose one of the two."),
        },
    )
    brand = forms.TypedChoiceField(
        label=_("At which house?"),
        coerce=int,
        error_messages={
            "required": _("Choose the house."),
            "invalid_choice": _("Choose one of the houses in the list."),
        },
    )
    field_order = ("kind", "brand", "name")

    def __init__(self, *args: Any, brands: Sequence[tuple[int, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["brand"]
        field.choices = brands
        self.fields["name"].label = _("Its name (a household needs none)")
        if len(brands) == 1:
            field.initial = brands[0][0]
            field.widget = forms.HiddenInput()

    def clean(self) -> Any:
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("kind") == OwnerKind.ORGANISATION and cleaned.get("name") == "":
            self.add_error("name", _("Type the name of the organisation."))
        return cleaned


class InviteForm(forms.Form):
    """Whom to invite, and what they may do."""

    email = forms.CharField(
        label=_("Their e-mail"),
        max_length=254,
        error_messages={"required": _("Type the e-mail address of whom you invite.")},
        widget=forms.EmailInput(attrs={"autocomplete": "off", "spellcheck": "false", "enterkeyhint": "send"}),
    )
    role = forms.ChoiceField(
        label=_("What may they do?"),
        choices=ROLES,
        initial=MemberRole.MEMBER.value,
        widget=forms.RadioSelect,
        error_messages={
            "required": _("Choose one of the two."),
            "invalid_choice": _("Choose one of the two."),
        },
    )

    def clean_email(self) -> str:
        contact = parse_contact(str(self.cleaned_data["email"]))
        if contact.kind is not ContactKind.EMAIL:
            raise ValidationError(_("Type an e-mail address: the invitation is a mail."), code="email")
        return contact.value


class RoleForm(forms.Form):
    role = forms.ChoiceField(label=_("What may they do?"), choices=ROLES, widget=forms.RadioSelect)


class ChooseForm(forms.Form):
    """Some of the things in a list."""

    units = forms.TypedMultipleChoiceField(
        label=_("Things"),
        coerce=int,
        widget=forms.CheckboxSelectMultiple,
        error_messages={
            "required": _("Choose at least one thing."),
            "invalid_choice": _("One of these things is not yours any more. Look again and choose."),
        },
    )

    def __init__(self, *args: Any, units: Sequence[tuple[int, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["units"]
        field.choices = units
