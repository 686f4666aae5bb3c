"""The links that stand on things: chips and printed codes; GS1 Digital Links stand in `resolver.py`."""

from collections.abc import Callable
from functools import wraps

from django.http import HttpRequest, HttpResponse
from django.utils import timezone, translation
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_safe

from experiences.devices import devices_of
from experiences.languages import resolve_locale
from experiences.pages.unit_page import build_unit_page
from experiences.places import country_of
from experiences.requests import host_of, raw_link
from experiences.responses import render_refusal, render_tap
from experiences.tap import Refusal, Tap, TapContext, tap_chip, tap_code
from experiences.visitors import fetches_ahead, only_peeks, possession_of, visitor_of
from products.codes import normalise_public_code


def tap_context(request: HttpRequest) -> TapContext:
    """Return what the request says beside the link itself."""
    visitor, now = visitor_of(request), timezone.now()
    return TapContext(
        visitor=visitor,
        now=now,
        locale_for=lambda offered: resolve_locale(request, offered),
        country=country_of(request),
        peek=only_peeks(request),
        possession=possession_of(request, visitor, now=now),
        devices=devices_of(request),
        host=host_of(request),
    )


def link(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Make a view the answer to a link on a thing: only read, and only when somebody opens it."""

    @csrf_exempt  # nothing here changes by a form, so another method is answered 405, not 403
    @require_safe
    @wraps(view)
    def answer(request: HttpRequest, **parts: str) -> HttpResponse:
        if fetches_ahead(request):
            return HttpResponse(status=503, headers={"Cache-Control": "no-store"})
        return view(request, **parts)

    return answer


@link
def chip_tap(request: HttpRequest, profile: str, code: str = "") -> HttpResponse:
    """`/t/<profile>?…`: a chip answered; with `/<code>` where its link names the unit."""
    context = tap_context(request)
    outcome = tap_chip(profile, raw_link(request), context, code=normalise_public_code(code))
    return show_tap(request, outcome, context)


@link
def qr_tap(request: HttpRequest, code: str) -> HttpResponse:
    """`/q/<code>`: a printed code."""
    context = tap_context(request)
    return show_tap(request, tap_code(normalise_public_code(code), context), context)


def show_tap(request: HttpRequest, outcome: Tap | Refusal, context: TapContext) -> HttpResponse:
    """Render the page that a tap opened, or why it opened none."""
    if isinstance(outcome, Refusal):
        return render_refusal(request, outcome)
    with translation.override(outcome.locale):
        page = build_unit_page(outcome)
        return render_tap(request, outcome, context, "experiences/unit.html", {"page": page})
