"""Importing units in the console: upload a CSV, watch the job, fetch the bad rows."""

from typing import Any, cast

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from analytics.imports import IMPORT_UNITS, request_import
from config.console.files import IMPORTERS
from products.console import access_of
from products.errors import ProductsError
from products.imports.reading import COLUMNS
from products.models import Brand, Job, Person
from products.models.operations import JobState
from products.services.jobs import cancel_job

REFRESH_EVERY = 2  # seconds, while the job waits or runs


class ImportUnitsForm(forms.Form):
    """Which brand, which file, and whether to write."""

    brand = forms.ModelChoiceField(Brand.objects.none(), label=_("Brand"))
    file = forms.FileField(label=_("CSV file"))
    dry_run = forms.BooleanField(label=_("Only check the file, write nothing"), required=False)

    def __init__(self, *args: Any, brands: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        cast(forms.ModelChoiceField, self.fields["brand"]).queryset = brands
        if len(brands) == 1:
            self.fields["brand"].initial = brands[0]


@require_http_methods(["GET", "HEAD", "POST"])
@admin.site.admin_view
def import_units(request: HttpRequest) -> HttpResponse:
    """Offer the form; take an upload and go to its job."""
    access = access_of(request.user)
    if not access.allows(IMPORTERS):
        raise PermissionDenied
    brands = access.limit(Brand.objects.all(), "pk", IMPORTERS)
    sent = request.method == "POST"
    form = ImportUnitsForm(request.POST if sent else None, request.FILES if sent else None, brands=brands)
    if form.is_valid():
        try:
            job = request_import(
                brand=form.cleaned_data["brand"],
                requester=cast(Person, request.user),
                content=form.cleaned_data["file"],
                dry_run=form.cleaned_data["dry_run"],
                now=timezone.now(),
            )
            return redirect("console_import_job", job.pk)
        except ProductsError as error:
            form.add_error("file", error.sentence)
    context = {"title": _("Import units"), "form": form, "columns": COLUMNS}
    status = 400 if form.is_bound else 200
    return render(request, "console/import_units.html", _page(request, context), status=status)


@require_GET
@admin.site.admin_view
def import_job(request: HttpRequest, pk: int) -> HttpResponse:
    """Show how far the import is, and its result."""
    job = _job(request, pk)
    running = job.state in (JobState.WAITING, JobState.RUNNING)
    context = {
        "title": _("Import units"),
        "job": job,
        "running": running,
        "refresh": REFRESH_EVERY if running else None,
        "bad_rows_file": job.result.get("bad_rows_file"),
    }
    return render(request, "console/import_job.html", _page(request, context))


@require_POST
@admin.site.admin_view
def cancel_import(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask the import to stop; what went in stays."""
    cancel_job(job=_job(request, pk), actor=cast(Person, request.user), now=timezone.now())
    return redirect("console_import_job", pk)


def _job(request: HttpRequest, pk: int) -> Job:
    jobs = access_of(request.user).limit(Job.objects.filter(kind=IMPORT_UNITS), "brand", IMPORTERS)
    job: Job = get_object_or_404(jobs.select_related("brand"), pk=pk)
    return job


def _page(request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    return {**admin.site.each_context(request), **context}
