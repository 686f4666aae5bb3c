"""The texts of the pages, and messages to owners, in the console."""

from typing import Any

from django.contrib import admin
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import path
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from experiences.block_form import ContentBlockForm
from experiences.block_preview import preview_block
from experiences.models import ContentBlock, Message
from products.admin import in_every_language
from products.console import EDITORS, UNIT_READERS, BrandFilter, BrandScopedAdmin, BrandScopedForm
from products.lists import status_word
from products.models import Unit

NEW = "new"  # in the preview's address: a text that was never saved


class BlockForm(BrandScopedForm, ContentBlockForm):
    """The form of a text, with choices of its own brand only."""


class LackingFilter(admin.SimpleListFilter):
    title = _("language")
    parameter_name = "lacks"

    def lookups(self, request: Any, model_admin: Any) -> Any:
        return [("language", _("Lacks one of the brand's languages"))]

    def queryset(self, request: Any, queryset: Any) -> Any:
        return queryset.lacking_a_language() if self.value() else queryset


@admin.register(ContentBlock)
class ContentBlockAdmin(BrandScopedAdmin):
    form = BlockForm
    roles_edit = EDITORS
    roles_delete = EDITORS
    shown_on_pages = True
    change_form_template = "console/block_form.html"
    list_display = ["__str__", "kind", "holds_for", "audience", "is_active", "position", "brand"]
    list_filter = [
        "kind", "audience", "is_active", LackingFilter,
        ("brand", BrandFilter), ("product", BrandFilter), ("category", BrandFilter),
    ]  # fmt: skip
    list_select_related = ["brand", "product", "category"]
    search_fields = in_every_language("titles")
    autocomplete_fields = ["product", "category"]
    fieldsets = [
        (
            None,
            {
                "description": _("Leave product and category empty for a text of the whole brand."),
                "fields": ["brand", ("kind", "position"), ("product", "category"), "titles", "bodies"],
            },
        ),
        (_("When, and for whom"), {"fields": ["stages", "audience", "is_active"]}),
    ]

    @admin.display(description=_("holds for"))
    def holds_for(self, block: ContentBlock) -> str:
        return str(block.product or block.category or _("the whole brand"))

    def get_urls(self) -> list[Any]:
        view = self.admin_site.admin_view(self.preview_view)
        address = path("<str:object_id>/preview/", view, name="experiences_contentblock_preview")
        return [address, *super().get_urls()]

    def preview_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Show a text, saved or as it stands in the form, as the page of one unit of its brand would."""
        saved = None if object_id == NEW else self.get_object(request, object_id)
        if not self._may_preview(request, saved, object_id):
            raise Http404
        form, block = None, saved
        if request.method == "POST":
            form = self.get_form(request, saved, change=saved is not None)(request.POST, instance=saved)
            block = form.instance if form.is_valid() else None
        context = {
            **self.admin_site.each_context(request),
            "title": _("Preview"),
            "opts": self.opts,
            "form": form,
            "block": block,
            **(_previewed(block, request) if block else {}),
        }
        return TemplateResponse(request, "console/block_preview.html", context)

    def _may_preview(self, request: HttpRequest, saved: Any, object_id: str) -> bool:
        if object_id == NEW:
            return request.method == "POST" and self.has_add_permission(request)
        return saved is not None and self.has_view_permission(request, saved)


def _previewed(block: ContentBlock, request: HttpRequest) -> dict[str, Any]:
    """Return what the template shows: the text in each language, for the unit asked for or the newest that fits."""
    serial = (request.POST.get("preview_serial") or request.GET.get("serial") or "").strip()
    units = Unit.objects.with_page_parts().filter(brand_id=block.brand_id).order_by("-id")
    if serial:
        units = units.filter(serial__iexact=serial)
    elif block.product_id:
        units = units.filter(product_id=block.product_id)
    elif block.category_id:
        units = units.filter(product__category_id=block.category_id)
    unit = units.first()
    locales = list(block.brand.locales) or ["en"]
    now = timezone.now()
    previews = [(locale, preview_block(block, unit, locale, now)) for locale in locales] if unit else []
    return {"unit": unit, "serial": serial, "previews": previews}


@admin.register(Message)
class MessageAdmin(BrandScopedAdmin):
    """What was written to owners. A message holds no address."""

    service_owned = True
    roles_view = UNIT_READERS
    show_facets = admin.ShowFacets.NEVER
    list_display = ["created_at", "kind", "state_word", "problem", "unit", "locale", "brand"]
    list_filter = ["state", "kind", "created_at", ("brand", BrandFilter)]
    list_select_related = ["unit", "brand"]
    search_fields = ["=unit__serial"]
    fields = ["brand", "unit", "kind", "locale", "state", "problem", ("created_at", "changed_at")]

    @admin.display(description=_("state"), ordering="state")
    def state_word(self, message: Any) -> SafeString:
        return status_word(message.state, message.get_state_display())
