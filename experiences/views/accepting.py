"""Accepting a unit that its owner passes on: by holding it, or with the owner's code."""

import datetime as dt
from collections.abc import Callable, Sequence
from typing import TypeVar

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from experiences.codes import CodeOutcome, code_is_under_way, note_typed
from experiences.fresh_tap import ask_for_fresh_tap, fresh_tap_given
from experiences.me import me_of
from experiences.pages.registration_pages import code_problem
from experiences.pages.transfer_pages import Way, build_accept_page
from experiences.registering import Registered, ask_to_confirm, register_unit, registration_in
from experiences.registration_form import RegisterForm, blank_form
from experiences.requests import address_of
from experiences.transfer_form import CodeForm
from experiences.transfers import (
    ACCEPTS_FROM_ADDRESS,
    ACCEPTS_OF_TRANSFER,
    GUESSES_AT_UNIT,
    GUESSES_FROM_ADDRESS,
    accept_as,
    takers,
)
from experiences.views.registering import go_on, typed
from experiences.views.too_often import too_often_this_hour
from experiences.views.visit import UnitVisit, on_unit_page, visit_unit
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
from products.limits import spend_if_room
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
    return visit_unit(request, pieces[0].unit.public_code, lambda visit: _by_link(visit, pieces, code))


def _by_link(visit: UnitVisit, pieces: Pieces, code: str) -> HttpResponse:
    if len(pieces) == 1 and visit.tap.row.viewer_is_owner and pieces[0].state != TransferState.OPEN:
        return visit.go_to("unit_home")
    answer = _accept if visit.request.method == "POST" else _show
    return answer(visit, pieces, by_code=code)


def _pieces(code: str) -> Pieces:
    related = ("unit__brand", "unit__product", "ownership__owner", "taken_over")
    return list(Transfer.objects.with_code(code).select_related(*related).order_by("pk"))


def accept_page(visit: UnitVisit, offer: Transfer) -> HttpResponse:
    """The unit's own page of the offer, for whoever is not its owner."""
    return _show(visit, [offer])


@require_POST
@on_unit_page
def transfer_accept(request: HttpRequest, visit: UnitVisit) -> HttpResponse:
    """Whoever holds the unit accepts it."""
    related = ("unit__brand", "unit__product", "ownership__owner")
    rows = Transfer.objects.filter(unit=visit.unit_id).select_related(*related)
    offer = rows.order_by("-pk").first()
    return _accept(visit, [offer]) if offer else visit.go_to("unit_home")


@require_POST
@on_unit_page
def transfer_code(request: HttpRequest, visit: UnitVisit) -> HttpResponse:
    """The owner's code was typed: the right one leads to the offer's own page."""
    offer = Transfer.objects.open().filter(unit=visit.unit_id).select_related("unit__brand").first()
    if offer is None:
        return visit.go_to("unit_home")
    form = CodeForm(request.POST)
    if not form.is_valid():
        return _show(visit, [offer], code_form=form, status=400)
    guesses = ((GUESSES_AT_UNIT, str(visit.unit_id)), (GUESSES_FROM_ADDRESS, address_of(request)))
    if not spend_if_room(*guesses):
        form.add_error("code", _("That was tried very often. Try again in a quarter of an hour."))
        return _show(visit, [offer], code_form=form, status=429)
    if form.cleaned_data["code"] not in (offer.code, offer.bundle):
        form.add_error("code", _("This is not the code of this offer. Compare it letter by letter."))
        return _show(visit, [offer], code_form=form, status=400)
    return redirect("transfer_link", code=form.cleaned_data["code"])


def _way(visit: UnitVisit, offer: Transfer, by_code: str) -> Way:
    """Return what is still needed of whoever would accept in this browser.

    Of a bundle the first piece is the one that can be tapped here; others that need a tap, or staff who look at
    them, have their own pages.
    """
    if offer.kind == TransferKind.RETURN:
        return Way.SHOP
    tap, is_here = visit.tap, offer.unit_id == visit.unit_id
    if is_here and tap.product.is_valuable and tap.row.has_chip:
        return Way.READY if fresh_tap_given(visit.request, tap) else Way.TAP
    if tap.product.is_valuable if is_here else needs_desk(offer.unit):
        return Way.PROOF if by_code else Way.CODE
    return Way.READY if tap.possession or by_code else Way.CODE


