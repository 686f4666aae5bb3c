"""Owners and ownerships in the console. Whoever reads what a brand knows of a person leaves an audit row."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html_join
from django.utils.translation import gettext_lazy as _

from ownership.models import Owner, Ownership
from products.audit_trail import write_reading
from products.console import PERSONAL, BrandFilter, BrandScopedAdmin
from products.models import Role


@admin.register(Owner)
class OwnerAdmin(BrandScopedAdmin):
    """An agent corrects what the brand knows of an owner; what the person logs in with stays theirs."""

    roles_view = PERSONAL
    roles_edit = frozenset({Role.SUPPORT_AGENT, Role.BRAND_ADMIN})
    list_display = ["__str__", "kind", "email", "phone", "locale", "created_at", "brand"]
    list_filter = ["kind", "locale", ("brand", BrandFilter)]
    list_select_related = ["brand"]
    search_fields = ["name", "email", "phone"]
    readonly_fields = ["owns", "created_at"]
    fields = ["brand", "kind", "name", ("email", "phone"), "locale", "owns", "created_at"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Owners come in by their unit."""
        return False

    @admin.display(description=_("owns or owned"))
    def owns(self, owner: Owner) -> str:
        ownerships = owner.ownerships.select_related("unit").order_by("-since")[:50]
        rows = (
            (
                reverse("admin:products_unit_change", args=[ownership.unit_id]),
                ownership.unit.serial,
                _("until %(day)s") % {"day": ownership.until.date()} if ownership.until else _("now"),
            )
            for ownership in ownerships
        )
        return format_html_join(", ", '<a href="{}">{}</a> ({})', rows) or "-"

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        response = super().changelist_view(request, extra_context)
        changelist = (getattr(response, "context_data", None) or {}).get("cl")
        if changelist is not None:
            shown = [owner.pk for owner in changelist.result_list]
            write_reading(
                request,
                action="list_owners",
                obj=request.user,
                brand_id=None,
                now=timezone.now(),
                owner_ids=shown,
            )
        return response

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        owner = self.get_object(request, object_id)
        if owner is not None and self.has_view_permission(request, owner):
            write_reading(
                request, action="read_owner", obj=owner, brand_id=owner.brand_id, now=timezone.now()
            )
        return super().change_view(request, object_id, form_url, extra_context)


@admin.register(Ownership)
class OwnershipAdmin(BrandScopedAdmin):
    """Who owned what, by number: a name is read on the owner's own page."""

    service_owned = True
    roles_view = PERSONAL | {Role.AUDITOR}
    list_display = ["unit", "ordinal", "owner_number", "since", "until"]
    list_filter = ["since", "ordinal"]
    list_select_related = ["unit"]
    search_fields = ["=unit__serial"]
    fields = ["unit", "ordinal", "owner_number", "since", "until"]
    readonly_fields = ["owner_number"]

    @admin.display(description=_("owner"))
    def owner_number(self, ownership: Ownership) -> str:
        return f"#{ownership.owner_id}"
