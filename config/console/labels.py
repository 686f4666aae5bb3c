"""Printing labels in the console: choose units and a format, look at the first sheet, watch the job, fetch the PDF."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from itertools import islice
from typing import Any, cast

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from config.console.files import LABEL_PRINTERS
from config.console.job_pages import find_job, show_job, stop_job
from config.console.label_form import LabelsForm
from products.console import UNIT_READERS, access_of
from products.errors import ProductsError
from products.labels.formats import INCH
from products.labels.qr import CodeKind, Level, as_png, as_svg, code_content
from products.labels.runs import LabelRun
from products.labels.sheets import SheetOptions, module_size, preview_png
from products.links import brand_base_url
from products.models import Brand, Person, Unit
from products.services.audit import write_audit
from products.services.labels import PRINT_LABELS, count_labels, request_labels

LARGE_RUN = 1_000  # labels; more are warned of
MOST_SELECTED = 500  # units that the list of units hands over
PRINTERS = (203, 300, 600)  # dots per inch
DOTS = 3  # of a printer that one module of a code takes at least, to be read by any telephone
PICTURES = {"svg": ("image/svg+xml", as_svg), "png": ("image/png", as_png)}


@dataclass(frozen=True, slots=True)
class Preview:
    """What will be printed, before it is."""

    picture: str  # base64 of a PNG
    labels: int
    sheets: int
    module: float  # millimetres
    printer: int  # dots per inch that the code asks for
    is_large: bool


def build_preview(brand: Brand, run: LabelRun) -> Preview:
    """Draw the first sheet and count the rest. Raises ProductsError as `count_labels` does."""
    labels = count_labels(brand=brand, run=run)
    base_url, sheet = brand_base_url(brand), run.sheet
    free = sheet.per_sheet - run.start + 1
    units = run.selection.of(brand).with_page_parts()[:free]
    drawn = [run.label(unit, base_url) for unit in units for _copy in range(run.copies)]
    options = SheetOptions(sheet, Level(run.level), "", run.start)
    module = min(module_size(label, options) for label in drawn[:free])
    return Preview(
        picture=base64.b64encode(preview_png(islice(drawn, free), options)).decode(),
        labels=labels,
        sheets=sheet.sheets(labels, run.start),
        module=module,
        printer=next((dpi for dpi in PRINTERS if module * dpi >= DOTS * INCH), PRINTERS[-1]),
        is_large=labels > LARGE_RUN,
    )


@require_http_methods(["GET", "HEAD", "POST"])
@admin.site.admin_view
def labels(request: HttpRequest) -> HttpResponse:
    """Offer the form; show the first sheet; take the order where it is still what was shown."""
    access = access_of(request.user)
    if not access.allows(LABEL_PRINTERS):
        raise PermissionDenied
    brands = access.limit(Brand.objects.all(), "pk", LABEL_PRINTERS)
    sent = request.method == "POST"
    form = LabelsForm(request.POST if sent else None, brands=brands, initial=request.GET.dict())
    preview = None
    if form.is_valid():
        brand, run = form.cleaned_data["brand"], form.run
        try:
            preview = build_preview(brand, run)
            if "print" in request.POST and form.was_shown(preview.labels):
                job = request_labels(
                    brand=brand, requester=cast(Person, request.user), run=run, now=timezone.now()
                )
                return redirect("console_labels_job", job.pk)
            form.show(preview.labels)
        except ProductsError as error:
            form.add_error(None, error.sentence)
    context = {"title": _("Print labels"), "form": form, "preview": preview}
    status = 400 if form.is_bound and not form.is_valid() else 200
    page = {**admin.site.each_context(request), **context}
    return render(request, "console/labels.html", page, status=status)


@require_GET
@admin.site.admin_view
def labels_job(request: HttpRequest, pk: int) -> HttpResponse:
    """Show how far the sheets are, and the file once it is there."""
    job = find_job(request, pk, kind=PRINT_LABELS, roles=LABEL_PRINTERS)
    return show_job(request, job, "console/labels_job.html", {"title": _("Print labels")})


@require_POST
@admin.site.admin_view
def stop_labels(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask the run to stop; no file is kept."""
    stop_job(request, find_job(request, pk, kind=PRINT_LABELS, roles=LABEL_PRINTERS))
    return redirect("console_labels_job", pk)


@require_GET
@admin.site.admin_view
def unit_code(request: HttpRequest, pk: int, kind: str, picture: str) -> HttpResponse:
    """Send a unit's printed code as a picture; as a file (`?save`) it is written to the audit trail."""
    units = access_of(request.user).limit(Unit.objects.with_page_parts(), "brand", UNIT_READERS)
    unit: Unit = get_object_or_404(units, pk=pk)
    level = request.GET.get("level", Level.M.value)
    if kind not in CodeKind.values or picture not in PICTURES or level not in Level.values:
        raise Http404
    content_type, draw = PICTURES[picture]
    content = code_content(unit, CodeKind(kind), brand_base_url(unit.brand))
    response = HttpResponse(draw(content, unit.serial, Level(level)), content_type=content_type)
    response["Cache-Control"] = "private, no-store"
    response["X-Content-Type-Options"] = "nosniff"
    if "save" in request.GET:
        response["Content-Disposition"] = f'attachment; filename="code-{unit.public_code}-{kind}.{picture}"'
        write_audit(
            action="code.saved",
            obj=unit,
            brand_id=unit.brand_id,
            actor_id=request.user.pk,
            now=timezone.now(),
            data={"kind": kind, "level": level, "picture": picture},
        )
    return response


@admin.action(description=_("Print labels"), permissions=["print"])
def print_labels(model_admin: Any, request: HttpRequest, units: Any) -> HttpResponse | None:
    """Take the units that are ticked in their list over to the form."""
    chosen = list(units.order_by("pk").values_list("pk", "brand")[: MOST_SELECTED + 1])
    if len(chosen) > MOST_SELECTED:
        sentence = _("Tick %(most)d units at most, or print a whole batch or a product's days.")
        messages.error(request, sentence % {"most": MOST_SELECTED})
        return None
    brands = {brand for _pk, brand in chosen}
    if len(brands) > 1:
        messages.error(
            request, _("Labels are printed for one brand at a time: filter the list by brand first.")
        )
        return None
    values = {"units": ",".join(str(pk) for pk, _brand in chosen), "brand": brands.pop()}
    messages.info(
        request,
        ngettext("%(count)d unit is chosen.", "%(count)d units are chosen.", len(chosen))
        % {"count": len(chosen)},
    )
    return redirect(f"{reverse('console_labels')}?{urlencode(values)}")
