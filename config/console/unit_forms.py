"""The forms behind what staff do from a unit's page."""

import datetime as dt
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from experiences.cards import card_of
from products.days import day_in
from products.models import Unit
from products.models.brands import country_code


class UnitForm(forms.Form):
    """A form about one unit, on a day there."""

    def __init__(self, *args: Any, unit: Unit, now: dt.datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.today = day_in(card_of(unit.brand).zone(unit.market), now)

    def clean_day(self) -> dt.date | None:
        day: dt.date | None = self.cleaned_data["day"]
        if day is not None and day > self.today:
            raise forms.ValidationError(_("This day is in the future."))
        return day


def day_field(label: Any, **extra: Any) -> forms.DateField:
    """Return a field for a day of the unit's market."""
    return forms.DateField(
        label=label, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"), **extra
    )


class ReasonForm(UnitForm):
    reason = forms.CharField(
        label=_("Reason"),
        max_length=200,
        help_text=_("Staff read it in the timeline. Don't name people."),
        widget=forms.TextInput(attrs={"size": 60}),
    )


class SaleForm(UnitForm):
    day = day_field(_("Day of the sale"))
    market = forms.CharField(
        label=_("Country of the sale"),
        required=False,
        max_length=2,
        help_text=_("Two capital letters, like FR. Empty keeps what is known."),
        widget=forms.TextInput(attrs={"size": 3, "autocapitalize": "characters"}),
    )

    def clean_market(self) -> str:
        market: str = self.cleaned_data["market"].strip().upper()
        if market:
            country_code(market)
        return market


class ReturnForm(UnitForm):
    resold_on = day_field(
        _("Sold again on (optional)"),
        required=False,
        help_text=_("Where it went straight to another customer. Empty: it is back on the shelf."),
    )

    def clean_resold_on(self) -> dt.date | None:
        day: dt.date | None = self.cleaned_data["resold_on"]
        if day is not None and day > self.today:
            raise forms.ValidationError(_("This day is in the future."))
        return day
