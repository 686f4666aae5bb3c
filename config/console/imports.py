"""Importing units in the console: upload a CSV, look at what would become of it, import, fetch the bad rows."""

from typing import Any, cast

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from analytics.imports import IMPORT_UNITS, import_again, request_import
from config.console.files import IMPORTERS
from config.console.job_pages import find_job, show_job, stop_job
from config.console.uploads import UploadForm, job_of_upload, rows_of, show_upload
from products.console import access_of
from products.errors import ProductsError
from products.imports.reading import COLUMNS
from products.models import Brand, Job, Person
from products.models.operations import JobState

UNFINISHED = (JobState.CANCELLED, JobState.FAILED)


class ImportUnitsForm(UploadForm):
    """Of which brand the units are."""

    brand = forms.ModelChoiceField(Brand.objects.none(), label=_("Brand"))
    field_order = ("brand",)

    def __init__(self, *args: Any, brands: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        cast(forms.ModelChoiceField, self.fields["brand"]).queryset = brands
        self.fields["file"].help_text = _("As it is or compressed with gzip; a million rows are no trouble.")
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

    def ask(values: dict[str, Any]) -> Job:
        return request_import(
            brand=values["brand"],
            requester=cast(Person, request.user),
            content=values["file"],
            dry_run=values["dry_run"],
            now=timezone.now(),
        )

    if job := job_of_upload(form, ask):
        return redirect("console_import_job", job.pk)
    return show_upload(request, "console/import_units.html", form, title=_("Import units"), columns=COLUMNS)


@require_GET
@admin.site.admin_view
def import_job(request: HttpRequest, pk: int) -> HttpResponse:
    """Show how far the import is, and its result."""
    job = _job(request, pk)
    result, rows = job.result, rows_of(job)
    context = {
        **rows,
        "title": _("Import units"),
        "to_write": result.get("new", 0) + result.get("changed", 0),
        "can_go_on": (job.state == JobState.DONE if rows["is_preview"] else job.state in UNFINISHED),
        "followed_by": job.params.get("followed_by"),
    }
    return show_job(request, job, "console/import_job.html", context)


@require_POST
@admin.site.admin_view
def cancel_import(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask the import to stop; what went in stays."""
    stop_job(request, _job(request, pk))
    return redirect("console_import_job", pk)


@require_POST
@admin.site.admin_view
def go_on_importing(request: HttpRequest, pk: int) -> HttpResponse:
    """Import the file that the preview has shown, or whose import was stopped; go to the job that does it."""
    try:
        job = import_again(job=_job(request, pk), requester=cast(Person, request.user), now=timezone.now())
    except ProductsError as error:
        messages.error(request, error.sentence)
        return redirect("console_import_job", pk)
    return redirect("console_import_job", job.pk)


def _job(request: HttpRequest, pk: int) -> Job:
    return find_job(request, pk, kind=IMPORT_UNITS, roles=IMPORTERS)
