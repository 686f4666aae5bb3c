"""Accepting a unit that its owner passes on: by holding it, or with the owner's code."""

from collections.abc import Callable, Sequence
from typing import TypeVar

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from experiences.codes import CodeOutcome, code_is_under_way, note_typed
from experiences.devices import remember_in_browser
from experiences.fresh_tap import ask_for_fresh_tap, fresh_tap_given
from experiences.me import Me, me_of
from experiences.pages.registration_pages import code_problem
from experiences.pages.transfer_pages import Way, build_accept_page
from experiences.registering import Registered, ask_to_confirm, register_unit, registration_in
from experiences.registration_form import RegisterForm, blank_form
from experiences.requests import address_of
from experiences.responses import render_problem, render_refusal, render_tap
from experiences.tap import Refusal, Tap, TapContext
from experiences.transfer_form import CodeForm
from experiences.transfers import (
    ACCEPTS_FROM_ADDRESS,
    ACCEPTS_OF_TRANSFER,
    GUESSES_AT_UNIT,
    GUESSES_FROM_ADDRESS,
    accept_as,
    takers,
)
from experiences.views.registering import to_page, typed
from experiences.views.visit import look
from ownership.contacts import has_confirmed
from ownership.errors import OwnershipError
from ownership.models import Owner, Transfer
from ownership.models.registrations import Proof, RegistrationState
from ownership.models.transfers import TransferKind, TransferState
from ownership.services.transfers import (
    has_run_out,
    needs_desk,
    refuse_passing_on,
    refuse_settled,
    units_for_desk,
)
from products.codes import normalise_public_code
from products.limits import Limit, has_room, spend
from products.models import Person

Made = TypeVar("Made")
Pieces = Sequence[Transfer]  # what is passed on together, in the order in which it was offered; mostly one


@require_http_methods(["GET", "HEAD", "POST"])
def transfer_link(request: HttpRequest, code: str) -> HttpResponse:
    """`/transfer/<code>/`: the owner's link; with the code of a bundle, all that is passed on together."""
    code = normalise_public_code(code)
    pieces = _pieces(code)
    if not pieces:
        raise Http404
    context, tap = look(request, pieces[0].unit.public_code)
    if isinstance(tap, Refusal):
        return render_refusal(request, tap)
    with translation.override(tap.locale):
        if len(pieces) == 1 and tap.row.viewer_is_owner and pieces[0].state != TransferState.OPEN:
            return redirect("unit_home", code=tap.row.public_code)
        if request.method == "POST":
            return _accept(request, tap, context, pieces, by_code=code)
        return _show(request, tap, context, pieces, by_code=code)


def _pieces(code: str) -> Pieces:
    related = ("unit__brand", "unit__product", "ownership__owner", "taken_over")
    return list(Transfer.objects.with_code(code).select_related(*related).order_by("pk"))


def accept_page(request: HttpRequest, tap: Tap, context: TapContext, offer: Transfer) -> HttpResponse:
    """The unit's own page of the offer, for whoever is not its owner."""
    return _show(request, tap, context, [offer])


@require_POST
def transfer_accept(request: HttpRequest, code: str) -> HttpResponse:
    """Whoever holds the unit accepts it."""
    context, tap = look(request, code)
    if isinstance(tap, Refusal):
        return render_refusal(request, tap)
    with translation.override(tap.locale):
        related = ("unit__brand", "unit__product", "ownership__owner")
        rows = Transfer.objects.filter(unit=tap.row.unit_id).select_related(*related)
        offer = rows.order_by("-pk").first()
        if offer is None:
            return redirect("unit_home", code=tap.row.public_code)
        return _accept(request, tap, context, [offer])


@require_POST
def transfer_code(request: HttpRequest, code: str) -> HttpResponse:
    """The owner's code was typed: the right one leads to the offer's own page."""
    context, tap = look(request, code)
    if isinstance(tap, Refusal):
        return render_refusal(request, tap)
    with translation.override(tap.locale):
        offer = Transfer.objects.open().filter(unit=tap.row.unit_id).select_related("unit__brand").first()
        if offer is None:
            return redirect("unit_home", code=tap.row.public_code)
        form = CodeForm(request.POST)
        if not form.is_valid():
            return _show(request, tap, context, [offer], code_form=form, status=400)
        if not _may_guess(request, tap):
            form.add_error("code", _("That was tried very often. Try again in a quarter of an hour."))
            return _show(request, tap, context, [offer], code_form=form, status=429)
        if form.cleaned_data["code"] not in (offer.code, offer.bundle):
            form.add_error("code", _("This is not the code of this offer. Compare it letter by letter."))
            return _show(request, tap, context, [offer], code_form=form, status=400)
        return redirect("transfer_link", code=form.cleaned_data["code"])


def _may_guess(request: HttpRequest, tap: Tap) -> bool:
    return _spend((GUESSES_AT_UNIT, str(tap.row.unit_id)), (GUESSES_FROM_ADDRESS, address_of(request)))


