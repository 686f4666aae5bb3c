"""A unit that is registered to somebody else: asking for its release, and the case as each side sees it (C5)."""

from collections.abc import Callable

from django import forms
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from experiences import releases
from experiences.cards import card_of
from experiences.fresh_tap import ask_for_fresh_tap, fresh_tap_given
from experiences.languages import speaking
from experiences.me import me_of
from experiences.members import acting_member
from experiences.pages.release_pages import (
    FORMS,
    acts_of,
    build_ask_page,
    build_release_page,
    build_release_sent_page,
)
from experiences.release_form import AskReleaseForm, blank_release_form
from experiences.requests import address_of
from experiences.responses import render_problem, render_public
from experiences.tap import Refusal, Tap
from experiences.theme import brand_style
from experiences.views.gate import ask_for_code
from experiences.views.too_often import too_often_today
from experiences.views.visit import UnitVisit, look, on_unit_page, who_looks_after_it
from experiences.visitors import remember_visitor
from ownership.errors import OwnershipError
from ownership.models import Owner, ReleaseRequest
from ownership.models.owners import MemberRole
from ownership.models.policies import policy_of
from ownership.models.registrations import Proof
from ownership.models.releases import ReleaseGround, ReleaseState, Side
from ownership.services.releases import ReleaseForm
from ownership.services.releases.asking import refuse_unreleasable
from ownership.services.releases.base import last_decision
from products.codes import normalise_public_code
from products.limits import spend_if_room
from products.models import Brand, Unit


@require_http_methods(["GET", "HEAD", "POST"])
@on_unit_page
def ask(request: HttpRequest, visit: UnitVisit) -> HttpResponse:
    """The form of whoever holds a unit that is registered to somebody else; the owner goes on to answer."""
    if visit.tap.row.viewer_is_owner:
        return _to_owners_page(visit)
    problem = _why_not(visit)
    if problem:
        return _ask_page(visit, None, problem=problem)
    has_chip = visit.tap.row.has_chip
    must_tap = has_chip and visit.tap.possession is None
    if request.method != "POST":
        form = None if must_tap else blank_release_form(needs_proof=not has_chip)
        return _ask_page(visit, form, must_tap=must_tap)
    return _take(visit, must_tap=must_tap)


def _take(visit: UnitVisit, *, must_tap: bool) -> HttpResponse:
    request, row = visit.request, visit.tap.row
    form = AskReleaseForm(request.POST, request.FILES, needs_proof=not row.has_chip, country=row.market)
    if not form.is_valid() or form.parsed is None:
        return _ask_page(visit, form, status=400)
    if must_tap:
        problem = _(
            "It is a while since you held it. Hold the phone to its tag once more, come back to this page and send it."
        )
        return _ask_page(visit, form, problem=problem, status=409)
    if not may_write_to(request, form.parsed.value):
        return _ask_page(visit, form, **too_often_today())
    try:
        asked = releases.ask_for_release(
            unit_id=visit.unit_id,
            brand=Brand.objects.get(pk=row.brand_id),
            form=typed_request(form, visit.tap, ReleaseGround(form.cleaned_data["ground"])),
            proof=Proof.HOLDING if visit.tap.possession else Proof.CODE,
            files=form.cleaned_data["evidence"],
            now=timezone.now(),
        )
    except OwnershipError as error:
        return _ask_page(visit, form, problem=str(error), status=409)
    request.session[releases.SESSION_KEY] = asked.pk
    return visit.go_to("release_sent")


def typed_request(form: AskReleaseForm, tap: Tap, ground: ReleaseGround) -> ReleaseForm:
    return ReleaseForm(
        submission_key=form.cleaned_data["submission_key"],
        ground=ground,
        contact_kind=form.address.kind,
        contact=form.address.value,
        name=form.cleaned_data["name"],
        statement=form.cleaned_data["statement"],
        locale=tap.locale,
    )


def may_write_to(request: HttpRequest, contact: str) -> bool:
    """Count one letter, from this visitor and to this address."""
    return spend_if_room((releases.PER_VISITOR, address_of(request)), (releases.PER_CONTACT, contact))


