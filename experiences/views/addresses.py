"""The owner's address, until it is confirmed: a new code to it, or another address in its place."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_http_methods

from experiences.codes import note_typed
from experiences.pages.registration_pages import build_address_page
from experiences.registering import CORRECTIONS, ask_to_confirm, unconfirmed_registration
from experiences.registration_form import AddressForm
from experiences.views.registering import after_asking
from experiences.views.too_often import too_often_this_hour
from experiences.views.visit import UnitVisit, on_unit_page
from ownership.errors import OwnershipError
from ownership.models import Registration
from ownership.services.addresses import correct_address
from products.limits import spend_if_room


@require_http_methods(["GET", "HEAD", "POST"])
@on_unit_page
def address(request: HttpRequest, visit: UnitVisit) -> HttpResponse:
    """What waits to be confirmed, shown to the owner alone; a corrected address gets its code at once."""
    registration = unconfirmed_registration(visit.tap)
    if registration is None:
        return visit.go_to("unit_home")
    if request.method != "POST":
        return _page(visit, registration, AddressForm())
    form = AddressForm(request.POST, country=visit.tap.row.market)
    if not form.is_valid() or form.parsed is None:
        return _page(visit, registration, form, status=400)
    if not spend_if_room((CORRECTIONS, str(registration.pk))):
        return _page(visit, registration, form, **too_often_this_hour())
    try:
        registration = correct_address(
            registration_id=registration.pk,
            contact_kind=form.parsed.kind,
            contact=form.parsed.value,
            now=visit.now,
        )
    except OwnershipError as error:
        return _page(visit, registration, form, problem=str(error), status=409)
    note_typed(request, registration.contact)
    outcome = ask_to_confirm(request, registration, now=visit.now)
    return after_asking(request, registration, outcome)


def _page(
    visit: UnitVisit, registration: Registration, form: AddressForm, *, problem: str = "", status: int = 200
) -> HttpResponse:
    page = build_address_page(visit.tap, form, contact=registration.contact, problem=problem)
    return visit.render("experiences/address.html", page, status=status)