def _spend(*tries: tuple[Limit, str]) -> bool:
    """Count a try of each, if there is room for all of them; return whether there was."""
    if not all(has_room(limit, subject) for limit, subject in tries):
        return False
    for limit, subject in tries:
        spend(limit, subject)
    return True


def way_of(request: HttpRequest, tap: Tap, offer: Transfer, by_code: str) -> Way:
    """Return what is still needed of whoever would accept in this browser.

    Of a bundle the first piece is the one that can be tapped here (`tap`); others that need a tap, or staff who look
    at them, have their own pages.
    """
    if offer.kind == TransferKind.RETURN:
        return Way.SHOP
    is_here = offer.unit_id == tap.row.unit_id
    if is_here and tap.product.is_valuable and tap.row.has_chip:
        return Way.READY if fresh_tap_given(request, tap) else Way.TAP
    if tap.product.is_valuable if is_here else needs_desk(offer.unit):
        return Way.PROOF if by_code else Way.CODE
    return Way.READY if tap.possession or by_code else Way.CODE


def _standing(pieces: Pieces, context: TapContext) -> Transfer:
    """Return the one that can be accepted first. Raises OwnershipError with the reason where none can."""
    standing = [piece for piece in pieces if not has_run_out(piece, now=context.now)]
    leading = _leading(standing or pieces)
    refuse_settled(leading, now=context.now)
    return leading


def _leading(pieces: Pieces) -> Transfer:
    """Return the first that waits for somebody; one that waits for staff, too, only where no other does."""
    waiting = [piece for piece in pieces if piece.state == TransferState.OPEN] or pieces
    by_desk = units_for_desk(waiting) if len(waiting) > 1 else set()
    return next((piece for piece in waiting if piece.unit_id not in by_desk), waiting[0])


def _show(
    request: HttpRequest,
    tap: Tap,
    context: TapContext,
    pieces: Pieces,
    *,
    by_code: str = "",
    form: RegisterForm | None = None,
    code_form: CodeForm | None = None,
    problem: str = "",
    status: int = 200,
) -> HttpResponse:
    try:
        offer = _standing(pieces, context)
        way = way_of(request, tap, offer, by_code)
        if len(pieces) == 1:
            refuse_passing_on(offer.unit)  # nobody is invited to take what is reported stolen
    except OwnershipError as error:
        if len(pieces) == 1:
            return refused(request, tap, pieces, error)
        offer, way = pieces[0], Way.OVER
    if form is None:
        form = _empty_form(request, tap, offer)
        problem = problem or code_problem(request.GET.get("code", ""))
    elif form.is_bound:
        form.show_words(tap.brand.marketing_version)
    url = reverse("transfer_link", args=[by_code]) if by_code else _accept_url(tap)
    page = build_accept_page(
        tap, offer, way, form, code_form or CodeForm(), _takers(request, tap, context),
        url=url, pieces=pieces, by_code=bool(by_code), problem=problem,
    )  # fmt: skip
    response = render_tap(request, tap, context, "experiences/transfer_accept.html", {"page": page})
    if way is Way.TAP and request.method == "GET":
        ask_for_fresh_tap(response, request, tap, context)
    response.status_code = status
    return response


def _accept_url(tap: Tap) -> str:
    return reverse("transfer_accept", args=[tap.row.public_code])


def _over(request: HttpRequest, tap: Tap, error: OwnershipError) -> HttpResponse:
    title = {
        TransferState.ACCEPTED: _("It has its new owner"),
        TransferState.CANCELLED: _("This offer was called off"),
    }.get(TransferState(error.code), _("This offer has run out"))
    return render_problem(request, tap, title, str(error), status=410)


def _empty_form(request: HttpRequest, tap: Tap, offer: Transfer) -> RegisterForm:
    """The form, with what was typed in this browser before its code was lost."""
    begun = registration_in(request) if request.GET.get("code") else None
    known = {}
    if begun and begun.transfer_id == offer.pk and begun.state == RegistrationState.PENDING:
        known = {"contact": begun.contact, "name": begun.name}
    return blank_form(tap.brand.marketing_version, **known)


def _takers(request: HttpRequest, tap: Tap, context: TapContext) -> list[Owner]:
    """Return for whom it can be accepted with one button: who holds it, else who has confirmed an address."""
    me = me_of(request, now=context.now)
    people = [person for person in me.people if tap.possession or has_confirmed(person)]
    return takers(people, tap.row.brand_id)


