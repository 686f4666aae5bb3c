"""Passkeys under `/me/`: adding and removing them, and coming in with one. All of it is offered, never asked."""

from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from experiences.details import addresses_of
from experiences.entering import ENTER_KEY, safe_next
from experiences.passkeys import (
    begin_entering,
    begin_passkey,
    enter_with,
    may_have_passkeys,
    passkey_shown,
    shown_passkeys,
)
from experiences.requests import address_of, host_of
from experiences.views.me.visit import Visit, brand_of_domain, for_owners
from experiences.ways_in import drop_own_passkey, keep_own_passkey
from products.models import Person


def _owner(visit: Visit) -> Person:
    """Return whose passkeys are meant. Raises Http404 for who may have none."""
    person = visit.me.person
    if person is None or not may_have_passkeys(person, addresses_of(person)):
        raise Http404
    return person


def _back(what: str) -> HttpResponse:
    return redirect(f"{reverse('me_details')}?{urlencode({'done': what})}")


@never_cache
@require_safe
@for_owners
def passkey_options(request: HttpRequest, visit: Visit) -> HttpResponse:
    """What the browser needs to make a passkey."""
    return JsonResponse(begin_passkey(request, _owner(visit)))


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@for_owners
def passkeys(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Keep the passkey that was made. Whoever comes here from the way in goes on to their details."""
    if request.method != "POST":
        return redirect("me_details")
    made = keep_own_passkey(request, _owner(visit), now=visit.now)
    return _back("passkey" if made else "no-passkey")


@never_cache
@require_POST
@for_owners
def old_passkey(request: HttpRequest, visit: Visit, pk: int) -> HttpResponse:
    """Take a passkey away. One that is not the visitor's own, or not shown on this domain, is nowhere to be found."""
    person = _owner(visit)
    shown = shown_passkeys(person, host_of(request), everywhere=visit.brand is None)
    if pk not in [one.pk for one in shown] or not drop_own_passkey(
        person=person, passkey_id=pk, now=visit.now
    ):
        raise Http404
    return _back("passkey-gone")


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def enter_with_passkey(request: HttpRequest) -> HttpResponse:
    """What the browser needs to show a passkey; and, shown, the way in that it opens."""
    if request.method != "POST":
        return JsonResponse(begin_entering())
    next_url = safe_next(request)
    passkey = passkey_shown(request, address_of(request))
    if passkey is None:
        words = {"passkey": "unknown", **({"next": next_url} if next_url else {})}
        return redirect(f"{reverse('me_enter')}?{urlencode(words)}")
    brand = brand_of_domain(request)
    entering = {"next": next_url, "brand": brand.pk if brand else None}
    return enter_with(request, passkey, keep={ENTER_KEY: entering})