def _standing(pieces: Pieces, *, now: dt.datetime) -> Transfer:
    """Return the one that can be accepted first. Raises OwnershipError with the reason where none can."""
    standing = [piece for piece in pieces if not has_run_out(piece, now=now)]
    leading = _leading(standing or pieces)
    refuse_settled(leading, now=now)
    return leading


def _leading(pieces: Pieces) -> Transfer:
    """Return the first that waits for somebody; one that waits for staff, too, only where no other does."""
    waiting = [piece for piece in pieces if piece.state == TransferState.OPEN] or pieces
    by_desk = units_for_desk(waiting) if len(waiting) > 1 else set()
    return next((piece for piece in waiting if piece.unit_id not in by_desk), waiting[0])


def _show(
    visit: UnitVisit,
    pieces: Pieces,
    *,
    by_code: str = "",
    form: RegisterForm | None = None,
    code_form: CodeForm | None = None,
    problem: str = "",
    status: int = 200,
) -> HttpResponse:
    try:
        offer = _standing(pieces, now=visit.now)
        way = _way(visit, offer, by_code)
        if len(pieces) == 1:
            refuse_passing_on(offer.unit)  # nobody is invited to take what is reported stolen
    except OwnershipError as error:
        if len(pieces) == 1:
            return refused(visit, pieces, error)
        offer, way = pieces[0], Way.OVER
    if form is None:
        form = _empty_form(visit, offer)
        problem = problem or code_problem(visit.request.GET.get("code", ""))
    elif form.is_bound:
        form.show_words(visit.tap.brand.marketing_version)
    page = build_accept_page(
        visit.tap, offer, way, form, code_form or CodeForm(), _takers(visit),
        url=_url(visit, by_code), pieces=pieces, by_code=bool(by_code), problem=problem,
    )  # fmt: skip
    response = visit.render("experiences/transfer_accept.html", page, status=status)
    if way is Way.TAP and visit.request.method == "GET":
        ask_for_fresh_tap(response, visit.request, visit.tap, visit.context)
    return response


def _url(visit: UnitVisit, by_code: str) -> str:
    if by_code:
        return reverse("transfer_link", args=[by_code])
    return reverse("transfer_accept", args=[visit.public_code])


def _empty_form(visit: UnitVisit, offer: Transfer) -> RegisterForm:
    """The form, with what was typed in this browser before its code was lost."""
    begun = registration_in(visit.request) if visit.request.GET.get("code") else None
    known = {}
    if begun and begun.transfer_id == offer.pk and begun.state == RegistrationState.PENDING:
        known = {"contact": begun.contact, "name": begun.name}
    return blank_form(visit.tap.brand.marketing_version, **known)


def _takers(visit: UnitVisit) -> list[Owner]:
    """Return for whom it can be accepted with one button: who holds it, else who has confirmed an address."""
    me = me_of(visit.request, now=visit.now)
    people = [person for person in me.people if visit.tap.possession or has_confirmed(person)]
    return takers(people, visit.tap.row.brand_id)


def _accept(visit: UnitVisit, pieces: Pieces, *, by_code: str = "") -> HttpResponse:
    request, tap = visit.request, visit.tap
    if _way(visit, _leading(pieces), by_code) is not Way.READY:
        return visit.go_to("transfer")
    if "taker" in request.POST:
        return _accept_as_known(visit, pieces)
    form = RegisterForm(request.POST, country=tap.row.market)
    if not form.is_valid() or form.parsed is None:
        return _show(visit, pieces, by_code=by_code, form=form, status=400)
    tries = ((ACCEPTS_FROM_ADDRESS, address_of(request)), (ACCEPTS_OF_TRANSFER, str(pieces[0].pk)))
    if tap.possession is None and not spend_if_room(*tries):
        return _show(visit, pieces, by_code=by_code, form=form, **too_often_this_hour())
    try:
        accepted = _register_each(visit, pieces, form)
    except OwnershipError as error:
        return refused(visit, pieces, error)
    first = accepted[0].registration
    note_typed(request, first.contact)
    outcome = ask_to_confirm(request, first, now=visit.now)
    if accepted[0].device or outcome is CodeOutcome.SENT or code_is_under_way(request):
        return go_on(visit, accepted[0], outcome)
    problem = code_problem(outcome, first.contact_kind)
    status = 429 if outcome is CodeOutcome.WAIT else 503
    return _show(visit, pieces, by_code=by_code, form=form, problem=problem, status=status)


