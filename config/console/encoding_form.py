"""The forms for an encoding order and for the station's result. They validate only."""

from __future__ import annotations

import re
from typing import Any, cast

from django import forms
from django.utils.translation import gettext_lazy as _

from products.digital_link import MAX_VALUE_LENGTH
from products.encoding.sealing import MAX_KEY, read_recipient
from products.errors import ProductsError
from products.imports.problems import shown
from products.models import Batch, ChipProfile, Product
from products.models.encoding import MAX_KEY_VERSION
from products.services.encoding import MAX_CHIPS, OrderRequest

MAX_UID_FILE = 1024 * 1024  # bytes
SEALED, ONCE = "sealed", "once"
HANDOVER = (
    (SEALED, _("Sealed for the station's public key: only the station can read it")),
    (ONCE, _("In clear, to be fetched once: everybody who holds the file can make your chips")),
)
_UID = re.compile(r"[0-9A-Fa-f]{14}")


class EncodingOrderForm(forms.Form):
    """Which chips, under which key, and who gets the file."""

    profile = forms.ModelChoiceField(ChipProfile.objects.none(), label=_("Chip profile"))
    key_version = forms.IntegerField(
        label=_("Key version"),
        required=False,
        min_value=0,
        max_value=MAX_KEY_VERSION,
        help_text=_("Empty takes the newest."),
    )
    product = forms.ModelChoiceField(
        Product.objects.none(), label=_("Product"), required=False, empty_label=_("any product")
    )
    batch = forms.CharField(
        label=_("Batch"),
        required=False,
        max_length=MAX_VALUE_LENGTH,
        help_text=_("The file then lists its units that have no chip yet."),
    )
    uids = forms.CharField(
        label=_("UIDs of the chips"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 4, "cols": 40, "spellcheck": "false", "autocomplete": "off"}),
        help_text=_("14 hexadecimal digits each, one per line. Needed where each chip has a key of its own."),
    )
    uid_file = forms.FileField(label=_("or a text file of them"), required=False)
    handover = forms.ChoiceField(
        label=_("Who can read the file"), choices=HANDOVER, initial=SEALED, widget=forms.RadioSelect
    )
    recipient = forms.CharField(
        label=_("Public key of the station"),
        required=False,
        max_length=MAX_KEY,
        widget=forms.Textarea(attrs={"rows": 5, "cols": 40, "spellcheck": "false", "autocomplete": "off"}),
        help_text=_("A JWK, or PEM: RSA of 2048 bits or more, P-256, P-384, P-521 or X25519."),
    )

    wanted: OrderRequest

    def __init__(self, *args: Any, brands: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        profiles = ChipProfile.objects.filter(brand__in=brands).defer("keys").order_by("slug")
        cast(forms.ModelChoiceField, self.fields["profile"]).queryset = profiles
        products = Product.objects.filter(brand__in=brands).order_by("slug")
        cast(forms.ModelChoiceField, self.fields["product"]).queryset = products

    def clean_uid_file(self) -> str:
        file = self.cleaned_data["uid_file"]
        if file is None:
            return ""
        if file.size > MAX_UID_FILE:
            raise forms.ValidationError(_("The file is larger than 1 MB: it should hold one UID per line."))
        try:
            return str(file.read().decode("utf-8-sig"))
        except UnicodeDecodeError as error:
            raise forms.ValidationError(
                _("The file is not text. Save it as plain text, one UID per line.")
            ) from error

    def clean(self) -> dict[str, Any]:
        values = super().clean() or self.cleaned_data
        if self.errors:
            return values
        batch, uids = self._batch(values), self._uids(values)
        recipient = self._recipient(values)
        if not self.errors:
            self.wanted = OrderRequest(values["profile"], values["key_version"], batch, uids, recipient)
        return values

    def _batch(self, values: dict[str, Any]) -> Batch | None:
        brand, product = values["profile"].brand_id, values["product"]
        if product and product.brand_id != brand:
            self.add_error("product", _("This belongs to another brand."))
            return None
        if not values["batch"]:
            return None
        named = Batch.objects.filter(brand=brand, code=values["batch"])
        found = list((named.filter(product=product) if product else named)[:2])
        if len(found) == 1:
            return found[0]
        sentence = _("Several products have a batch of this name: choose the product.")
        self.add_error("batch", sentence if found else _("There is no batch of this name."))
        return None

    def _uids(self, values: dict[str, Any]) -> tuple[bytes, ...]:
        """Return every UID once, in the order given."""
        words = (values["uids"] + "\n" + values["uid_file"]).split()
        words = words[1:] if words and words[0].lower() == "uid" else words  # the heading of an export
        wrong = next((word for word in words if not _UID.fullmatch(word)), None)
        if wrong is not None:
            sentence = _("“%(text)s” is not the UID of a chip: it has 14 hexadecimal digits.")
            self.add_error("uids", sentence % {"text": shown(wrong)})
            return ()
        uids = tuple(bytes.fromhex(word) for word in dict.fromkeys(word.lower() for word in words))
        if len(uids) > MAX_CHIPS:
            sentence = _("An order is for %(most)d chips at most: split the batch or the list.")
            self.add_error("uids", sentence % {"most": MAX_CHIPS})
        return uids

    def _recipient(self, values: dict[str, Any]) -> Any:
        if values["handover"] == ONCE:
            return None
        if not values["recipient"].strip():
            self.add_error(
                "recipient", _("Paste the station's public key, so that only the station can read it.")
            )
            return None
        try:
            return read_recipient(values["recipient"])
        except ProductsError as error:
            self.add_error("recipient", error.sentence)
            return None


class ResultForm(forms.Form):
    """The file that the station sent back."""

    file = forms.FileField(label=_("CSV file"))
