"""The pages of passing a unit on: the owner's offer, and accepting it."""

import datetime as dt
import enum
from collections.abc import Sequence
from dataclasses import dataclass

import segno
from django import forms
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from experiences.cards import product_card
from experiences.contact import masked
from experiences.pages.modules import Module, Promise, build_module, marketing_wording, privacy_url
from experiences.pages.unit_frame import UnitFrame, unit_frame
from experiences.registration_form import RegisterForm
from experiences.tap import Tap
from experiences.transfer_form import grouped
from ownership.models import Owner, ReleaseRequest, Transfer
from ownership.models.transfers import TransferKind, TransferState
from ownership.services.transfers import units_for_desk
from products.days import day_in

ACCEPT_FORM = "accepting"  # the form's id on the page
QUIET_ZONE = 4  # modules (ISO/IEC 18004, section 9.1)


class Way(enum.StrEnum):
    """What is still needed of whoever would accept."""

    READY = "ready"  # nothing but who they are
    CODE = "code"  # the owner's code, or the unit itself
    TAP = "tap"  # a new tap, for it is valuable
    PROOF = "proof"  # something that shows that they have it: it is valuable, and has no chip to tap
    SHOP = "shop"  # nothing of them: the shop accepts a return
    OVER = "over"  # nothing: of all that was offered together nothing waits any more


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferPage(UnitFrame):
    """What `experiences/transfer_offer.html` shows to the owner before anything is offered."""

    form: forms.Form | None  # None: it can't be passed on now, and `problem` says why
    url: str  # where an offer that is open stands, too
    is_open: bool
    goes: list[str]
    stays: list[str]
    problem: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferedPage(UnitFrame):
    """What `experiences/transfer_offered.html` shows to the owner while the offer stands."""

    is_return: bool
    url: str
    code: str
    symbol: SafeString
    until: dt.date
    recipient: str
    together: str
    is_seen_first: bool  # staff look at whoever takes it over
    case_url: str  # where the owner sees how far staff are who look at its taker; '' where none do
    cancel_url: str
    problem: str


@dataclass(frozen=True, slots=True)
class Taker:
    """Somebody known in this browser for whom it can be accepted with one button."""

    owner_id: int
    label: str


@dataclass(frozen=True, slots=True)
class Piece:
    """One of several units that are passed on together."""

    name: str
    serial: str
    state: str
    url: str
    is_open: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class AcceptPage(UnitFrame):
    """What `experiences/transfer_accept.html` shows to whoever may become the next owner."""

    way: Way
    form: RegisterForm
    code_form: forms.Form
    takers: list[Taker]
    url: str
    code_url: str
    pieces: list[Piece]
    promise: Promise
    coverage: Module | None
    history: Module | None
    until: dt.date
    has_chip: bool
    proof_url: (
        str  # where it is shown that they have it, be it because the chip is silent; '' where nothing helps
    )
    problem: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ProofPage(UnitFrame):
    """What `experiences/transfer_proof.html` shows to who has the owner's code."""

    form: forms.Form
    url: str
    days_kept: int
    problem: str


def build_offer_page(tap: Tap, form: forms.Form | None, *, problem: str = "", code: str = "") -> OfferPage:
    """Return the page; `code`: of the error whose sentence `problem` is."""
    return OfferPage(
        **unit_frame(tap, _("Pass it on")),
        form=form,
        url=reverse("transfer", args=[tap.row.public_code]),
        is_open=code == "open",
        goes=what_goes_along(tap),
        stays=[
            _("Your name and your address: whoever has it next never learns them."),
            _("What you wrote to %(brand)s, and what it wrote to you.") % {"brand": tap.brand.name},
            _("Your points, if you have any."),
        ],
        problem=problem,
    )


def what_goes_along(tap: Tap) -> list[str]:
    """Return what moves to the next owner, as far as this very unit has it."""
    until = tap.row.covered_until
    goes = [
        _("Its history: when and where it was made, how many owners it had, and what was done to it."),
        _("Which parts and care fit it."),
    ]
    if until and until >= tap.facts.today:
        goes.insert(0, _("Its warranty, until %(date)s.") % {"date": date_format(until)})
    return goes


