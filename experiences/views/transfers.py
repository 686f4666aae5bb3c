"""The owner's side of passing a unit on: offer it, show the code, call it off. Accepting stands in `accepting.py`."""

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from experiences.me import me_of
from experiences.pages.transfer_pages import build_offer_page, build_offered_page
from experiences.transfer_form import OfferForm, offer_of
from experiences.transfers import OFFERS, call_off, offer_unit
from experiences.views.accepting import accept_page
from experiences.views.visit import (
    OwnerVisit,
    UnitVisit,
    for_who_looks_after_it,
    on_unit_page,
    who_looks_after_it,
)
from ownership.errors import OwnershipError
from ownership.models import ReleaseRequest, Transfer
from ownership.services.transfers import has_run_out, refuse_passing_on
from products.limits import has_room, spend
from products.models import Unit


@require_http_methods(["GET", "HEAD", "POST"])
@on_unit_page
def transfer(request: HttpRequest, visit: UnitVisit) -> HttpResponse:
    """The owner's offer, empty or as it stands; for everybody else the way to accept it."""
    offer = _latest(visit)
    stands = offer is not None and offer.state == Transfer.State.OPEN
    if request.method != "POST" and offer and stands and not _is_the_owners(visit):
        return accept_page(visit, offer)
    owners = who_looks_after_it(visit)
    if isinstance(owners, HttpResponse):
        return owners
    if request.method == "POST":
        return _offer(owners)
    if offer and stands and not has_run_out(offer, now=visit.now):
        return _offered_page(visit, offer)
    return _offer_page(visit, OfferForm(), problem=_reason(visit))


def _latest(visit: UnitVisit) -> Transfer | None:
    rows = Transfer.objects.filter(unit=visit.unit_id).select_related("ownership__owner").order_by("-pk")
    found: Transfer | None = rows.first()
    return found


def _is_the_owners(visit: UnitVisit) -> bool:
    """Whether the owner looks, be it in a browser that has to show a code first."""
    if visit.tap.row.viewer_is_owner:
        return True
    return me_of(visit.request, now=visit.now).acts_for(visit.tap.row.owner_id) is not None


def _reason(visit: UnitVisit) -> str:
    """Return why the unit can't be passed on now; '' where it can."""
    try:
        refuse_passing_on(Unit.objects.get(pk=visit.unit_id))
    except OwnershipError as error:
        return str(error)
    return ""


def _offer(visit: OwnerVisit) -> HttpResponse:
    form = OfferForm(visit.request.POST)
    if not form.is_valid():
        return _offer_page(visit, form, status=400)
    subject = str(visit.owner.pk)
    if form.cleaned_data["recipient"] and not has_room(OFFERS, subject):
        problem = _("Very many offers were sent today. Leave the address empty and show the code yourself.")
        return _offer_page(visit, form, problem=problem, status=429)
    try:
        offer_unit(
            unit_id=visit.unit_id,
            owner_id=visit.owner.pk,
            locale=visit.tap.locale,
            now=visit.now,
            actor_id=visit.actor_id,
            **offer_of(form),
        )
    except OwnershipError as error:
        return _offer_page(visit, form, problem=str(error), code=error.code, status=409)
    if form.cleaned_data["recipient"]:
        spend(OFFERS, subject)  # here, so that an offer that is refused takes no room
    return visit.go_to("transfer")


@require_POST
@for_who_looks_after_it
def transfer_cancel(request: HttpRequest, visit: OwnerVisit) -> HttpResponse:
    """“I keep it”: the offer is called off."""
    offer = _latest(visit)
    if offer is None or offer.state != Transfer.State.OPEN:
        return visit.go_to("unit_home")
    try:
        call_off(
            transfer_id=offer.pk,
            owner_id=visit.owner.pk,
            now=visit.now,
            actor_id=visit.actor_id,
        )
    except OwnershipError as error:
        return visit.render_problem(_("It is not yours to call off any more"), str(error))
    return visit.go_to("unit_home")


def _offer_page(
    visit: UnitVisit,
    form: OfferForm,
    *,
    problem: str = "",
    code: str = "",
    status: int = 200,
) -> HttpResponse:
    shown = None if problem and not form.is_bound else form
    page = build_offer_page(visit.tap, shown, problem=problem, code=code)
    return visit.render("experiences/transfer_offer.html", page, status=status)


def _offered_page(visit: UnitVisit, offer: Transfer) -> HttpResponse:
    together = Transfer.objects.open().filter(bundle=offer.bundle).count() if offer.bundle else 1
    case = ReleaseRequest.objects.open().filter(transfer=offer).first()
    page = build_offered_page(visit.tap, offer, together=together, case=case)
    return visit.render("experiences/transfer_offered.html", page)
