"""Registering a unit for somebody: at the till, where it is sold, and on the telephone."""

import datetime as dt
from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from config.console.lookup import look_up_units
from config.console.unit_action import Action
from config.console.vouching_forms import TillForm, VouchedForm
from experiences.vouching import activate_at_till, register_for_somebody
from ownership.models.registrations import Proof
from products.console import AGENTS, access_of
from products.models import Unit


def _is_free(unit: Unit, facts: Any) -> bool:
    """Whether nobody owns the unit and nobody looks for it."""
    taken = facts and (facts.owner_id or facts.lost or facts.stolen or facts.dispute)
    return not unit.is_retired and not taken


def _activate(unit: Unit, values: dict[str, Any], actor_id: int, now: dt.datetime) -> object:
    return activate_at_till(
        unit_id=unit.pk,
        sold_on=values.get("day"),
        market=values.get("market", ""),
        form=values.get("form"),
        wordings=values["wordings"],
        now=now,
        actor_id=actor_id,
    )


def _register(unit: Unit, values: dict[str, Any], actor_id: int, now: dt.datetime) -> object:
    return register_for_somebody(
        unit_id=unit.pk,
        form=values["form"],
        proof=Proof.AGENT,
        wordings=values["wordings"],
        now=now,
        actor_id=actor_id,
    )


TILL = Action(
    "till",
    _("Activate at the till"),
    _(
        "The sale is recorded and the warranty runs at once. With an address the customer is its owner, and gets"
        " a message with a link that confirms the address."
    ),
    _("Take the unit back as returned: sale, registration and warranty are undone."),
    _("It is sold, and under warranty."),
    TillForm,
    _activate,
    _is_free,
)
CALLER = Action(
    "register",
    _("Register it for a caller"),
    _(
        "The caller is its owner at once and its warranty runs. They get a message with a link that confirms the"
        " address; nothing else is sent there before."
    ),
    _("Take the unit back as returned, and register it anew."),
    _("It is registered. The caller gets a message to confirm the address."),
    VouchedForm,
    _register,
    _is_free,
)


@require_http_methods(["GET", "HEAD", "POST"])
@admin.site.admin_view
def till(request: HttpRequest) -> HttpResponse:
    """Find the unit on the counter by its link, code or serial number, and go on to activating it.

    What was searched for is posted, and kept nowhere.
    """
    access = access_of(request.user)
    if not access.allows(AGENTS):
        raise PermissionDenied
    query = request.POST.get("q", "").strip() if request.method == "POST" else ""
    found = look_up_units(query, access) if query else None
    units = [unit for unit in found.units if access.allows(AGENTS, unit.brand_id)] if found else []
    if len(units) == 1:
        return redirect("admin:products_unit_act", units[0].pk, TILL.slug)
    context = {
        **admin.site.each_context(request),
        "title": TILL.title,
        "query": query,
        "units": units,
        "slug": TILL.slug,
        "note": _nothing(found) if found and not units else "",
    }
    return TemplateResponse(request, "console/till.html", context)


def _nothing(found: Any) -> str:
    return found.note or gettext(
        "No unit of yours was found. Read the code from its label, or tap it and paste the link."
    )