def build_offered_page(
    tap: Tap, offer: Transfer, *, together: int, case: ReleaseRequest | None = None, problem: str = ""
) -> OfferedPage:
    """`together`: how many units were offered under this one's bundle, itself included; `case`: what is at the desk."""
    code = offer.bundle or offer.code
    url = tap.brand.base_url + reverse("transfer_link", args=[code])
    is_return = offer.kind == TransferKind.RETURN
    title = _("On its way back to the shop") if is_return else _("It waits for its next owner")
    if case is not None:
        title = _("%(brand)s looks at who takes it over") % {"brand": tap.brand.name}
    others = ""
    if together > 1:
        others = ngettext(
            "This link passes on %(count)s piece.", "This link passes on %(count)s pieces.", together
        ) % {"count": together}
    return OfferedPage(
        **unit_frame(tap, title),
        is_return=is_return,
        url=url,
        code=grouped(code),
        symbol=_symbol(url),
        until=_day(tap, offer.expires_at),
        recipient=masked(offer.recipient),
        together=others,
        is_seen_first=tap.product.is_valuable and not tap.row.has_chip,
        case_url=reverse("release", args=[case.owner_code]) if case else "",
        cancel_url=reverse("transfer_cancel", args=[tap.row.public_code]),
        problem=problem,
    )


def _symbol(url: str) -> SafeString:
    """Return the link as a QR code (ISO/IEC 18004, level M), black on white whatever the page's colours."""
    svg = segno.make(url, error="m", micro=False).svg_inline(border=QUIET_ZONE, light="#fff", scale=6)
    return mark_safe(svg)  # noqa: S308 - drawn by segno; the link is ours


def _day(tap: Tap, instant: dt.datetime) -> dt.date:
    return day_in(tap.brand.zone(tap.row.market), instant)


def build_accept_page(
    tap: Tap,
    offer: Transfer,
    way: Way,
    form: RegisterForm,
    code_form: forms.Form,
    takers: Sequence[Owner],
    *,
    url: str,
    pieces: Sequence[Transfer] = (),
    by_code: bool = False,
    problem: str = "",
) -> AcceptPage:
    """`url`: where it is accepted; `pieces`: what is passed on together with it, itself included.

    `by_code`: the owner's code was given, and opens the page on which something can be shown.
    """
    several = len(pieces) > 1
    by_desk = units_for_desk(pieces) if several else set()
    return AcceptPage(
        **unit_frame(tap, _title(way, len(pieces))),
        way=way,
        form=form,
        code_form=code_form,
        takers=[_taker(owner) for owner in takers],
        url=url,
        code_url=reverse("transfer_code", args=[tap.row.public_code]),
        pieces=[_piece(piece, tap.locale, by_desk) for piece in pieces] if several else [],
        promise=_promise(tap),
        coverage=None if several else build_module("coverage", tap),
        history=None if several else build_module("provenance", tap),
        until=_day(tap, offer.expires_at),
        has_chip=tap.row.has_chip,
        proof_url=_proof_url(offer) if by_code and not several else "",
        problem=problem,
    )


def _promise(tap: Tap) -> Promise:
    return Promise(
        form_id=ACCEPT_FORM,
        label=_("Accept it, it becomes yours"),
        holding=tap.possession is not None,
        wording=marketing_wording(tap),
        privacy_url=privacy_url(tap),
    )


def build_proof_page(
    tap: Tap, offer: Transfer, form: forms.Form, *, days_kept: int, problem: str = ""
) -> ProofPage:
    return ProofPage(
        **unit_frame(tap, _("Show that you have it")),
        form=form,
        url=_proof_url(offer),
        days_kept=days_kept,
        problem=problem,
    )


def _proof_url(offer: Transfer) -> str:
    return reverse("transfer_proof", args=[offer.code])


def _title(way: Way, pieces: int) -> str:
    if way is Way.SHOP:
        return _("It goes back to the shop")
    if way is Way.OVER:
        return _("What was passed on together")
    return _("They can be yours") if pieces > 1 else _("It can be yours")


def _taker(owner: Owner) -> Taker:
    if owner.person_id is not None:
        return Taker(owner.pk, _("Accept it, it becomes yours"))
    return Taker(owner.pk, _("Accept it for %(name)s") % {"name": owner.name})


def _piece(transfer: Transfer, locale: str, by_desk: set[int]) -> Piece:
    unit = transfer.unit
    state = {
        TransferState.OPEN: "",
        TransferState.ACCEPTED: _("It has its new owner."),
        TransferState.CANCELLED: _("This offer was called off."),
        TransferState.EXPIRED: _("Nobody accepted it in time."),
    }[TransferState(transfer.state)]
    name = product_card(unit.product_id, unit.brand.content_version, locale).name
    url, is_open = reverse("unit_home", args=[unit.public_code]), transfer.state == TransferState.OPEN
    if is_open and unit.pk in by_desk:
        url, state = _proof_url(transfer), _("A piece of this value has to be seen first: open it here.")
    return Piece(name, unit.serial, state, url, is_open)
