"""The finder's side of a search: anybody who has a lost unit before them can write to its owner."""

import re

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from experiences.loss_forms import AnswerForm, FinderForm, new_key
from experiences.losses import PER_THREAD, PER_UNIT, PER_VISITOR, write_as_finder, write_on
from experiences.pages.loss_pages import build_found_page, build_thread_page
from experiences.requests import address_of
from experiences.responses import render_problem, render_refusal, render_tap
from experiences.tap import Refusal, Tap, TapContext
from experiences.views.units import look
from ownership.errors import OwnershipError
from ownership.models import FinderThread, LossReport
from ownership.models.losses import Sender
from ownership.services.finders import FinderForm as Typed
from products.limits import has_room, spend

CODE = r"[0-9a-z]{16,32}"


@require_http_methods(["GET", "HEAD", "POST"])
def found(request: HttpRequest, code: str) -> HttpResponse:
    """The owner's words, and a form whose message reaches the owner; nobody learns who the other is."""
    context, tap = look(request, code)
    if isinstance(tap, Refusal):
        return render_refusal(request, tap)
    with translation.override(tap.locale):
        if tap.row.viewer_is_owner:
            return redirect("lost", code=tap.row.public_code)
        if not (tap.row.lost or tap.row.stolen):
            return _nobody_looks(request, tap)
        report = LossReport.objects.standing().filter(unit=tap.row.unit_id).first()
        if report is None or report.ownership_id is None:  # staff look for it: there is no owner to write to
            return _page(request, tap, context, None, report)
        if request.method != "POST":
            return _page(request, tap, context, FinderForm(initial=new_key()), report)
        return _send(request, tap, context, report)


def _send(request: HttpRequest, tap: Tap, context: TapContext, report: LossReport) -> HttpResponse:
    form = FinderForm(request.POST)
    if not form.is_valid():
        return _page(request, tap, context, form, report, status=400)
    tries = ((PER_VISITOR, address_of(request)), (PER_UNIT, str(tap.row.unit_id)))
    if not all(has_room(limit, subject) for limit, subject in tries):
        problem = _("That was sent very often. What you typed is still there; try again in an hour.")
        return _page(request, tap, context, form, report, problem=problem, status=429)
    for limit, subject in tries:
        spend(limit, subject)
    try:
        thread = write_as_finder(
            unit_id=tap.row.unit_id, form=Typed(**form.cleaned_data, locale=tap.locale), now=context.now
        )
    except OwnershipError as error:
        return _page(request, tap, context, form, report, problem=str(error), status=409)
    return redirect("found_thread", code=thread.code)


@require_http_methods(["GET", "HEAD", "POST"])
def found_thread(request: HttpRequest, code: str) -> HttpResponse:
    """What was written so far, for the finder: whoever has the code, which nobody can guess."""
    threads = FinderThread.objects.select_related("report__unit", "report__ownership__owner")
    thread: FinderThread | None = threads.filter(code=code).first() if re.fullmatch(CODE, code) else None
    if thread is None:
        raise Http404
    context, tap = look(request, thread.report.unit.public_code)
    if isinstance(tap, Refusal):
        return render_refusal(request, tap)
    with translation.override(tap.locale):
        if request.method != "POST":
            return _thread_page(request, tap, context, thread, AnswerForm(initial=new_key()))
        form = AnswerForm(request.POST)
        if not form.is_valid():
            return _thread_page(request, tap, context, thread, form, status=400)
        if not has_room(PER_THREAD, f"finder {thread.pk}"):
            problem = _("That was sent very often. What you typed is still there; try again in an hour.")
            return _thread_page(request, tap, context, thread, form, problem=problem, status=429)
        spend(PER_THREAD, f"finder {thread.pk}")
        try:
            write_on(thread=thread, sender=Sender.FINDER, now=context.now, **form.cleaned_data)
        except OwnershipError as error:
            return _thread_page(request, tap, context, thread, form, problem=str(error), status=409)
        return redirect("found_thread", code=thread.code)


def _nobody_looks(request: HttpRequest, tap: Tap) -> HttpResponse:
    sentence = _("Nobody is looking for this piece now. Thank you for wanting to help.")
    return render_problem(request, tap, _("It is not missed"), sentence, status=404)


def _page(
    request: HttpRequest,
    tap: Tap,
    context: TapContext,
    form: FinderForm | None,
    report: LossReport | None,
    *,
    problem: str = "",
    status: int = 200,
) -> HttpResponse:
    page = build_found_page(tap, form, report, problem=problem)
    response = render_tap(request, tap, context, "experiences/found.html", {"page": page})
    response.status_code = status
    return response


def _thread_page(
    request: HttpRequest,
    tap: Tap,
    context: TapContext,
    thread: FinderThread,
    form: AnswerForm,
    *,
    problem: str = "",
    status: int = 200,
) -> HttpResponse:
    page = build_thread_page(
        tap,
        thread,
        list(thread.messages.all()),
        None if thread.report.ended_at and not problem else form,
        Sender.FINDER,
        url=reverse("found_thread", args=[thread.code]),
        problem=problem,
    )
    response = render_tap(request, tap, context, "experiences/finder_thread.html", {"page": page})
    response.status_code = status
    return response
