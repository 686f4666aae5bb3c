"""What staff type when they register a unit for a customer at the till, or for a caller."""

import datetime as dt
import uuid
from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from config.console.unit_forms import SaleForm, UnitForm
from experiences.contact import Contact, parse_contact
from experiences.typed_words import clean_name
from ownership.models import ConsentWording, Purpose
from ownership.services.registrations import RegistrationForm
from products.fields import in_language
from products.models import Unit

# What can be agreed to before a member of staff; a place is asked for where it is needed.
ASKED = (Purpose.MARKETING, Purpose.SERVICE, Purpose.LOYALTY)


class VouchedForm(UnitForm):
    """Address, name, language, and what the person agreed to; one box per purpose that the brand has words for."""

    contact = forms.CharField(
        label=_("E-mail or telephone"),
        max_length=254,
        help_text=_("They get a message there, and confirm the address with its link."),
        widget=forms.TextInput(attrs={"size": 40, "autocomplete": "off", "spellcheck": "false"}),
    )
    name = forms.CharField(
        label=_("Name (optional)"),
        max_length=120,
        required=False,
        widget=forms.TextInput(attrs={"size": 40, "autocomplete": "off"}),
    )
    locale = forms.ChoiceField(label=_("Language of their messages"))
    submission_key = forms.RegexField(r"\A[0-9a-f]{32}\Z", widget=forms.HiddenInput)

    def __init__(self, *args: Any, unit: Unit, now: dt.datetime, **kwargs: Any) -> None:
        super().__init__(*args, unit=unit, now=now, **kwargs)
        self.country, self.parsed = unit.market, None
        names = dict(settings.LANGUAGES)
        spoken = unit.brand.locales or ["en"]
        self.fields["locale"].choices = [(code, names.get(code, code)) for code in spoken]  # type: ignore[attr-defined]
        self.fields["submission_key"].initial = uuid.uuid4().hex
        self.wordings = _wordings(unit.brand_id)
        for purpose, wording in self.wordings.items():
            words = in_language(wording.texts, unit.brand.default_locale)
            self.fields[f"agrees_{purpose}"] = forms.BooleanField(
                required=False,
                label=_("They agree: %(purpose)s") % {"purpose": Purpose(purpose).label},
                help_text=_("Read to them, and tick it only after their yes: “%(words)s”") % {"words": words},
            )

    parsed: Contact | None

    def clean_contact(self) -> str:
        text: str = self.cleaned_data["contact"]
        if not text and not self.fields["contact"].required:
            return ""
        self.parsed = parse_contact(text, self.country)
        return self.parsed.value

    def clean_name(self) -> str:
        return clean_name(self.cleaned_data["name"])

    def clean(self) -> Any:
        cleaned = super().clean() or self.cleaned_data
        if self.parsed is not None:
            cleaned["form"] = self._registration()
        cleaned["wordings"] = [
            wording for purpose, wording in self.wordings.items() if cleaned.get(f"agrees_{purpose}")
        ]
        if cleaned["wordings"] and self.parsed is None and "contact" not in self.errors:
            self.add_error("contact", _("They agreed to be written to: where can we reach them?"))
        return cleaned

    def _registration(self) -> RegistrationForm | None:
        """Return it as a registration, if all of it was understood; else the form is shown again anyway."""
        values = self.cleaned_data
        if self.parsed is None or not {"submission_key", "name", "locale"} <= set(values):
            return None
        return RegistrationForm(
            submission_key=values["submission_key"],
            contact_kind=self.parsed.kind,
            contact=self.parsed.value,
            name=values["name"],
            marketing=False,  # consents are kept one by one, with who asked for them
            locale=values["locale"],
        )


class TillForm(SaleForm, VouchedForm):
    """The sale and, if the customer likes, who they are."""

    field_order = ("day", "market", "contact", "name", "locale")

    def __init__(self, *args: Any, unit: Unit, **kwargs: Any) -> None:
        super().__init__(*args, unit=unit, **kwargs)
        self.fields["contact"].required = False
        self.fields["contact"].label = _("E-mail or telephone of the customer (optional)")
        self.fields["contact"].help_text = _(
            "They are its owner at once, and confirm the address with the link that we send. Without an"
            " address the unit is sold and under warranty, and whoever unpacks it registers it."
        )
        if unit.sold_on is not None:  # the sale is on record
            del self.fields["day"], self.fields["market"]


def _wordings(brand_id: int) -> dict[str, ConsentWording]:
    """Return the newest words per purpose, in the order in which they are asked for."""
    newest: dict[str, ConsentWording] = {}
    rows = ConsentWording.objects.filter(brand_id=brand_id, purpose__in=ASKED).order_by("version")
    for wording in rows.select_related("brand"):
        newest[wording.purpose] = wording
    return {purpose.value: newest[purpose.value] for purpose in ASKED if purpose.value in newest}
