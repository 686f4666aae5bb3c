"""Forms of the console: they validate, and bring what was typed to the form in which it is stored."""

from typing import Any

from django import forms
from django.conf import settings
from django.contrib.auth.forms import UserChangeForm
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from products.colours import Shortfall, accent_shortfall, is_colour, paper_shortfall
from products.console import BrandScopedForm
from products.digital_link import IdentifierError, normalise_gtin
from products.models import Brand, Person, Product, TradeItem
from products.models.catalogue import UncodedRule
from products.services.pictures import PictureError, encode_picture, save_picture


class PersonForm(UserChangeForm):
    class Meta:
        model = Person
        fields = "__all__"


class BrandForm(BrandScopedForm):
    main_language = forms.ChoiceField(
        label=_("Main language"),
        choices=settings.LANGUAGES,
        help_text=_("For visitors whose language you don't offer."),
    )
    other_languages = forms.MultipleChoiceField(
        label=_("Also offered"),
        choices=settings.LANGUAGES,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )

    website = forms.URLField(label=_("Web site"), required=False, assume_scheme="https")

    class Meta:
        model = Brand
        exclude = ["locales"]
        widgets = {"accent": forms.TextInput(attrs={"size": 9}), "paper": forms.TextInput(attrs={"size": 9})}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.locales:
            self.initial["main_language"] = self.instance.locales[0]
            self.initial["other_languages"] = self.instance.locales[1:]

    def clean(self) -> Any:
        cleaned = super().clean()
        main = cleaned.get("main_language")
        if main:
            others = [code for code in cleaned.get("other_languages", []) if code != main]
            self.instance.locales = [main, *others]
        self._refuse_unreadable(cleaned)
        return cleaned

    def _refuse_unreadable(self, cleaned: dict[str, Any]) -> None:
        """Refuse colours in which pages can't be read, beside the field, with the nearest shade that can."""
        accent, paper = (str(cleaned.get(name, "")) for name in ("accent", "paper"))
        if not (is_colour(accent) and is_colour(paper)):
            return  # the field's own check says so
        if short := paper_shortfall(paper):
            self.add_error("paper", _too_faint(_("Text on this paper"), short))
        elif short := accent_shortfall(accent, paper):
            self.add_error("accent", _too_faint(_("A button in this accent on the paper"), short))


def _too_faint(what: Any, short: Shortfall) -> ValidationError:
    return ValidationError(
        _(
            "%(what)s has a contrast of %(measured)s to 1; it needs %(needed)s to 1."
            " The nearest shade that has it is %(nearest)s."
        ),
        code="unreadable",
        params={
            "what": what,
            "measured": f"{short.measured:.1f}",
            "needed": f"{short.needed:.1f}",
            "nearest": short.nearest,
        },
    )


class ProductForm(BrandScopedForm):
    picture_file = forms.FileField(
        label=_("New picture"),
        required=False,
        help_text=_("A photograph or drawing of the product. It replaces the one before."),
        widget=forms.FileInput(attrs={"accept": "image/*"}),
    )

    class Meta:
        model = Product
        fields = "__all__"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "uncoded_rule" in self.fields:
            self.fields["uncoded_rule"].required = False  # left out, it stays what it is

    def save_picture(self) -> None:
        """Store the picture that was chosen, if any; it was decoded when the form was checked."""
        if data := self.cleaned_data.get("picture_file"):
            save_picture(self.instance, data)

    def clean(self) -> Any:
        cleaned = super().clean()
        if cleaned.get("uncoded_rule") == UncodedRule.PATTERN and cleaned.get("uncoded_pattern") == "":
            self.add_error("uncoded_pattern", _("Write the pattern by which serial numbers are recognised."))
        return cleaned

    def clean_picture_file(self) -> bytes | None:
        upload = self.cleaned_data.get("picture_file")
        if not upload:
            return None
        data: bytes = upload.read()
        try:
            encode_picture(data)
        except PictureError as error:
            raise ValidationError(str(error), code=error.code) from error
        return data


class TradeItemForm(forms.ModelForm):
    # Longer than what is stored: a GTIN may be typed with spaces and dashes.
    gtin = forms.CharField(label=_("GTIN"), max_length=40, widget=forms.TextInput(attrs={"size": 20}))

    class Meta:
        model = TradeItem
        fields = ["gtin", "variant"]

    def clean_gtin(self) -> str:
        try:
            return normalise_gtin(self.cleaned_data["gtin"])
        except IdentifierError as error:
            raise ValidationError(error.message, code=error.code) from error
