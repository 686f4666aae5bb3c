"""When and where the owner bought it; and the words that a giver leaves for whoever unpacks it."""

import re

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from experiences.loss_forms import KEY, new_key
from experiences.pages.purchase_pages import build_gift_page, build_purchase_page
from experiences.pages.unit_page import may_give_away
from experiences.purchase_forms import GiftForm, PurchaseForm
from experiences.purchases import (
    GIFTS_OF_UNIT,
    GIFTS_OF_VISITOR,
    PROOFS_AN_HOUR,
    given_here,
    note_purchase,
    remember_gift,
)
from experiences.requests import address_of
from experiences.responses import render_problem, render_refusal, render_tap
from experiences.tap import Refusal, Tap, TapContext
from experiences.views.gate import Admitted, admit_owner
from experiences.views.units import look
from ownership.errors import OwnershipError
from ownership.models import Gift, Purchase
from ownership.services.purchases import gift_of_form, leave_gift, remove_proof, take_gift_back
from products.limits import has_room, spend


@require_http_methods(["GET", "HEAD", "POST"])
def purchase(request: HttpRequest, code: str) -> HttpResponse:
    """The owner's own account of the purchase: entered now or later, corrected at any time."""
    context, tap = look(request, code)
    if isinstance(tap, Refusal):
        return render_refusal(request, tap)
    with translation.override(tap.locale):
        admitted = admit_owner(request, tap, context)
        if isinstance(admitted, HttpResponse):
            return admitted
        if request.method != "POST":
            return _purchase_page(request, tap, context, _kept_form(tap, admitted), admitted)
        form = PurchaseForm(request.POST, request.FILES, today=tap.facts.today)
        if not form.is_valid():
            return _purchase_page(request, tap, context, form, admitted, status=400)
        if form.proof_file and not has_room(PROOFS_AN_HOUR, str(tap.row.unit_id)):
            problem = _("That was sent very often. What you typed is still there; try again in an hour.")
            return _purchase_page(request, tap, context, form, admitted, problem=problem, status=429)
        return _note(request, tap, context, form, admitted)


def _note(
    request: HttpRequest, tap: Tap, context: TapContext, form: PurchaseForm, admitted: Admitted
) -> HttpResponse:
    if form.proof_file:
        spend(PROOFS_AN_HOUR, str(tap.row.unit_id))
    try:
        note_purchase(
            unit_id=tap.row.unit_id,
            brand_id=tap.row.brand_id,
            owner_id=admitted.owner.pk,
            bought_on=form.cleaned_data["bought_on"],
            seller=form.cleaned_data["seller"],
            proof=form.proof_file,
            now=context.now,
            actor_id=admitted.actor_id,
        )
    except OwnershipError as error:
        return _purchase_page(request, tap, context, form, admitted, problem=str(error), status=409)
    return redirect("purchase", code=tap.row.public_code)


@require_POST
def purchase_proof_removed(request: HttpRequest, code: str) -> HttpResponse:
    """The owner takes the proof out again."""
    context, tap = look(request, code)
    if isinstance(tap, Refusal):
        return render_refusal(request, tap)
    with translation.override(tap.locale):
        admitted = admit_owner(request, tap, context)
        if isinstance(admitted, HttpResponse):
            return admitted
        try:
            remove_proof(unit_id=tap.row.unit_id, owner_id=admitted.owner.pk, now=context.now)
        except OwnershipError as error:
            return render_problem(request, tap, _("It has another owner by now"), str(error))
        return redirect("purchase", code=tap.row.public_code)


def _kept(tap: Tap, admitted: Admitted) -> Purchase | None:
    mine = {"ownership__owner": admitted.owner.pk, "ownership__until": None}
    row: Purchase | None = Purchase.objects.filter(ownership__unit=tap.row.unit_id, **mine).first()
    return row


def _kept_form(tap: Tap, admitted: Admitted) -> PurchaseForm:
    """The form with what is known: as entered, else the day that the giver knew, else the day of the sale."""
    kept = _kept(tap, admitted)
    if kept:
        initial = {"bought_on": kept.bought_on, "seller": kept.seller}
    else:
        gift = Gift.objects.filter(unit=tap.row.unit_id).first() if tap.row.ownerships == 1 else None
        sold_on = tap.row.sold_on if tap.row.ownerships == 1 else None
        initial = {"bought_on": (gift.bought_on if gift else None) or sold_on}
    return PurchaseForm(initial=initial, today=tap.facts.today)


