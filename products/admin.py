"""The console's pages for brands, their catalogue, chip profiles and what the house keeps of its own work.

Units have a page of their own that spans apps: `config/console/admin.py`. Chips: `products/chip_admin.py`.
"""

from typing import Any, cast

from django.conf import settings
from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from products import (
    chip_admin,  # noqa: F401 - registers its own pages
    forms,
    resolver_admin,  # noqa: F401
)
from products.audit_trail import with_actor_name
from products.console import (
    AUDIT_READERS,
    BRAND_ADMINS,
    EDITORS,
    MAKERS,
    BrandFilter,
    BrandScopedAdmin,
    BrandScopedInline,
    access_of,
    visible_choices,
)
from products.lists import status_word
from products.models import (
    AuditRow,
    Batch,
    Brand,
    BrandDomain,
    Category,
    Job,
    Market,
    Material,
    NextProduct,
    Person,
    PrivateFile,
    Product,
    ProductMaterial,
    Role,
    StaffMembership,
    TradeItem,
    Variant,
)

THRESHOLDS: Any = (
    _("When a stage begins and ends"),
    {
        "classes": ["collapse"],
        "description": _("Leave a field empty to keep what the level above says: product, category, brand."),
        "fields": [
            ("discovery_days", "display_visitors"),
            ("unboxing_days", "onboarding_days"),
            ("resale_days", "maturity_months"),
        ],
    },
)


def in_every_language(field: str) -> list[str]:
    """Return the search lookups into a text per language."""
    return [f"{field}__{code}" for code, _name in settings.LANGUAGES]


# --- Brands ------------------------------------------------------------------------------------
class DomainInline(BrandScopedInline):
    model = BrandDomain


class MarketInline(BrandScopedInline):
    model = Market


class StaffInline(BrandScopedInline):
    model = StaffMembership
    select_related = ("person", "brand")
    verbose_name_plural = _("staff: the operator makes accounts, you give them roles")


@admin.register(Brand)
class BrandAdmin(BrandScopedAdmin):
    form = forms.BrandForm
    roles_edit = BRAND_ADMINS
    shown_on_pages = True
    list_display = ["name", "slug", "country", "time_zone", "languages"]
    search_fields = ["name", "slug"]
    inlines = [DomainInline, MarketInline, StaffInline]
    fieldsets = [
        (None, {"fields": [("name", "slug"), "legal_name", ("country", "time_zone")]}),
        (_("Languages"), {"fields": ["main_language", "other_languages"]}),
        (_("How customers reach you"), {"fields": [("care_email", "care_phone"), "care_hours", "website"]}),
        (_("On the way to the customer"), {"fields": ["records_shipping"]}),
        (_("Look of your pages"), {"fields": [("accent", "paper"), ("typeface", "corner", "density")]}),
        THRESHOLDS,
        (_("Privacy notice"), {"classes": ["collapse"], "fields": ["privacy"]}),
    ]

    @admin.display(description=_("languages"))
    def languages(self, brand: Brand) -> str:
        return ", ".join(brand.locales)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return access_of(request.user).is_operator

    def get_inlines(self, request: HttpRequest, obj: Any) -> Any:
        may_edit = obj is None or self.has_change_permission(request, obj)
        return self.inlines if may_edit else [DomainInline, MarketInline]


@admin.register(Person)
class PersonAdmin(BrandScopedAdmin, UserAdmin):
    """Accounts of staff. Only the operator makes or changes them: nobody else changes what a person logs in with.

    Owners are reached as what a brand knows of them; the operator alone sees their accounts, too.
    """

    form = forms.PersonForm  # type: ignore[assignment]
    roles_view = AUDIT_READERS
    list_display = ["username", "first_name", "last_name", "is_active", "last_login"]
    list_filter = ["is_staff", "is_active", "is_superuser"]
    search_fields = ["username", "first_name", "last_name", "email"]
    filter_horizontal = []
    fieldsets = [
        (None, {"fields": ["username", "password"]}),
        (_("Person"), {"fields": [("first_name", "last_name"), "email", "locale"]}),
        (_("Access"), {"fields": [("is_active", "is_staff", "is_superuser")]}),
    ]

    def get_queryset(self, request: HttpRequest) -> Any:
        people = super().get_queryset(request).distinct()
        return people if access_of(request.user).is_operator else people.filter(is_staff=True)

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        if obj is None or access_of(request.user).is_operator:
            return super().get_fieldsets(request, obj)
        return [(None, {"fields": ["username", ("first_name", "last_name"), "is_active", "last_login"]})]

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        if obj is None:
            return super().has_view_permission(request)
        return visible_choices(Person, access_of(request.user)).filter(pk=obj.pk).exists()

    def has_add_permission(self, request: HttpRequest) -> bool:
        return access_of(request.user).is_operator

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return access_of(request.user).is_operator


