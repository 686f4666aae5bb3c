"""The console's pages for chip profiles, with the versions of their keys, and for tags. Keys are never shown."""

from typing import Any, cast

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.debug import sensitive_post_parameters

from products.console import (
    AUDIT_READERS,
    BRAND_ADMINS,
    TAG_READERS,
    BrandFilter,
    BrandScopedAdmin,
    access_of,
)
from products.encryption import WrongFieldKeyError
from products.errors import ProductsError
from products.key_forms import AddKeyForm, RemoveKeyForm
from products.keyring import Keyring
from products.lists import status_word
from products.models import ChipProfile, Tag
from products.models.encoding import MAX_KEY_VERSION
from products.profiles import keyring
from products.services.chips import add_key_version, chips_needing, remove_key_version
from products.sun import MasterKey, ParameterNames

_UNREADABLE = _("The keys can't be read with FIELD_KEYS as they are set now.")


@admin.register(ChipProfile)
class ChipProfileAdmin(BrandScopedAdmin):
    """How chips were configured. The first keys come in by `import_chip_profile`, further versions here, too."""

    service_owned = True
    roles_view = AUDIT_READERS
    list_display = ["slug", "mode", "mac_from", "tamper_loop", "created_at", "brand"]
    list_filter = ["mode", "tamper_loop", ("brand", BrandFilter)]
    list_select_related = ["brand"]
    search_fields = ["slug"]
    fields = [
        "brand",
        "slug",
        "mode",
        "mac_from",
        "mirrors",
        "params",
        "tamper",
        "key_versions",
        "created_at",
    ]
    readonly_fields = ["mirrors", "tamper", "key_versions"]

    def get_queryset(self, request: HttpRequest) -> Any:
        # Deferred: reading them decrypts them, and a list never needs to.
        return super().get_queryset(request).defer("keys")

    def get_urls(self) -> list[Any]:
        protected = self.admin_site.admin_view
        return [
            path(
                "<int:profile_id>/keys/add/",
                protected(self.add_key_view),
                name="products_chipprofile_add_key",
            ),
            path(
                "<int:profile_id>/keys/<int:version>/remove/",
                protected(self.remove_key_view),
                name="products_chipprofile_remove_key",
            ),
            *super().get_urls(),
        ]

    def get_object(self, request: HttpRequest, object_id: str, from_field: Any = None) -> Any:
        profile: Any = super().get_object(request, object_id, from_field)
        if profile is not None:
            profile.keys_may_change = self._rules_keys(request, profile)
        return profile

    def _rules_keys(self, request: HttpRequest, profile: ChipProfile) -> bool:
        return access_of(request.user).allows(BRAND_ADMINS, profile.brand_id)

    # --- What the page shows ------------------------------------------------------------------
    @admin.display(description=_("the link says"))
    def mirrors(self, profile: ChipProfile) -> str:
        names, keys = ParameterNames(**profile.params), _keyring(profile)
        said = [
            gettext("its UID") if names.uid else gettext("no UID: the link names the unit by its code"),
            gettext("its counter")
            if names.ctr
            else gettext("no counter: its links identify, and never prove"),
        ]
        if keys is not None:
            said.append(gettext("encrypted") if keys.meta_read_key else gettext("in clear"))
        if names.bulk:
            said.append(gettext("all in the one parameter “%(name)s”") % {"name": names.bulk})
        return "; ".join(said)

    @admin.display(description=_("tamper loop"))
    def tamper(self, profile: ChipProfile) -> str:
        words = str(cast(Any, profile).get_tamper_loop_display())
        if not profile.tamper_loop:
            return words
        if profile.tamper_at is None:
            name = ParameterNames(**profile.params).tt
            return f"{words} · " + gettext("status in the parameter “%(name)s”") % {"name": name}
        return f"{words} · " + gettext("status at byte %(at)d of the file data") % {"at": profile.tamper_at}

    @admin.display(description=_("key versions"))
    def key_versions(self, profile: ChipProfile) -> str | SafeString:
        keys = _keyring(profile)
        if keys is None:
            return str(_UNREADABLE)
        rows = [
            (version, self._key_words(profile, keys, version), self._link_to_remove(profile, keys, version))
            for version in keys.versions
        ]
        add = format_html(
            '<p><a href="{}">{}</a></p>',
            reverse("admin:products_chipprofile_add_key", args=[profile.pk]),
            _("Add a version"),
        )
        listed = format_html_join("", "<p><b>{}</b> · {} {}</p>", rows)
        return format_html("{}{}", listed, add if cast(Any, profile).keys_may_change else "")

    def _key_words(self, profile: ChipProfile, keys: Keyring, version: int) -> str:
        own = isinstance(keys.file_read_keys[version], MasterKey)
        needing = chips_needing(profile, version)
        count = ngettext("%(count)d chip in use", "%(count)d chips in use", needing) % {"count": needing}
        kind = (
            gettext("each chip has a key of its own (AN10922)")
            if own
            else gettext("one key that all chips share")
        )
        return f"{kind} · {count}"

    def _link_to_remove(self, profile: ChipProfile, keys: Keyring, version: int) -> str | SafeString:
        if not cast(Any, profile).keys_may_change or len(keys.versions) == 1:
            return ""
        url = reverse("admin:products_chipprofile_remove_key", args=[profile.pk, version])
        return format_html('<a href="{}">{}</a>', url, _("Remove"))

    # --- Changing the keys --------------------------------------------------------------------
    @method_decorator(sensitive_post_parameters("key"))
    def add_key_view(self, request: HttpRequest, profile_id: int) -> HttpResponse:
        """Add a version of the key; the service writes the audit row."""
        profile = self._profile(request, profile_id)
        if isinstance(profile, HttpResponse):
            return profile
        suggested = min(keyring(profile).versions[0] + 1, MAX_KEY_VERSION)
        form = AddKeyForm(request.POST or None, initial={"version": suggested})
        if form.is_valid():
            try:
                add_key_version(
                    profile=profile,
                    version=form.cleaned_data["version"],
                    key=form.cleaned_data["file_read_key"],
                    actor_id=request.user.pk,
                    now=timezone.now(),
                )
            except ProductsError as error:
                form.add_error(None, error.sentence)
            else:
                messages.success(request, gettext("The version is added. Chips of every version verify."))
                return redirect("admin:products_chipprofile_change", profile.pk)
        return self._page(
            request,
            profile,
            form,
            title=_("Add a version of the key"),
            will=_(
                "Chips encoded under this version verify as well. One that answers under it counts from the start,"
                " and the links it made before stay used."
            ),
            undo=_("Remove the version as long as no chip was tapped under it."),
        )

    def remove_key_view(self, request: HttpRequest, profile_id: int, version: int) -> HttpResponse:
        """Remove a version of the key, once its name was typed; the service refuses while chips need it."""
        profile = self._profile(request, profile_id)
        if isinstance(profile, HttpResponse):
            return profile
        form = RemoveKeyForm(request.POST or None, slug=profile.slug)
        if form.is_valid():
            try:
                remove_key_version(
                    profile=profile, version=version, actor_id=request.user.pk, now=timezone.now()
                )
            except ProductsError as error:
                form.add_error(None, error.sentence)
            else:
                messages.success(request, gettext("Version %(version)d is removed.") % {"version": version})
                return redirect("admin:products_chipprofile_change", profile.pk)
        return self._page(
            request,
            profile,
            form,
            title=_("Remove version %(version)d of the key") % {"version": version},
            will=_untapped_words(profile),
            undo=_("Add the version again with the same key, from where you keep it. It can't be read here."),
            is_severe=True,
        )

    def _profile(self, request: HttpRequest, profile_id: int) -> ChipProfile | HttpResponse:
        """Return the profile whose keys this person may change, or where to go instead."""
        profile: ChipProfile | None = self.get_object(request, str(profile_id))
        if profile is None:
            return cast(Any, self)._get_obj_does_not_exist_redirect(request, self.opts, str(profile_id))
        if not self._rules_keys(request, profile):
            raise PermissionDenied
        if _keyring(profile) is None:
            messages.error(request, str(_UNREADABLE))
            return redirect("admin:products_chipprofile_change", profile.pk)
        return profile

    def _page(self, request: HttpRequest, profile: ChipProfile, form: Any, **words: Any) -> HttpResponse:
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "profile": profile,
            "form": form,
        }
        return TemplateResponse(request, "console/chip_key.html", {**context, **words})


