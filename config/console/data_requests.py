"""Requests about personal data in the console (C9): started for a caller, called off, and what became of them.

Staff never open an archive: it waits on the person's own page. Rows name owners by number.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from experiences.data_rights import BROKEN, ask_for_erasure, ask_for_export
from experiences.letters.data_rights import hindered_words
from ownership.errors import OwnershipError
from ownership.models import DataRequest, Owner, OwnershipPolicy, Tombstone
from ownership.models.data_rights import DataRequestKind, DataRequestState
from ownership.models.recoveries import IdentityShown
from ownership.services.data_rights.requests import call_off_erasure
from products.console import PERSONAL, BrandFilter, BrandScopedAdmin, access_of
from products.lists import status_word
from products.models import Role
from products.services.audit import write_audit

READERS = PERSONAL | {Role.AUDITOR}
KEEPERS = frozenset({Role.BRAND_ADMIN, Role.COMPLIANCE})
WORDS_OF_STATES = {  # of the console's colours
    DataRequestState.WAITING: "pending",
    DataRequestState.DONE: "active",
    DataRequestState.CANCELLED: "retired",
    DataRequestState.FAILED: "failed",
}


class CallerForm(forms.Form):
    """How the caller showed to be the owner."""

    shown = forms.ChoiceField(
        label=_("How they showed to be the owner"), choices=IdentityShown.choices, widget=forms.RadioSelect
    )


@dataclass(frozen=True, slots=True)
class CallerAct:
    """What may be started for a caller, in words before it is done; `audit` names it in the audit trail."""

    audit: str
    title: Any
    will: Any
    undo: Any
    done: Any
    run: Callable[..., DataRequest]
    is_severe: bool = False


ACTS = {
    "export": CallerAct(
        "ask_export",
        _("Their data, for a caller"),
        _(
            "Everything that is known of this owner is put into one archive. It waits for 14 days on the owner's"
            " own page; a mail to the owner's address says so. Nobody of the staff can open it."
        ),
        _("Nothing to undo: only the owner can open it."),
        _("The archive is being put together."),
        ask_for_export,
    ),
    "erase": CallerAct(
        "ask_erasure",
        _("Forget them, for a caller"),
        _(
            "After the brand's cooling-off, name, addresses, words, files and points of this owner are erased, and"
            " their units are registered to nobody. A mail to the owner's address says on which day."
        ),
        _("Until then the owner or you can call it off. Afterwards nobody can bring it back."),
        _("It is asked for. The owner is told on which day."),
        ask_for_erasure,
        is_severe=True,
    ),
}


@admin.register(DataRequest)
class DataRequestAdmin(BrandScopedAdmin):
    """What owners asked for, by number; the acts for a caller start on the owner's page."""

    service_owned = True
    roles_view = READERS
    show_facets = admin.ShowFacets.NEVER
    list_display = ["kind", "state_word", "owner_number", "asked_at", "due_at", "ended_at", "brand"]
    list_filter = ["kind", "state", "asked_at", ("brand", BrandFilter)]
    list_select_related = ["brand"]
    fields = [
        "brand", "kind", "state_word", "why", "owner_number", "asked_at", "due_at", "ended_at", "asked_by_id",
    ]  # fmt: skip
    readonly_fields = ["state_word", "why", "owner_number"]
    change_form_template = "console/data_request_form.html"

    @admin.display(description=_("state"), ordering="state")
    def state_word(self, asked: Any) -> SafeString:
        return status_word(WORDS_OF_STATES[asked.state], asked.get_state_display())

    @admin.display(description=_("reason"))
    def why(self, asked: DataRequest) -> str:
        """Say why it could not be done, and what ends that."""
        if not asked.problem:
            return "-"
        if asked.problem == BROKEN:
            return gettext(
                "The archive could not be put together; the server's log says why. Start it again."
            )
        return hindered_words(asked.problem)

    @admin.display(description=_("owner"))
    def owner_number(self, asked: DataRequest) -> str:
        if asked.owner_id is None:
            return gettext("erased")
        return format_html(
            '<a href="{}">#{}</a>',
            reverse("admin:ownership_owner_change", args=[asked.owner_id]),
            asked.owner_id,
        )

    def get_urls(self) -> list[Any]:
        wrap = self.admin_site.admin_view
        return [
            path(
                "for/<int:owner_id>/<slug:slug>/",
                wrap(self.caller_view),
                name="ownership_datarequest_caller",
            ),
            path("<int:pk>/call-off/", wrap(self.call_off_view), name="ownership_datarequest_call_off"),
            *super().get_urls(),
        ]

    def caller_view(self, request: HttpRequest, owner_id: int, slug: str) -> HttpResponse:
        """Say what will happen, then start it for the caller."""
        owner, act = _owner_for(request, owner_id), ACTS.get(slug)
        if act is None:
            raise Http404
        form = CallerForm(request.POST if request.method == "POST" else None)
        if form.is_valid() and _start(act, owner, form, request):
            messages.success(request, str(act.done))
            return redirect("admin:ownership_datarequest_changelist")
        return self._ask(request, owner, act, act.title, form)

    def call_off_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Ask, then call a waiting erasure off for a caller."""
        asked = self.get_object(request, str(pk))
        if asked is None or asked.kind != DataRequestKind.ERASURE or asked.owner is None:
            raise Http404
        owner = _owner_for(request, asked.owner_id)
        form = CallerForm(request.POST if request.method == "POST" else None)
        if form.is_valid():
            _call_off(asked, owner, form, request)
            return redirect("admin:ownership_datarequest_change", pk)
        return self._ask(request, owner, CALL_OFF, CALL_OFF.title, form)

    def _ask(
        self, request: HttpRequest, owner: Owner, act: Any, title: Any, form: forms.Form
    ) -> HttpResponse:
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": title,
            "owner": owner,
            "act": act,
            "fits": True,
            "form": form,
        }
        status = 400 if form.is_bound else 200
        return TemplateResponse(request, "console/owner_act.html", context, status=status)


@dataclass(frozen=True, slots=True)
class Wording:
    """The words of an act that belongs to a request."""

    title: Any
    will: Any
    undo: Any
    is_severe: bool = False


CALL_OFF = Wording(
    _("Call the erasure off"),
    _("Nothing is erased; everything stays as it is."),
    _("Start the erasure again. Its time then begins anew."),
)


def _owner_for(request: HttpRequest, owner_id: int | None) -> Owner:
    """Return the owner for somebody who may act for a caller; raises Http404 for another brand's, PermissionDenied."""
    access = access_of(request.user)
    rows = access.limit(Owner.objects.select_related("brand", "person"), "brand", READERS)
    owner: Owner | None = rows.filter(pk=owner_id or 0).first()
    if owner is None:
        raise Http404
    if not access.allows(PERSONAL, owner.brand_id):
        raise PermissionDenied
    return owner


