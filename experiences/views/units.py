"""A unit's public pages under `/u/<code>/`."""

from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from experiences.pages.registration_pages import build_privacy_page
from experiences.pages.section_page import SectionName, build_section_page
from experiences.pages.unit_page import build_unit_page
from experiences.services import say_it_is_mine
from experiences.views.visit import UnitVisit, on_unit_page
from ownership.errors import OwnershipError


@require_safe
@on_unit_page
def unit_home(request: HttpRequest, visit: UnitVisit) -> HttpResponse:
    """The unit's page, reached from its other pages: not a tap."""
    return visit.render("experiences/unit.html", build_unit_page(visit.tap))


@require_safe
@on_unit_page
def unit_section(request: HttpRequest, visit: UnitVisit, section: SectionName) -> HttpResponse:
    """One of the unit's further pages: care, help, set-up, service, recycling, history …"""
    return visit.render("experiences/section.html", build_section_page(visit.tap, section))


@require_safe
@on_unit_page
def privacy(request: HttpRequest, visit: UnitVisit) -> HttpResponse:
    """What the unit's brand does with personal data, where it has written that."""
    page = build_privacy_page(visit.tap)
    if page is None:
        raise Http404
    return visit.render("experiences/privacy.html", page)


@require_POST
@on_unit_page
def its_mine(request: HttpRequest, visit: UnitVisit) -> HttpResponse:
    """“It's mine”: the holder of a never registered unit says so; its first days begin."""
    try:
        say_it_is_mine(unit_id=visit.unit_id, holding=visit.tap.possession is not None, now=timezone.now())
    except OwnershipError as error:
        return visit.render_problem(_("Hold the phone to the tag first"), str(error))
    return visit.go_to("unit_home")
