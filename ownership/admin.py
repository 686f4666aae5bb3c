"""Owners and ownerships in the console. Whoever reads what a brand knows of a person leaves an audit row."""

from typing import Any

from django.conf import settings
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from ownership import loyalty_admin  # noqa: F401 (registers its classes)
from ownership.models import Consent, ConsentWording, Owner, Ownership, Registration
from ownership.services.consents import next_version
from products.audit_trail import write_reading
from products.console import AGENTS, PERSONAL, BrandFilter, BrandScopedAdmin, access_of
from products.lists import status_word
from products.models import Device, Role
from products.services.audit import write_audit
from products.services.devices import revoke_devices
from products.services.passkeys import remove_passkeys


class LanguageFilter(admin.AllValuesFieldListFilter):
    """Languages by their names."""

    def choices(self, changelist: Any) -> Any:
        names = {code: str(name) for code, name in settings.LANGUAGES}
        for choice in super().choices(changelist):
            display = str(choice["display"])
            yield {**choice, "display": names.get(display, display) if display != "" else str(_("not known"))}


def _how_long(ownership: Ownership) -> Any:
    """Say until when it was theirs, or that it never counted."""
    if ownership.annulled:
        return ownership.get_annulled_display()
    return _("until %(day)s") % {"day": ownership.until.date()} if ownership.until else _("now")


@admin.register(Owner)
class OwnerAdmin(BrandScopedAdmin):
    """An agent corrects what the brand knows of an owner; what the person logs in with stays theirs."""

    roles_view = PERSONAL
    roles_edit = frozenset({Role.SUPPORT_AGENT, Role.BRAND_ADMIN})
    list_display = ["__str__", "kind", "email", "phone", "locale", "created_at", "brand"]
    list_filter = [
        "kind", ("locale", LanguageFilter), ("bounced_at", admin.EmptyFieldListFilter), ("brand", BrandFilter),
    ]  # fmt: skip
    list_select_related = ["brand"]
    search_fields = ["name", "email", "phone"]
    readonly_fields = ["bounced_at", "owns", "created_at", "remembered"]
    fields = [
        "brand", "kind", "name", ("email", "phone"), "bounced_at", "locale", "owns", "created_at", "remembered",
    ]  # fmt: skip
    change_form_template = "console/owner_form.html"

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Owners come in by their unit."""
        return False

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Another address has not bounced yet."""
        if "email" in form.changed_data:
            obj.bounced_at = None
        super().save_model(request, obj, form, change)

    @admin.display(description=_("owns or owned"))
    def owns(self, owner: Owner) -> str:
        ownerships = owner.ownerships.select_related("unit").order_by("-since")[:50]
        rows = (
            (
                reverse("admin:products_unit_change", args=[ownership.unit_id]),
                ownership.unit.serial,
                _how_long(ownership),
            )
            for ownership in ownerships
        )
        return format_html_join(", ", '<a href="{}">{}</a> ({})', rows) or "-"

    @admin.display(description=_("remembered in"))
    def remembered(self, owner: Owner) -> str:
        """Name the browsers by when they were used: what their cookies hold is shown to nobody."""
        devices = Device.objects.filter(person=owner.person_id, revoked_at=None) if owner.person_id else ()
        return (
            format_html_join(
                "",
                "<div>{}</div>",
                (
                    (
                        _("a browser since %(since)s, last used %(used)s")
                        % {"since": device.created_at.date(), "used": device.last_used_at.date()},
                    )
                    for device in devices[:50]
                ),
            )
            or "-"
        )

    def get_urls(self) -> list[Any]:
        view = self.admin_site.admin_view(self.forget_view)
        address = path("<int:owner_id>/forget-browsers/", view, name="ownership_owner_forget")
        return [address, *super().get_urls()]

    def forget_view(self, request: HttpRequest, owner_id: int) -> HttpResponse:
        """Ask, then forget the owner in every browser."""
        owner = self.get_object(request, str(owner_id))
        if owner is None:
            raise Http404
        if not access_of(request.user).allows(AGENTS, owner.brand_id):
            raise PermissionDenied
        if request.method == "POST":
            return self._forget(request, owner)
        context = {**self.admin_site.each_context(request), "title": _("Forget the browsers"), "owner": owner}
        return TemplateResponse(request, "console/forget_browsers.html", context)

    def _forget(self, request: HttpRequest, owner: Owner) -> HttpResponse:
        now = timezone.now()
        with transaction.atomic():
            count = revoke_devices(person=owner.person, now=now) if owner.person else 0
            if owner.person:  # whoever has the telephone has its passkeys
                remove_passkeys(person=owner.person)
            write_audit(
                action="forget_browsers", obj=owner, brand_id=owner.brand_id, actor_id=request.user.pk,
                now=now, data={"browsers": count},
            )  # fmt: skip
        done = ngettext("%(count)d browser is forgotten.", "%(count)d browsers are forgotten.", count)
        messages.success(request, done % {"count": count})
        return redirect("admin:ownership_owner_change", owner.pk)

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
        self._note_reading(request, object_id)
        return super().change_view(request, object_id, form_url, extra_context)

    def history_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> HttpResponse:
        """Its heading names the owner."""
        self._note_reading(request, object_id)
        return super().history_view(request, object_id, extra_context)

    def _note_reading(self, request: HttpRequest, object_id: str) -> None:
        owner = self.get_object(request, object_id)
        if owner is not None and self.has_view_permission(request, owner):
            write_reading(
                request, action="read_owner", obj=owner, brand_id=owner.brand_id, now=timezone.now()
            )


