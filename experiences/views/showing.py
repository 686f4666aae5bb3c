"""A valuable piece without a chip to tap: who has the owner's code shows that they have it, and staff decide (C4)."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from experiences import releases
from experiences.pages.transfer_pages import build_proof_page
from experiences.release_form import ShowItForm, blank_show_it_form
from experiences.views.accepting import refused
from experiences.views.releases import may_write_to, typed_request
from experiences.views.too_often import too_often_today
from experiences.views.visit import UnitVisit, visit_unit
from ownership.errors import OwnershipError
from ownership.models import Transfer
from ownership.models.policies import policy_of
from ownership.models.releases import ReleaseGround
from ownership.services.transfers import refuse_unshowable
from products.codes import normalise_public_code


@require_http_methods(["GET", "HEAD", "POST"])
def transfer_proof(request: HttpRequest, code: str) -> HttpResponse:
    """`/transfer/<code>/proof/`: the form of whoever would take the piece over."""
    rows = Transfer.objects.select_related("brand", "unit__brand", "unit__product", "ownership__owner")
    offer = get_object_or_404(rows, code=normalise_public_code(code))
    return visit_unit(request, offer.unit.public_code, lambda visit: _show_it(visit, offer))


def _show_it(visit: UnitVisit, offer: Transfer) -> HttpResponse:
    if visit.request.method == "POST":
        return _take(visit, offer)
    try:
        refuse_unshowable(offer, now=visit.now)
    except OwnershipError as error:
        if error.code in ("needless", "at_the_shop"):
            return redirect("transfer_link", code=offer.code)
        return refused(visit, [offer], error)
    return _proof_page(visit, offer, blank_show_it_form())


def _take(visit: UnitVisit, offer: Transfer) -> HttpResponse:
    request = visit.request
    form = ShowItForm(request.POST, request.FILES, country=visit.tap.row.market)
    if not form.is_valid() or form.parsed is None:
        return _proof_page(visit, offer, form, status=400)
    if not may_write_to(request, form.parsed.value):
        return _proof_page(visit, offer, form, **too_often_today())
    try:
        asked = releases.ask_to_take_over(
            transfer=offer,
            form=typed_request(form, visit.tap, ReleaseGround.OFFERED),
            files=form.cleaned_data["evidence"],
            now=timezone.now(),
        )
    except OwnershipError as error:
        return _proof_page(visit, offer, form, problem=str(error), status=409)
    request.session[releases.SESSION_KEY] = asked.pk
    return visit.go_to("release_sent")


def _proof_page(
    visit: UnitVisit, offer: Transfer, form: ShowItForm, *, problem: str = "", status: int = 200
) -> HttpResponse:
    days_kept = policy_of(visit.tap.row.brand_id).evidence_days
    page = build_proof_page(visit.tap, offer, form, days_kept=days_kept, problem=problem)
    return visit.render("experiences/transfer_proof.html", page, status=status)
