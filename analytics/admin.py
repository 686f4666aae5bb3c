"""The ledger in the console: read-only, for the services write it."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from analytics.kinds import EventKind
from analytics.models import DoubtRules, Event, ForgedLinkCount, Scan
from products.audit_trail import with_actor_name
from products.console import LEDGER_READERS, BrandFilter, BrandScopedAdmin, access_of
from products.lists import status_word
from products.models import Role


class LedgerAdmin(BrandScopedAdmin):
    service_owned = True
    roles_view = LEDGER_READERS
    # Counting facets would read the whole ledger.
    show_facets = admin.ShowFacets.NEVER


@admin.register(Scan)
class ScanAdmin(LedgerAdmin):
    list_display = ["at", "unit", "verdict_word", "stage", "counter", "locale", "country", "brand"]
    list_filter = ["at", "verdict", "stage", ("brand", BrandFilter)]
    list_select_related = ["unit", "brand"]
    search_fields = ["=unit__serial"]
    fields = ["at", "brand", "unit", "tag", "counter", "verdict", "stage", "visitor", "locale", "country"]

    @admin.display(description=_("verdict"), ordering="verdict")
    def verdict_word(self, scan: Any) -> SafeString:
        return status_word(scan.verdict, scan.get_verdict_display())


class KindFilter(admin.SimpleListFilter):
    title = _("kind")
    parameter_name = "kind"

    def lookups(self, request: Any, model_admin: Any) -> Any:
        return EventKind.choices

    def queryset(self, request: Any, queryset: Any) -> Any:
        return queryset.filter(kind=self.value()) if self.value() else queryset


@admin.register(Event)
class EventAdmin(LedgerAdmin):
    list_display = ["at", "kind_word", "unit", "actor", "recorded_at", "brand"]
    list_filter = ["at", KindFilter, ("brand", BrandFilter)]
    list_select_related = ["unit", "brand"]
    search_fields = ["=unit__serial"]
    fields = ["at", "recorded_at", "kind", "brand", "unit", "owner_id", "actor", "amount", "data"]
    readonly_fields = ["actor"]

    def get_queryset(self, request: Any) -> Any:
        return with_actor_name(super().get_queryset(request))

    @admin.display(description=_("kind"), ordering="kind")
    def kind_word(self, event: Event) -> str:
        return event.kind_label

    @admin.display(description=_("by"))
    def actor(self, event: Any) -> str:
        return event.actor_name or (f"#{event.actor_id}" if event.actor_id else "-")


@admin.register(ForgedLinkCount)
class ForgedLinkCountAdmin(LedgerAdmin):
    list_display = ["day", "profile", "reason", "links", "brand"]
    list_filter = ["day", "reason", ("brand", BrandFilter)]
    list_select_related = ["brand"]
    search_fields = ["profile"]


@admin.register(DoubtRules)
class DoubtRulesAdmin(BrandScopedAdmin):
    """A brand's thresholds; deleting them brings the defaults back."""

    roles_view = LEDGER_READERS
    roles_edit = frozenset({Role.BRAND_ADMIN, Role.COMPLIANCE})
    roles_delete = frozenset({Role.BRAND_ADMIN, Role.COMPLIANCE})
    list_display = [
        "brand_name",
        "far_apart_km",
        "counter_jump",
        "replay_visitors",
        "code_visitors",
        "market_visitors",
    ]
    list_select_related = ["brand"]
    fieldsets = [
        (
            None,
            {
                "description": _(
                    "From when on the console doubts a unit. Without rules of your own the values that a new"
                    " page begins with count."
                ),
                "fields": ["brand"],
            },
        ),
        (_("Far apart in a short time"), {"fields": [("far_apart_km", "flight_kmh")]}),
        (
            _("Counters"),
            {"fields": [("counter_jump", "counter_jump_hours"), ("replay_visitors", "replay_days")]},
        ),
        (_("Many visitors on one code or link"), {"fields": [("code_visitors", "code_days")]}),
        (_("Tapped outside its market"), {"fields": [("market_visitors", "market_days")]}),
    ]

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Go to the rules that the person's one brand has already."""
        own = DoubtRules.objects.filter(brand=access_of(request.user).only_brand).first()
        if own is not None and self.has_add_permission(request):
            return redirect("admin:analytics_doubtrules_change", own.pk)
        return super().add_view(request, form_url, extra_context)

    @admin.display(description=_("brand"))
    def brand_name(self, rules: DoubtRules) -> str:
        return str(rules.brand)
