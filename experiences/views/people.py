"""Households and organisations of the visitor: `/me/people/`."""

from collections.abc import Callable
from typing import Any

from django.db.models import Count, Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from experiences.members import PER_ADDRESS, PER_GROUP, acting_member, invite_by_mail
from experiences.pages.people_pages import (
    build_choose_page,
    build_close_page,
    build_group_page,
    build_leave_page,
    build_member_page,
    build_people_page,
    group_name,
    labels_of,
    things_of,
)
from experiences.people_forms import ChooseForm, FoundForm, InviteForm, NameForm, RoleForm
from experiences.views.me.visit import Visit, for_owners, render_me
from ownership.errors import OwnershipError
from ownership.models import Member, Owner, Ownership
from ownership.models.owners import MemberRole, OwnerKind
from ownership.services.members import (
    change_role,
    found_group,
    rename_group,
    take_letters,
    withdraw_invitation,
)
from ownership.services.sharing import (
    MOST_AT_ONCE,
    Moved,
    dissolve_group,
    remove_member,
    share_units,
    take_units_out,
)
from products.limits import has_room, spend
from products.models import Person


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@for_owners
def people(request: HttpRequest, visit: Visit) -> HttpResponse:
    """The visitor's households and organisations, and a form for another."""
    brands = _brands(visit)

    def page(form: FoundForm | None, problem: str = "", status: int = 200) -> HttpResponse:
        shown = build_people_page(visit.brand, _groups(visit), form, problem=problem)
        return render_me(request, visit.brand, "me/people.html", shown, status=status)

    if request.method != "POST" or not brands:
        return page(FoundForm(brands=brands) if brands else None)
    form = FoundForm(request.POST, brands=brands)
    if not form.is_valid():
        return page(form, status=400)
    brand_id = form.cleaned_data["brand"]
    try:
        group = found_group(
            person=_person_at(visit, brand_id),
            brand_id=brand_id,
            kind=OwnerKind(form.cleaned_data["kind"]),
            name=form.cleaned_data["name"],
            locale=get_language() or "en",
            now=visit.now,
        )
    except OwnershipError as error:
        return page(form, str(error), 409)
    return redirect("me_group", pk=group.pk)


def _brands(visit: Visit) -> list[tuple[int, str]]:
    """Return the houses at which the visitor is known in person."""
    own = [owner for owner in visit.owners() if owner.person_id is not None]
    return sorted({(owner.brand_id, owner.brand.name) for owner in own}, key=lambda pair: pair[1])


def _person_at(visit: Visit, brand_id: int) -> Person:
    """Return which of the visitor's people is known at the house."""
    at = {owner.person_id for owner in visit.owners() if owner.brand_id == brand_id}
    return next(person for person in visit.me.people if person.pk in at)


def _groups(visit: Visit) -> list[Owner]:
    ids = [owner.pk for owner in visit.owners() if owner.kind != OwnerKind.PERSON]
    counted = Owner.objects.filter(pk__in=ids).select_related("brand")
    return list(
        counted.annotate(
            things=Count("ownerships", filter=Q(ownerships__until=None), distinct=True),
            people=Count("members", distinct=True),
        ).order_by("brand__name", "name", "pk")
    )


def _member(visit: Visit, pk: int) -> Member:
    """Return as whom the visitor acts in the group; Http404 where it is none of theirs, or of another domain."""
    member = acting_member(visit.me, pk)
    elsewhere = member and visit.brand and member.owner.brand_id != visit.brand.pk
    if member is None or elsewhere:
        raise Http404
    return member


@never_cache
@require_http_methods(["GET", "HEAD"])
@for_owners
def group(request: HttpRequest, visit: Visit, pk: int) -> HttpResponse:
    """One household or organisation: its things and its people."""
    return _group_page(request, visit, _member(visit, pk), notice=_notice(request))


def _notice(request: HttpRequest) -> str:
    words = {
        "sent": _("The invitation is on its way. It can be answered for two weeks."),
        "moved": _("Done."),
    }
    return words.get(request.GET.get("done", ""), "")


def _group_page(
    request: HttpRequest, visit: Visit, member: Member, *, status: int = 200, **words: Any
) -> HttpResponse:
    forms = {"name_form": NameForm(initial={"name": member.owner.name}), "invite_form": InviteForm()}
    page = build_group_page(visit.brand, member, can_bring=_own_units(member).exists(), **{**forms, **words})
    return render_me(request, visit.brand, "me/group.html", page, status=status)


def _own_units(member: Member) -> Any:
    """The person's own units at the group's house."""
    return Ownership.objects.current().filter(
        owner__person=member.person_id, owner__brand=member.owner.brand_id
    )


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@for_owners
def group_act(request: HttpRequest, visit: Visit, pk: int, act: str) -> HttpResponse:
    """One act of the group's page, refused in clear words where the visitor may not do it."""
    member = _member(visit, pk)
    if act not in ACTS:
        raise Http404
    try:
        return ACTS[act](request, visit, member)
    except OwnershipError as error:
        return _group_page(request, visit, member, status=_status(error), problem=str(error))


def _status(error: OwnershipError) -> int:
    return 403 if error.code == "not_admin" else 409


def _invite(request: HttpRequest, visit: Visit, member: Member) -> HttpResponse:
    if request.method != "POST":
        return redirect("me_group", pk=member.owner_id)
    form = InviteForm(request.POST)
    if not form.is_valid():
        return _group_page(request, visit, member, status=400, invite_form=form)
    email = form.cleaned_data["email"]
    tries = ((PER_GROUP, str(member.owner_id)), (PER_ADDRESS, email))
    if not all(has_room(limit, subject) for limit, subject in tries):
        problem = _("Many invitations went out today. Try again tomorrow; what you typed is still there.")
        return _group_page(request, visit, member, status=429, invite_form=form, problem=problem)
    invite_by_mail(
        owner_id=member.owner_id,
        email=email,
        role=MemberRole(form.cleaned_data["role"]),
        locale=get_language() or "en",
        actor=member.person,
        now=visit.now,
    )
    for limit, subject in tries:
        spend(limit, subject)  # here, so that an invitation that is refused takes no room
    return _done(member, "sent")


