"""An organisation's fleet: `/me/fleet/<number>/`, for who looks after it."""

import uuid
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from experiences.bulk_registration import (
    Checked,
    bring_before_staff,
    check_list,
    keep_list,
    problems_csv,
)
from experiences.fleet import fleet_csv_lines, fleet_of, fleet_products, model_choices, typed_list
from experiences.fleet_forms import FindForm, ListForm
from experiences.members import acting_member
from experiences.pages.fleet_pages import build_fleet_page, build_register_page
from experiences.views.me.visit import Visit, for_owners, render_me
from ownership.errors import OwnershipError
from ownership.models import BulkRequest, Member
from ownership.models.owners import MemberRole, OwnerKind
from products.errors import ProductsError
from products.limits import Limit, spend_if_room

PER_PAGE = 50
SESSION_KEY = "fleet_list"  # the list that was checked in this browser and waits for the button
# Each keeps a file, and gives staff something to read.
PER_ORGANISATION = Limit("fleet-lists", most=20, seconds=24 * 60 * 60)


def admin_of_fleet(visit: Visit, pk: int) -> Member:
    """Return as whom the visitor looks after the organisation; Http404 for everybody else."""
    member = acting_member(visit.me, pk)
    if (
        member is None
        or member.role != MemberRole.ADMIN
        or member.owner.kind != OwnerKind.ORGANISATION
        or (visit.brand and member.owner.brand_id != visit.brand.pk)
    ):
        raise Http404
    return member


@never_cache
@require_safe
@for_owners
def fleet(request: HttpRequest, visit: Visit, pk: int) -> HttpResponse:
    """The organisation's units, by page; narrowed to a model or to how a serial number begins."""
    owner = admin_of_fleet(visit, pk).owner
    return fleet_page(request, visit, owner, notice=_notice(request))


def fleet_page(
    request: HttpRequest, visit: Visit, owner: Any, *, status: int = 200, **words: str
) -> HttpResponse:
    form = FindForm(request.GET, products=fleet_products(owner, _locale()))
    asked = _asked(form)
    owned = fleet_of(owner, product_id=asked.get("product"), serial=asked.get("serial", ""))
    page = Paginator(owned, PER_PAGE).get_page(request.GET.get("page"))
    lists = list(BulkRequest.objects.filter(owner=owner)[:10])
    shown = build_fleet_page(visit.brand, owner, form, page, lists, asked=asked, **words)
    return render_me(request, visit.brand, "me/fleet.html", shown, status=status)


def _notice(request: HttpRequest) -> str:
    if request.GET.get("done") != "sent":
        return ""
    return _("The list is with the house's staff. They look at it, then its units appear here.")


def _asked(form: FindForm) -> dict[str, Any]:
    form.is_valid()
    values = getattr(form, "cleaned_data", {})
    return {name: values[name] for name in ("product", "serial") if values.get(name)}


def _locale() -> str:
    return get_language() or "en"


@never_cache
@require_safe
@for_owners
def fleet_csv(request: HttpRequest, visit: Visit, pk: int) -> HttpResponse:
    """The units as a CSV, narrowed as the page was."""
    owner = admin_of_fleet(visit, pk).owner
    asked = _asked(FindForm(request.GET, products=fleet_products(owner, _locale())))
    owned = fleet_of(owner, product_id=asked.get("product"), serial=asked.get("serial", ""))
    lines = "".join(fleet_csv_lines(owned, owner, _locale()))
    response = HttpResponse(lines, content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="units.csv"'
    response["Cache-Control"] = "private, no-store"
    response["X-Content-Type-Options"] = "nosniff"
    return response


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@for_owners
def register_many(request: HttpRequest, visit: Visit, pk: int) -> HttpResponse:
    """Check a list, show what was found in it, and send its good rows to staff."""
    member = admin_of_fleet(visit, pk)
    gtins = model_choices(member.owner, _locale())
    if request.method != "POST":
        page = build_register_page(visit.brand, member.owner, ListForm(gtins=gtins))
        return render_me(request, visit.brand, "me/fleet_register.html", page)
    if request.POST.get("step") == "send":
        return _send(request, visit, member, gtins)
    return _check(request, visit, member, gtins)


def _refused(
    request: HttpRequest, visit: Visit, member: Member, form: ListForm, status: int, problem: str = ""
) -> HttpResponse:
    page = build_register_page(visit.brand, member.owner, form, problem=problem)
    return render_me(request, visit.brand, "me/fleet_register.html", page, status=status)


def _check(request: HttpRequest, visit: Visit, member: Member, gtins: Any) -> HttpResponse:
    form = ListForm(request.POST, request.FILES, gtins=gtins)
    if not form.is_valid():
        return _refused(request, visit, member, form, 400)
    given = form.cleaned_data["file"]
    field = "file" if given is not None else "serials"
    if given is None:
        typed = typed_list(form.cleaned_data["gtin"], form.cleaned_data["serials"])
        given = SimpleUploadedFile("units.csv", typed, "text/csv")
    try:
        checked = check_list(given, brand=member.owner.brand, now=visit.now)
    except ProductsError as error:
        form.add_error(field, error.sentence)
        return _refused(request, visit, member, form, 400)
    if request.POST.get("step") == "problems":
        return _problems(checked)
    if not spend_if_room((PER_ORGANISATION, str(member.owner_id))):
        problem = _("Many lists were checked today. Try again tomorrow, or ask the house's staff.")
        return _refused(request, visit, member, form, 429, problem)
    if checked.rows:
        _keep(request, member, checked, form, visit)
    page = build_register_page(visit.brand, member.owner, form, checked=checked)
    status = 200 if checked.rows else 400
    return render_me(request, visit.brand, "me/fleet_register.html", page, status=status)


def _problems(checked: Checked) -> HttpResponse:
    response = HttpResponse(problems_csv(checked.problems), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="bad-rows.csv"'
    response["Cache-Control"] = "private, no-store"
    return response


def _keep(request: HttpRequest, member: Member, checked: Checked, form: ListForm, visit: Visit) -> None:
    file, proof = keep_list(
        checked.rows, form.proof_file, brand=member.owner.brand, by=member.person, now=visit.now
    )
    request.session[SESSION_KEY] = {
        "owner": member.owner_id,
        "file": file.pk,
        "proof": proof.pk if proof else None,
        "rows": len(checked.rows),
        "key": uuid.uuid4().hex,
    }


def _send(request: HttpRequest, visit: Visit, member: Member, gtins: Any) -> HttpResponse:
    """Send what was checked; the button pressed twice sends it once."""
    kept = request.session.get(SESSION_KEY) or {}
    if kept.get("owner") != member.owner_id:
        problem = _("There is no list that waits here. Choose it once more.")
        return _refused(request, visit, member, ListForm(gtins=gtins), 409, problem)
    try:
        bring_before_staff(
            owner=member.owner,
            file_id=kept["file"],
            proof_id=kept["proof"],
            rows=kept["rows"],
            key=kept["key"],
            by=member.person,
            now=visit.now,
        )
    except (ProductsError, OwnershipError) as error:
        return _refused(request, visit, member, ListForm(gtins=gtins), 409, str(error))
    response = redirect("fleet", pk=member.owner_id)
    response["Location"] += "?done=sent"
    return response
