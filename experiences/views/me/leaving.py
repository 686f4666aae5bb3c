"""Leaving: “Forget me in this browser”, and “I no longer have it”."""

from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from experiences.devices import DEVICE_COOKIE
from experiences.languages import speaking
from experiences.me import me_of
from experiences.pages.me.leaving import WhyForm, build_leave_page, build_let_go_page
from experiences.views.me.visit import brand_of_domain, render_me
from experiences.views.visit import OwnerVisit, UnitVisit, on_unit_page, who_looks_after_it
from ownership.errors import OwnershipError
from ownership.services.letting_go import WhyGone, let_go
from products.services.devices import revoke_device


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def leave(request: HttpRequest) -> HttpResponse:
    """Forget everybody in this browser; the things stay whose they are. A session of staff is left alone."""
    brand, now = brand_of_domain(request), timezone.now()
    me = me_of(request, now=now)
    if request.method == "POST":
        for device in me.devices:
            revoke_device(person=device.person, device_id=device.pk, now=now)
        if me.by_code is not None:
            logout(request)
        response = redirect("me_leave")
        response.delete_cookie(DEVICE_COOKIE, samesite="Lax")
        return response
    with speaking(request, brand):
        page = build_leave_page(brand, is_known=bool(me.devices or me.by_code))
        return render_me(request, brand, "me/leave.html", page)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@on_unit_page
def no_longer_mine(request: HttpRequest, visit: UnitVisit) -> HttpResponse:
    """Say that one no longer has the unit: first what that means, then what became of it."""
    if visit.tap.row.owner_id is None:  # sent twice
        return visit.go_to("unit_home")
    owners = who_looks_after_it(visit)
    if isinstance(owners, HttpResponse):
        return owners
    if request.method != "POST":
        return _page(owners, WhyForm())
    form = WhyForm(request.POST)
    if not form.is_valid():
        return _page(owners, form, status=400)
    try:
        let_go(
            unit_id=owners.unit_id,
            owner_id=owners.owner.pk,
            why=WhyGone(form.cleaned_data["why"]),
            now=owners.now,
            actor_id=owners.actor_id,
        )
    except OwnershipError as error:
        return _page(owners, form, problem=str(error), status=409)
    return redirect(f"{reverse('me')}?done=gone")


def _page(visit: OwnerVisit, form: WhyForm, *, problem: str = "", status: int = 200) -> HttpResponse:
    page = build_let_go_page(visit.tap, form, problem=problem)
    return visit.render("me/let_go.html", page, status=status)
