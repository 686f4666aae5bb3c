"""The owner's address, until it is confirmed: a new code to it, or another address in its place."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from experiences.codes import note_typed
from experiences.pages.registration_pages import build_address_page
from experiences.registering import CORRECTIONS, ask_to_confirm, unconfirmed_registration
from experiences.registration_form import AddressForm
from experiences.responses import render_refusal, render_tap
from experiences.tap import Refusal, Tap, TapContext
from experiences.views.registering import after_asking
from experiences.views.units import look
from ownership.errors import OwnershipError
from ownership.models import Registration
from ownership.services.addresses import correct_address
from products.limits import has_room, spend


@require_http_methods(["GET", "HEAD", "POST"])
def address(request: HttpRequest, code: str) -> HttpResponse:
    """What waits to be confirmed, shown to the owner alone; a corrected address gets its code at once."""
    context, tap = look(request, code)
    if isinstance(tap, Refusal):
        return render_refusal(request, tap)
    with translation.override(tap.locale):
        registration = unconfirmed_registration(tap)
        if registration is None:
            return redirect("unit_home", code=tap.row.public_code)
        if request.method != "POST":
            return _page(request, tap, context, registration, AddressForm())
        form = AddressForm(request.POST, country=tap.row.market)
        if not form.is_valid() or form.parsed is None:
            return _page(request, tap, context, registration, form, status=400)
        if not has_room(CORRECTIONS, str(registration.pk)):
            problem = _("That was sent very often. What you typed is still there; try again in an hour.")
            return _page(request, tap, context, registration, form, problem=problem, status=429)
        spend(CORRECTIONS, str(registration.pk))
        try:
            registration = correct_address(
                registration_id=registration.pk,
                contact_kind=form.parsed.kind,
                contact=form.parsed.value,
                now=context.now,
            )
        except OwnershipError as error:
            return _page(request, tap, context, registration, form, problem=str(error), status=409)
        note_typed(request, registration.contact)
        outcome = ask_to_confirm(request, registration, now=context.now)
        return after_asking(request, registration, outcome)


def _page(
    request: HttpRequest,
    tap: Tap,
    context: TapContext,
    registration: Registration,
    form: AddressForm,
    *,
    problem: str = "",
    status: int = 200,
) -> HttpResponse:
    page = build_address_page(tap, form, contact=registration.contact, problem=problem)
    response = render_tap(request, tap, context, "experiences/address.html", {"page": page})
    response.status_code = status
    return response