# --- Catalogue ---------------------------------------------------------------------------------
@admin.register(Category)
class CategoryAdmin(BrandScopedAdmin):
    roles_edit = EDITORS
    roles_delete = EDITORS
    shown_on_pages = True
    list_display = ["__str__", "slug", "parent", "maturity_months", "brand"]
    list_filter = [("brand", BrandFilter)]
    list_select_related = ["brand", "parent"]
    search_fields = ["slug", *in_every_language("names")]
    autocomplete_fields = ["parent"]
    fieldsets = [(None, {"fields": ["brand", "names", "slug", "parent"]}), THRESHOLDS]


@admin.register(Material)
class MaterialAdmin(BrandScopedAdmin):
    roles_edit = EDITORS
    roles_delete = EDITORS
    shown_on_pages = True
    list_display = ["__str__", "slug", "treatment_every_months", "brand"]
    list_filter = [("brand", BrandFilter)]
    list_select_related = ["brand"]
    search_fields = ["slug", *in_every_language("names")]
    fieldsets = [
        (None, {"fields": ["brand", "names", "slug"]}),
        (_("Care"), {"fields": ["cleaning", "avoid", "treatment", "treatment_every_months"]}),
    ]


class TradeItemInline(BrandScopedInline):
    model = TradeItem
    form = forms.TradeItemForm
    fields = ["gtin", "variant"]

    def get_formset(self, request: HttpRequest, obj: Any = None, **kwargs: Any) -> Any:
        formset = super().get_formset(request, obj, **kwargs)
        variant: Any = formset.form.base_fields.get("variant")
        if variant is not None:
            variant.queryset = obj.variants.all() if obj else Variant.objects.none()
            variant.choices = list(variant.choices)  # read once, not once per row
        return formset


class VariantInline(BrandScopedInline):
    model = Variant


class CompositionInline(BrandScopedInline):
    model = ProductMaterial
    select_related = ("material",)


class NextProductInline(BrandScopedInline):
    model = NextProduct
    fk_name = "product"
    select_related = ("next_product",)
    fields = ["next_product", "why", "position"]

    def get_formset(self, request: HttpRequest, obj: Any = None, **kwargs: Any) -> Any:
        """Offer the brand's other products: one does not come after itself."""
        formset = super().get_formset(request, obj, **kwargs)
        following: Any = formset.form.base_fields.get("next_product")
        if obj is not None and following is not None:
            following.queryset = Product.objects.for_brand(obj.brand).exclude(pk=obj.pk)
            following.choices = list(following.choices)  # read once, not once per row
        return formset