def _start(act: CallerAct, owner: Owner, form: forms.Form, request: HttpRequest) -> bool:
    """Return whether it was started, with an audit row; what is refused stands on the form."""
    now, actor_id = timezone.now(), int(request.user.pk or 0)
    try:
        with transaction.atomic():
            asked = act.run(owner_id=owner.pk, asked_by_id=actor_id, now=now)
            data = {"request": asked.pk, "shown": form.cleaned_data["shown"]}
            write_audit(
                action=act.audit, obj=owner, brand_id=owner.brand_id, actor_id=actor_id, now=now, data=data
            )
    except OwnershipError as error:
        form.add_error(None, str(error))
        return False
    return True


def _call_off(asked: DataRequest, owner: Owner, form: forms.Form, request: HttpRequest) -> None:
    now, actor_id = timezone.now(), int(request.user.pk or 0)
    with transaction.atomic():
        is_off = call_off_erasure(request_id=asked.pk, actor_id=actor_id, now=now)
        data = {"request": asked.pk, "shown": form.cleaned_data["shown"]}
        if is_off:
            write_audit(
                action="call_off_erasure", obj=owner, brand_id=owner.brand_id, actor_id=actor_id, now=now,
                data=data,
            )  # fmt: skip
    if is_off:
        messages.success(request, gettext("The erasure is called off."))
    else:
        messages.error(request, gettext("It is too late for that: its time has come."))


@admin.register(Tombstone)
class TombstoneAdmin(BrandScopedAdmin):
    """Whom the brand has forgotten, in numbers: what a restored backup is compared with."""

    service_owned = True
    roles_view = KEEPERS | {Role.AUDITOR}
    list_display = ["owner_id", "erased_at", "brand"]
    list_filter = ["erased_at", ("brand", BrandFilter)]
    list_select_related = ["brand"]
    fields = ["brand", "owner_id", "erased_at"]


@admin.register(OwnershipPolicy)
class OwnershipPolicyAdmin(BrandScopedAdmin):
    """A brand's own periods; without a row the defaults count."""

    roles_view = READERS
    roles_edit = KEEPERS
    list_display = ["brand", "erasure_days", "evidence_days", "finder_days", "dormant_days", "visitor_days"]
    list_select_related = ["brand"]
    fieldsets = [
        (None, {"fields": ["brand"]}),
        (
            _("How long people have"),
            {"fields": ["transfer_days", "release_days", "appeal_days", "provenance_days", "erasure_days"]},
        ),
        (
            _("How long data is kept"),
            {
                "description": _(
                    "Shorter periods count from the next night on. docs/data.md tells the rest."
                ),
                "fields": ["evidence_days", "finder_days", "dormant_days", "visitor_days"],
            },
        ),
    ]
