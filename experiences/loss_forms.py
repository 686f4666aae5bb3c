"""The forms of a search: the owner's report, the finder's message, and what either writes later. They validate only."""

import datetime as dt
import uuid
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from experiences.contact import parse_contact
from experiences.typed_words import LineField, WordsField
from ownership.models.losses import LossKind
from ownership.models.registrations import ContactKind

EARLIEST = dt.date(1900, 1, 1)
KEY = r"\A[0-9a-f]{32}\Z"


class PastDayField(forms.DateField):
    """A day that is not ahead of the unit's own calendar; `today` is set by the form that has it."""

    today: dt.date | None = None

    def __init__(self, **options: Any) -> None:
        options.setdefault("widget", forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))
        super().__init__(**options)
        self.error_messages["invalid"] = _("This is not a day. Write it like 2026-05-31.")

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        return {**super().widget_attrs(widget), "min": EARLIEST.isoformat()}

    def validate(self, value: Any) -> None:
        super().validate(value)
        if value and self.today and value > self.today:
            raise ValidationError(_("This day is in the future."), code="ahead")
        if value and value < EARLIEST:
            raise ValidationError(_("This day is too long ago to be right."), code="too_early")


class FormOfToday(forms.Form):
    """A form whose days lie behind the day it is where the unit is."""

    def __init__(self, *args: Any, today: dt.date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            if isinstance(field, PastDayField):
                field.today = today
                field.widget.attrs["max"] = today.isoformat()


class LossReportForm(FormOfToday):
    """What happened, since when, and what a finder is to read."""

    kind = forms.ChoiceField(
        label=_("What happened?"),
        choices=[("", _("Choose …")), (LossKind.LOST, _("I lost it")), (LossKind.STOLEN, _("It was stolen"))],
        error_messages={"required": _("Say whether it is lost or stolen.")},
    )
    missed_on = PastDayField(label=_("Missed since (optional)"), required=False)
    police_reference = LineField(
        label=_("The police's reference (optional)"),
        help_text=_("Only you and our staff see it."),
        max_length=80,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    words = WordsField(
        label=_("Words for whoever finds it (optional)"),
        help_text=_("Everybody who opens its page can read them. Leave your name and address out."),
        max_length=300,
        rows=3,
        required=False,
    )


class FinderForm(forms.Form):
    """The finder's message; an e-mail for the answer where they like."""

    words = WordsField(
        label=_("Your message to its owner"),
        help_text=_("Where did you find it, and where is it now?"),
        max_length=1000,
        error_messages={"required": _("Write a few words first.")},
    )
    email = forms.CharField(
        label=_("Your e-mail, for the answer (optional)"),
        help_text=_("The owner never sees it. Without it, keep the link of the next page."),
        max_length=254,
        required=False,
        widget=forms.EmailInput(
            attrs={"autocomplete": "email", "spellcheck": "false", "enterkeyhint": "send"}
        ),
    )
    submission_key = forms.RegexField(KEY, widget=forms.HiddenInput)

    def clean_email(self) -> str:
        text = str(self.cleaned_data["email"]).strip()
        if not text:
            return ""
        contact = parse_contact(text)
        if contact.kind is not ContactKind.EMAIL:
            raise ValidationError(_("Type an e-mail address, or leave it empty."), code="email")
        return contact.value


class AnswerForm(forms.Form):
    """What either side writes on."""

    words = WordsField(
        label=_("Write on"), max_length=1000, error_messages={"required": _("Write a few words first.")}
    )
    submission_key = forms.RegexField(KEY, widget=forms.HiddenInput)


def new_key() -> dict[str, str]:
    """Return the initial value of a form's submission key."""
    return {"submission_key": uuid.uuid4().hex}
