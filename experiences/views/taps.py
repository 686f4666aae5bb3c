"""The links that stand on things: chips, printed codes, GS1 Digital Links."""

from collections.abc import Callable
from functools import wraps

from django.http import HttpRequest, HttpResponse
from django.utils import timezone, translation
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_safe

from analytics.kinds import Verdict
from experiences.devices import device_of
from experiences.languages import resolve_locale
from experiences.pages.unit_page import build_unit_page
from experiences.requests import country_of, raw_link, raw_path
from experiences.responses import render_refusal, render_tap
from experiences.tap import Refusal, Tap, TapContext, tap_chip, tap_code, tap_key
from experiences.visitors import fetches_ahead, only_peeks, possession_of, visitor_of
from products.codes import normalise_public_code
from products.digital_link import IdentifierError, names_a_model, parse_unit_path


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
        device=device_of(request),
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
def chip_tap(request: HttpRequest, profile: str) -> HttpResponse:
    """`/t/<profile>?…`: a chip answered."""
    context = tap_context(request)
    return _show(request, tap_chip(profile, raw_link(request), context), context)


@link
def qr_tap(request: HttpRequest, code: str) -> HttpResponse:
    """`/q/<code>`: a printed code."""
    context = tap_context(request)
    return _show(request, tap_code(normalise_public_code(code), context), context)


@link
def digital_link_tap(request: HttpRequest, **_path: str) -> HttpResponse:
    """`/01/<gtin>/21/<serial>`: a GS1 Digital Link URI of a unit."""
    try:
        key = parse_unit_path(raw_path(request))
    except IdentifierError:
        if names_a_model(raw_path(request)):
            return render_refusal(request, Refusal(Verdict.UNKNOWN, "no_serial"))
        return render_refusal(request, Refusal(Verdict.INVALID, "bad_identifier"))
    context = tap_context(request)
    return _show(request, tap_key(key.gtin14, key.serial, context), context)


def _show(request: HttpRequest, outcome: Tap | Refusal, context: TapContext) -> HttpResponse:
    if isinstance(outcome, Refusal):
        return render_refusal(request, outcome)
    with translation.override(outcome.locale):
        page = build_unit_page(outcome)
        return render_tap(request, outcome, context, "experiences/unit.html", {"page": page})
