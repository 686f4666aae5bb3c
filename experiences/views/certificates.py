"""The warranty certificate: whoever has its code may check it; it names no person."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone, translation
from django.views.decorators.http import require_safe

from experiences.cards import BrandCard, brand_card
from experiences.languages import resolve_locale
from experiences.pages.by_link import build_withdrawn_page
from experiences.pages.certificate import build_certificate
from experiences.responses import render_public
from experiences.theme import brand_style
from products.models import Unit
from warranty.models import Coverage, WithdrawnCertificate


@require_safe
def certificate(request: HttpRequest, code: str) -> HttpResponse:
    coverage = _coverage(code)
    if coverage is None:
        return _withdrawn(request, code)
    with translation.override(_locale(request, coverage.unit)):
        page = build_certificate(coverage, now=timezone.now())
        return render_public(
            request,
            "experiences/certificate.html",
            {"page": page},
            style=brand_style(page.brand, "paper.css"),
        )


@require_safe
def certificate_as_pdf(request: HttpRequest, code: str) -> HttpResponse:
    from experiences.pages.certificate_pdf import certificate_pdf  # what draws is loaded by whoever draws

    coverage = _coverage(code)
    if coverage is None:
        return _withdrawn(request, code)
    with translation.override(_locale(request, coverage.unit)):
        page = build_certificate(coverage, now=timezone.now())
        response = HttpResponse(certificate_pdf(page), content_type="application/pdf")
    response["Content-Disposition"] = f'inline; filename="certificate-{code}.pdf"'
    response["Cache-Control"] = "private, no-store"
    return response


def _coverage(code: str) -> Coverage | None:
    if not code.isprintable():  # a NUL, which PostgreSQL refuses
        raise Http404
    rows = Coverage.objects.select_related("plan", "unit__brand", "unit__trade_item")
    coverage: Coverage | None = rows.filter(certificate_code=code.lower()).first()
    return coverage


def _withdrawn(request: HttpRequest, code: str) -> HttpResponse:
    """Say of a certificate that stood once that it does no longer; any other code is unknown."""
    rows = WithdrawnCertificate.objects.select_related("unit__brand")
    found: WithdrawnCertificate = get_object_or_404(rows, code=code.lower())
    card = _card(found.unit)
    with translation.override(_locale(request, found.unit)):
        page = build_withdrawn_page(card, onward_url=reverse("unit_home", args=[found.unit.public_code]))
        return render_public(
            request, "experiences/by_link.html", {"page": page}, style=brand_style(card), status=410
        )


def _card(unit: Unit) -> BrandCard:
    return brand_card(unit.brand_id, unit.brand.content_version)


def _locale(request: HttpRequest, unit: Unit) -> str:
    return resolve_locale(request, _card(unit).locales)