@admin.register(Ownership)
class OwnershipAdmin(BrandScopedAdmin):
    """Who owned what, by number: a name is read on the owner's own page."""

    service_owned = True
    roles_view = PERSONAL | {Role.AUDITOR}
    list_display = ["unit", "ordinal", "owner_number", "acquired", "since", "until", "annulled"]
    list_filter = ["since", "ordinal", "acquired", "annulled"]
    list_select_related = ["unit"]
    search_fields = ["=unit__serial"]
    fields = ["unit", "ordinal", "owner_number", "acquired", "since", "until", "annulled"]
    readonly_fields = ["owner_number"]

    @admin.display(description=_("owner"))
    def owner_number(self, ownership: Ownership) -> str:
        return f"#{ownership.owner_id}"


@admin.register(Registration)
class RegistrationAdmin(BrandScopedAdmin):
    """The list names nobody; who opens a registration reads an address, and that is noted."""

    service_owned = True
    roles_view = PERSONAL
    show_facets = admin.ShowFacets.NEVER
    list_display = ["unit", "state_word", "proof", "created_at", "confirmed_at", "owner_number", "brand"]
    list_filter = ["state", "proof", "created_at", ("brand", BrandFilter)]
    list_select_related = ["unit", "brand"]
    search_fields = ["=unit__serial"]
    fields = [
        "brand", "unit", "state", "proof", "owner_number", "name", ("contact_kind", "contact"), "locale",
        "marketing", ("created_at", "confirmed_at"),
    ]  # fmt: skip
    readonly_fields = ["owner_number"]

    @admin.display(description=_("state"), ordering="state")
    def state_word(self, registration: Any) -> SafeString:
        return status_word(registration.state, registration.get_state_display())

    @admin.display(description=_("owner"))
    def owner_number(self, registration: Registration) -> str:
        return f"#{registration.owner_id}" if registration.owner_id else "-"

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        registration = self.get_object(request, object_id)
        if registration is not None and self.has_view_permission(request, registration):
            write_reading(
                request,
                action="read_registration",
                obj=registration,
                brand_id=registration.brand_id,
                now=timezone.now(),
            )
        return super().change_view(request, object_id, form_url, extra_context)


@admin.register(Consent)
class ConsentAdmin(BrandScopedAdmin):
    """The ledger of consents, by number: a name is read on the owner's own page."""

    service_owned = True
    roles_view = PERSONAL | {Role.AUDITOR}
    show_facets = admin.ShowFacets.NEVER
    list_display = [
        "owner_number", "wording", "state_word", "locale", "channel", "given_at", "confirmed_at", "withdrawn_at",
    ]  # fmt: skip
    list_filter = [
        "given_at",
        "withdrawn_at",
        ("confirmed_at", admin.EmptyFieldListFilter),
        ("wording", BrandFilter),
    ]
    list_select_related = ["wording", "owner"]
    fields = [
        "owner_number", "wording", "state_word", "locale", "channel", "given_at", "confirmed_at", "withdrawn_at",
    ]  # fmt: skip
    readonly_fields = ["owner_number", "state_word"]

    @admin.display(description=_("state"))
    def state_word(self, consent: Consent) -> SafeString:
        """Say whether anything may be sent for it: only a yes from a confirmed address counts."""
        if consent.withdrawn_at:
            return status_word("retired", _("withdrawn"))
        if consent.confirmed_at is None:
            return status_word("pending", _("address not confirmed"))
        return status_word("active", _("agreed"))

    @admin.display(description=_("owner"))
    def owner_number(self, consent: Consent) -> str:
        return f"#{consent.owner_id}"


@admin.register(ConsentWording)
class ConsentWordingAdmin(BrandScopedAdmin):
    """Words that somebody agreed to stay as they are; new words are a new version."""

    roles_edit = frozenset({Role.BRAND_ADMIN, Role.COMPLIANCE})
    shown_on_pages = True
    list_display = ["__str__", "purpose", "version", "created_at", "brand"]
    list_filter = ["purpose", ("brand", BrandFilter)]
    list_select_related = ["brand"]
    readonly_fields = ["version", "created_at"]
    fieldsets = [
        (
            None,
            {
                "description": _(
                    "The newest version is what visitors read. Once somebody agreed to it, it can't be changed:"
                    " add a new one, which the next visitors read."
                ),
                "fields": ["brand", "purpose", "texts", ("version", "created_at")],
            },
        )
    ]

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        is_used = obj is not None and (
            obj.consents.exists() or Registration.objects.filter(wording=obj).exists()
        )
        return not is_used and super().has_change_permission(request, obj)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return [*self.readonly_fields, "purpose"] if obj else self.readonly_fields

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        if not change:
            obj.version = next_version(obj.brand_id, obj.purpose)
        super().save_model(request, obj, form, change)
