"""Finding a unit by its typed serial number, and how to tap (A10)."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_http_methods, require_safe

from experiences.cards import BrandCard, card_of
from experiences.find import FindOutcome, find_unit
from experiences.forms import FindForm
from experiences.languages import speaking
from experiences.pages.find_page import build_find_page
from experiences.requests import address_of, host_of
from experiences.responses import render_public
from experiences.theme import brand_style, house_style
from products.models import Brand


@require_http_methods(["GET", "HEAD", "POST"])
def find(request: HttpRequest, brand: str | None = None) -> HttpResponse:
    """The page where a serial number is typed."""
    card = brand_at(request, brand)
    with speaking(request, card):
        form = FindForm(request.POST or None)
        outcome = FindOutcome()
        if form.is_valid():
            outcome = find_unit(
                model=form.cleaned_data["model"],
                serial=form.cleaned_data["serial"],
                brand_id=card.pk if card else None,
                address=address_of(request),
            )
            if outcome.unit:
                return redirect("qr_tap", code=outcome.unit.public_code)
        takes_requests = card.takes_requests if card else Brand.objects.taking_requests().exists()
        page = build_find_page(form, outcome, card, takes_requests=takes_requests)
        style = brand_style(card) if card else house_style()
        return render_public(
            request, "experiences/find.html", {"page": page}, style=style, status=page.status
        )


@require_safe
def find_help(request: HttpRequest) -> HttpResponse:
    """How to hold a phone to a tag."""
    card = brand_at(request, None)
    with speaking(request, card):
        style = brand_style(card) if card else house_style()
        page = build_find_page(FindForm(), FindOutcome(), card)
        return render_public(request, "experiences/how_to_tap.html", {"page": page}, style=style)


def brand_at(request: HttpRequest, slug: str | None) -> BrandCard | None:
    """Return the brand that the path names, else the one whose domain this is."""
    found = get_object_or_404(Brand, slug=slug) if slug else Brand.objects.at_host(host_of(request)).first()
    return card_of(found) if found else None