def _keyring(profile: ChipProfile) -> Keyring | None:
    try:
        return keyring(profile)
    except (WrongFieldKeyError, ValueError, TypeError, KeyError, AttributeError):
        return None


def _untapped_words(profile: ChipProfile) -> str:
    """Say what removing does, and how many chips could be under the version without anybody knowing."""
    untapped = Tag.objects.chips().active().filter(profile=profile, last_counter=None).count()
    words = gettext("Links of chips that were encoded under this version do not check any more.")
    if not untapped:
        return words
    return f"{words} " + ngettext(
        "%(count)d chip of the profile was never tapped: make sure that it was encoded under another version.",
        "%(count)d chips of the profile were never tapped: make sure that they were encoded under another version.",
        untapped,
    ) % {"count": untapped}


@admin.register(Tag)
class TagAdmin(BrandScopedAdmin):
    service_owned = True
    roles_view = TAG_READERS
    list_display = [
        "__str__",
        "kind",
        "state_word",
        "unit",
        "profile",
        "key_version",
        "last_counter",
        "brand",
    ]
    list_filter = ["kind", "state", ("profile", BrandFilter)]
    list_select_related = ["brand", "unit", "profile"]
    search_fields = ["=uid", "=unit__serial"]
    fields = ["brand", "unit", "kind", "state", "profile", "uid", "key_version", "last_counter"]

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).defer("profile__keys")

    @admin.display(description=_("state"), ordering="state")
    def state_word(self, tag: Tag) -> SafeString:
        return status_word(tag.state, cast(Any, tag).get_state_display())
