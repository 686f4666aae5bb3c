"""An owner's data: asking for it, fetching it, being forgotten, calling that off."""

from typing import cast

from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from experiences import data_rights
from experiences.pages.data_pages import build_data_page, build_forget_page
from experiences.views.me.visit import Visit, for_owners, render_me
from ownership.errors import OwnershipError
from ownership.models import DataRequest, Owner
from ownership.models.data_rights import DataRequestKind
from ownership.services.data_rights.requests import call_off_erasure
from products.errors import ProductsError
from products.services.files import open_private_file


@require_http_methods(["GET", "HEAD", "POST"])
@for_owners
def data(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Show what may be asked of each brand; POST asks for the archive of the owner that it names."""
    if request.method != "POST":
        return _page(request, visit)
    owner = _owner(visit, str(request.POST.get("owner", "")))
    if owner is None:
        return _page(request, visit, problem=_("Choose one of your houses."), status=400)
    try:
        data_rights.ask_for_export(owner_id=owner.pk, asked_by_id=_actor(visit), now=visit.now)
    except OwnershipError as error:
        return _page(request, visit, problem=str(error), status=409)
    return redirect("me_data")


@require_http_methods(["GET", "HEAD", "POST"])
@for_owners
def forget(request: HttpRequest, visit: Visit, owner_id: int) -> HttpResponse:
    """Say what being forgotten means; POST asks for it."""
    owner = _owner(visit, str(owner_id))
    if owner is None:
        raise Http404
    if request.method == "POST":
        try:
            data_rights.ask_for_erasure(owner_id=owner.pk, asked_by_id=_actor(visit), now=visit.now)
            return redirect("me_data")
        except OwnershipError as error:
            page = build_forget_page(visit.brand, owner, now=visit.now, problem=str(error))
            return render_me(request, visit.brand, "me/forget.html", page, status=409)
    page = build_forget_page(visit.brand, owner, now=visit.now)
    return render_me(request, visit.brand, "me/forget.html", page)


@require_POST
@for_owners
def keep(request: HttpRequest, visit: Visit, pk: int) -> HttpResponse:
    """Call an erasure off."""
    asked = _request(visit, pk, DataRequestKind.ERASURE)
    if not call_off_erasure(request_id=asked.pk, actor_id=_actor(visit), now=visit.now):
        problem = _("It is too late for that: your data is being erased.")
        return _page(request, visit, problem=problem, status=409)
    return redirect("me_data")


@require_GET
@for_owners
def archive(request: HttpRequest, visit: Visit, pk: int) -> HttpResponse:
    """Hand the archive to the person whose data it is, as an attachment; it does not exist for anybody else."""
    file = _request(visit, pk, DataRequestKind.EXPORT).file
    if file is None or (file.expires_at and file.expires_at <= visit.now):
        raise Http404
    try:
        content = open_private_file(file)
    except ProductsError as error:
        raise Http404 from error
    response = FileResponse(
        content, as_attachment=True, filename=file.original_name, content_type=file.content_type
    )
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, no-store"
    return cast(HttpResponse, response)


def _page(request: HttpRequest, visit: Visit, *, problem: str = "", status: int = 200) -> HttpResponse:
    owners = [owner for owner in visit.owners() if visit.me.looks_after(owner)]
    page = build_data_page(visit.brand, owners, problem=problem)
    return render_me(request, visit.brand, "me/data.html", page, status=status)


def _owner(visit: Visit, number: str) -> Owner | None:
    """Return the owner of this number if the visitor looks after it."""
    found = (owner for owner in visit.owners() if str(owner.pk) == number)
    owner = next(found, None)
    return owner if owner and visit.me.looks_after(owner) else None


def _request(visit: Visit, pk: int, kind: DataRequestKind) -> DataRequest:
    """Return a request of one of the visitor's owners; 404 for anybody else's."""
    found = DataRequest.objects.select_related("file").filter(pk=pk, kind=kind).first()
    if found is None or _owner(visit, str(found.owner_id)) is None:
        raise Http404
    return found


def _actor(visit: Visit) -> int | None:
    return visit.me.person.pk if visit.me.person else None
