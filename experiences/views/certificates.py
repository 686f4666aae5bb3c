"""The warranty certificate: whoever has its code may check it; it names no person."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from experiences.cards import card_of
from experiences.languages import speaking
from experiences.pages.by_link import build_withdrawn_page
from experiences.pages.certificate import build_certificate
from experiences.responses import render_public, serve_pdf
from experiences.theme import brand_style
from warranty.models import Coverage, WithdrawnCertificate


@require_safe
def certificate(request: HttpRequest, code: str) -> HttpResponse:
    coverage = _coverage(code)
    if coverage is None:
        return _withdrawn(request, code)
    with speaking(request, card_of(coverage.unit.brand)):
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
    with speaking(request, card_of(coverage.unit.brand)):
        page = build_certificate(coverage, now=timezone.now())
        return serve_pdf(certificate_pdf(page), f"certificate-{coverage.certificate_code}")


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
    card = card_of(found.unit.brand)
    with speaking(request, card):
        page = build_withdrawn_page(card, onward_url=reverse("unit_home", args=[found.unit.public_code]))
        return render_public(
            request, "experiences/by_link.html", {"page": page}, style=brand_style(card), status=410
        )
