"""A valuable piece without a chip to tap: who has the owner's code shows that they have it, and staff decide (C4)."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from experiences import releases
from experiences.pages.transfer_pages import build_proof_page
from experiences.release_form import ShowItForm, blank_show_it_form
from experiences.responses import render_refusal, render_tap
from experiences.tap import Refusal, Tap, TapContext
from experiences.views.accepting import refused
from experiences.views.releases import may_write_to, typed_request
from experiences.views.visit import look
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
    context, tap = look(request, offer.unit.public_code)
    if isinstance(tap, Refusal):
        return render_refusal(request, tap)
    with translation.override(tap.locale):
        if request.method == "POST":
            return _take(request, tap, context, offer)
        try:
            refuse_unshowable(offer, now=context.now)
        except OwnershipError as error:
            if error.code in ("needless", "at_the_shop"):
                return redirect("transfer_link", code=offer.code)
            return refused(request, tap, [offer], error)
        return _proof_page(request, tap, context, offer, blank_show_it_form())


def _take(request: HttpRequest, tap: Tap, context: TapContext, offer: Transfer) -> HttpResponse:
    form = ShowItForm(request.POST, request.FILES, country=tap.row.market)
    if not form.is_valid() or form.parsed is None:
        return _proof_page(request, tap, context, offer, form, status=400)
    if not may_write_to(request, form.parsed.value):
        problem = _("That was sent very often. What you typed is still there; try again tomorrow.")
        return _proof_page(request, tap, context, offer, form, problem=problem, status=429)
    try:
        asked = releases.ask_to_take_over(
            transfer=offer,
            form=typed_request(form, tap, ReleaseGround.OFFERED),
            files=form.cleaned_data["evidence"],
            now=timezone.now(),
        )
    except OwnershipError as error:
        return _proof_page(request, tap, context, offer, form, problem=str(error), status=409)
    request.session[releases.SESSION_KEY] = asked.pk
    return redirect("release_sent", code=tap.row.public_code)


def _proof_page(
    request: HttpRequest,
    tap: Tap,
    context: TapContext,
    offer: Transfer,
    form: ShowItForm,
    *,
    problem: str = "",
    status: int = 200,
) -> HttpResponse:
    days_kept = policy_of(tap.row.brand_id).evidence_days
    page = build_proof_page(tap, offer, form, days_kept=days_kept, problem=problem)
    response = render_tap(request, tap, context, "experiences/transfer_proof.html", {"page": page})
    response.status_code = status
    return response
