"""The warranty certificate: whoever has its code may check it; it names no person."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone, translation
from django.views.decorators.http import require_safe

from experiences.cards import brand_card
from experiences.languages import resolve_locale
from experiences.pages.certificate import build_certificate
from experiences.responses import render_public
from experiences.theme import brand_style
from warranty.models import Coverage


@require_safe
def certificate(request: HttpRequest, code: str) -> HttpResponse:
    coverage, locale = _coverage(request, code)
    with translation.override(locale):
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

    coverage, locale = _coverage(request, code)
    with translation.override(locale):
        page = build_certificate(coverage, now=timezone.now())
        response = HttpResponse(certificate_pdf(page), content_type="application/pdf")
    response["Content-Disposition"] = f'inline; filename="certificate-{code}.pdf"'
    response["Cache-Control"] = "private, no-store"
    return response


def _coverage(request: HttpRequest, code: str) -> tuple[Coverage, str]:
    rows = Coverage.objects.select_related("plan", "unit__brand", "unit__trade_item")
    coverage: Coverage = get_object_or_404(rows, certificate_code=code.lower())
    brand = brand_card(coverage.unit.brand_id, coverage.unit.brand.content_version)
    return coverage, resolve_locale(request, brand.locales)
