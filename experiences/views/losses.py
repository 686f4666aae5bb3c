"""The owner's side of a search: report it, correct the report, answer finders, and have it again."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from experiences.loss_forms import AnswerForm, LossReportForm, new_key
from experiences.losses import PER_THREAD, last_seen, report_missing, threads_of, write_on
from experiences.pages.loss_pages import build_lost_page, build_thread_page
from experiences.responses import render_problem, render_refusal, render_tap
from experiences.tap import Refusal, Tap, TapContext
from experiences.views.gate import Admitted, admit_owner
from experiences.views.units import look
from ownership.errors import OwnershipError
from ownership.models import FinderThread, LossReport
from ownership.models.losses import LossKind, Sender
from ownership.services.losses import LossForm, end_loss
from products.limits import has_room, spend


@require_http_methods(["GET", "HEAD", "POST"])
def lost(request: HttpRequest, code: str) -> HttpResponse:
    """The report, empty or as it stands, and who wrote since."""
    context, tap = look(request, code)
    if isinstance(tap, Refusal):
        return render_refusal(request, tap)
    with translation.override(tap.locale):
        admitted = admit_owner(request, tap, context)
        if isinstance(admitted, HttpResponse):
            return admitted
        report = _standing(tap)
        if request.method != "POST":
            return _page(request, tap, context, _form(tap, report), report)
        form = LossReportForm(request.POST, today=tap.facts.today)
        if not form.is_valid():
            return _page(request, tap, context, form, report, status=400)
        try:
            report_missing(
                unit_id=tap.row.unit_id,
                owner_id=admitted.owner.pk,
                form=_typed(form),
                locale=tap.locale,
                now=context.now,
                actor_id=admitted.actor_id,
            )
        except OwnershipError as error:
            return _page(request, tap, context, form, report, problem=str(error), status=409)
        return redirect("lost", code=tap.row.public_code)


@require_POST
def lost_ended(request: HttpRequest, code: str) -> HttpResponse:
    """“I have it again”: the search is over."""
    context, tap = look(request, code)
    if isinstance(tap, Refusal):
        return render_refusal(request, tap)
    with translation.override(tap.locale):
        admitted = admit_owner(request, tap, context)
        if isinstance(admitted, HttpResponse):
            return admitted
        try:
            end_loss(
                unit_id=tap.row.unit_id,
                owner_id=admitted.owner.pk,
                now=context.now,
                actor_id=admitted.actor_id,
            )
        except OwnershipError as error:
            return render_problem(request, tap, _("It has another owner by now"), str(error))
        return redirect("unit_home", code=tap.row.public_code)


@require_http_methods(["GET", "HEAD", "POST"])
def lost_thread(request: HttpRequest, code: str, thread: int) -> HttpResponse:
    """What one finder wrote, for the owner who missed the unit then; and the owner's answer."""
    context, tap = look(request, code)
    if isinstance(tap, Refusal):
        return render_refusal(request, tap)
    with translation.override(tap.locale):
        admitted = admit_owner(request, tap, context)
        if isinstance(admitted, HttpResponse):
            return admitted
        row = _thread_of(tap, admitted, thread)
        if request.method != "POST":
            return _thread_page(request, tap, context, row, AnswerForm(initial=new_key()))
        return _answer(request, tap, context, row)


def _answer(request: HttpRequest, tap: Tap, context: TapContext, thread: FinderThread) -> HttpResponse:
    form = AnswerForm(request.POST)
    if not form.is_valid():
        return _thread_page(request, tap, context, thread, form, status=400)
    if not has_room(PER_THREAD, f"owner {thread.pk}"):
        problem = _("That was sent very often. What you typed is still there; try again in an hour.")
        return _thread_page(request, tap, context, thread, form, problem=problem, status=429)
    spend(PER_THREAD, f"owner {thread.pk}")
    try:
        write_on(thread=thread, sender=Sender.OWNER, now=context.now, **form.cleaned_data)
    except OwnershipError as error:
        return _thread_page(request, tap, context, thread, form, problem=str(error), status=409)
    return redirect("lost_thread", code=tap.row.public_code, thread=thread.pk)


def _thread_of(tap: Tap, admitted: Admitted, thread_id: int) -> FinderThread:
    """Return the thread if it was written to this very owner about this very unit."""
    threads = FinderThread.objects.select_related("report__ownership__owner")
    mine = {"report__unit": tap.row.unit_id, "report__ownership__owner": admitted.owner.pk}
    row: FinderThread | None = threads.filter(pk=thread_id, **mine).first()
    if row is None:
        raise Http404
    return row


def _standing(tap: Tap) -> LossReport | None:
    """Return the report that stands, if the unit's owner of now made it."""
    rows = LossReport.objects.standing().filter(unit=tap.row.unit_id, ownership__owner=tap.row.owner_id)
    report: LossReport | None = rows.first()
    return report


def _form(tap: Tap, report: LossReport | None) -> LossReportForm:
    names = ("kind", "missed_on", "police_reference", "words")
    initial = {name: getattr(report, name) for name in names} if report else {}
    return LossReportForm(initial=initial, today=tap.facts.today)


def _typed(form: LossReportForm) -> LossForm:
    return LossForm(**{**form.cleaned_data, "kind": LossKind(form.cleaned_data["kind"])})


def _page(
    request: HttpRequest,
    tap: Tap,
    context: TapContext,
    form: LossReportForm,
    report: LossReport | None,
    *,
    problem: str = "",
    status: int = 200,
) -> HttpResponse:
    threads = threads_of(report) if report else []
    seen = last_seen(report) if report else None
    page = build_lost_page(tap, form, report, threads, seen, problem=problem)
    response = render_tap(request, tap, context, "experiences/lost.html", {"page": page})
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
        Sender.OWNER,
        url=reverse("lost_thread", args=[tap.row.public_code, thread.pk]),
        problem=problem,
    )
    response = render_tap(request, tap, context, "experiences/finder_thread.html", {"page": page})
    response.status_code = status
    return response
