"""Encoding orders in the console: make one, hand out its file, take the station's result."""

from __future__ import annotations

from typing import Any, cast

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from analytics.encoding import IMPORT_RESULT, request_result_import
from config.console.encoding_form import EncodingOrderForm, ResultForm
from config.console.files import IMPORTERS
from config.console.job_pages import find_job, show_job, stop_job
from config.console.uploads import job_of_upload
from products.console import BRAND_ADMINS, BrandFilter, BrandScopedAdmin, Roles, access_of
from products.encoding.results import COLUMNS
from products.errors import ProductsError
from products.models import Brand, EncodingOrder, Job, Person, Role
from products.services.encoding import fetch_order_file, order_encoding

ORDER_READERS: Roles = IMPORTERS | {Role.COMPLIANCE, Role.AUDITOR}


class EncodingOrderAdmin(BrandScopedAdmin):
    """Their list; an order's page is ours. Orders hold keys until they are fetched: brand admins make them."""

    service_owned = True
    roles_view = ORDER_READERS
    list_display = ["__str__", "profile", "key_version", "batch", "tags", "created_at", "fetched_at", "brand"]
    list_filter = [("profile", BrandFilter), ("brand", BrandFilter)]
    list_select_related = ["brand", "profile", "batch"]
    search_fields = ["=pk", "=batch__code", "recipient"]
    change_list_template = "admin/products/encodingorder/change_list.html"

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).defer("profile__keys")

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        may = {"may_order": access_of(request.user).allows(BRAND_ADMINS)}
        return super().changelist_view(request, may | (extra_context or {}))

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        order = self.get_object(request, object_id)
        if order is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, object_id)  # type: ignore[attr-defined]
        if not self.has_view_permission(request, order) or request.method not in ("GET", "HEAD"):
            raise PermissionDenied
        return _show_order(request, order, ResultForm())


@require_http_methods(["GET", "HEAD", "POST"])
@admin.site.admin_view
def new_order(request: HttpRequest) -> HttpResponse:
    """Offer the form; make the order and go to its page."""
    access = access_of(request.user)
    if not access.allows(BRAND_ADMINS):
        raise PermissionDenied
    brands = access.limit(Brand.objects.all(), "pk", BRAND_ADMINS)
    sent = request.method == "POST"
    form = EncodingOrderForm(request.POST if sent else None, request.FILES if sent else None, brands=brands)
    if form.is_valid():
        try:
            order = order_encoding(
                brand=form.wanted.profile.brand,
                wanted=form.wanted,
                requested_by=cast(Person, request.user),
                now=timezone.now(),
            )
            return redirect(_page_of(order.pk))
        except ProductsError as error:
            form.add_error(None, error.sentence)
    context = {"title": _("Order encoding"), "form": form, **admin.site.each_context(request)}
    return render(request, "console/encoding_new.html", context, status=400 if form.is_bound else 200)


@require_POST
@admin.site.admin_view
def order_file(request: HttpRequest, pk: int) -> HttpResponse:
    """Send the order's file; the one that is in clear, once. Only a POST: nothing that looks ahead may take it."""
    order = _order(request, pk, BRAND_ADMINS)
    try:
        file = fetch_order_file(order=order, actor=cast(Person, request.user), now=timezone.now())
    except ProductsError as error:
        messages.error(request, error.sentence)
        return redirect(_page_of(pk))
    response = HttpResponse(file.content, content_type=file.content_type)
    response["Content-Disposition"] = f'attachment; filename="{file.name}"'
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, no-store"
    return response


@require_POST
@admin.site.admin_view
def order_result(request: HttpRequest, pk: int) -> HttpResponse:
    """Take the station's result and go to the job that imports it."""
    order = _order(request, pk, IMPORTERS)
    form = ResultForm(request.POST, request.FILES)

    def ask(values: dict[str, Any]) -> Job:
        return request_result_import(
            order=order,
            requester=cast(Person, request.user),
            content=values["file"],
            now=timezone.now(),
        )

    if job := job_of_upload(form, ask):
        return redirect("console_encoding_job", job.pk)
    return _show_order(request, order, form, status=400)


@require_GET
@admin.site.admin_view
def result_job(request: HttpRequest, pk: int) -> HttpResponse:
    """Show how far the import of a result is."""
    job = find_job(request, pk, kind=IMPORT_RESULT, roles=IMPORTERS)
    context = {"title": _("Result of the encoding"), "order_page": _page_of(job.params["order"])}
    return show_job(request, job, "console/encoding_job.html", context)


@require_POST
@admin.site.admin_view
def stop_result(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask the import to stop; chips that are bound stay."""
    stop_job(request, find_job(request, pk, kind=IMPORT_RESULT, roles=IMPORTERS))
    return redirect("console_encoding_job", pk)


def _order(request: HttpRequest, pk: int, roles: Roles) -> EncodingOrder:
    orders = access_of(request.user).limit(_orders(), "brand", roles)
    order: EncodingOrder = get_object_or_404(orders, pk=pk)
    return order


def _orders() -> Any:
    related = EncodingOrder.objects.select_related(
        "brand", "profile", "batch__product", "file", "requested_by", "fetched_by"
    )
    return related.defer("profile__keys")


def _show_order(
    request: HttpRequest, order: EncodingOrder, form: ResultForm, status: int = 200
) -> HttpResponse:
    access = access_of(request.user)
    context = {
        **admin.site.each_context(request),
        "title": _("Encoding order %(number)d") % {"number": order.pk},
        "order": _orders().get(pk=order.pk),
        "form": form,
        "columns": COLUMNS,
        "may_fetch": access.allows(BRAND_ADMINS, order.brand_id),
        "may_import": access.allows(IMPORTERS, order.brand_id),
        "jobs": Job.objects.filter(brand=order.brand_id, kind=IMPORT_RESULT, params__order=order.pk)[:20],
    }
    return render(request, "console/encoding_order.html", context, status=status)


def _page_of(pk: int) -> str:
    return reverse("admin:products_encodingorder_change", args=[pk])
