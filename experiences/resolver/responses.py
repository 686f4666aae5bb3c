"""The resolver's answers on the wire: redirects, lists, refusals, and the headers that they share."""

from collections.abc import Sequence
from hashlib import sha256
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.http.request import validate_host
from django.utils import translation
from django.utils.cache import get_conditional_response, patch_vary_headers
from django.utils.http import quote_etag

from experiences.cards import BrandCard
from experiences.pages.links_page import LinksPage, list_instead, list_of_all, list_of_choices, only
from experiences.requests import host_of
from experiences.resolver.asked import HTML, JSON_LD, LINKSET, Asked
from experiences.resolver.choosing import choose
from experiences.resolver.forwarding import forwarded, may_hold_secrets, secret_names
from experiences.resolver.links import Level, Link
from experiences.resolver.linkset import CONTEXT_LINK, build_json_ld, build_linkset
from experiences.resolver.things import Thing
from experiences.responses import render_public, render_refusal
from experiences.tap import Refusal
from experiences.theme import brand_style

METHODS = ("GET", "HEAD", "OPTIONS")
# What is said of a model is everybody's; an edit shows a minute later at the latest.
SHARED, NOT_KEPT = "public, max-age=60", "private, no-store"
PREFLIGHT_SECONDS = 24 * 3600
# In small letters, as HTTP/2 sends every name: GS1's own test suite reads this header under no other name.
LINK = "link"


def answer(request: HttpRequest, asked: Asked, thing: Thing) -> HttpResponse:
    """Return what the request asks for: the one link, those that fit equally well, the list, or none."""
    with translation.override(thing.locale):
        response = _answer(request, asked, thing)
    add_linkset_link(
        response, root_of(request, thing.brand) + thing.levels[0].path, in_list=bool(asked.list_as)
    )
    response["X-Robots-Tag"] = "noindex"
    is_page = response.get("Content-Type", "").startswith(HTML) and bool(response.content)
    is_shared = response.status_code < 400 and not thing.is_one_unit and not is_page
    response["Cache-Control"] = SHARED if is_shared else NOT_KEPT
    return response


def refuse(request: HttpRequest, asked: Asked, refusal: Refusal, detail: str, *, status: int) -> HttpResponse:
    """Return why the link leads nowhere: a page for a person, a problem document for a program (RFC 9457)."""
    if asked.wants_html and not asked.by_script:
        return render_refusal(request, refusal)
    response = _problem(status, detail)
    response["Cache-Control"] = NOT_KEPT
    return response


def refuse_for_now(seconds: int) -> HttpResponse:
    """Ask a program that asked for very many to come back later (RFC 6585 sec. 4)."""
    response = _problem(429, "Too many units were asked for from this address. Try again later.")
    response["Retry-After"] = str(seconds)
    response["Cache-Control"] = NOT_KEPT
    return response


def open_to_all(response: HttpResponse) -> HttpResponse:
    """Let scripts of every site read the answer (CORS), and caches tell the answers apart."""
    response["Access-Control-Allow-Origin"] = "*"
    response["Access-Control-Allow-Methods"] = ", ".join(METHODS)
    response["Access-Control-Allow-Headers"] = "Accept, Accept-Language"
    response["Access-Control-Expose-Headers"] = "Link, Location"
    response["Access-Control-Max-Age"] = str(PREFLIGHT_SECONDS)
    country = [settings.COUNTRY_HEADER] if settings.COUNTRY_HEADER else []
    patch_vary_headers(response, ("Accept", "Accept-Language", "Origin", *country))
    return response


def add_linkset_link(response: HttpResponse, address: str, *, in_list: bool = False) -> None:
    """Say where the list of all links is (RFC 8288), and in the list itself what makes it JSON-LD."""
    said = f'<{address}?linkType=linkset>; rel="linkset"; type="{LINKSET}"'
    response[LINK] = f"{CONTEXT_LINK}, {said}" if in_list else said


def root_of(request: HttpRequest, brand: BrandCard | None) -> str:
    """Return scheme and host under which a thing was asked for, where that host is ours; else where links lead.

    Never an unknown Host header's (docs/adr/0006): ours are PUBLIC_BASE_URL's, the brand's domains, and those
    that ALLOWED_HOSTS names.
    """
    asked, public = request.META.get("HTTP_HOST", ""), urlsplit(settings.PUBLIC_BASE_URL)
    host = host_of(request)
    vouched = "*" not in settings.ALLOWED_HOSTS and validate_host(host, settings.ALLOWED_HOSTS)
    if asked and (asked == public.netloc or vouched or (brand and host in brand.hosts)):
        return f"{'https' if request.is_secure() else public.scheme}://{asked}"
    return brand.base_url if brand else settings.PUBLIC_BASE_URL


def _answer(request: HttpRequest, asked: Asked, thing: Thing) -> HttpResponse:
    if asked.list_as == HTML:
        return _page(request, thing, list_of_all(thing), status=200)
    if asked.list_as:
        return _list(request, thing.levels, thing.brand, asked.list_as)
    found = choose(thing.levels, asked, thing.brand.locales[0])
    if len(found) == 1:
        return _redirect(found[0], asked, thing.brand)
    for_person = asked.wants_html and not asked.by_script
    if found and for_person:
        return _page(request, thing, list_of_choices(thing, found), status=300)
    if found:
        return _list(request, [only(thing, found)], thing.brand, LINKSET, status=300)
    if for_person:
        return _page(request, thing, list_instead(thing, asked.link_type or ""), status=404)
    return _problem(404, "There is no link of this type for it.")


def _redirect(link: Link, asked: Asked, brand: BrandCard) -> HttpResponse:
    address = link.href
    if asked.query and link.forwards_query:
        secret = secret_names(brand.pk) if may_hold_secrets(asked.query) else frozenset()
        address = forwarded(link.href, asked.query, secret)
    return HttpResponseRedirect(address, preserve_request=True)


def _list(
    request: HttpRequest, levels: Sequence[Level], brand: BrandCard, media_type: str, *, status: int = 200
) -> HttpResponse:
    build = build_json_ld if media_type == JSON_LD else build_linkset
    said: dict[str, Any] = build(levels, root_of(request, brand))
    response = JsonResponse(
        said, status=status, content_type=media_type, json_dumps_params={"ensure_ascii": False}
    )
    etag = quote_etag(sha256(response.content).hexdigest()[:32])
    response["ETag"] = etag
    if status != 200:
        return response
    same = get_conditional_response(request, etag=etag, response=response)
    return response if same is None else same


def _page(request: HttpRequest, thing: Thing, page: LinksPage, *, status: int) -> HttpResponse:
    style = brand_style(thing.brand)
    return render_public(request, "experiences/links.html", {"page": page}, style=style, status=status)


def _problem(status: int, detail: str) -> HttpResponse:
    title = {400: "Not a GS1 Digital Link", 404: "Not found", 429: "Too many requests"}[status]
    said = {"type": "about:blank", "title": title, "status": status, "detail": detail}
    response = JsonResponse(said, status=status, content_type="application/problem+json")
    response["X-Robots-Tag"] = "noindex"
    return response
