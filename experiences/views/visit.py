"""Who looks at a unit's page: what a view under `/u/<code>/` is given, and how it answers."""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import translation

from experiences.me import Me
from experiences.responses import render_problem, render_refusal, render_tap
from experiences.tap import Refusal, Tap, TapContext, look_at_unit
from experiences.views.gate import Admitted, admit_owner
from experiences.views.taps import tap_context
from ownership.models import Owner
from products.codes import normalise_public_code

View = Callable[..., HttpResponse]


@dataclass(frozen=True, slots=True)
class UnitVisit:
    """A visitor on the page of a unit that exists."""

    request: HttpRequest
    tap: Tap
    context: TapContext

    @property
    def now(self) -> dt.datetime:
        return self.context.now

    @property
    def unit_id(self) -> int:
        return self.tap.row.unit_id

    @property
    def public_code(self) -> str:
        return self.tap.row.public_code

    def render(self, template: str, page: Any, *, status: int = 200) -> HttpResponse:
        """Answer with a page of the unit, in the brand's look."""
        return render_tap(self.request, self.tap, self.context, template, {"page": page}, status=status)

    def render_problem(self, title: str, sentence: str, *, status: int = 409) -> HttpResponse:
        """Answer with why it was refused, and the way back to the unit."""
        return render_problem(self.request, self.tap, title, sentence, status=status)

    def go_to(self, name: str, **parts: Any) -> HttpResponse:
        """Lead to another page of the same unit, named as in the URL map."""
        return redirect(name, code=self.public_code, **parts)


@dataclass(frozen=True, slots=True)
class OwnerVisit(UnitVisit):
    """The unit's owner on its page, shown by a code to be who they are."""

    admitted: Admitted

    @property
    def owner(self) -> Owner:
        return self.admitted.owner

    @property
    def me(self) -> Me:
        return self.admitted.me

    @property
    def actor_id(self) -> int | None:
        return self.admitted.actor_id


def look(request: HttpRequest, code: str) -> tuple[TapContext, Tap | Refusal]:
    """Read the unit of a `/u/<code>/` page for this visitor."""
    context = tap_context(request)
    return context, look_at_unit(normalise_public_code(code), context, context.possession)


def on_unit_page(view: View) -> View:
    """Call the view with the request, a `UnitVisit` and what else the path names, in the visitor's language.

    A code that names no unit is answered here.
    """

    @wraps(view)
    def visited(request: HttpRequest, code: str, **parts: Any) -> HttpResponse:
        return visit_unit(request, code, lambda visit: view(request, visit, **parts))

    return visited


def visit_unit(request: HttpRequest, code: str, answer: Callable[[UnitVisit], HttpResponse]) -> HttpResponse:
    """Answer for the unit with this code, where the path names something of it and not the unit itself."""
    context, tap = look(request, code)
    if isinstance(tap, Refusal):
        return render_refusal(request, tap)
    with translation.override(tap.locale):
        return answer(UnitVisit(request, tap, context))


def for_its_owner(view: View) -> View:
    """Call the view with an `OwnerVisit`; whoever is not the owner learns what is missing."""

    @on_unit_page
    @wraps(view)
    def admitted(request: HttpRequest, visit: UnitVisit, **parts: Any) -> HttpResponse:
        found = admit_owner(request, visit.tap, visit.context)
        return found if isinstance(found, HttpResponse) else view(request, _of_owner(visit, found), **parts)

    return admitted


def for_who_looks_after_it(view: View) -> View:
    """As `for_its_owner`, and refuse a member who only uses what a household or an organisation has."""

    @on_unit_page
    @wraps(view)
    def admitted(request: HttpRequest, visit: UnitVisit, **parts: Any) -> HttpResponse:
        found = who_looks_after_it(visit)
        return found if isinstance(found, HttpResponse) else view(request, found, **parts)

    return admitted


def who_looks_after_it(visit: UnitVisit) -> OwnerVisit | HttpResponse:
    """Return the visit of who may pass the unit on, or the page that says what is missing."""
    found = admit_owner(visit.request, visit.tap, visit.context, to_pass_on=True)
    return found if isinstance(found, HttpResponse) else _of_owner(visit, found)


def _of_owner(visit: UnitVisit, admitted: Admitted) -> OwnerVisit:
    return OwnerVisit(visit.request, visit.tap, visit.context, admitted)
