"""The texts of the pages in the console."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from experiences.models import ContentBlock
from products.admin import in_every_language
from products.console import EDITORS, BrandFilter, BrandScopedAdmin


@admin.register(ContentBlock)
class ContentBlockAdmin(BrandScopedAdmin):
    roles_edit = EDITORS
    roles_delete = EDITORS
    shown_on_pages = True
    list_display = ["__str__", "kind", "holds_for", "position", "brand"]
    list_filter = ["kind", ("brand", BrandFilter), ("product", BrandFilter), ("category", BrandFilter)]
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
        )
    ]

    @admin.display(description=_("holds for"))
    def holds_for(self, block: ContentBlock) -> str:
        return str(block.product or block.category or _("the whole brand"))
