"""The living page: every component of the consumer pages in a look, by day and by night, at /console/living/."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import admin
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from analytics.kinds import Verdict
from config.console.living_samples import ARABIC, LONG, SHORT, Sample
from experiences.cards import BrandCard, card_of
from experiences.contact import parse_contact
from experiences.pages.modules import Contact, Due, Promise, coverage_bar
from experiences.pages.unit_page import Action
from experiences.pages.verdicts import view_verdict
from experiences.responses import render_public
from experiences.theme import Scheme, Style, style_for
from products.days import add_months
from products.models import Brand

# The three demo houses, so that every installation can compare: accent, paper, typeface, corner, density.
HOUSES: dict[str, tuple[str, tuple[str, str, str, str, str]]] = {
    "house-of-leather": ("Maison Corvane", ("#7a4a21", "#f7f1e6", "serif", "square", "calm")),
    "house-of-care": ("Laboratoire Ysolde", ("#3f6f5a", "#f4f8f3", "humanist", "round", "airy")),
    "house-of-machines": ("Kronfeldt", ("#ff6a13", "#16181a", "grotesk", "square", "tight")),
}
SCHEMES: dict[str, Scheme] = {"light": "day", "dark": "night"}
DIRECTIONS = ("ltr", "rtl")
LENGTHS = ("short", "long")


@dataclass(frozen=True, slots=True)
class Look:
    """A look that can be seen: one of the houses, or a brand of the person's own."""

    slug: str
    name: str
    tokens: tuple[str, str, str, str, str]


class SampleForm(forms.Form):
    """The fields of a registration and of a code, for show: nothing is sent."""

    contact = forms.CharField(label=gettext_lazy("E-mail or telephone"))
    name = forms.CharField(label=gettext_lazy("Your name (optional)"), required=False)
    marketing = forms.BooleanField(required=False)
    code = forms.CharField(label=gettext_lazy("Code"), required=False)

    def clean_contact(self) -> str:
        return parse_contact(self.cleaned_data["contact"]).value


@require_safe
@admin.site.admin_view
def living(request: HttpRequest) -> HttpResponse:
    """List the looks: the three houses and one's own brands, each by day and by night, in both directions."""
    own = [_look_of(brand) for brand in Brand.objects.visible_to(request.user)]
    context = {
        **admin.site.each_context(request),
        "title": _("Living page"),
        "groups": [
            (_("Your own"), own),
            (_("Three houses, to compare"), [Look(slug, *house) for slug, house in HOUSES.items()]),
        ],
        "schemes": [("light", _("By day")), ("dark", _("By night"))],
        "variants": [
            ("ltr", "short", _("short texts")),
            ("ltr", "long", _("long texts")),
            ("rtl", "short", _("right to left")),
        ],
    }
    return render(request, "living/list.html", context)


@require_safe
@admin.site.admin_view
def living_look(request: HttpRequest, look: str, scheme: str, direction: str, length: str) -> HttpResponse:
    """Show every component in a look, a scheme, a direction and a length of texts."""
    if scheme not in SCHEMES or direction not in DIRECTIONS or length not in LENGTHS:
        raise Http404
    seen = _find(request, look)
    style: Style = style_for(*seen.tokens, ("paper.css", "living.css"), SCHEMES[scheme])
    sample = ARABIC if direction == "rtl" else LONG if length == "long" else SHORT
    page = {
        "title": _("%(name)s: living page") % {"name": seen.name},
        "brand": {"name": seen.name},
        "direction": direction,
        "others": _others(look, scheme, direction, length),
    }
    context = {"page": page, **_components(sample, seen.name, timezone.now().date())}
    return render_public(request, "living/look.html", context, style=style)


def _find(request: HttpRequest, slug: str) -> Look:
    if slug in HOUSES:
        return Look(slug, *HOUSES[slug])
    return _look_of(get_object_or_404(Brand.objects.visible_to(request.user), slug=slug))


def _look_of(brand: Brand) -> Look:
    card: BrandCard = card_of(brand)
    return Look(card.slug, card.name, (card.accent, card.paper, card.typeface, card.corner, card.density))


def _others(look: str, scheme: str, direction: str, length: str) -> list[tuple[str, str]]:
    """Return the ways to the same page with one thing changed."""
    day, ltr, short = scheme == "light", direction == "ltr", length == "short"
    ways = [
        (_("Dark") if day else _("Light"), ("dark" if day else "light", direction, length)),
        (_("Right to left") if ltr else _("Left to right"), (scheme, "rtl" if ltr else "ltr", length)),
    ]
    if ltr:  # from right to left there is one length of texts
        ways.append(
            (
                _("Long texts") if short else _("Short texts"),
                (scheme, direction, "long" if short else "short"),
            )
        )
    return [(label, reverse("console_living_look", args=[look, *way])) for label, way in ways]


def _components(sample: Sample, brand: str, today: dt.date) -> dict[str, Any]:
    """Return what each component is shown with."""
    start = add_months(today, -9)
    contact = Contact(brand, "care@example.com", "+33 1 99 00 00 00", sample.hours)
    return {
        "sample": sample,
        "verdicts": [view_verdict(verdict) for verdict in Verdict],
        "product": {"name": sample.name, "picture_url": PICTURE, "picture_alt": sample.name},
        "coverages": [
            coverage_bar(start, add_months(start, 24), today),
            coverage_bar(add_months(start, -30), start, today),
            coverage_bar(add_months(today, 1), add_months(today, 25), today),
        ],
        "dues": [
            Due(sample.treatment, add_months(today, 2), 6),
            Due(sample.treatment, add_months(today, 5), 12),
        ],
        "action": Action("sample", sample.action, "#actions"),
        "quieter": [Action("sample", text, "#actions") for text in sample.quieter],
        "steps": [{"title": title, "body": body} for title, body in sample.steps],
        "moments": [{"on": add_months(today, -months), "what": what} for months, what in sample.moments],
        "contact": contact,
        "fresh": SampleForm(auto_id="fresh_%s"),
        "wrong": _wrong_form(),
        "promise": Promise("fresh", sample.action, True, sample.wording, ""),
    }


def _wrong_form() -> SampleForm:
    form = SampleForm({"contact": "alice@", "name": "Alice Archer", "code": "ABCD-EFGH"}, auto_id="wrong_%s")
    form.is_valid()
    return form


# A drawn stand-in for a product's photograph, so that the page needs no brand's own.
PICTURE = (
    "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 800 800'%3E"
    "%3Crect x='180' y='300' width='440' height='320' rx='40' fill='%23887766'/%3E"
    "%3Cpath d='M300 300v-60a100 100 0 0 1 200 0v60' fill='none' stroke='%23665544' stroke-width='28'/%3E%3C/svg%3E"
)
