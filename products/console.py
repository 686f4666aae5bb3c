"""The base that every admin class inherits: which rows a member of staff sees, may choose and may change.

Three rules, kept here and nowhere else. Rows: only those of the brands where the person has a role
that may see them. Choices: only rows of the object's own brand. Changes: only by the roles that the
admin class names, written to the audit trail, and with a new content version where pages show it.
The operator (a superuser) has every role at every brand.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.admin import RelatedFieldListFilter
from django.core.exceptions import ImproperlyConfigured, PermissionDenied
from django.db import models, transaction
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from products.audit_trail import changed_fields, with_actor_name
from products.lists import CappedPaginator
from products.models import AuditRow, Brand, Person, Role, StaffMembership
from products.services.audit import write_audit
from products.services.brands import touch_content

Roles = frozenset[str]

EVERYONE: Roles = frozenset(Role.values)
NOBODY: Roles = frozenset()
BRAND_ADMINS: Roles = frozenset({Role.BRAND_ADMIN})
EDITORS: Roles = frozenset({Role.BRAND_ADMIN, Role.CONTENT_EDITOR})
MAKERS: Roles = frozenset({Role.BRAND_ADMIN, Role.CONTENT_EDITOR, Role.COMPLIANCE})
# Who may read what a brand knows of a person; every such reading is written to the audit trail.
PERSONAL: Roles = frozenset({Role.SUPPORT_AGENT, Role.BRAND_ADMIN, Role.SERVICE_MANAGER, Role.COMPLIANCE})
AGENTS: Roles = frozenset({Role.SUPPORT_AGENT, Role.BRAND_ADMIN, Role.SERVICE_MANAGER})
UNIT_READERS: Roles = EVERYONE - {Role.CONTENT_EDITOR}
LEDGER_READERS: Roles = PERSONAL | {Role.ANALYST, Role.AUDITOR}
TAG_READERS: Roles = PERSONAL | {Role.AUDITOR}
AUDIT_READERS: Roles = frozenset({Role.BRAND_ADMIN, Role.COMPLIANCE, Role.AUDITOR})

# Models that have no brand-owned query set of their own, and the way from them to their brand.
BRAND_PATHS = {
    "products.variant": "product__brand",
    "products.person": "memberships__brand",
}


@dataclass(frozen=True, slots=True)
class Access:
    """The roles of a person at each brand; an operator has all of them everywhere."""

    is_operator: bool
    roles: Mapping[int, Roles] = field(default_factory=dict)
    names: Mapping[int, str] = field(default_factory=dict)

    def brands_as(self, roles: Iterable[str]) -> list[int]:
        """Return the ids of the brands where the person has at least one of the roles."""
        wanted = frozenset(roles)
        return [brand_id for brand_id, held in self.roles.items() if held & wanted]

    def allows(self, roles: Iterable[str], brand_id: int | None = None) -> bool:
        """Return whether one of the roles is held: at this brand, or at any where none is given."""
        if self.is_operator:
            return True
        if brand_id is None:
            return bool(self.brands_as(roles))
        return bool(self.roles.get(brand_id, NOBODY) & frozenset(roles))

    def limit(self, queryset: Any, path: str, roles: Iterable[str] = EVERYONE) -> Any:
        """Return the rows of brands where the person has one of the roles; `path` leads to the brand."""
        if self.is_operator:
            return queryset
        return queryset.filter(**{f"{path}__in": self.brands_as(roles)})

    @property
    def only_brand(self) -> int | None:
        """The one brand of a person who works at just one, else None."""
        return next(iter(self.roles)) if len(self.roles) == 1 and not self.is_operator else None


def access_of(person: Any) -> Access:
    """Return what the person may do in the console; read once per request, kept on the person."""
    access: Access | None = getattr(person, "_console_access", None)
    if access is None:
        access = person._console_access = _read_access(person)
    return access


def _read_access(person: Any) -> Access:
    if person.pk is None or not person.is_active or not person.is_staff:
        return Access(is_operator=False)
    if person.is_superuser:
        return Access(is_operator=True)
    roles: dict[int, set[str]] = {}
    names: dict[int, str] = {}
    memberships = StaffMembership.objects.of(person).values_list("brand_id", "brand__name", "role")
    for brand_id, name, role in memberships:
        roles.setdefault(brand_id, set()).add(role)
        names[brand_id] = name
    return Access(False, {brand_id: frozenset(held) for brand_id, held in roles.items()}, names)


def brand_path(model: type[models.Model]) -> str:
    """Return the lookup from a model to its brand; raises ImproperlyConfigured where there is none."""
    label = model._meta.label_lower
    path = getattr(model._default_manager.all(), "brand_path", None) or BRAND_PATHS.get(label)
    if path is None and any(field.name == "brand" for field in model._meta.fields):
        path = "brand"
    if path is None:
        raise ImproperlyConfigured(f"{model._meta.label} does not say to which brand its rows belong.")
    return str(path)


def brand_id_of(obj: models.Model) -> int | None:
    """Return the id of the brand that a row belongs to; None for people, who belong to none."""
    if isinstance(obj, Brand):
        return obj.pk
    if isinstance(obj, Person):
        return None
    *steps, last = brand_path(type(obj)).split("__")
    for step in steps:
        obj = getattr(obj, step)
    brand_id: int | None = getattr(obj, f"{last}_id")
    return brand_id


def visible_choices(model: type[models.Model], access: Access) -> Any:
    """Return the rows of a model that the person may choose or filter by."""
    path = brand_path(model)
    queryset = access.limit(model._default_manager.all(), path)
    return queryset.distinct() if path == BRAND_PATHS["products.person"] else queryset


class BrandFilter(RelatedFieldListFilter):
    """Offers only rows of the person's own brands to filter by."""

    def field_choices(
        self, field: Any, request: HttpRequest, model_admin: admin.ModelAdmin
    ) -> list[tuple[str, Any]]:
        rows = visible_choices(field.related_model, access_of(request.user))
        return [(row.pk, str(row)) for row in rows[:200]]


