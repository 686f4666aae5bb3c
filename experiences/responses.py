"""Rendering public pages: the language, the style allowed by its hash, the cookies, the headers."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import translation

from experiences.cards import BrandCard, brand_card
from experiences.languages import remember_locale, speaking
from experiences.pages.refusals import build_refusal_page
from experiences.pages.unit_frame import UnitFrame, unit_frame
from experiences.tap import Refusal, Tap, TapContext
from experiences.theme import Style, allow_style, brand_style, house_style
from experiences.visitors import remember_possession, remember_visitor


def render_public(
    request: HttpRequest, template: str, context: dict[str, Any], *, style: Style, status: int = 200
) -> HttpResponse:
    """Render a page that is one visitor's alone: never stored, never indexed."""
    response = render(request, template, {**context, "style": style}, status=status)
    allow_style(response, style)
    response["Cache-Control"] = "private, no-store"
    response["X-Robots-Tag"] = "noindex"
    response["Content-Language"] = translation.get_language() or ""
    remember_locale(request, response)
    return response


def serve_pdf(pdf: bytes, name: str) -> HttpResponse:
    """Serve a drawn page, shown in the browser and saved under the name: for whoever asked, and nobody's index."""
    response = HttpResponse(pdf, content_type="application/pdf")
    response["Content-Disposition"] = f'inline; filename="{name}.pdf"'
    response["Cache-Control"] = "private, no-store"
    response["X-Robots-Tag"] = "noindex"
    return response


def serve_mail(html: str) -> HttpResponse:
    """Serve a mail's HTML part in a sandbox: no script, nothing loaded, no origin; only its own inlined styles."""
    response = HttpResponse(html)
    response["Content-Security-Policy"] = (
        "sandbox; default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'"
    )
    response["Cache-Control"] = "private, no-store"
    response["X-Robots-Tag"] = "noindex"
    return response


def render_tap(
    request: HttpRequest,
    tap: Tap,
    context: TapContext,
    template: str,
    content: dict[str, Any],
    *,
    status: int = 200,
) -> HttpResponse:
    """Render a page of a unit in the tap's language; hand out the visitor and possession cookies."""
    response = render_public(request, template, content, style=brand_style(tap.brand), status=status)
    if not context.peek:
        remember_visitor(response, context.visitor)
        if tap.possession and tap.possession.since == context.now:
            remember_possession(response, tap.possession)
    return response


def render_problem(
    request: HttpRequest, tap: Tap, title: str, sentence: str, *, status: int = 409
) -> HttpResponse:
    """Render why something on a unit's page was refused, in the brand's look, with the way back to the unit."""
    page = UnitFrame(**unit_frame(tap, title))
    style = brand_style(tap.brand)
    return _render_problem(request, {"page": page}, title, sentence, style=style, status=status)


def render_house_problem(request: HttpRequest, title: str, sentence: str, *, status: int) -> HttpResponse:
    """Render what went wrong where there is no unit to lead back to, in the house's look."""
    return _render_problem(request, {}, title, sentence, style=house_style(), status=status)


def _render_problem(
    request: HttpRequest, around: dict[str, Any], title: str, sentence: str, *, style: Style, status: int
) -> HttpResponse:
    context = {
        **around,
        "title": title,
        "sentence": sentence,
        "status": status,
        "locale": translation.get_language(),
        "direction": "rtl" if translation.get_language_bidi() else "ltr",
    }
    return render_public(request, "experiences/problem.html", context, style=style, status=status)


def render_refusal(request: HttpRequest, refusal: Refusal) -> HttpResponse:
    """Render the friendly page for a link that leads to no unit: 400 if it is invalid, else 404."""
    brand = _brand_of(refusal)
    with speaking(request, brand):
        page = build_refusal_page(refusal, brand)
        style = brand_style(brand) if brand else house_style()
        return render_public(
            request, "experiences/refusal.html", {"page": page}, style=style, status=page.status
        )


def _brand_of(refusal: Refusal) -> BrandCard | None:
    if refusal.profile is None:
        return None
    return brand_card(refusal.profile.brand_id, refusal.profile.content_version)
