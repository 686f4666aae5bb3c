"""The form that orders labels. It validates only; what was shown before printing comes back as its digest."""

from __future__ import annotations

import json
from hashlib import blake2b
from typing import Any, cast

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from products.digital_link import MAX_VALUE_LENGTH
from products.errors import ProductsError
from products.labels.formats import FORMATS
from products.labels.qr import CodeKind, Level
from products.labels.runs import MAX_COPIES, MAX_NAMED, LabelRun, Selection, units_named
from products.models import Brand, Product

SAYS = (("name", _("Name of the product")), ("model", _("Model number")), ("gtin", _("GTIN")))


def _day(label: Any) -> forms.DateField:
    widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    return forms.DateField(label=label, required=False, widget=widget)


class LabelsForm(forms.Form):
    """Which units (those that fit all that is filled in), on which sheets, with which code."""

    brand = forms.ModelChoiceField(Brand.objects.none(), label=_("Brand"))
    units = forms.CharField(required=False, widget=forms.HiddenInput)
    product = forms.ModelChoiceField(
        Product.objects.none(), label=_("Product"), required=False, empty_label=_("any product")
    )
    batch = forms.CharField(label=_("Batch"), required=False, max_length=MAX_VALUE_LENGTH)
    made_from = _day(_("Made from"))
    made_to = _day(_("Made until"))
    serials = forms.CharField(
        label=_("Serial numbers"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 4, "cols": 40, "spellcheck": "false", "autocomplete": "off"}),
        help_text=_("One per line, or a range like A-0001..A-0250."),
    )
    format = forms.ChoiceField(
        label=_("Labels"), choices=[(found.slug, found.name) for found in FORMATS.values()]
    )
    start = forms.IntegerField(
        label=_("First free label"),
        min_value=1,
        initial=1,
        help_text=_("On a sheet that was begun, counted from the top left, row by row."),
    )
    copies = forms.IntegerField(label=_("Copies of each"), min_value=1, max_value=MAX_COPIES, initial=1)
    kind = forms.ChoiceField(
        label=_("The code holds"),
        choices=CodeKind.choices,
        initial=CodeKind.SHORT,
        widget=forms.RadioSelect,
        help_text=_("The short link makes the coarser code, which small labels and worn ones need."),
    )
    level = forms.ChoiceField(
        label=_("Error correction"), choices=Level.choices, initial=Level.M, widget=forms.RadioSelect
    )
    says = forms.MultipleChoiceField(
        label=_("Beside the serial number"),
        choices=SAYS,
        required=False,
        initial=[key for key, _label in SAYS],
        widget=forms.CheckboxSelectMultiple,
        help_text=_("As far as there is room: a number is printed whole or not at all."),
    )
    shown = forms.CharField(required=False, widget=forms.HiddenInput)

    run: LabelRun

    def __init__(self, *args: Any, brands: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        brand = cast(forms.ModelChoiceField, self.fields["brand"])
        brand.queryset = brands
        if len(brands) == 1:
            brand.initial, brand.widget = brands[0], forms.HiddenInput()
            brand.disabled = True
        product = cast(forms.ModelChoiceField, self.fields["product"])
        product.queryset = Product.objects.filter(brand__in=brands).order_by("slug")

    def clean_units(self) -> tuple[int, ...] | None:
        words = self.cleaned_data["units"].split(",") if self.cleaned_data["units"] else []
        if len(words) > MAX_NAMED or not all(
            word.isascii() and word.isdigit() and len(word) < 19 for word in words
        ):
            raise forms.ValidationError(_("The list of units that came with this page can't be read."))
        return tuple(int(word) for word in words) or None

    def clean(self) -> dict[str, Any]:
        values = super().clean() or self.cleaned_data
        if self.errors:
            return values
        self._check_sheet(values)
        if (product := values["product"]) and product.brand_id != values["brand"].pk:
            self.add_error("product", _("This belongs to another brand."))
        days = values["made_from"], values["made_to"]
        if all(days) and days[1] < days[0]:
            self.add_error("made_to", _("This day is before the first one."))
        named = self._named(values)
        if not self.errors:
            self._take(values, named)
        return values

    def _check_sheet(self, values: dict[str, Any]) -> None:
        sheet = FORMATS[values["format"]]
        if values["start"] > sheet.per_sheet:
            sentence = _("A sheet of this format has %(count)d labels.") % {"count": sheet.per_sheet}
            self.add_error("start", sentence)

    def _named(self, values: dict[str, Any]) -> tuple[int, ...] | None:
        """Return the units named by serial number, or else those that were ticked."""
        if not values["serials"].strip():
            return cast("tuple[int, ...] | None", values["units"])
        try:
            return units_named(values["serials"], values["brand"], values["product"])
        except ProductsError as error:
            self.add_error("serials", error.sentence)
            return None

    def _take(self, values: dict[str, Any], named: tuple[int, ...] | None) -> None:
        selection = Selection(
            product=values["product"].pk if values["product"] else None,
            batch=values["batch"],
            made_from=str(values["made_from"] or ""),
            made_to=str(values["made_to"] or ""),
            units=named,
        )
        if selection.says_nothing:
            self.add_error(None, _("Say which units: a product, a batch, days or serial numbers."))
        self.run = LabelRun(
            selection,
            values["format"],
            kind=values["kind"],
            level=values["level"],
            copies=values["copies"],
            start=values["start"],
            says=tuple(values["says"]),
        )

    def _digest(self, labels: int) -> str:
        said = json.dumps([self.cleaned_data["brand"].pk, self.run.as_params(), labels])
        return blake2b(said.encode(), digest_size=16).hexdigest()

    def was_shown(self, labels: int) -> bool:
        """Return whether this very run, of as many labels, was shown before."""
        return bool(self.cleaned_data["shown"] == self._digest(labels))

    def show(self, labels: int) -> None:
        """Let the page that comes now say what it shows; a print that follows says it back."""
        self.data = cast(QueryDict, self.data).copy()
        self.data["shown"] = self._digest(labels)
