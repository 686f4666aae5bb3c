"""My points: what I have, what I exchange it for, and what I got for it."""

import uuid

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from experiences.loyalty import Purse, offered_rewards, purses_of
from experiences.pages.points_pages import (
    build_points_page,
    build_reward_page,
    build_taken_page,
    hindrance,
)
from experiences.views.me.visit import Visit, for_owners, render_me
from ownership.errors import OwnershipError
from ownership.models import Redemption, Reward
from ownership.services.loyalty import redeem_reward


class ExchangeForm(forms.Form):
    """Nothing to fill in: the key tells one exchange from the next."""

    submission_key = forms.RegexField(r"\A[0-9a-f]{32}\Z", widget=forms.HiddenInput)


@never_cache
@require_safe
@for_owners
def points(request: HttpRequest, visit: Visit) -> HttpResponse:
    """The balance with what expires when, the rewards, and the history in the brand's words."""
    page = build_points_page(visit.brand, purses_of(visit.me, visit.owners()))
    return render_me(request, visit.brand, "me/points.html", page)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@for_owners
def reward(request: HttpRequest, visit: Visit, owner: int, reward: int) -> HttpResponse:
    """One reward and the one question; a POST exchanges the points for it."""
    purse, wanted = _purse(visit, owner), _reward(visit, owner, reward)
    if request.method != "POST":
        form = None if hindrance(purse, wanted) else _blank()
        return _page(request, visit, purse, wanted, form)
    form = ExchangeForm(request.POST)
    if not form.is_valid():
        return _page(request, visit, purse, wanted, _blank(), status=400)
    if not purse.may_spend:
        return _page(request, visit, purse, wanted, None, status=403)
    try:
        taken = redeem_reward(
            owner_id=purse.owner.pk,
            reward_id=wanted.pk,
            submission_key=form.cleaned_data["submission_key"],
            actor_id=visit.me.person.pk if visit.me.person else None,
            now=visit.now,
        )
    except OwnershipError as error:
        return _page(request, visit, _purse(visit, owner), wanted, None, problem=str(error), status=409)
    return redirect("me_taken", redemption=taken.pk)


@never_cache
@require_safe
@for_owners
def taken(request: HttpRequest, visit: Visit, redemption: int) -> HttpResponse:
    """What was exchanged, for whoever exchanged it: to everybody else it does not exist."""
    found = (
        Redemption.objects.filter(pk=redemption, owner__in=visit.owners(), reversed_at=None)
        .select_related("reward", "code")
        .first()
    )
    purse = _purse(visit, found.owner_id) if found else None
    if found is None or purse is None or not purse.may_spend:
        raise Http404
    page = build_taken_page(visit.brand, purse, found)
    return render_me(request, visit.brand, "me/taken.html", page)


def _purse(visit: Visit, owner_id: int) -> Purse:
    """Return what this owner has; raises Http404 for an owner whom the visitor does not act for."""
    owners = [owner for owner in visit.owners() if owner.pk == owner_id]
    for purse in purses_of(visit.me, owners):
        return purse
    raise Http404


def _reward(visit: Visit, owner_id: int, reward_id: int) -> Reward:
    """Return a reward of the owner's brand; raises Http404."""
    owner = visit.me.acts_for(owner_id)
    if owner is None:
        raise Http404
    found: Reward | None = offered_rewards().filter(brand=owner.brand_id, pk=reward_id).first()
    if found is None:
        raise Http404
    return found


def _blank() -> ExchangeForm:
    return ExchangeForm(initial={"submission_key": uuid.uuid4().hex})


def _page(
    request: HttpRequest,
    visit: Visit,
    purse: Purse,
    wanted: Reward,
    form: ExchangeForm | None,
    *,
    problem: str = "",
    status: int = 200,
) -> HttpResponse:
    page = build_reward_page(visit.brand, purse, wanted, form, problem=problem)
    return render_me(request, visit.brand, "me/reward.html", page, status=status)
