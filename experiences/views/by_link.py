"""Private links in messages. Only the button acts: programs that read mail open links, too."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from experiences.cards import BrandCard, card_of
from experiences.devices import devices_of, remember_in_browser
from experiences.languages import speaking
from experiences.pages.by_link import (
    LinkPage,
    build_confirm_link_page,
    build_done_page,
    build_over_page,
    build_recover_page,
)
from experiences.recovering import finish_recovery
from experiences.responses import render_public
from experiences.theme import brand_style
from experiences.vouching import confirm_by_link, registration_of_token
from ownership.errors import OwnershipError
from ownership.models import Recovery
from ownership.models.registrations import RegistrationState
from products.codes import normalise_public_code


@require_http_methods(["GET", "HEAD", "POST"])
def confirm(request: HttpRequest, token: str) -> HttpResponse:
    """The address of what was registered for somebody at the till or on the telephone."""
    registration = registration_of_token(token)
    if registration is None:
        raise Http404
    card = card_of(registration.brand)
    onward = reverse("unit_home", args=[registration.unit.public_code])
    with speaking(request, card):
        if registration.state != RegistrationState.OWNED:
            return _render(request, card, build_done_page(card, onward_url=onward), status=410)
        if request.method != "POST":
            return _render(request, card, build_confirm_link_page(registration, card))
        keys = devices_of(request)
        try:
            done = confirm_by_link(registration=registration, now=timezone.now(), devices=keys)
        except OwnershipError:  # it was erased meanwhile
            return _render(request, card, build_done_page(card, onward_url=onward), status=410)
        response = redirect("welcome", code=registration.unit.public_code)
        if done.device is not None:
            remember_in_browser(response, done.device, beside=keys)
        return response


@require_http_methods(["GET", "HEAD", "POST"])
def recover(request: HttpRequest, code: str) -> HttpResponse:
    """The new address of an owner who lost theirs."""
    rows = Recovery.objects.select_related("brand", "owner")
    recovery: Recovery | None = rows.filter(code=normalise_public_code(code)).first()
    if recovery is None:
        raise Http404
    card = card_of(recovery.brand)
    with speaking(request, card):
        if recovery.confirmed_at is not None:
            return _render(request, card, build_done_page(card, onward_url=reverse("me")), status=410)
        if recovery.called_off_at is not None or recovery.expires_at <= timezone.now():
            return _render(request, card, build_over_page(card), status=410)
        if request.method != "POST":
            return _render(request, card, build_recover_page(recovery, card))
        try:
            device = finish_recovery(recovery=recovery, now=timezone.now())
        except OwnershipError as error:
            page = build_over_page(card)
            return _render(request, card, page, problem=str(error), status=409)
        response = redirect("me")
        if device is not None:
            remember_in_browser(response, device, beside=devices_of(request))
        return response


def _render(
    request: HttpRequest, card: BrandCard, page: LinkPage, *, problem: str = "", status: int = 200
) -> HttpResponse:
    return render_public(
        request,
        "experiences/by_link.html",
        {"page": page, "problem": problem},
        style=brand_style(card),
        status=status,
    )