def _register_each(visit: UnitVisit, pieces: Pieces, form: RegisterForm) -> list[Registered]:
    """Accept for whoever the form names; of a bundle all wait for one code, for they are one person's."""
    people: list[Person] = []

    def register(piece: Transfer) -> Registered:
        registered = _register(visit, piece, form, people)
        if registered.registration.person:
            people.append(registered.registration.person)
        return registered

    return _each(visit, pieces, register)


def _each(visit: UnitVisit, pieces: Pieces, accept: Callable[[Transfer], Made]) -> list[Made]:
    """Accept the piece; of a bundle all that can be. Raises OwnershipError with the reason where none could be.

    What of a bundle can't be accepted stays as it is: its page says so, one by one.
    """
    if len(pieces) == 1:
        return [accept(pieces[0])]
    done, refused, by_desk = [], None, units_for_desk(pieces)
    for piece in pieces:
        was_tapped = piece.unit_id == visit.unit_id  # `_way` saw to that, where the piece needs it
        can_be_here = was_tapped or not piece.unit.product.is_valuable
        if piece.state == TransferState.OPEN and can_be_here and piece.unit_id not in by_desk:
            try:
                done.append(accept(piece))
            except OwnershipError as error:
                refused = error
    if not done:
        raise refused or OwnershipError("none", _("None of them can be accepted here any more."))
    return done


def _register(visit: UnitVisit, piece: Transfer, form: RegisterForm, people: Sequence[Person]) -> Registered:
    holds = visit.tap.possession is not None and visit.unit_id == piece.unit_id
    return register_unit(
        unit_id=piece.unit_id,
        form=typed(form, visit.tap),
        proof=Proof.HOLDING if holds else Proof.CODE,
        now=visit.now,
        devices=visit.context.devices,
        transfer=piece,
        beside=people,
    )


def _accept_as_known(visit: UnitVisit, pieces: Pieces) -> HttpResponse:
    """Accept with one button, for somebody known in this browser."""
    chosen = visit.request.POST.get("taker", "")
    owner = next((one for one in _takers(visit) if str(one.pk) == chosen), None)
    if owner is None:
        return visit.go_to("transfer")
    person = me_of(visit.request, now=visit.now).person
    actor_id = person.pk if person else None

    def accept(piece: Transfer) -> object:
        return accept_as(transfer_id=piece.pk, owner=owner, now=visit.now, actor_id=actor_id)

    try:
        _each(visit, pieces, accept)
    except OwnershipError as error:
        return refused(visit, pieces, error)
    if len(pieces) > 1:
        return redirect("transfer_link", code=pieces[0].bundle)
    return visit.go_to("welcome")


def refused(visit: UnitVisit, pieces: Pieces, error: OwnershipError) -> HttpResponse:
    """Say kindly why not; who was second learns that it has its owner."""
    if len(pieces) > 1:
        return redirect("transfer_link", code=pieces[0].bundle)
    if error.code in TransferState.values or error.code == "owned":
        return _over(visit, error if error.code != "owned" else _taken())
    title = (
        _("Somebody is taking it over already") if error.code == "at_desk" else _("It can't be accepted now")
    )
    return visit.render_problem(title, str(error))


def _over(visit: UnitVisit, error: OwnershipError) -> HttpResponse:
    title = {
        TransferState.ACCEPTED: _("It has its new owner"),
        TransferState.CANCELLED: _("This offer was called off"),
    }.get(TransferState(error.code), _("This offer has run out"))
    return visit.render_problem(title, str(error), status=410)


def _taken() -> OwnershipError:
    return OwnershipError(
        TransferState.ACCEPTED, _("Somebody accepted it before you did. It has its new owner.")
    )
