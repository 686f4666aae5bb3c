"""A CSV sent up in the console: its form, its job, and what the job's page shows of its rows."""

from collections.abc import Callable, Sequence
from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.formats import number_format
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from products.errors import ProductsError
from products.models import Job

STANDINGS = {"new": _("New"), "changed": _("Changed"), "unchanged": _("Unchanged"), "bad": _("Bad")}


class UploadForm(forms.Form):
    """Which file, and whether to write; for whom it is, the form of each kind asks first."""

    file = forms.FileField(
        label=_("CSV file"), widget=forms.FileInput(attrs={"accept": ".csv,.txt,.tsv,.gz,text/csv"})
    )
    dry_run = forms.BooleanField(
        label=_("Show me first what it would do, and write nothing yet"), required=False, initial=True
    )


def job_of_upload(form: forms.Form, ask: Callable[[dict[str, Any]], Job]) -> Job | None:
    """Return the job that was asked for the file; None where it can't be read, and the form says why."""
    if not form.is_valid():
        return None
    try:
        return ask(form.cleaned_data)
    except ProductsError as error:
        form.add_error("file", error.sentence)
        return None


def show_upload(
    request: HttpRequest, template: str, form: UploadForm, *, title: str | Promise, columns: Sequence[str]
) -> HttpResponse:
    """Render the form, and which columns the file may have; see `console/upload.html`."""
    context = {**admin.site.each_context(request), "title": title, "form": form, "columns": columns}
    return render(request, template, context, status=400 if form.is_bound else 200)


def rows_of(job: Job) -> dict[str, Any]:
    """Return what the job found in its file, as `console/upload_job.html` shows it."""
    result = job.result
    return {
        "is_preview": bool(job.params.get("dry_run")),
        "counts": [
            (name, label, number_format(result[name], force_grouping=True))
            for name, label in STANDINGS.items()
            if name in result
        ],
        "bad_rows_file": result.get("bad_rows_file"),
        "preview": [{**row, "label": STANDINGS[row["standing"]]} for row in result.get("preview", ())],
    }