def _accept(
    request: HttpRequest, tap: Tap, context: TapContext, pieces: Pieces, *, by_code: str = ""
) -> HttpResponse:
    if way_of(request, tap, _leading(pieces), by_code) is not Way.READY:
        return redirect("transfer", code=tap.row.public_code)
    if "taker" in request.POST:
        return _accept_as_known(request, tap, context, pieces)
    form = RegisterForm(request.POST, country=tap.row.market)
    if not form.is_valid() or form.parsed is None:
        return _show(request, tap, context, pieces, by_code=by_code, form=form, status=400)
    subjects = ((ACCEPTS_FROM_ADDRESS, address_of(request)), (ACCEPTS_OF_TRANSFER, str(pieces[0].pk)))
    if tap.possession is None and not _spend(*subjects):
        problem = _("That was sent very often. What you typed is still there; try again in an hour.")
        return _show(request, tap, context, pieces, by_code=by_code, form=form, problem=problem, status=429)
    try:
        accepted = _register_each(tap, context, pieces, form)
    except OwnershipError as error:
        return refused(request, tap, pieces, error)
    first = accepted[0]
    note_typed(request, first.registration.contact)
    outcome = ask_to_confirm(request, first.registration, now=context.now)
    if first.device or outcome is CodeOutcome.SENT or code_is_under_way(request):
        return _go_on(tap, context, first, outcome)
    problem = code_problem(outcome, first.registration.contact_kind)
    status = 429 if outcome is CodeOutcome.WAIT else 503
    return _show(request, tap, context, pieces, by_code=by_code, form=form, problem=problem, status=status)


def _register_each(tap: Tap, context: TapContext, pieces: Pieces, form: RegisterForm) -> list[Registered]:
    """Accept for whoever the form names; of a bundle all wait for one code, for they are one person's."""
    people: list[Person] = []

    def register(piece: Transfer) -> Registered:
        registered = _register(tap, context, piece, form, people)
        if registered.registration.person:
            people.append(registered.registration.person)
        return registered

    return _each(tap, pieces, register)


def _each(tap: Tap, pieces: Pieces, accept: Callable[[Transfer], Made]) -> list[Made]:
    """Accept the piece; of a bundle all that can be. Raises OwnershipError with the reason where none could be.

    What of a bundle can't be accepted stays as it is: its page says so, one by one.
    """
    if len(pieces) == 1:
        return [accept(pieces[0])]
    done, refused, by_desk = [], None, units_for_desk(pieces)
    for piece in pieces:
        was_tapped = piece.unit_id == tap.row.unit_id  # `way_of` saw to that, where the piece needs it
        can_be_here = was_tapped or not piece.unit.product.is_valuable
        if piece.state == TransferState.OPEN and can_be_here and piece.unit_id not in by_desk:
            try:
                done.append(accept(piece))
            except OwnershipError as error:
                refused = error
    if not done:
        raise refused or OwnershipError("none", _("None of them can be accepted here any more."))
    return done


def _register(
    tap: Tap, context: TapContext, piece: Transfer, form: RegisterForm, people: Sequence[Person]
) -> Registered:
    holds = tap.possession is not None and tap.row.unit_id == piece.unit_id
    return register_unit(
        unit_id=piece.unit_id,
        form=typed(form, tap),
        proof=Proof.HOLDING if holds else Proof.CODE,
        now=context.now,
        devices=context.devices,
        transfer=piece,
        beside=people,
    )


def refused(request: HttpRequest, tap: Tap, pieces: Pieces, error: OwnershipError) -> HttpResponse:
    """Say kindly why not; who was second learns that it has its owner."""
    if len(pieces) > 1:
        return redirect("transfer_link", code=pieces[0].bundle)
    if error.code in TransferState.values or error.code == "owned":
        return _over(request, tap, error if error.code != "owned" else _taken())
    title = (
        _("Somebody is taking it over already") if error.code == "at_desk" else _("It can't be accepted now")
    )
    return render_problem(request, tap, title, str(error))


def _taken() -> OwnershipError:
    return OwnershipError(
        TransferState.ACCEPTED, _("Somebody accepted it before you did. It has its new owner.")
    )


def _go_on(tap: Tap, context: TapContext, accepted: Registered, outcome: CodeOutcome) -> HttpResponse:
    """Go to the welcome (owner already) or to the code (owner once it is entered)."""
    code = accepted.registration.unit.public_code
    response = to_page("welcome" if accepted.device else "confirm", code, outcome)
    if accepted.device:
        remember_in_browser(response, accepted.device, beside=context.devices)
    return response


def _accept_as_known(request: HttpRequest, tap: Tap, context: TapContext, pieces: Pieces) -> HttpResponse:
    """Accept with one button, for somebody known in this browser."""
    chosen = request.POST.get("taker", "")
    owner = next((one for one in _takers(request, tap, context) if str(one.pk) == chosen), None)
    if owner is None:
        return redirect("transfer", code=tap.row.public_code)
    actor_id = _actor(me_of(request, now=context.now))
    try:
        _each(
            tap,
            pieces,
            lambda piece: accept_as(transfer_id=piece.pk, owner=owner, now=context.now, actor_id=actor_id),
        )
    except OwnershipError as error:
        return refused(request, tap, pieces, error)
    if len(pieces) > 1:
        return redirect("transfer_link", code=pieces[0].bundle)
    return redirect("welcome", code=tap.row.public_code)


def _actor(me: Me) -> int | None:
    return me.person.pk if me.person else None
