"""The way in: the address, then the code."""

from dataclasses import dataclass, replace
from urllib.parse import urlencode

from django import forms
from django.urls import reverse
from django.utils.translation import gettext as _

from experiences.cards import BrandCard
from experiences.outbox import outbox_is_open
from experiences.pages.me.frame import MeFrame, me_frame
from experiences.pages.registration_pages import CODE_INPUT
from experiences.registration_form import AddressForm


@dataclass(frozen=True, slots=True, kw_only=True)
class EnterPage(MeFrame):
    """What `me/enter.html` shows."""

    form: AddressForm
    problem: str
    url: str
    next: str
    is_stale: bool  # the browser is known, but was silent for long


@dataclass(frozen=True, slots=True, kw_only=True)
class EnterCodePage(MeFrame):
    """What `me/code.html` shows."""

    form: forms.Form
    address: str
    problem: str
    url: str
    again_url: str
    outbox_url: str
    can_resend: bool


def build_enter_page(
    brand: BrandCard | None, form: AddressForm, *, next_url: str, is_stale: bool, problem: str = ""
) -> EnterPage:
    frame = me_frame(_("Is it you?") if is_stale else _("Your things"), brand, reverse("me_enter"))
    if next_url:  # another language leads on to the same page
        on = urlencode({"next": next_url})
        frame["languages"] = [replace(one, url=f"{one.url}&{on}") for one in frame["languages"]]
    return EnterPage(
        **frame,
        form=form,
        problem=problem,
        url=reverse("me_enter"),
        next=next_url,
        is_stale=is_stale,
    )


def build_enter_code_page(
    brand: BrandCard | None, form: forms.Form, *, address: str, can_resend: bool, problem: str = ""
) -> EnterCodePage:
    """`address`: where the code went, as it may be shown."""
    form.fields["code"].widget.attrs.update(CODE_INPUT)
    return EnterCodePage(
        **me_frame(_("Enter the code that we sent you"), brand, reverse("me_enter_code")),
        form=form,
        address=address,
        problem=problem,
        url=reverse("me_enter_code"),
        again_url=reverse("me_enter"),
        outbox_url=reverse("outbox") if outbox_is_open() else "",
        can_resend=can_resend,
    )
