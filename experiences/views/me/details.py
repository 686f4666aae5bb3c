"""`/me/details/`: correcting one's own details without calling anyone (C3)."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from experiences.adding import Entry, adding_of, begin_adding, enter_code
from experiences.codes import CodeOutcome
from experiences.details import addresses_of, save_details
from experiences.pages.me.details import build_address_code_page, build_details_page, details_form
from experiences.pages.registration_pages import code_problem
from experiences.registration_form import AddressForm
from experiences.requests import host_of
from experiences.views.me.visit import Visit, for_owners, render_me
from experiences.ways_in import add_own_address
from ownership.errors import OwnershipError
from ownership.services.details import remove_address
from products.models import Person
from products.services.devices import revoke_device, revoke_devices


def _page(request: HttpRequest, visit: Visit, status: int = 200, **more: object) -> HttpResponse:
    person, host = _person(visit), host_of(request)
    page = build_details_page(visit.brand, visit.me, person, visit.owners(), host=host, **more)  # type: ignore[arg-type]
    return render_me(request, visit.brand, "me/details.html", page, status=status)


def _person(visit: Visit) -> Person:
    assert visit.me.person is not None  # `for_owners` admits nobody else
    return visit.me.person


@never_cache
@require_safe
@for_owners
def details(request: HttpRequest, visit: Visit) -> HttpResponse:
    """What is known of the visitor."""
    done = {
        "saved": _("Saved."),
        "added": _("The address is yours now."),
        "removed": _("The address is removed."),
        "forgotten": _("Forgotten. Whoever uses that browser needs a code."),
        "passkey": _("Your passkey is added. From now on it opens your things here, without a code."),
        "passkey-gone": _(
            "The passkey is removed. It opens nothing any more; your device may still list it."
        ),
    }.get(request.GET.get("done", ""), "")
    problem = code_problem(request.GET.get("code", ""))
    if request.GET.get("done") == "no-passkey":
        problem = _("The passkey was not added. Nothing has changed; try again in a moment.")
    return _page(request, visit, done=done, problem=problem)


def _done(what: str) -> HttpResponse:
    return redirect(f"{reverse('me_details')}?done={what}")


@never_cache
@require_POST
@for_owners
def owner_details(request: HttpRequest, visit: Visit, pk: int) -> HttpResponse:
    """Change what one brand knows."""
    person = _person(visit)
    owner = next((one for one in visit.owners() if one.pk == pk and one.person_id == person.pk), None)
    if owner is None:
        raise Http404
    form = details_form(owner, visit.me, addresses_of(person), request.POST)
    if not form.is_valid():
        return _page(request, visit, 400, bound=form, bound_owner=pk)
    try:
        save_details(
            owner=owner,
            person=person,
            name=form.cleaned_data["name"],
            locale=form.cleaned_data["locale"],
            address=form.chosen,
            now=visit.now,
        )
    except OwnershipError as error:
        return _page(request, visit, 409, bound=form, bound_owner=pk, problem=str(error))
    return _done("saved")


@never_cache
@require_POST
@for_owners
def new_address(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Send a code to a further address."""
    form = AddressForm(request.POST)
    if not form.is_valid() or form.parsed is None:
        return _page(request, visit, 400, add_form=form)
    outcome = begin_adding(request, _person(visit), form.parsed)
    if outcome is CodeOutcome.SENT:
        return redirect("me_address_code")
    problem = code_problem(outcome, form.parsed.kind)
    return _page(request, visit, 429 if outcome is CodeOutcome.WAIT else 503, add_form=form, problem=problem)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@for_owners
def address_code(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Enter the code that went to the further address."""
    person = _person(visit)
    if request.method == "POST":
        entry, contact = enter_code(request, person, request.POST.get("code", ""))
        if entry is Entry.RIGHT and contact is not None:
            try:
                add_own_address(person=person, contact=contact, now=visit.now)
            except OwnershipError as error:
                return _page(request, visit, 409, problem=str(error))
            return _done("added")
        if entry is Entry.WRONG:
            return redirect("me_address_code")
        return redirect(f"{reverse('me_details')}?code={CodeOutcome.GONE}")
    adding = adding_of(request, person)
    if adding is None:
        return redirect(f"{reverse('me_details')}?code={CodeOutcome.GONE}")
    problem = _("This is not the code. The newest message has the one that works.") if adding.mistyped else ""
    page = build_address_code_page(
        visit.brand, address=adding.contact.value, mistyped=adding.mistyped, problem=problem
    )
    return render_me(request, visit.brand, "me/address_code.html", page)


@never_cache
@require_POST
@for_owners
def old_address(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Take an address away. One that is not the visitor's own is nowhere to be found."""
    person = _person(visit)
    known = next((one for one in addresses_of(person) if one.key == request.POST.get("address")), None)
    if known is None:
        return redirect("me_details")
    try:
        remove_address(person_id=person.pk, contact_kind=known.kind, contact=known.value, now=visit.now)
    except OwnershipError as error:
        return _page(request, visit, 409, problem=str(error))
    return _done("removed")


@never_cache
@require_POST
@for_owners
def forget(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Forget one browser, or all but this one."""
    person, wanted = _person(visit), request.POST.get("device", "")
    here = [device.pk for device in visit.me.devices if device.person_id == person.pk]
    if wanted == "others":
        revoke_devices(person=person, now=visit.now, besides=here)
    elif wanted.isascii() and wanted.isdigit() and len(wanted) < 19:
        revoke_device(person=person, device_id=int(wanted), now=visit.now)
    else:
        return redirect("me_details")
    return _done("forgotten")