def _why_not(visit: UnitVisit) -> str:
    """Return why nobody can ask for this unit now, '' where one can."""
    try:
        refuse_unreleasable(Unit.objects.get(pk=visit.unit_id))
    except OwnershipError as error:
        return str(error)
    return ""


def _to_owners_page(visit: UnitVisit) -> HttpResponse:
    """Lead the owner to the request that is open, once it is sure who looks."""
    owners = who_looks_after_it(visit)
    if isinstance(owners, HttpResponse):
        return owners
    found = ReleaseRequest.objects.filter(unit=visit.unit_id).open().first()
    return redirect("release", code=found.owner_code) if found else visit.go_to("unit_home")


def _ask_page(
    visit: UnitVisit,
    form: AskReleaseForm | None,
    *,
    problem: str = "",
    must_tap: bool = False,
    status: int = 200,
) -> HttpResponse:
    days_kept = policy_of(visit.tap.row.brand_id).evidence_days
    page = build_ask_page(visit.tap, form, days_kept=days_kept, problem=problem, must_tap=must_tap)
    return visit.render("experiences/release_ask.html", page, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@on_unit_page
def sent(request: HttpRequest, visit: UnitVisit) -> HttpResponse:
    """Where the private link went; sent again on request."""
    asked = _asked_here(visit)
    if asked is None:
        return visit.go_to("unit_home")
    problem = ""
    if request.method == "POST":
        if may_write_to(request, asked.contact):
            releases.ask_again(release=asked, now=visit.now)
            return visit.go_to("release_sent")
        problem = _("It was sent several times today. Look among unwanted mail, or try again tomorrow.")
    page = build_release_sent_page(visit.tap, asked, problem=problem)
    return visit.render("experiences/release_sent.html", page, status=429 if problem else 200)


def _asked_here(visit: UnitVisit) -> ReleaseRequest | None:
    """Return what was sent in this browser and waits for its link to be opened."""
    pk = visit.request.session.get(releases.SESSION_KEY, 0)
    rows = ReleaseRequest.objects.filter(pk=pk, unit=visit.unit_id, state=ReleaseState.UNCONFIRMED)
    asked: ReleaseRequest | None = rows.select_related("transfer").first()
    return asked


@require_http_methods(["GET", "HEAD", "POST"])
def release(request: HttpRequest, code: str) -> HttpResponse:
    """The case, opened by the private link of one side. Only buttons change anything: robots open links, too."""
    code = normalise_public_code(code)
    rows = ReleaseRequest.objects.select_related("brand", "unit__brand", "ownership__owner", "claimant")
    found = get_object_or_404(rows, Q(code=code) | Q(owner_code=code))
    side = Side.CLAIMANT if found.code == code else Side.OWNER
    card = card_of(found.brand)
    with speaking(request, card):
        actor = _who_acts(request, found, side)
        if request.method != "POST":
            return actor if isinstance(actor, HttpResponse) else _case_page(request, found, side)
        act = request.POST.get("do", "")
        if act not in acts_of(found, side, won=_won(found, side)):
            return redirect("release", code=code)  # it has moved on, and the page says to where
        form = FORMS[act](request.POST, request.FILES, auto_id=f"id_{act}_%s") if act in FORMS else None
        if form is not None and not form.is_valid():
            if isinstance(actor, HttpResponse):
                return actor
            return _case_page(request, found, side, sent=(act, form), status=400)
        return _act(request, found, side, act, form, actor)


def _who_acts(request: HttpRequest, found: ReleaseRequest, side: Side) -> int | HttpResponse | None:
    """Return the number of the person on this side, or the page that says what is missing.

    The letter's link stands for a person, whose own address has it. That of a household or an organisation may
    have been read by somebody who has left since: only who looks after it now acts for it.
    """
    owner = found.ownership.owner if side is Side.OWNER else found.claimant
    if owner is None or owner.kind == Owner.Kind.PERSON:
        return owner.person_id if owner else None
    me = me_of(request, now=timezone.now())
    member = acting_member(me, owner.pk)
    if member is not None and member.role == MemberRole.ADMIN:
        return int(member.person_id)
    if me.needs_code or me.stale:
        return ask_for_code(request)
    _context, tap = look(request, found.unit.public_code)
    if isinstance(tap, Refusal):
        raise Http404
    sentence = _("You use this piece; somebody else looks after it, and only they can do this.")
    return render_problem(request, tap, _("Ask whoever looks after it"), sentence, status=403)


def _won(found: ReleaseRequest, side: Side) -> bool:
    decision = last_decision(found)
    return decision is not None and decision.for_side == side


def _act(
    request: HttpRequest,
    found: ReleaseRequest,
    side: Side,
    act: str,
    form: forms.Form | None,
    actor: int | HttpResponse | None,
) -> HttpResponse:
    """Do it, and show what became of it; where it is refused, nothing that was typed is lost."""
    sent = (act, form) if form else None
    if isinstance(actor, HttpResponse):
        if sent is None or actor.status_code == 403:
            return actor
        problem = _(
            "Enter as who looks after it first, on another page. Then come back here and press again."
        )
        return _case_page(request, found, side, problem=problem, sent=sent, status=403)
    if act == "desk" and (asking := _ask_to_tap(request, found, side)):
        return asking
    if act == "evidence" and not spend_if_room((releases.PER_CASE, str(found.pk))):
        problem = _("That was sent very often. Try again in an hour.")
        return _case_page(request, found, side, problem=problem, status=429)
    try:
        _ACTS[act](found, side, form.cleaned_data if form else {}, actor)
    except OwnershipError as error:
        return _case_page(request, found, side, problem=str(error), sent=sent, status=409)
    return redirect("release", code=found.code if side is Side.CLAIMANT else found.owner_code)


def _ask_to_tap(request: HttpRequest, found: ReleaseRequest, side: Side) -> HttpResponse | None:
    """Return the page that asks for a new tap of the unit's chip; None where it has none, or was tapped."""
    context, tap = look(request, found.unit.public_code)
    if isinstance(tap, Refusal) or not tap.row.has_chip or fresh_tap_given(request, tap):
        return None
    problem = _(
        "Hold the phone to its tag within two minutes, to show that it is with you. Then come back here and press again."
    )
    response = _case_page(request, found, side, problem=problem, status=409)
    remember_visitor(response, context.visitor)
    ask_for_fresh_tap(response, request, tap, context)
    return response


_ACTS: dict[str, Callable[[ReleaseRequest, Side, dict[str, object], int | None], object]] = {
    "confirm": lambda found, side, typed, actor: releases.confirm(release=found, now=timezone.now()),
    "approve": lambda found, side, typed, actor: releases.approve(
        release=found, now=timezone.now(), actor_id=actor
    ),
    "refuse": lambda found, side, typed, actor: releases.refuse(
        release=found, answer=str(typed["answer"]), now=timezone.now(), actor_id=actor
    ),
    "desk": lambda found, side, typed, actor: releases.bring_to_desk(
        release=found, now=timezone.now(), actor_id=actor
    ),
    "withdraw": lambda found, side, typed, actor: releases.withdraw(
        release=found, now=timezone.now(), actor_id=actor
    ),
    "accept": lambda found, side, typed, actor: releases.accept(
        release=found, side=side, now=timezone.now(), actor_id=actor
    ),
    "appeal": lambda found, side, typed, actor: releases.appeal(
        release=found, side=side, words=str(typed["words"]), now=timezone.now(), actor_id=actor
    ),
    "evidence": lambda found, side, typed, actor: releases.send_evidence(
        release=found,
        side=side,
        files=typed["evidence"],  # type: ignore[arg-type]  # the field's ProofFiles
        now=timezone.now(),
        actor_id=actor,
    ),
}


def _case_page(
    request: HttpRequest,
    found: ReleaseRequest,
    side: Side,
    *,
    problem: str = "",
    sent: tuple[str, forms.Form] | None = None,
    status: int = 200,
) -> HttpResponse:
    page = build_release_page(found, side, problem=problem, sent=sent)
    style = brand_style(page.brand)
    return render_public(request, "experiences/release.html", {"page": page}, style=style, status=status)
