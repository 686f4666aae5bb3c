"""The pages of registering: the form, the code, and the useful thank-you."""

import datetime as dt
from dataclasses import dataclass

from django import forms
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from analytics.kinds import Stage
from experiences.codes import CodeOutcome
from experiences.contact import masked
from experiences.markdown import render_markdown
from experiences.outbox import outbox_is_open
from experiences.pages.identity import line_of_its_own
from experiences.pages.modules import (
    Module,
    Promise,
    build_module,
    may_register,
    promise_of,
)
from experiences.pages.promises import warranty_until
from experiences.pages.unit_frame import UnitFrame, unit_frame
from experiences.pages.unit_page import Action, address_url
from experiences.registration_form import AddressForm, RegisterForm
from experiences.tap import Tap
from ownership.models import Transfer
from ownership.models.registrations import ContactKind, RegistrationState
from products.fields import in_language

# The code has letters and digits; the keyboard must not "correct" them.
CODE_INPUT = {
    "inputmode": "text",
    "autocapitalize": "characters",
    "autocorrect": "off",
    "spellcheck": "false",
    "enterkeyhint": "done",
    "maxlength": "16",
    "dir": "ltr",
    "placeholder": "",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterPage(UnitFrame):
    """What `experiences/register.html` shows."""

    form: RegisterForm
    url: str
    mine_url: str
    may: bool
    is_owned: bool
    until: dt.date | None
    promise: Promise
    problem: str
    may_say_mine: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfirmPage(UnitFrame):
    """What `experiences/confirm.html` shows."""

    form: forms.Form
    url: str
    address: str
    outbox_url: str
    correct_url: str
    can_resend: bool
    problem: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WelcomePage(UnitFrame):
    """What `experiences/welcome.html` shows: the warranty, the next step, the address still to confirm."""

    coverage: Module | None
    history: Module | None  # of a unit that had owners before
    line: str
    action: Action
    confirm_url: str
    send_again_url: str
    correct_url: str
    problem: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AddressPage(UnitFrame):
    """What `experiences/address.html` shows: the address that waits for its code, and a field to correct it."""

    address: str
    form: AddressForm
    url: str
    send_url: str
    problem: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PrivacyPage(UnitFrame):
    """What `experiences/privacy.html` shows: the brand's own notice."""

    body: SafeString


def build_privacy_page(tap: Tap) -> PrivacyPage | None:
    """Return the brand's privacy notice; None where it has not written one."""
    text = in_language(tap.brand.privacy, tap.locale, tap.brand.locales[0])
    if not text:
        return None
    title = _("What %(brand)s does with your data") % {"brand": tap.brand.name}
    return PrivacyPage(**unit_frame(tap, title), body=render_markdown(text))


def code_problem(outcome: str, contact_kind: str = "") -> str:
    """Return the sentence for a code that was not sent or that came too late; '' for one that was sent.

    `outcome`: a `CodeOutcome`, or `superseded`.
    """
    if outcome == RegistrationState.SUPERSEDED:
        return _("Your address is confirmed, but somebody else registered this piece before you did.")
    if outcome == CodeOutcome.GONE:
        return _("That code works no longer: it was too old, or mistyped too often. Ask for a new one.")
    if outcome == CodeOutcome.WAIT:
        return _("Several codes went to this address lately. Wait a few minutes, then ask for a new one.")
    if outcome != CodeOutcome.FAILED:
        return ""
    if contact_kind == ContactKind.PHONE:
        return _("We could not send the text message just now. Nothing is lost: send it again in a moment.")
    if contact_kind == ContactKind.EMAIL:
        return _("We could not send the mail just now. Nothing is lost: send it again in a moment.")
    return _("We could not send your code just now. Nothing is lost: ask for it again in a moment.")


def may_say_its_mine(tap: Tap) -> bool:
    """Whether the quieter way is offered: on the shelf, and where a chip could prove the holding it did."""
    on_the_shelf = tap.decision.stage is Stage.DISCOVERY and tap.facts.spoke_up_on is None
    return on_the_shelf and (tap.possession is not None or not tap.row.has_chip)


def build_register_page(tap: Tap, form: RegisterForm, *, problem: str = "") -> RegisterPage:
    return RegisterPage(
        **unit_frame(tap, _("Register it in your name")),
        form=form,
        url=reverse("register", args=[tap.row.public_code]),
        mine_url=reverse("its_mine", args=[tap.row.public_code]),
        # What was typed stays on the page, also where it could not be taken.
        may=form.is_bound or (may_register(tap) and not tap.facts.is_owned and tap.row.status == "active"),
        is_owned=tap.facts.is_owned,
        until=warranty_until(tap),
        promise=promise_of(tap),
        problem=problem,
        may_say_mine=may_say_its_mine(tap),
    )


def build_confirm_page(
    tap: Tap,
    form: forms.Form,
    *,
    address: str,
    can_resend: bool,
    offer: Transfer | None = None,
    problem: str = "",
) -> ConfirmPage:
    """`address`: where the code went; whole only where its owner typed it in this browser.

    `offer`: what is accepted with it, where the unit has an owner already.
    """
    form.fields["code"].widget.attrs.update(CODE_INPUT)
    return ConfirmPage(
        **unit_frame(tap, _("Enter the code that we sent you")),
        form=form,
        url=reverse("confirm", args=[tap.row.public_code]),
        address=address,
        outbox_url=reverse("outbox") if outbox_is_open() else "",
        correct_url=_correct_url(tap, offer),
        can_resend=can_resend,
        problem=problem,
    )


def _correct_url(tap: Tap, offer: Transfer | None) -> str:
    """Return where the address can be corrected: before there is an owner, or by the owner before it is confirmed."""
    if offer is not None and not tap.row.viewer_is_owner:
        return reverse("transfer_link", args=[offer.bundle or offer.code])
    if not tap.facts.is_owned:
        return reverse("register", args=[tap.row.public_code])
    return address_url(tap) if tap.row.viewer_unconfirmed else ""


def build_welcome_page(
    tap: Tap, *, code_under_way: bool, unconfirmed: bool, problem: str = ""
) -> WelcomePage:
    """`unconfirmed`: this browser has an address to confirm; `code_under_way`: and a code to enter for it."""
    code = tap.row.public_code
    setup = build_module("setup", tap)
    action = (
        Action("setup", _("Set it up, step by step"), reverse("unit_section", args=[code, "setup"]))
        if setup
        else Action("care", _("Open its page"), reverse("unit_home", args=[code]))
    )
    return WelcomePage(
        **unit_frame(tap, _("It is yours now") if tap.row.ownerships > 1 else _("It is registered to you")),
        coverage=build_module("coverage", tap),
        history=build_module("provenance", tap) if tap.row.ownerships > 1 else None,
        line=line_of_its_own(tap) if tap.row.ownerships > 1 else "",
        action=action,
        confirm_url=reverse("confirm", args=[code]) if unconfirmed and code_under_way else "",
        send_again_url=reverse("send_again", args=[code]) if unconfirmed and not code_under_way else "",
        correct_url=address_url(tap) if tap.row.viewer_unconfirmed else "",
        problem=problem,
    )


def build_address_page(tap: Tap, form: AddressForm, *, contact: str, problem: str = "") -> AddressPage:
    """`contact`: the address on file. Whoever holds the phone may use it, but learns no more of it than its mask."""
    return AddressPage(
        **unit_frame(tap, _("Confirm your address")),
        address=masked(contact),
        form=form,
        url=address_url(tap),
        send_url=reverse("send_again", args=[tap.row.public_code]),
        problem=problem,
    )