def foreign_fields(values: Mapping[str, Any], brand_id: int | None) -> Iterator[str]:
    """Yield the names of the values that belong to another brand than this one."""
    for name, value in values.items():
        if isinstance(value, models.Model) and brand_id_of(value) not in (None, brand_id):
            yield name


OTHER_BRAND = _("This belongs to another brand.")


class BrandScopedForm(forms.ModelForm):
    """Refuses choices of another brand, which a person who works at several could otherwise make."""

    def clean(self) -> Any:
        cleaned = super().clean() or self.cleaned_data
        brand = cleaned.get("brand")
        brand_id = brand.pk if brand else self.instance.pk and brand_id_of(self.instance)
        if brand_id:
            for name in list(foreign_fields(cleaned, brand_id)):
                self.add_error(name, OTHER_BRAND)
        return cleaned


class BrandScopedFormSet(forms.BaseInlineFormSet):
    """Rows under an object of a brand: they are of that brand, and so is what they name."""

    def add_fields(self, form: Any, index: int | None) -> None:
        super().add_fields(form, index)
        for row_field in form.fields.values():
            # A table has no label beside each field, but everybody must hear what the field is.
            widget = getattr(row_field.widget, "widget", row_field.widget)
            if not isinstance(widget, forms.MultiWidget):
                widget.attrs.setdefault("aria-label", capfirst(str(row_field.label)))

    def clean(self) -> None:
        super().clean()
        brand_id = brand_id_of(self.instance)
        for form in self.forms:
            chosen = {
                name: value
                for name, value in getattr(form, "cleaned_data", {}).items()
                if name not in (self.fk.name, "id") and value != self.instance
            }
            for name in list(foreign_fields(chosen, brand_id)):
                form.add_error(name, OTHER_BRAND)


