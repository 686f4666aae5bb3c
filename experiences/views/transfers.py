"""The owner's side of passing a unit on: offer it, show the code, call it off. Accepting stands in `accepting.py`."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from experiences.me import me_of
from experiences.pages.transfer_pages import build_offer_page, build_offered_page
from experiences.responses import render_problem, render_refusal, render_tap
from experiences.tap import Refusal, Tap, TapContext
from experiences.transfer_form import OfferForm, offer_of
from experiences.transfers import OFFERS, call_off, offer_unit
from experiences.views.accepting import accept_page
from experiences.views.gate import Admitted, admit_owner
from experiences.views.units import look
from ownership.errors import OwnershipError
from ownership.models import ReleaseRequest, Transfer
from ownership.services.transfers import has_run_out, refuse_passing_on
from products.limits import has_room, spend
from products.models import Unit


@require_http_methods(["GET", "HEAD", "POST"])
def transfer(request: HttpRequest, code: str) -> HttpResponse:
    """The owner's offer, empty or as it stands; for everybody else the way to accept it."""
    context, tap = look(request, code)
    if isinstance(tap, Refusal):
        return render_refusal(request, tap)
    with translation.override(tap.locale):
        offer = _latest(tap)
        stands = offer is not None and offer.state == Transfer.State.OPEN
        if request.method != "POST" and offer and stands and not _is_the_owners(request, tap, context):
            return accept_page(request, tap, context, offer)
        admitted = admit_owner(request, tap, context, to_pass_on=True)
        if isinstance(admitted, HttpResponse):
            return admitted
        if request.method == "POST":
            return _offer(request, tap, context, admitted)
        if offer and stands and not has_run_out(offer, now=context.now):
            return _offered_page(request, tap, context, offer)
        return _offer_page(request, tap, context, OfferForm(), problem=_reason(tap))


def _latest(tap: Tap) -> Transfer | None:
    rows = Transfer.objects.filter(unit=tap.row.unit_id).select_related("ownership__owner").order_by("-pk")
    found: Transfer | None = rows.first()
    return found


def _is_the_owners(request: HttpRequest, tap: Tap, context: TapContext) -> bool:
    """Whether the owner looks, be it in a browser that has to show a code first."""
    if tap.row.viewer_is_owner:
        return True
    return me_of(request, now=context.now).acts_for(tap.row.owner_id) is not None


def _reason(tap: Tap) -> str:
    """Return why the unit can't be passed on now; '' where it can."""
    try:
        refuse_passing_on(Unit.objects.get(pk=tap.row.unit_id))
    except OwnershipError as error:
        return str(error)
    return ""


def _offer(request: HttpRequest, tap: Tap, context: TapContext, admitted: Admitted) -> HttpResponse:
    form = OfferForm(request.POST)
    if not form.is_valid():
        return _offer_page(request, tap, context, form, status=400)
    subject = str(admitted.owner.pk)
    if form.cleaned_data["recipient"] and not has_room(OFFERS, subject):
        problem = _("Very many offers were sent today. Leave the address empty and show the code yourself.")
        return _offer_page(request, tap, context, form, problem=problem, status=429)
    try:
        offer_unit(
            unit_id=tap.row.unit_id,
            owner_id=admitted.owner.pk,
            locale=tap.locale,
            now=context.now,
            actor_id=admitted.actor_id,
            **offer_of(form),
        )
    except OwnershipError as error:
        return _offer_page(request, tap, context, form, problem=str(error), status=409)
    if form.cleaned_data["recipient"]:
        spend(OFFERS, subject)
    return redirect("transfer", code=tap.row.public_code)


@require_POST
def transfer_cancel(request: HttpRequest, code: str) -> HttpResponse:
    """“I keep it”: the offer is called off."""
    context, tap = look(request, code)
    if isinstance(tap, Refusal):
        return render_refusal(request, tap)
    with translation.override(tap.locale):
        admitted = admit_owner(request, tap, context, to_pass_on=True)
        if isinstance(admitted, HttpResponse):
            return admitted
        offer = _latest(tap)
        if offer is None or offer.state != Transfer.State.OPEN:
            return redirect("unit_home", code=tap.row.public_code)
        try:
            call_off(
                transfer_id=offer.pk,
                owner_id=admitted.owner.pk,
                now=context.now,
                actor_id=admitted.actor_id,
            )
        except OwnershipError as error:
            return render_problem(request, tap, _("It is not yours to call off any more"), str(error))
        return redirect("unit_home", code=tap.row.public_code)


def _offer_page(
    request: HttpRequest,
    tap: Tap,
    context: TapContext,
    form: OfferForm,
    *,
    problem: str = "",
    status: int = 200,
) -> HttpResponse:
    shown = None if problem and not form.is_bound else form
    page = build_offer_page(tap, shown, problem=problem)
    response = render_tap(request, tap, context, "experiences/transfer_offer.html", {"page": page})
    response.status_code = status
    return response


def _offered_page(request: HttpRequest, tap: Tap, context: TapContext, offer: Transfer) -> HttpResponse:
    together = Transfer.objects.open().filter(bundle=offer.bundle).count() if offer.bundle else 1
    case = ReleaseRequest.objects.open().filter(transfer=offer).first()
    page = build_offered_page(tap, offer, together=together, case=case)
    return render_tap(request, tap, context, "experiences/transfer_offered.html", {"page": page})
