"""Leaving: this browser, or a thing that one no longer has."""

from dataclasses import dataclass

from django import forms
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from experiences.cards import BrandCard
from experiences.pages.me.frame import MeFrame, me_frame, url_of
from experiences.pages.unit_frame import UnitFrame, unit_frame
from experiences.tap import Tap
from ownership.services.letting_go import WhyGone


class WhyForm(forms.Form):
    """What became of the unit."""

    why = forms.ChoiceField(
        label=gettext_lazy("What became of it?"),
        choices=WhyGone.choices,
        widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("Choose what became of it.")},
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class LeavePage(MeFrame):
    """What `me/leave.html` shows."""

    is_known: bool
    data_url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LetGoPage(UnitFrame):
    """What `me/let_go.html` shows."""

    form: WhyForm
    url: str
    problem: str
    transfer_url: str


def build_leave_page(brand: BrandCard | None, *, is_known: bool) -> LeavePage:
    """`is_known`: this browser is remembered for somebody, or somebody's code was entered in it."""
    return LeavePage(
        **me_frame(_("Leave"), brand, reverse("me_leave")), is_known=is_known, data_url=url_of("me_data")
    )


def build_let_go_page(tap: Tap, form: WhyForm, *, problem: str = "") -> LetGoPage:
    code = tap.row.public_code
    return LetGoPage(
        **unit_frame(tap, _("You no longer have it?")),
        form=form,
        url=reverse("let_go", args=[code]),
        problem=problem,
        transfer_url=url_of("transfer", code),
    )
