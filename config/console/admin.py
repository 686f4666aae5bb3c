"""Units in the console. Their page spans apps, so it stands above them."""

from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from analytics.kinds import Flag
from analytics.models import UnitFacts
from config.console import (
    bulk_registration,  # noqa: F401 - registers the lists that organisations send
    data_requests,  # noqa: F401 - registers requests about personal data, and the periods
    disputes,  # noqa: F401 - registers the desk of disputes
    doubts,  # noqa: F401 - registers the queue of doubts
    identities,  # noqa: F401 - registers the desk of requests for a code
    transfers,  # noqa: F401 - registers the list of offers
)
from config.console.encoding import EncodingOrderAdmin
from config.console.files import LABEL_PRINTERS
from config.console.labels import print_labels
from config.console.unit_page import act_on_unit, show_unit
from products.console import UNIT_READERS, BrandFilter, BrandScopedAdmin, access_of
from products.lists import status_word
from products.models import EncodingOrder, Unit

admin.site.register(EncodingOrder, EncodingOrderAdmin)


class FlagFilter(admin.SimpleListFilter):
    title = _("flag")
    parameter_name = "flag"

    def lookups(self, request: Any, model_admin: Any) -> Any:
        return [("any", _("Any flag")), *Flag.choices]

    def queryset(self, request: Any, queryset: Any) -> Any:
        value = self.value()
        if value == "any":
            flagged = UnitFacts.objects.flagged(*(flag.value for flag in Flag))
            return queryset.filter(pk__in=flagged.values("pk"))
        return queryset.filter(**{f"facts__{value}": True}) if value in Flag.values else queryset


@admin.register(Unit)
class UnitAdmin(BrandScopedAdmin):
    service_owned = True
    roles_view = UNIT_READERS
    show_facets = admin.ShowFacets.NEVER
    list_display = [
        "serial",
        "product",
        "gtin",
        "status_word",
        "flags",
        "sold_on",
        "market",
        "batch",
        "brand",
    ]
    list_filter = [FlagFilter, "status", "sold_on", ("product", BrandFilter), ("brand", BrandFilter)]
    list_select_related = ["brand", "product", "trade_item", "batch", "facts"]
    search_fields = ["=serial", "=public_code", "=trade_item__gtin"]
    actions = [print_labels]
    search_help_text = _("Serial number, public code or GTIN. The field above finds by anything.")

    def has_print_permission(self, request: HttpRequest) -> bool:
        return access_of(request.user).allows(LABEL_PRINTERS)

    @admin.display(description=_("GTIN"))
    def gtin(self, unit: Unit) -> str:
        return unit.trade_item.gtin

    @admin.display(description=_("status"), ordering="status")
    def status_word(self, unit: Any) -> SafeString:
        return status_word(unit.status, unit.get_status_display())

    @admin.display(description=_("flags"))
    def flags(self, unit: Any) -> str:
        facts = getattr(unit, "facts", None)
        return ", ".join(str(flag.label) for flag in Flag if getattr(facts, flag.value, False)) or "-"

    def get_urls(self) -> list[Any]:
        act = self.admin_site.admin_view(self.act_view)
        return [
            path("<int:unit_id>/act/<slug:slug>/", act, name="products_unit_act"),
            *super().get_urls(),
        ]

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        unit = self._unit(request, object_id)
        if unit is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, object_id)  # type: ignore[attr-defined]
        return show_unit(request, unit, self._context(request, unit))

    def act_view(self, request: HttpRequest, unit_id: int, slug: str) -> HttpResponse:
        unit = self._unit(request, str(unit_id))
        if unit is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, str(unit_id))  # type: ignore[attr-defined]
        return act_on_unit(request, unit, slug, self._context(request, unit))

    def _unit(self, request: HttpRequest, object_id: str) -> Any:
        unit = self.get_object(request, object_id)
        if unit is not None and not self.has_view_permission(request, unit):
            raise PermissionDenied
        return unit

    def _context(self, request: HttpRequest, unit: Unit) -> dict[str, Any]:
        return {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": unit.serial,
            "unit": unit,
        }
