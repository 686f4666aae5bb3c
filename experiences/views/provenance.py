"""Before buying second-hand (C7): the owner shares the unit's history for a while, a buyer reads it."""

from django import forms
from django.http import HttpRequest, HttpResponse
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from experiences.languages import speaking
from experiences.loss_forms import KEY, new_key
from experiences.pages.provenance_pages import build_provenance_page, build_share_page
from experiences.provenance import LinkError, read_token
from experiences.responses import render_house_problem, render_public, render_refusal
from experiences.tap import Refusal, look_at_unit
from experiences.theme import brand_style
from experiences.views.taps import tap_context
from experiences.views.visit import OwnerVisit, for_who_looks_after_it
from experiences.visitors import only_peeks
from ownership.errors import OwnershipError
from ownership.models import ProvenanceLink
from ownership.models.policies import policy_of
from ownership.services.provenance import note_reading, share_history, take_link_back


class ShareForm(forms.Form):
    submission_key = forms.RegexField(KEY)


class TakeBackForm(forms.Form):
    link = forms.IntegerField(min_value=1, max_value=2**63 - 1)


@require_safe
def shared_history(request: HttpRequest, token: str) -> HttpResponse:
    """What is on record of the unit, for whoever was given the link."""
    context = tap_context(request)
    try:
        link = read_token(token, now=context.now)
    except LinkError as error:
        return _gone(request, error.code)
    tap = look_at_unit(link.unit.public_code, context, None)
    if isinstance(tap, Refusal):
        return render_refusal(request, tap)
    if not only_peeks(request):
        note_reading(link_id=link.pk)
    with translation.override(tap.locale):
        page = build_provenance_page(tap, link, now=context.now, url=request.path)
        style = brand_style(tap.brand, "paper.css")
        return render_public(request, "experiences/provenance.html", {"page": page}, style=style)


def _gone(request: HttpRequest, code: str) -> HttpResponse:
    """Say that there is nothing to read here; which unit it was is not said."""
    with speaking(request, None):
        title = _("This history can't be read")
        if code == "over":
            sentence = _(
                "Its link was for a while only, or was taken back. Ask whoever sent it for a new one."
            )
            return render_house_problem(request, title, sentence, status=410)
        sentence = _("The link is incomplete or was changed. Ask whoever sent it to send it again.")
        return render_house_problem(request, title, sentence, status=404)


@require_http_methods(["GET", "HEAD", "POST"])
@for_who_looks_after_it
def share(request: HttpRequest, visit: OwnerVisit) -> HttpResponse:
    """The owner's links that work now; a new one at the press of a button."""
    if request.method != "POST":
        return _page(visit)
    form = ShareForm(request.POST)
    if not form.is_valid():
        return _page(visit, problem=_("Press the button once more."), status=400)
    try:
        share_history(
            unit_id=visit.unit_id,
            owner_id=visit.owner.pk,
            submission_key=form.cleaned_data["submission_key"],
            now=visit.now,
            actor_id=visit.actor_id,
        )
    except OwnershipError as error:
        return _page(visit, problem=str(error), status=409)
    return visit.go_to("share_history")


@require_POST
@for_who_looks_after_it
def link_taken_back(request: HttpRequest, visit: OwnerVisit) -> HttpResponse:
    """The owner takes a link back: it can't be read from now on."""
    form = TakeBackForm(request.POST)
    try:
        if form.is_valid():
            take_link_back(
                link_id=form.cleaned_data["link"],
                unit_id=visit.unit_id,
                owner_id=visit.owner.pk,
                now=visit.now,
                actor_id=visit.actor_id,
            )
    except OwnershipError as error:
        return visit.render_problem(_("It has another owner by now"), str(error))
    return visit.go_to("share_history")


def _page(
    visit: OwnerVisit,
    *,
    problem: str = "",
    status: int = 200,
) -> HttpResponse:
    working = ProvenanceLink.objects.working(visit.now)
    links = list(working.filter(unit=visit.unit_id, ownership__owner=visit.owner.pk))
    days = policy_of(visit.tap.row.brand_id).provenance_days
    page = build_share_page(visit.tap, links, days=days, problem=problem, **new_key())
    return visit.render("experiences/share_history.html", page, status=status)
