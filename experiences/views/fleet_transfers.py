"""An organisation passes many units on: choose them, offer them under one code, call that off."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from experiences.fleet import fleet_of
from experiences.pages.fleet_pages import build_offers_page, build_pass_on_page
from experiences.transfer_form import OfferForm, offer_of
from experiences.transfers import OFFERS, call_off, offer_units
from experiences.views.fleet import admin_of_fleet, fleet_page
from experiences.views.me.visit import Visit, for_owners, render_me
from ownership.errors import OwnershipError
from ownership.models import Member, Transfer
from ownership.services.sharing import MOST_AT_ONCE
from ownership.services.transfers import Started
from products.limits import spend_if_room


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@for_owners
def transfer_many(request: HttpRequest, visit: Visit, pk: int) -> HttpResponse:
    """What was ticked, and how it is passed on; ids of anything else are left out."""
    member = admin_of_fleet(visit, pk)
    if request.method != "POST":
        return redirect("fleet_offers", pk=pk)
    ids = _chosen(request)
    if not ids or len(ids) > MOST_AT_ONCE:
        problem = _("Tick at least one unit, and at most %(most)d.") % {"most": MOST_AT_ONCE}
        return fleet_page(request, visit, member.owner, problem=problem, status=400)
    owned = list(fleet_of(member.owner).filter(unit__in=ids))
    if len(owned) < len(ids):
        problem = _("One of these units is not the organisation's any more. Look again and choose.")
        return fleet_page(request, visit, member.owner, problem=problem, status=409)
    return _offer(request, visit, member, owned)


def _chosen(request: HttpRequest) -> set[int]:
    given = request.POST.getlist("units")[: MOST_AT_ONCE + 1]
    return {int(text) for text in given if text.isascii() and text.isdecimal() and len(text) < 18}


def _offer(request: HttpRequest, visit: Visit, member: Member, owned: list[Any]) -> HttpResponse:
    form = OfferForm(request.POST if "kind" in request.POST else None)

    def page(status: int, problem: str = "") -> HttpResponse:
        shown = build_pass_on_page(visit.brand, member.owner, owned, form, problem=problem)
        return render_me(request, visit.brand, "me/fleet_transfer.html", shown, status=status)

    if not form.is_bound:
        return page(200)
    if not form.is_valid():
        return page(400)
    if not spend_if_room((OFFERS, str(member.owner_id))):
        return page(429, _("That was sent very often. Try again tomorrow."))
    started = offer_units(
        unit_ids=[row.unit_id for row in owned],
        owner_id=member.owner_id,
        **offer_of(form),
        locale=get_language() or "en",
        now=visit.now,
        actor_id=member.person_id,
    )
    if started.transfers and not started.refused:
        return redirect("fleet_offers", pk=member.owner_id)
    return _offers_page(request, visit, member, status=409, refused=_refused(started, owned))


def _refused(started: Started, owned: list[Any]) -> list[tuple[str, str]]:
    serials = {row.unit_id: row.unit.serial for row in owned}
    return [(serials[unit_id], str(error)) for unit_id, error in started.refused.items()]


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@for_owners
def offers(request: HttpRequest, visit: Visit, pk: int) -> HttpResponse:
    """What the organisation has offered, with each link; one button calls a whole offer off."""
    member = admin_of_fleet(visit, pk)
    if request.method != "POST":
        return _offers_page(request, visit, member)
    bundle = request.POST.get("bundle", "")
    kept = 0
    for transfer in _open(member).get(bundle, []):
        try:
            call_off(
                transfer_id=transfer.pk, owner_id=member.owner_id, now=visit.now, actor_id=member.person_id
            )
        except OwnershipError:  # somebody accepted it meanwhile
            kept += 1
    if not kept:
        return redirect("fleet_offers", pk=pk)
    problem = ngettext(
        "%(count)d unit has its next owner already.", "%(count)d units have their next owner already.", kept
    ) % {"count": kept}
    return _offers_page(request, visit, member, status=409, problem=problem)


def _open(member: Member) -> dict[str, list[Transfer]]:
    """Return the organisation's open offers by the code that accepts them."""
    found: dict[str, list[Transfer]] = {}
    for transfer in Transfer.objects.open().filter(ownership__owner=member.owner_id).order_by("-pk"):
        found.setdefault(transfer.bundle or transfer.code, []).append(transfer)
    return found


def _offers_page(
    request: HttpRequest,
    visit: Visit,
    member: Member,
    *,
    status: int = 200,
    refused: list[tuple[str, str]] | None = None,
    problem: str = "",
) -> HttpResponse:
    page = build_offers_page(visit.brand, member.owner, _open(member), refused=refused or [], problem=problem)
    return render_me(request, visit.brand, "me/fleet_offers.html", page, status=status)