def _done(member: Member, word: str) -> HttpResponse:
    response = redirect("me_group", pk=member.owner_id)
    response["Location"] += f"?done={word}"
    return response


def _withdraw(request: HttpRequest, visit: Visit, member: Member) -> HttpResponse:
    given = request.POST.get("invitation", "")
    if request.method == "POST" and given.isascii() and given.isdecimal() and len(given) < 18:
        withdraw_invitation(owner_id=member.owner_id, invitation_id=int(given), actor=member.person)
    return redirect("me_group", pk=member.owner_id)


def _rename(request: HttpRequest, visit: Visit, member: Member) -> HttpResponse:
    if request.method != "POST":
        return redirect("me_group", pk=member.owner_id)
    form = NameForm(request.POST)
    if not form.is_valid():
        return _group_page(request, visit, member, status=400, name_form=form)
    rename_group(owner_id=member.owner_id, name=form.cleaned_data["name"], actor=member.person)
    return _done(member, "moved")


def _letters(request: HttpRequest, visit: Visit, member: Member) -> HttpResponse:
    if request.method == "POST":
        take_letters(owner_id=member.owner_id, actor=member.person)
    return redirect("me_group", pk=member.owner_id)


def _bring(request: HttpRequest, visit: Visit, member: Member) -> HttpResponse:
    return _choose(request, visit, member, "bring", _own_units(member), share_units)


def _take(request: HttpRequest, visit: Visit, member: Member) -> HttpResponse:
    owned = Ownership.objects.current().filter(owner=member.owner_id)
    return _choose(request, visit, member, "take", owned, take_units_out)


def _choose(
    request: HttpRequest,
    visit: Visit,
    member: Member,
    act: str,
    owned: Any,
    move: Callable[..., Moved],
) -> HttpResponse:
    things = things_of(owned.order_by("-since")[:MOST_AT_ONCE], get_language() or "en")
    choices = labels_of(things)
    if request.method != "POST":
        page = build_choose_page(visit.brand, member.owner, ChooseForm(units=choices), act=act)
        return render_me(request, visit.brand, "me/group_things.html", page)
    form = ChooseForm(request.POST, units=choices)
    if not form.is_valid():
        page = build_choose_page(visit.brand, member.owner, form, act=act)
        return render_me(request, visit.brand, "me/group_things.html", page, status=400)
    ids = form.cleaned_data["units"]
    moved = move(unit_ids=ids, owner_id=member.owner_id, person=member.person, now=visit.now)
    if not moved.refused:
        return _done(member, "moved")
    names = dict(choices)
    problem = " ".join(f"{names[pk]}: {sentence}" for pk, sentence in moved.refused.items())
    return _group_page(request, visit, member, status=409, problem=problem)


def _leave(request: HttpRequest, visit: Visit, member: Member) -> HttpResponse:
    problem = ""
    if request.method == "POST":
        try:
            remove_member(owner_id=member.owner_id, member_id=member.pk, actor=member.person, now=visit.now)
            return redirect("me_people")
        except OwnershipError as error:
            problem = str(error)
    page = build_leave_page(visit.brand, member.owner, problem=problem)
    return render_me(request, visit.brand, "me/group_sure.html", page, status=409 if problem else 200)


def _close(request: HttpRequest, visit: Visit, member: Member) -> HttpResponse:
    if member.role != MemberRole.ADMIN:
        raise OwnershipError("not_admin", _("Only who looks after it can do this."))
    problem = ""
    if request.method == "POST":
        try:
            dissolve_group(owner_id=member.owner_id, actor=member.person, now=visit.now)
            return redirect("me_people")
        except OwnershipError as error:
            problem = str(error)
    page = build_close_page(visit.brand, member.owner, problem=problem)
    return render_me(request, visit.brand, "me/group_sure.html", page, status=409 if problem else 200)


ACTS: dict[str, Callable[[HttpRequest, Visit, Member], HttpResponse]] = {
    "invite": _invite,
    "withdraw": _withdraw,
    "name": _rename,
    "letters": _letters,
    "bring": _bring,
    "take": _take,
    "leave": _leave,
    "close": _close,
}


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@for_owners
def group_member(request: HttpRequest, visit: Visit, pk: int, member_id: int) -> HttpResponse:
    """What one person may do there, and taking them out."""
    me = _member(visit, pk)
    other = Member.objects.filter(owner=pk, pk=member_id).first()
    if me.role != MemberRole.ADMIN or other is None or other.pk == me.pk:
        raise Http404
    form, problem = RoleForm(initial={"role": other.role}), ""
    if request.method == "POST":
        form = RoleForm(request.POST)
        try:
            if request.POST.get("act") == "remove":
                remove_member(owner_id=pk, member_id=other.pk, actor=me.person, now=visit.now)
                return _done(me, "moved")
            if form.is_valid():
                role = MemberRole(form.cleaned_data["role"])
                change_role(owner_id=pk, member_id=other.pk, role=role, actor=me.person, now=visit.now)
                return _done(me, "moved")
        except OwnershipError as error:
            problem = str(error)
    name = _("One of %(name)s") % {"name": group_name(me.owner)}
    page = build_member_page(visit.brand, me.owner, name, other.pk, form, problem=problem)
    status = 409 if problem else 400 if form.errors else 200
    return render_me(request, visit.brand, "me/group_member.html", page, status=status)