def _purchase_page(
    request: HttpRequest,
    tap: Tap,
    context: TapContext,
    form: PurchaseForm,
    admitted: Admitted,
    *,
    problem: str = "",
    status: int = 200,
) -> HttpResponse:
    page = build_purchase_page(tap, form, _kept(tap, admitted), problem=problem)
    response = render_tap(request, tap, context, "experiences/purchase.html", {"page": page})
    response.status_code = status
    return response


@require_http_methods(["GET", "HEAD", "POST"])
def gift(request: HttpRequest, code: str) -> HttpResponse:
    """“I am giving it away”: words that whoever unpacks it reads first; it stays unregistered."""
    context, tap = look(request, code)
    if isinstance(tap, Refusal):
        return render_refusal(request, tap)
    with translation.override(tap.locale):
        mine = _mine(request, tap)
        if why_not := _why_not(request, tap, mine):
            return _gift_page(request, tap, context, None, mine, why_not=why_not, status=409)
        if request.method != "POST":
            initial = {"words": mine.words, "bought_on": mine.bought_on} if mine else {}
            form = GiftForm(initial={**initial, **new_key()}, today=tap.facts.today)
            return _gift_page(request, tap, context, form, mine)
        form = GiftForm(request.POST, today=tap.facts.today)
        if not form.is_valid():
            return _gift_page(request, tap, context, form, mine, status=400)
        if not _may_try(request, tap):
            problem = _("That was sent very often. What you typed is still there; try again in an hour.")
            return _gift_page(request, tap, context, form, mine, problem=problem, status=429)
        try:
            left = leave_gift(
                unit_id=tap.row.unit_id,
                gift_id=mine.pk if mine else None,
                now=context.now,
                **form.cleaned_data,
            )
        except OwnershipError as error:
            return _gift_page(request, tap, context, form, mine, problem=str(error), status=409)
        response = redirect("gift", code=tap.row.public_code)
        remember_gift(request, response, left)
        return response


@require_POST
def gift_taken_back(request: HttpRequest, code: str) -> HttpResponse:
    """The browser that left the words takes them back; another one changes nothing."""
    context, tap = look(request, code)
    if isinstance(tap, Refusal):
        return render_refusal(request, tap)
    mine = _mine(request, tap)
    if mine is not None:
        take_gift_back(unit_id=tap.row.unit_id, gift_id=mine.pk, now=context.now)
    return redirect("unit_home", code=tap.row.public_code)


def _mine(request: HttpRequest, tap: Tap) -> Gift | None:
    ids = given_here(request)
    row: Gift | None = Gift.objects.filter(unit=tap.row.unit_id, pk__in=ids).first() if ids else None
    return row


def _why_not(request: HttpRequest, tap: Tap, mine: Gift | None) -> str:
    """Return why no words can be left now; '' where they can."""
    if tap.row.ownerships or tap.facts.is_owned:
        return _("It is registered already. Its owner passes it on from its page instead.")
    if mine is not None or _sent_before(request, tap):
        return ""
    if tap.row.gift_words is not None:
        return _(
            "Somebody left words for it already. Only the browser in which they were written can change them."
        )
    if not may_give_away(tap):
        return _("Hold your phone to its tag first, then choose “I am giving it away” on its page.")
    return ""


def _sent_before(request: HttpRequest, tap: Tap) -> bool:
    """Whether this very form left the words: it came twice, and the first answer with its cookie was lost."""
    key = request.POST.get("submission_key", "")
    return (
        bool(re.fullmatch(KEY, key)) and gift_of_form(unit_id=tap.row.unit_id, submission_key=key) is not None
    )


def _may_try(request: HttpRequest, tap: Tap) -> bool:
    """Count one try, from this address and of this unit."""
    tries = ((GIFTS_OF_VISITOR, address_of(request)), (GIFTS_OF_UNIT, str(tap.row.unit_id)))
    if not all(has_room(limit, subject) for limit, subject in tries):
        return False
    for limit, subject in tries:
        spend(limit, subject)
    return True


def _gift_page(
    request: HttpRequest,
    tap: Tap,
    context: TapContext,
    form: GiftForm | None,
    mine: Gift | None,
    *,
    why_not: str = "",
    problem: str = "",
    status: int = 200,
) -> HttpResponse:
    page = build_gift_page(tap, form, mine, why_not=why_not, problem=problem)
    response = render_tap(request, tap, context, "experiences/gift.html", {"page": page})
    response.status_code = status
    return response
