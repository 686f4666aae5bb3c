"""GS1 Digital Links: the page of a unit, where a link of a model or key leads, and the lists of their links.

Opened by a person, a unit's link shows the unit's page at once. Asked by a script of another site, or for
a kind of link, the resolver answers as GS1 lays it down: 307 to the link that fits, 300 with those that fit
equally well, 404 where there is none, 400 for what is no GS1 Digital Link, 200 for the list of all.
"""

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from analytics.kinds import Verdict
from experiences.cards import card_of
from experiences.languages import speaking
from experiences.pages.model_page import build_model_page
from experiences.requests import address_of, host_of, raw_path
from experiences.resolver.asked import Asked, read_request
from experiences.resolver.description import build_description
from experiences.resolver.responses import (
    METHODS,
    SHARED,
    add_linkset_link,
    answer,
    open_to_all,
    refuse,
    refuse_for_now,
    root_of,
)
from experiences.resolver.things import find_model, find_thing
from experiences.responses import render_public, render_refusal
from experiences.tap import Refusal, TapContext, tap_key
from experiences.theme import brand_style
from experiences.views.taps import show_tap, tap_context
from experiences.visitors import fetches_ahead
from products.digital_link import DigitalLink, IdentifierError, normalise_gtin, parse_attributes, parse_path
from products.limits import Limit, spend_if_room
from products.models import Brand

NO_LINK = Refusal(Verdict.INVALID, "bad_identifier")
NO_THING = Refusal(Verdict.UNKNOWN, "unknown_key")
UNIT_LINKS_WITHIN = 60 * 60  # seconds


@csrf_exempt  # nothing here changes by a form, so another method is answered 405, not 403
@require_http_methods(METHODS)
def digital_link(request: HttpRequest, **_path: str) -> HttpResponse:
    """`/01/<gtin>/21/<serial>` and every other GS1 Digital Link URI."""
    if request.method == "OPTIONS":
        return open_to_all(HttpResponse(status=204, headers={"Allow": ", ".join(METHODS)}))
    if fetches_ahead(request):
        return HttpResponse(status=503, headers={"Cache-Control": "no-store"})
    asked = read_request(request)
    try:
        link = parse_attributes(parse_path(raw_path(request)), asked.query)
    except IdentifierError as error:
        return open_to_all(refuse(request, asked, NO_LINK, error.message, status=400))
    if link.unit and asked.is_default and not asked.by_script:
        return open_to_all(_open_unit(request, link, asked, tap_context(request)))
    if link.unit and not _may_ask_for_units(request):
        return open_to_all(refuse_for_now(UNIT_LINKS_WITHIN))
    return open_to_all(_resolve(request, link, asked, tap_context(request)))


@csrf_exempt
@require_http_methods(METHODS)
def resolver_description(request: HttpRequest) -> HttpResponse:
    """`/.well-known/gs1resolver`: what this resolver can do."""
    brand = Brand.objects.at_host(host_of(request)).first()
    card = card_of(brand) if brand else None
    said = build_description(card.name if card else "Heirloom", root_of(request, card))
    return open_to_all(JsonResponse(said, headers={"Cache-Control": SHARED}))


@require_http_methods(["GET", "HEAD"])
def model_page(request: HttpRequest, gtin: str) -> HttpResponse:
    """`/model/<gtin>/`: the page of a model, with the way to each of its pieces."""
    try:
        model = find_model(normalise_gtin(gtin), host_of(request))
    except IdentifierError:
        return render_refusal(request, NO_LINK)
    if model is None:
        return render_refusal(request, NO_THING)
    with speaking(request, model.brand):
        page = build_model_page(model)
        return render_public(
            request, "experiences/model.html", {"page": page}, style=brand_style(model.brand)
        )


def _may_ask_for_units(request: HttpRequest) -> bool:
    """Count the request; whoever opens the code on a piece is not counted."""
    limit = Limit("resolver-units", most=settings.UNIT_LINKS_PER_HOUR, seconds=UNIT_LINKS_WITHIN)
    return spend_if_room((limit, address_of(request)))


def _open_unit(request: HttpRequest, link: DigitalLink, asked: Asked, context: TapContext) -> HttpResponse:
    """Show the unit's page: somebody opened the code on it."""
    outcome = tap_key(link.value, link.qualifier("21") or "", context)
    if isinstance(outcome, Refusal):
        return refuse(request, asked, outcome, "Nothing here is called so.", status=404)
    response = show_tap(request, outcome, context)
    add_linkset_link(response, root_of(request, outcome.brand) + link.path)
    return response


def _resolve(request: HttpRequest, link: DigitalLink, asked: Asked, context: TapContext) -> HttpResponse:
    thing = find_thing(link, asked, context)
    if thing is None or not any(level.links for level in thing.levels):
        return refuse(request, asked, NO_THING, "Nothing here is called so.", status=404)
    return answer(request, asked, thing)
