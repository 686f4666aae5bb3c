"""The gate before what only a unit's owner may do."""

from dataclasses import dataclass
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from experiences.me import Me, me_of
from experiences.responses import render_problem
from experiences.tap import Tap, TapContext
from ownership.models import Owner


@dataclass(frozen=True, slots=True)
class Admitted:
    """The unit's owner, and the person who acts for them here."""

    owner: Owner
    me: Me

    @property
    def actor_id(self) -> int | None:
        return self.me.person.pk if self.me.person else None


def admit_owner(
    request: HttpRequest, tap: Tap, context: TapContext, *, to_pass_on: bool = False
) -> Admitted | HttpResponse:
    """Return who acts for the unit's owner here, or the page that says what is missing.

    Where a code would help, that is the page on which it is asked for, and back to here afterwards.
    `to_pass_on`: a member who only uses the things of a household or an organisation is refused.
    """
    me = me_of(request, now=context.now)
    owner = me.acts_for(tap.row.owner_id)
    if owner is None:
        if me.people and not me.stale:
            return _not_the_owner(request, tap)
        return ask_for_code(request)
    if to_pass_on and not me.looks_after(owner):
        return render_problem(
            request,
            tap,
            _("Ask whoever looks after it"),
            _("You use this piece; somebody else looks after it, and only they can do this."),
            status=403,
        )
    return Admitted(owner, me)


def ask_for_code(request: HttpRequest) -> HttpResponse:
    """Go where one proves by a code who one is; the page that was asked for comes afterwards."""
    back = request.get_full_path() if request.method in ("GET", "HEAD") else request.path
    return redirect(f"{reverse('me_enter')}?{urlencode({'next': back})}")


def _not_the_owner(request: HttpRequest, tap: Tap) -> HttpResponse:
    return render_problem(
        request,
        tap,
        _("Only its owner can do this"),
        _("This piece is registered to somebody else, or to another address of yours."),
        status=403,
    )
