"""The console's pages for what the GS1 Digital Link resolver knows beyond units: links, and other GS1 keys."""

from typing import Any

from django.contrib import admin
from django.db.models import Count
from django.http import HttpRequest
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from products.console import MAKERS, BrandFilter, BrandScopedAdmin
from products.lists import status_word
from products.models import IdentificationKey, ResolverLink
from products.resolver_forms import IdentificationKeyForm, ResolverLinkForm


@admin.register(ResolverLink)
class ResolverLinkAdmin(BrandScopedAdmin):
    form = ResolverLinkForm
    roles_edit = MAKERS
    roles_delete = MAKERS
    shown_on_pages = True
    list_display = ["title", "link_type", "thing", "href", "speaks", "sold_in", "state", "brand"]
    list_filter = [("brand", BrandFilter), ("product", BrandFilter), "is_default", "is_public"]
    list_select_related = ["brand", "product", "batch", "unit", "key"]
    search_fields = [
        "title",
        "href",
        "link_type",
        "product__slug",
        "=batch__code",
        "=unit__serial",
        "=key__value",
    ]
    autocomplete_fields = ["product", "batch", "unit", "key"]
    fieldsets = [
        (None, {"fields": ["brand", "link_type", "title", "href"]}),
        (
            _("For what"),
            {
                "description": _(
                    "Choose one. With none of them the link is for all that the brand makes. The more particular goes"
                    " before the less: unit, batch, product, brand."
                ),
                "fields": ["product", "batch", "unit", "key"],
            },
        ),
        (_("For whom"), {"fields": [("language", "market", "media_type")]}),
        (_("How it answers"), {"fields": ["is_default", "is_public", "forwards_query"]}),
    ]

    @admin.display(description=_("for"))
    def thing(self, link: ResolverLink) -> str:
        return str(link.unit or link.batch or link.product or link.key or _("everything of the brand"))

    @admin.display(description=_("language"), ordering="language", empty_value="")
    def speaks(self, link: ResolverLink) -> str:
        return link.language

    @admin.display(description=_("market"), ordering="market", empty_value="")
    def sold_in(self, link: ResolverLink) -> str:
        return link.market

    @admin.display(description=_("state"))
    def state(self, link: ResolverLink) -> SafeString | str:
        if link.is_default:
            return status_word("active", _("Default"))
        return "" if link.is_public else status_word("archived", _("Not listed"))


@admin.register(IdentificationKey)
class IdentificationKeyAdmin(BrandScopedAdmin):
    form = IdentificationKeyForm
    roles_edit = MAKERS
    roles_delete = MAKERS
    shown_on_pages = True
    list_display = ["value", "ai", "name", "links", "brand"]
    list_filter = ["ai", ("brand", BrandFilter)]
    list_select_related = ["brand"]
    search_fields = ["value", "name"]
    fields = ["brand", "ai", "value", "name"]

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).annotate(link_count=Count("resolver_links"))

    @admin.display(description=_("links"))
    def links(self, key: Any) -> int:
        return int(key.link_count)
