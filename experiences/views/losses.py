"""The owner's side of a search: report it, correct the report, answer finders, and have it again."""

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from experiences.loss_forms import LossReportForm
from experiences.losses import last_seen, report_missing, threads_of
from experiences.pages.loss_pages import build_lost_page
from experiences.views.threads import answer_thread
from experiences.views.visit import OwnerVisit, UnitVisit, for_its_owner
from ownership.errors import OwnershipError
from ownership.models import FinderThread, LossReport
from ownership.models.losses import LossKind, Sender
from ownership.services.losses import LossForm, end_loss


@require_http_methods(["GET", "HEAD", "POST"])
@for_its_owner
def lost(request: HttpRequest, visit: OwnerVisit) -> HttpResponse:
    """The report, empty or as it stands, and who wrote since."""
    report = _standing(visit)
    if request.method != "POST":
        return _page(visit, _form(visit, report), report)
    form = LossReportForm(request.POST, today=visit.tap.facts.today)
    if not form.is_valid():
        return _page(visit, form, report, status=400)
    if whose := _whose(visit, report):
        return _page(visit, form, report, problem=whose, status=403)
    try:
        report_missing(
            unit_id=visit.unit_id,
            owner_id=visit.owner.pk,
            form=_typed(form),
            locale=visit.tap.locale,
            now=visit.now,
            actor_id=visit.actor_id,
        )
    except OwnershipError as error:
        return _page(visit, form, report, problem=str(error), status=409)
    return visit.go_to("lost")


@require_POST
@for_its_owner
def lost_ended(request: HttpRequest, visit: OwnerVisit) -> HttpResponse:
    """“I have it again”: the search is over."""
    if whose := _whose(visit, _standing(visit)):
        return visit.render_problem(_("Ask whoever looks after it"), whose, status=403)
    try:
        end_loss(
            unit_id=visit.unit_id,
            owner_id=visit.owner.pk,
            now=visit.now,
            actor_id=visit.actor_id,
        )
    except OwnershipError as error:
        return visit.render_problem(_("It has another owner by now"), str(error))
    return visit.go_to("unit_home")


@require_http_methods(["GET", "HEAD", "POST"])
@for_its_owner
def lost_thread(request: HttpRequest, visit: OwnerVisit, thread: int) -> HttpResponse:
    """What one finder wrote, for the owner who missed the unit then; and the owner's answer."""
    row = _thread_of(visit, thread)
    url = reverse("lost_thread", args=[visit.public_code, row.pk])
    return answer_thread(visit, row, Sender.OWNER, url=url)


def _thread_of(visit: OwnerVisit, thread_id: int) -> FinderThread:
    """Return the thread if it was written to this very owner about this very unit."""
    threads = FinderThread.objects.select_related("report__ownership__owner")
    mine = {"report__unit": visit.unit_id, "report__ownership__owner": visit.owner.pk}
    row: FinderThread | None = threads.filter(pk=thread_id, **mine).first()
    if row is None:
        raise Http404
    return row


def _standing(visit: UnitVisit) -> LossReport | None:
    """Return the report that stands, if the unit's owner of now made it."""
    rows = LossReport.objects.standing().filter(unit=visit.unit_id, ownership__owner=visit.tap.row.owner_id)
    report: LossReport | None = rows.first()
    return report


def _whose(visit: OwnerVisit, report: LossReport | None) -> str:
    """Return who can correct and end the report, where these people can't; '' where they can.

    Everybody who uses a thing of a household can report it and answer finders. What somebody else reported is for
    who looks after it: whoever took it might be one of the household.
    """
    if report is None or visit.me.looks_after(visit.owner):
        return ""
    if any(person.pk == report.reported_by_id for person in visit.me.people):
        return ""
    return _("Somebody else reported it. Only they, or whoever looks after it, can change or end the report.")


def _form(visit: UnitVisit, report: LossReport | None) -> LossReportForm:
    names = ("kind", "missed_on", "police_reference", "words")
    initial = {name: getattr(report, name) for name in names} if report else {}
    return LossReportForm(initial=initial, today=visit.tap.facts.today)


def _typed(form: LossReportForm) -> LossForm:
    return LossForm(**{**form.cleaned_data, "kind": LossKind(form.cleaned_data["kind"])})


def _page(
    visit: OwnerVisit,
    form: LossReportForm,
    report: LossReport | None,
    *,
    problem: str = "",
    status: int = 200,
) -> HttpResponse:
    threads = threads_of(report) if report else []
    seen = last_seen(report) if report else None
    whose = _whose(visit, report)
    page = build_lost_page(visit.tap, form, report, threads, seen, whose=whose, problem=problem)
    return visit.render("experiences/lost.html", page, status=status)