class ScopedChoices:
    """Limits every choice field to rows of the person's brands."""

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        kwargs["queryset"] = visible_choices(db_field.related_model, access_of(request.user))
        return super().formfield_for_foreignkey(db_field, request, **kwargs)  # type: ignore[misc]

    def formfield_for_manytomany(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        kwargs["queryset"] = visible_choices(db_field.related_model, access_of(request.user))
        return super().formfield_for_manytomany(db_field, request, **kwargs)  # type: ignore[misc]


class BrandScopedInline(ScopedChoices, admin.TabularInline):
    """Rows under a brand-owned object: whoever may change the object may change them."""

    extra = 0
    formset = BrandScopedFormSet
    select_related: tuple[str, ...] = ()  # what a row's name needs

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).select_related(*self.select_related)

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        field = super().formfield_for_foreignkey(db_field, request, **kwargs)
        field.choices = list(field.choices)  # read once, not once per row
        return field

    def _parent_allows(self, request: HttpRequest, obj: Any, action: str) -> bool:
        parent = self.admin_site.get_model_admin(self.parent_model)
        return bool(getattr(parent, f"has_{action}_permission")(request, obj))

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._parent_allows(request, obj, "view")

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._parent_allows(request, obj, "change" if obj else "view")

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._may_edit(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._may_edit(request, obj)

    def _may_edit(self, request: HttpRequest, obj: Any) -> bool:
        parent = self.admin_site.get_model_admin(self.parent_model)
        return parent.has_change_permission(request, obj) if obj else parent.has_add_permission(request)


class BrandScopedAdmin(ScopedChoices, admin.ModelAdmin):
    """Rows of the person's brands only, and what their role allows there."""

    form = BrandScopedForm
    paginator = CappedPaginator
    list_per_page = 50
    list_max_show_all = 200
    show_full_result_count = False

    roles_view: Roles = EVERYONE
    roles_edit: Roles = NOBODY
    roles_delete: Roles = NOBODY
    # Read-only here, because a service makes the change and writes its event.
    service_owned = False
    # Pages show it: an edit must reach the next tap.
    shown_on_pages = False

    # --- Rows and roles ---------------------------------------------------------------------
    def get_queryset(self, request: HttpRequest) -> Any:
        queryset = super().get_queryset(request)
        return access_of(request.user).limit(queryset, brand_path(self.model), self.roles_view)

    def _allows(self, request: HttpRequest, roles: Roles, obj: models.Model | None) -> bool:
        return access_of(request.user).allows(roles, brand_id_of(obj) if obj else None)

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self._allows(request, self.roles_view, None)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._allows(request, self.roles_view, obj)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return not self.service_owned and self._allows(request, self.roles_edit, None)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return not self.service_owned and self._allows(request, self.roles_edit, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return not self.service_owned and self._allows(request, self.roles_delete, obj)

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        title = {"title": capfirst(str(self.opts.verbose_name_plural))}
        return super().changelist_view(request, title | (extra_context or {}))

    # --- The brand of an object -------------------------------------------------------------
    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        form = super().get_form(request, obj, change=change, **kwargs)
        brand = form.base_fields.get("brand")
        if brand is not None:
            self._settle_brand(brand, obj, access_of(request.user))
        return form

    def _settle_brand(self, brand: Any, obj: Any, access: Access) -> None:
        """Offer the brand only where there is a choice: an object never moves to another brand."""
        allowed = access.limit(Brand.objects.all(), "pk", self.roles_edit)
        brand.queryset = allowed.filter(pk=obj.brand_id) if obj else allowed
        if obj is None and access.only_brand is None:
            return
        brand.disabled = True
        brand.initial = obj.brand_id if obj else access.only_brand
        if access.only_brand is not None:
            brand.widget = forms.HiddenInput()

    def get_list_display(self, request: HttpRequest) -> Any:
        return self._without_brand(super().get_list_display(request), request)

    def get_list_filter(self, request: HttpRequest) -> Any:
        return self._without_brand(super().get_list_filter(request), request)

    def _without_brand(self, names: Any, request: HttpRequest) -> list[Any]:
        alone = access_of(request.user).only_brand is not None
        return [name for name in names if not (alone and name in ("brand", ("brand", BrandFilter)))]

    # --- Writing ----------------------------------------------------------------------------
    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        brand_id = brand_id_of(obj)
        if brand_id is not None and not access_of(request.user).allows(self.roles_edit, brand_id):
            raise PermissionDenied
        super().save_model(request, obj, form, change)

    def save_formset(self, request: HttpRequest, form: Any, formset: Any, change: bool) -> None:
        for child in formset.save(commit=False):
            if hasattr(child, "brand_id") and child.brand_id is None:
                child.brand_id = brand_id_of(form.instance)
        formset.save()

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        self._touch_brands([brand_id_of(form.instance)])

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        brand_id = brand_id_of(obj)
        super().delete_model(request, obj)
        self._touch_brands([brand_id])

    @transaction.atomic
    def delete_queryset(self, request: HttpRequest, queryset: Any) -> None:
        brand_ids = [brand_id_of(obj) for obj in queryset]
        super().delete_queryset(request, queryset)
        self._touch_brands(brand_ids)

    def _touch_brands(self, brand_ids: Iterable[int | None]) -> None:
        if self.shown_on_pages:
            for brand_id in {brand_id for brand_id in brand_ids if brand_id is not None}:
                touch_content(brand_id)

    # --- Who did what: the audit trail, which holds no personal data, instead of the admin's log -
    def log_addition(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        return self._audit(request, "add", obj, message)

    def log_change(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        return self._audit(request, "change", obj, message)

    def log_deletions(self, request: HttpRequest, queryset: Any) -> Any:
        return [self._audit(request, "delete", obj, []) for obj in queryset]

    def _audit(self, request: HttpRequest, action: str, obj: Any, message: Any) -> AuditRow:
        return write_audit(
            action=action,
            obj=obj,
            brand_id=brand_id_of(obj),
            actor_id=request.user.pk,
            now=timezone.now(),
            data={"fields": list(changed_fields(message))},
        )

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Show the audit rows of one object."""
        obj = self.get_object(request, object_id)
        if obj is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, object_id)  # type: ignore[attr-defined]
        if not self.has_view_permission(request, obj):
            raise PermissionDenied
        context = {
            **self.admin_site.each_context(request),
            "title": _("History"),
            "subtitle": None,
            "opts": self.opts,
            "object": obj,
            "rows": with_actor_name(
                AuditRow.objects.filter(object_type=self.opts.label_lower, object_id=str(obj.pk))
            )[:200],
        }
        return TemplateResponse(request, "console/history.html", context)
