"""Who visits `/me/`, on whose domain, in which language."""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from experiences.cards import BrandCard, card_of
from experiences.languages import speaking
from experiences.me import Me, me_of
from experiences.requests import host_of
from experiences.responses import render_public
from experiences.theme import brand_style, house_style
from experiences.views.gate import ask_for_code
from ownership.models import Owner
from products.models import Brand


@dataclass(frozen=True, slots=True)
class Visit:
    """An owner on their own pages. On a brand's domain `brand` is that brand, and nothing of another is shown."""

    me: Me
    brand: BrandCard | None
    now: dt.datetime

    def owners(self) -> list[Owner]:
        """Return what the visitor acts for: on a brand's domain at that brand alone."""
        return [owner for owner in self.me.owners() if self.brand is None or owner.brand_id == self.brand.pk]


def brand_of_domain(request: HttpRequest) -> BrandCard | None:
    """Return the brand whose domain was asked, if it is any's."""
    found = Brand.objects.at_host(host_of(request)).first()
    return card_of(found) if found else None


def for_owners(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Give a view its `Visit`, in the visitor's language; whoever has to show a code first is sent to do so.

    The view is called with the request, the visit, and what the path names.
    """

    @wraps(view)
    def admitted(request: HttpRequest, **parts: Any) -> HttpResponse:
        brand, now = brand_of_domain(request), timezone.now()
        me = me_of(request, now=now)
        if me.needs_code:
            return ask_for_code(request)
        with speaking(request, brand):
            return view(request, Visit(me, brand, now), **parts)

    return admitted


def render_me(
    request: HttpRequest, brand: BrandCard | None, template: str, page: Any, *, status: int = 200
) -> HttpResponse:
    """Render one of the owner's pages in the look of the domain."""
    style = brand_style(brand) if brand else house_style()
    return render_public(request, template, {"page": page}, style=style, status=status)
