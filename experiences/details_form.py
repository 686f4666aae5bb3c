"""The forms of an owner's details."""

from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from experiences.contact import masked
from experiences.details import Known
from experiences.typed_words import clean_name
from ownership.models import Owner


class DetailsForm(forms.Form):
    """The name, the language, and where the brand writes to."""

    name = forms.CharField(
        label=_("Your name (optional)"),
        max_length=120,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "name", "enterkeyhint": "done"}),
    )
    locale = forms.ChoiceField(label=_("Language of what you are sent"))
    address = forms.ChoiceField(label=_("Where you are written to"), required=False)

    def __init__(
        self,
        data: Any = None,
        *,
        owner: Owner,
        locales: tuple[str, ...],
        addresses: list[Known],
        now_written_to: Known | None,
        in_clear: bool,
    ) -> None:
        initial = {
            "name": owner.name,
            "locale": owner.locale if owner.locale in locales else locales[0],
            "address": now_written_to.key if now_written_to else "",
        }
        super().__init__(data, initial=initial, auto_id=f"id_{owner.pk}_%s")
        names = dict(settings.LANGUAGES)
        self.fields["locale"].choices = [(code, names.get(code, code)) for code in locales]  # type: ignore[attr-defined]
        self.known = {
            known.key: known for known in addresses if known.is_confirmed or known == now_written_to
        }
        shown = [(key, shown_as(known, in_clear=in_clear)) for key, known in self.known.items()]
        # What staff wrote down, and no address of the person's own, stays until another one is chosen.
        kept = [] if now_written_to else [("", masked(owner.email or owner.phone) or "–")]
        self.fields["address"].choices = [*kept, *shown]  # type: ignore[attr-defined]
        if len(self.fields["address"].choices) < 2:  # type: ignore[attr-defined]
            del self.fields["address"]

    def clean_name(self) -> str:
        return clean_name(self.cleaned_data["name"])

    @property
    def chosen(self) -> Known | None:
        """The address that was chosen; None where there was nothing to choose."""
        return self.known.get(self.cleaned_data.get("address", ""))


def shown_as(known: Known, *, in_clear: bool) -> str:
    """Return the address as it may be shown: whole only after a code was entered in this session."""
    return known.value if in_clear else masked(known.value)
