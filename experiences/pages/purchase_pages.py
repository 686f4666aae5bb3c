"""The owner's purchase, and a present's words."""

from dataclasses import dataclass

from django import forms
from django.urls import reverse
from django.utils.translation import gettext as _

from experiences.pages.unit_frame import UnitFrame, unit_frame
from experiences.tap import Tap
from ownership.models import Gift, Purchase


@dataclass(frozen=True, slots=True, kw_only=True)
class PurchasePage(UnitFrame):
    """What `experiences/purchase.html` shows to the owner."""

    form: forms.Form
    url: str
    remove_url: str  # '' where there is no proof
    is_kept: bool
    problem: str


@dataclass(frozen=True, slots=True, kw_only=True)
class GiftPage(UnitFrame):
    """What `experiences/gift.html` shows to the giver."""

    form: forms.Form | None
    url: str
    take_back_url: str  # '' where this browser left no words
    words: str  # what the recipient will read
    why_not: str
    problem: str


def build_purchase_page(
    tap: Tap, form: forms.Form, purchase: Purchase | None, *, problem: str = ""
) -> PurchasePage:
    code = tap.row.public_code
    has_proof = bool(purchase and purchase.proof_id)
    return PurchasePage(
        **unit_frame(tap, _("When and where you bought it")),
        form=form,
        url=reverse("purchase", args=[code]),
        remove_url=reverse("purchase_proof_removed", args=[code]) if has_proof else "",
        is_kept=purchase is not None,
        problem=problem,
    )


def build_gift_page(
    tap: Tap, form: forms.Form | None, gift: Gift | None, *, why_not: str = "", problem: str = ""
) -> GiftPage:
    """`gift`: the words that this browser left."""
    code = tap.row.public_code
    title = _("Your words wait on its page") if gift else _("You are giving it away")
    return GiftPage(
        **unit_frame(tap, title),
        form=form,
        url=reverse("gift", args=[code]),
        take_back_url=reverse("gift_taken_back", args=[code]) if gift else "",
        words=gift.words if gift else "",
        why_not=why_not,
        problem=problem,
    )
