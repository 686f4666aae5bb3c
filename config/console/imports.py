"""Importing units in the console: upload a CSV, look at what would become of it, import, fetch the bad rows."""

from typing import Any, cast

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.formats import number_format
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from analytics.imports import IMPORT_UNITS, import_again, request_import
from config.console.files import IMPORTERS
from config.console.job_pages import find_job, show_job, stop_job
from products.console import access_of
from products.errors import ProductsError
from products.imports.reading import COLUMNS
from products.models import Brand, Job, Person
from products.models.operations import JobState

UNFINISHED = (JobState.CANCELLED, JobState.FAILED)
STANDINGS = {"new": _("New"), "changed": _("Changed"), "unchanged": _("Unchanged"), "bad": _("Bad")}


class ImportUnitsForm(forms.Form):
    """Which brand, which file, and whether to write."""

    brand = forms.ModelChoiceField(Brand.objects.none(), label=_("Brand"))
    file = forms.FileField(
        label=_("CSV file"),
        help_text=_("As it is or compressed with gzip; a million rows are no trouble."),
        widget=forms.FileInput(attrs={"accept": ".csv,.txt,.tsv,.gz,text/csv"}),
    )
    dry_run = forms.BooleanField(
        label=_("Show me first what it would do, and write nothing yet"), required=False, initial=True
    )

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
    context = {
        **admin.site.each_context(request),
        "title": _("Import units"),
        "form": form,
        "columns": COLUMNS,
    }
    return render(request, "console/import_units.html", context, status=400 if form.is_bound else 200)


@require_GET
@admin.site.admin_view
def import_job(request: HttpRequest, pk: int) -> HttpResponse:
    """Show how far the import is, and its result."""
    job = _job(request, pk)
    result, is_preview = job.result, bool(job.params.get("dry_run"))
    context = {
        "title": _("Import units"),
        "is_preview": is_preview,
        "counts": [
            (name, label, _grouped(result[name])) for name, label in STANDINGS.items() if name in result
        ],
        "bad_rows_file": result.get("bad_rows_file"),
        "preview": [{**row, "label": STANDINGS[row["standing"]]} for row in result.get("preview", ())],
        "to_write": result.get("new", 0) + result.get("changed", 0),
        "can_go_on": (job.state == JobState.DONE if is_preview else job.state in UNFINISHED),
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


def _grouped(number: int) -> str:
    return str(number_format(number, force_grouping=True))


def _job(request: HttpRequest, pk: int) -> Job:
    return find_job(request, pk, kind=IMPORT_UNITS, roles=IMPORTERS)