@admin.register(Product)
class ProductAdmin(BrandScopedAdmin):
    form = forms.ProductForm
    roles_edit = EDITORS
    shown_on_pages = True
    list_display = ["__str__", "model_number", "category", "gtins", "lifetime_years", "state", "brand"]
    list_filter = [("brand", BrandFilter), ("category", BrandFilter), "is_archived"]
    list_select_related = ["brand", "category"]
    search_fields = ["slug", "model_number", *in_every_language("names"), "trade_items__gtin"]
    autocomplete_fields = ["category"]
    inlines = [VariantInline, TradeItemInline, CompositionInline, NextProductInline]
    readonly_fields = ["picture_now"]
    fieldsets = [
        (None, {"fields": ["brand", "names", ("slug", "model_number"), "category", "line"]}),
        (_("Picture"), {"fields": ["picture_now", "picture_file", "picture_alt"]}),
        (_("On the thing itself"), {"fields": ["serial_place", "tag_place"]}),
        (_("Life"), {"fields": [("lifetime_years", "is_archived")]}),
        (_("Older units without a code"), {"fields": ["uncoded_rule", "uncoded_pattern"]}),
        THRESHOLDS,
    ]

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).prefetch_related("trade_items")

    @admin.display(description=_("GTIN"))
    def gtins(self, product: Product) -> str:
        return ", ".join(item.gtin for item in product.trade_items.all()) or "-"

    @admin.display(description=_("state"))
    def state(self, product: Product) -> SafeString:
        if product.is_archived:
            return status_word("archived", _("No longer sold"))
        return status_word("active", _("On sale"))

    @admin.display(description=_("picture now"))
    def picture_now(self, product: Product) -> str:
        if not product.picture:
            return str(_("None yet"))
        url = reverse("picture", args=[product.picture])
        return format_html('<img class="picture-now" src="{}" alt="">', url)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        form.save_picture()
        super().save_related(request, form, formsets, change)


@admin.register(TradeItem)
class TradeItemAdmin(BrandScopedAdmin):
    """All GTINs in one list; they are edited on their product."""

    service_owned = True
    list_display = ["gtin", "product", "variant", "brand"]
    list_filter = [("brand", BrandFilter)]
    list_select_related = ["brand", "product", "variant"]
    search_fields = ["gtin", "product__slug", "product__model_number"]


@admin.register(Batch)
class BatchAdmin(BrandScopedAdmin):
    roles_edit = MAKERS
    shown_on_pages = True
    list_display = ["code", "product", "made_on", "made_in", "origin", "brand"]
    list_filter = [("brand", BrandFilter), ("product", BrandFilter)]
    list_select_related = ["brand", "product"]
    search_fields = ["code", "made_in", "product__slug"]
    autocomplete_fields = ["product"]
    date_hierarchy = "made_on"
    fields = ["brand", "product", "code", ("made_on", "made_in"), "origin", "composition"]


# --- The house's own work ----------------------------------------------------------------------
@admin.register(Job)
class JobAdmin(BrandScopedAdmin):
    service_owned = True
    roles_view = AUDIT_READERS | EDITORS | {Role.COMMERCE}
    list_display = ["__str__", "state_word", "progress", "requester", "created_at", "finished_at", "brand"]
    list_filter = ["state", "kind", ("brand", BrandFilter)]
    list_select_related = ["brand", "requester"]
    search_fields = ["kind"]

    @admin.display(description=_("state"), ordering="state")
    def state_word(self, job: Job) -> SafeString:
        return status_word(job.state, cast(Any, job).get_state_display())

    @admin.display(description=_("done"))
    def progress(self, job: Job) -> str:
        if job.total:
            return str(_("%(done)s of %(total)s") % {"done": job.done, "total": job.total})
        return str(job.done)


@admin.register(AuditRow)
class AuditRowAdmin(BrandScopedAdmin):
    service_owned = True
    roles_view = AUDIT_READERS
    list_display = ["at", "actor", "action", "object_type", "object_id", "brand"]
    list_filter = ["action", "at", ("brand", BrandFilter)]
    list_select_related = ["brand"]
    search_fields = ["=object_id", "action"]
    fields = ["at", "brand", "actor", "action", "object_type", "object_id", "data"]
    readonly_fields = ["actor"]

    def get_queryset(self, request: HttpRequest) -> Any:
        return with_actor_name(super().get_queryset(request))

    @admin.display(description=_("who"))
    def actor(self, row: Any) -> str:
        return row.actor_name or (f"#{row.actor_id}" if row.actor_id else str(_("the system")))


@admin.register(PrivateFile)
class PrivateFileAdmin(BrandScopedAdmin):
    service_owned = True
    roles_view = AUDIT_READERS
    list_display = ["__str__", "purpose", "content_type", "size", "created_at", "expires_at", "brand"]
    list_filter = ["purpose", ("brand", BrandFilter)]
    list_select_related = ["brand"]
    search_fields = ["original_name"]
    fields = [
        "brand",
        "purpose",
        "original_name",
        "content_type",
        "size",
        "uploaded_by",
        "created_at",
        "expires_at",
    ]
