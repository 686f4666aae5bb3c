"""The look-up page. A search is posted, so that no name or address stands in a link or a log."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext as _

from config.console.lookup import Findings, look_up_units
from products.audit_trail import write_reading
from products.console import access_of

REMEMBERED = "console_look_up"  # the last search, so that going back and reloading work


def look_up(request: HttpRequest) -> HttpResponse:
    """Open the one unit that was meant, list several, or say what was tried."""
    if request.method == "POST":
        query = request.POST.get("q", "").strip()
    else:
        query = request.GET.get("q", "").strip() or str(request.session.get(REMEMBERED, ""))
    found = look_up_units(query, access_of(request.user))
    _note_owners(request, found)
    if found.only_unit is not None:
        return redirect("admin:products_unit_change", found.only_unit.pk)
    if request.method == "POST":
        request.session[REMEMBERED] = query
        return redirect("admin:look_up")
    context: dict[str, Any] = {
        **admin.site.each_context(request),
        "title": _("Look-up"),
        "query": query,
        "found": found,
    }
    return TemplateResponse(request, "console/look_up.html", context)


def _note_owners(request: HttpRequest, found: Findings) -> None:
    """Whoever sees owners in a list of hits leaves an audit row; the search itself is not kept there."""
    if found.owners and request.method == "GET":
        write_reading(
            request,
            action="look_up_owners",
            obj=request.user,
            brand_id=None,
            now=timezone.now(),
            owner_ids=[owner.pk for owner in found.owners],
        )
