"""A unit's public pages under `/u/<code>/`."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from experiences.pages.registration_pages import build_privacy_page
from experiences.pages.section_page import SectionName, build_section_page
from experiences.pages.unit_page import build_unit_page
from experiences.responses import render_problem, render_refusal, render_tap
from experiences.services import say_it_is_mine
from experiences.tap import Refusal, Tap, TapContext, look_at_unit
from experiences.views.taps import tap_context
from ownership.errors import OwnershipError
from products.codes import normalise_public_code


@require_safe
def unit_home(request: HttpRequest, code: str) -> HttpResponse:
    """The unit's page, reached from its other pages: not a tap."""
    context, outcome = look(request, code)
    if isinstance(outcome, Refusal):
        return render_refusal(request, outcome)
    with translation.override(outcome.locale):
        return render_tap(
            request, outcome, context, "experiences/unit.html", {"page": build_unit_page(outcome)}
        )


@require_safe
def unit_section(request: HttpRequest, code: str, section: SectionName) -> HttpResponse:
    """One of the unit's further pages: care, help, set-up, service, recycling, history …"""
    context, outcome = look(request, code)
    if isinstance(outcome, Refusal):
        return render_refusal(request, outcome)
    with translation.override(outcome.locale):
        page = build_section_page(outcome, section)
        return render_tap(request, outcome, context, "experiences/section.html", {"page": page})


@require_safe
def privacy(request: HttpRequest, code: str) -> HttpResponse:
    """What the unit's brand does with personal data, where it has written that."""
    context, outcome = look(request, code)
    if isinstance(outcome, Refusal):
        return render_refusal(request, outcome)
    with translation.override(outcome.locale):
        page = build_privacy_page(outcome)
        if page is None:
            raise Http404
        return render_tap(request, outcome, context, "experiences/privacy.html", {"page": page})


@require_POST
def its_mine(request: HttpRequest, code: str) -> HttpResponse:
    """“It's mine”: the holder of a never registered unit says so; its first days begin."""
    _context, outcome = look(request, code)
    if isinstance(outcome, Refusal):
        return render_refusal(request, outcome)
    with translation.override(outcome.locale):
        try:
            say_it_is_mine(
                unit_id=outcome.row.unit_id, holding=outcome.possession is not None, now=timezone.now()
            )
        except OwnershipError as error:
            return render_problem(request, outcome, _("Hold the phone to the tag first"), str(error))
    return redirect("unit_home", code=outcome.row.public_code)


def look(request: HttpRequest, code: str) -> tuple[TapContext, Tap | Refusal]:
    """Read the unit of a `/u/<code>/` page for this visitor."""
    context = tap_context(request)
    return context, look_at_unit(normalise_public_code(code), context, context.possession)
