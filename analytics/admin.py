"""The ledger in the console: read-only, for the services write it."""

from typing import Any

from django.contrib import admin
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from analytics.kinds import EventKind
from analytics.models import Event, ForgedLinkCount, Scan
from products.audit_trail import with_actor_name
from products.console import LEDGER_READERS, BrandFilter, BrandScopedAdmin
from products.lists import status_word


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
