"""Taking everything of a brand along, from the console: its admin asks, watches the job and fetches the archive."""

from typing import Any, cast

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from config.console.job_pages import find_job, show_job, stop_job
from config.leaving.jobs import EXPORT_BRAND, KEPT, request_export
from products.console import BRAND_ADMINS, access_of
from products.errors import ProductsError
from products.models import Brand, Person

TITLE = _("Take everything with you")


class LeavingForm(forms.Form):
    """Which brand, who may read its chip keys, and where its codes are to lead."""

    brand = forms.ModelChoiceField(Brand.objects.none(), label=_("Brand"))
    key = forms.CharField(
        label=_("Public key of who takes over"),
        help_text=_("A JWK, or PEM: RSA of 2048 bits or more, P-256, P-384, P-521 or X25519."),
        widget=forms.Textarea(attrs={"rows": 6, "spellcheck": "false"}),
    )
    unit_target = forms.CharField(
        label=_("Where printed codes are to lead"),
        max_length=300,
        help_text=_(
            "An address with {code}, or with {gtin} and {serial}, like https://care.example.com/units/{code}."
        ),
        widget=forms.TextInput(attrs={"size": 60, "spellcheck": "false"}),
    )
    chip_target = forms.CharField(
        label=_("Where chips are to lead"),
        max_length=300,
        help_text=_("An address with {profile}, like https://care.example.com/taps/{profile}."),
        widget=forms.TextInput(attrs={"size": 60, "spellcheck": "false"}),
    )

    def __init__(self, *args: Any, brands: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        cast(forms.ModelChoiceField, self.fields["brand"]).queryset = brands
        if len(brands) == 1:
            self.fields["brand"].initial = brands[0]


@require_http_methods(["GET", "HEAD", "POST"])
@admin.site.admin_view
def take_everything(request: HttpRequest) -> HttpResponse:
    """Say what the archive holds, and take the order."""
    access = access_of(request.user)
    if not access.allows(BRAND_ADMINS):
        raise PermissionDenied
    brands = access.limit(Brand.objects.all(), "pk", BRAND_ADMINS)
    form = LeavingForm(request.POST if request.method == "POST" else None, brands=brands)
    if form.is_valid():
        try:
            job = request_export(
                **form.cleaned_data, requester=cast(Person, request.user), now=timezone.now()
            )
            return redirect("console_leaving_job", job.pk)
        except ProductsError as error:
            form.add_error("key" if error.code == "bad_key" else None, error.sentence)
    page = {**admin.site.each_context(request), "title": TITLE, "form": form, "days": KEPT.days}
    return render(request, "console/leaving.html", page, status=400 if form.is_bound else 200)


@require_GET
@admin.site.admin_view
def leaving_job(request: HttpRequest, pk: int) -> HttpResponse:
    """Show how far the archive is, and the file once it is there."""
    job = find_job(request, pk, kind=EXPORT_BRAND, roles=BRAND_ADMINS)
    return show_job(request, job, "console/leaving_job.html", {"title": TITLE, "days": KEPT.days})


@require_POST
@admin.site.admin_view
def stop_leaving(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask the job to stop; no file is kept."""
    stop_job(request, find_job(request, pk, kind=EXPORT_BRAND, roles=BRAND_ADMINS))
    return redirect("console_leaving_job", pk)
