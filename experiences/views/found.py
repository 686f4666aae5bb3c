"""The finder's side of a search: anybody who has a lost unit before them can write to its owner."""

import re

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from experiences.loss_forms import FinderForm, new_key
from experiences.losses import PER_UNIT, PER_VISITOR, PER_VISITOR_AND_UNIT, write_as_finder
from experiences.pages.loss_pages import build_found_page
from experiences.requests import address_of
from experiences.views.threads import answer_thread
from experiences.views.too_often import too_often_this_hour
from experiences.views.visit import UnitVisit, on_unit_page, visit_unit
from ownership.errors import OwnershipError
from ownership.models import FinderThread, LossReport
from ownership.models.losses import Sender
from ownership.services.finders import FinderForm as Typed
from products.limits import spend_if_room

CODE = r"[0-9a-z]{16,32}"


@require_http_methods(["GET", "HEAD", "POST"])
@on_unit_page
def found(request: HttpRequest, visit: UnitVisit) -> HttpResponse:
    """The owner's words, and a form whose message reaches the owner; nobody learns who the other is."""
    if visit.tap.row.viewer_is_owner:
        return visit.go_to("lost")
    if not (visit.tap.row.lost or visit.tap.row.stolen):
        return _nobody_looks(visit)
    report = LossReport.objects.standing().filter(unit=visit.unit_id).first()
    if report is None or report.ownership_id is None:  # staff look for it: there is no owner to write to
        return _page(visit, None, report)
    if request.method != "POST":
        return _page(visit, FinderForm(initial=new_key()), report)
    return _send(visit, report)


def _send(visit: UnitVisit, report: LossReport) -> HttpResponse:
    form = FinderForm(visit.request.POST)
    if not form.is_valid():
        return _page(visit, form, report, status=400)
    if not _may_write(visit):
        return _page(visit, form, report, **too_often_this_hour())
    try:
        thread = write_as_finder(
            unit_id=visit.unit_id, form=Typed(**form.cleaned_data, locale=visit.tap.locale), now=visit.now
        )
    except OwnershipError as error:
        return _page(visit, form, report, problem=str(error), status=409)
    return redirect("found_thread", code=thread.code)


def _may_write(visit: UnitVisit) -> bool:
    address, unit = address_of(visit.request), str(visit.unit_id)
    tries = [(PER_VISITOR, address), (PER_VISITOR_AND_UNIT, f"{address} {unit}")]
    if visit.tap.possession is None:
        tries.append((PER_UNIT, unit))
    return spend_if_room(*tries)


@require_http_methods(["GET", "HEAD", "POST"])
def found_thread(request: HttpRequest, code: str) -> HttpResponse:
    """What was written so far, for the finder: whoever has the code, which nobody can guess."""
    threads = FinderThread.objects.select_related("report__unit", "report__ownership__owner")
    thread: FinderThread | None = threads.filter(code=code).first() if re.fullmatch(CODE, code) else None
    if thread is None:
        raise Http404
    url = reverse("found_thread", args=[thread.code])
    code = thread.report.unit.public_code
    return visit_unit(request, code, lambda visit: answer_thread(visit, thread, Sender.FINDER, url=url))


def _nobody_looks(visit: UnitVisit) -> HttpResponse:
    sentence = _("Nobody is looking for this piece now. Thank you for wanting to help.")
    return visit.render_problem(_("It is not missed"), sentence, status=404)


def _page(
    visit: UnitVisit,
    form: FinderForm | None,
    report: LossReport | None,
    *,
    problem: str = "",
    status: int = 200,
) -> HttpResponse:
    page = build_found_page(visit.tap, form, report, problem=problem)
    return visit.render("experiences/found.html", page, status=status)
