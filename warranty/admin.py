"""Coverage in the console: the plans that staff write, and the terms that registrations began."""

from typing import Any

from django.contrib import admin
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from products.admin import in_every_language
from products.console import UNIT_READERS, BrandFilter, BrandScopedAdmin
from products.models import Role
from warranty.models import Coverage, CoveragePlan


@admin.register(CoveragePlan)
class CoveragePlanAdmin(BrandScopedAdmin):
    """A plan is never deleted: units stand under it. An edit changes no term that runs already."""

    roles_edit = frozenset({Role.BRAND_ADMIN, Role.SERVICE_MANAGER})
    shown_on_pages = True
    list_display = ["__str__", "holds_for", "where", "months", "starts_from", "is_active", "brand"]
    list_filter = ["is_active", "starts_from", ("brand", BrandFilter)]
    list_select_related = ["brand", "product", "category"]
    search_fields = in_every_language("names")
    autocomplete_fields = ["product", "category"]
    fieldsets = [
        (
            None,
            {
                "description": _(
                    "Leave product and category empty for a plan of the whole brand. The most particular plan"
                    " wins: product, category, brand; a market's own before one for all markets."
                    " What you change here holds for units that are registered from now on."
                ),
                "fields": [
                    "brand", "names", ("product", "category"), ("market", "months"), "starts_from", "is_active",
                ],
            },
        ),
        (_("What the certificate says"), {"fields": ["covered", "excluded"]}),
    ]  # fmt: skip

    @admin.display(description=_("holds for"))
    def holds_for(self, plan: CoveragePlan) -> str:
        return str(plan.product or plan.category or _("the whole brand"))

    @admin.display(description=_("market"), ordering="market")
    def where(self, plan: CoveragePlan) -> str:
        return plan.market or str(_("all"))


@admin.register(Coverage)
class CoverageAdmin(BrandScopedAdmin):
    service_owned = True
    roles_view = UNIT_READERS
    show_facets = admin.ShowFacets.NEVER
    list_display = ["unit", "plan", "starts_on", "ends_on", "market", "certificate", "brand"]
    list_filter = ["ends_on", ("plan", BrandFilter), ("brand", BrandFilter)]
    list_select_related = ["unit", "plan", "brand"]
    search_fields = ["=unit__serial", "=certificate_code"]
    fields = ["brand", "unit", "plan", "market", "starts_on", "ends_on", "activated_at", "certificate"]
    readonly_fields = ["certificate"]

    @admin.display(description=_("certificate"))
    def certificate(self, coverage: Any) -> SafeString:
        address = reverse("certificate", args=[coverage.certificate_code])
        return format_html('<a href="{}" rel="noreferrer">{}</a>', address, coverage.certificate_code)
