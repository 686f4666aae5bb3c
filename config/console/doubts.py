"""The queue of doubts: signs of copies and of the grey market, with their evidence, for staff to decide."""

import datetime as dt
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from analytics.doubts.services import decide_doubt, dismiss_doubts
from analytics.errors import AnalyticsError
from analytics.kinds import DoubtKind, DoubtState, Verdict
from analytics.models import Doubt
from config.console.doubt_words import MEANINGS, Meaning
from config.console.templatetags.console_tags import when
from experiences.cards import card_of
from products.audit_trail import with_actor_name
from products.console import AGENTS, LEDGER_READERS, BrandFilter, BrandScopedAdmin, access_of
from products.lists import status_word
from products.models import Role

DECIDERS = AGENTS | {Role.COMPLIANCE}
TO_DECIDE = (DoubtState.OPEN, DoubtState.WATCHED)


class DecisionForm(forms.Form):
    """What staff say of a doubt, and why."""

    state = forms.ChoiceField(choices=[choice for choice in DoubtState.choices if choice[0] != "open"])
    reason = forms.CharField(
        label=_("Reason"),
        required=False,
        max_length=300,
        help_text=_("Staff read it here and in the timeline. Don't name people."),
        widget=forms.TextInput(attrs={"size": 60, "aria-describedby": "reason-help"}),
    )


class DismissForm(forms.Form):
    reason = forms.CharField(
        label=_("Reason"),
        max_length=300,
        help_text=_("The same for all of them. Don't name people."),
        widget=forms.TextInput(attrs={"size": 60}),
    )


@dataclass(frozen=True, slots=True)
class Evidence:
    """One scan that speaks for a doubt, as the page shows it."""

    at: dt.datetime
    country: str
    verdict: str
    verdict_label: str
    counter: int | None
    visitor: str


@dataclass(frozen=True, slots=True)
class DoubtPage:
    """What the template shows; `decisions` are the states it can go to."""

    doubt: Doubt
    meaning: Meaning
    evidence: tuple[Evidence, ...]
    zone: ZoneInfo
    decisions: tuple[DoubtState, ...]


class StateFilter(admin.SimpleListFilter):
    """Begins with what waits for somebody."""

    title = _("state")
    parameter_name = "state"

    def lookups(self, request: Any, model_admin: Any) -> Any:
        return [*DoubtState.choices, ("all", _("All"))]

    def queryset(self, request: Any, queryset: Any) -> Any:
        value = self.value()
        if value == "all":
            return queryset
        return queryset.filter(state__in=[value] if value in DoubtState.values else TO_DECIDE)

    def choices(self, changelist: Any) -> Any:
        first, *others = super().choices(changelist)
        return [{**first, "display": _("To decide")}, *others]


@admin.register(Doubt)
class DoubtAdmin(BrandScopedAdmin):
    service_owned = True
    roles_view = LEDGER_READERS
    show_facets = admin.ShowFacets.NEVER
    actions = ["dismiss"]
    list_display = ["kind", "unit", "product", "state_word", "seen", "country", "sightings", "since", "brand"]
    list_filter = [
        StateFilter, "kind", "country", "first_seen_at", ("unit__product", BrandFilter), ("brand", BrandFilter),
    ]  # fmt: skip
    list_select_related = ["unit__product", "brand"]
    search_fields = ["=unit__serial"]

    @admin.display(description=_("product"))
    def product(self, doubt: Doubt) -> str:
        return str(doubt.unit.product)

    @admin.display(description=_("state"), ordering="state")
    def state_word(self, doubt: Any) -> SafeString:
        return status_word(f"doubt-{doubt.state}", doubt.get_state_display())

    @admin.display(description=_("last seen"), ordering="last_seen_at")
    def seen(self, doubt: Doubt) -> Any:
        return when(doubt.last_seen_at)

    @admin.display(description=_("since"), ordering="first_seen_at")
    def since(self, doubt: Doubt) -> Any:
        return when(doubt.first_seen_at)

    def has_decide_permission(self, request: HttpRequest, obj: Doubt | None = None) -> bool:
        return self._allows(request, DECIDERS, obj)

    def get_urls(self) -> list[Any]:
        view = self.admin_site.admin_view(self.decide_view)
        return [path("<int:doubt_id>/decide/", view, name="analytics_doubt_decide"), *super().get_urls()]

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        if request.method == "POST":
            raise PermissionDenied
        doubt = self._doubt(request, object_id)
        if doubt is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, object_id)  # type: ignore[attr-defined]
        return self._show(request, doubt, DecisionForm())

    def decide_view(self, request: HttpRequest, doubt_id: int) -> HttpResponse:
        """Take the decision; what is refused stands beside what was typed."""
        doubt = self._doubt(request, str(doubt_id))
        if doubt is None:
            raise Http404
        if not self.has_decide_permission(request, doubt):
            raise PermissionDenied
        form = DecisionForm(request.POST)
        if request.method == "POST" and form.is_valid() and _decide(doubt, form, request):
            messages.success(request, _("The doubt is “%(state)s” now.") % {"state": _state_of(form).label})
            return redirect("admin:analytics_doubt_change", doubt.pk)
        return self._show(request, doubt, form if request.method == "POST" else DecisionForm())

    def _doubt(self, request: HttpRequest, object_id: str) -> Any:
        doubt = self.get_object(request, object_id)
        if doubt is not None and not self.has_view_permission(request, doubt):
            raise PermissionDenied
        return doubt

    def get_queryset(self, request: HttpRequest) -> Any:
        doubts = super().get_queryset(request).select_related("unit__product", "unit__brand")
        return with_actor_name(doubts, by="decided_by_id")

    def _show(self, request: HttpRequest, doubt: Doubt, form: forms.Form) -> HttpResponse:
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": doubt.get_kind_display(),
            "form": form,
            "page": build_doubt_page(doubt, may_decide=self.has_decide_permission(request, doubt)),
        }
        return TemplateResponse(request, "console/doubt.html", context)

    @admin.action(description=_("Dismiss with one reason"), permissions=["decide"])
    def dismiss(self, request: HttpRequest, queryset: Any) -> HttpResponse | None:
        """Ask for the reason, then dismiss those that stand, at the brands where the person may."""
        allowed = access_of(request.user).limit(queryset, "brand", DECIDERS)
        doubts = list(allowed.standing().select_related("unit__product").order_by("unit_id", "pk"))
        form = DismissForm(request.POST if "apply" in request.POST else None)
        if not doubts:
            messages.info(request, _("None of them is left to dismiss."))
            return None
        if form.is_valid():
            reason = form.cleaned_data["reason"]
            number = dismiss_doubts(
                doubts=doubts, reason=reason, actor_id=request.user.pk, now=timezone.now()
            )
            done = ngettext("%(count)d doubt is dismissed.", "%(count)d doubts are dismissed.", number)
            messages.success(request, done % {"count": number})
            return None
        context = {
            **self.admin_site.each_context(request), "opts": self.opts, "doubts": doubts, "form": form,
            "title": _("Dismiss doubts"),
        }  # fmt: skip
        return TemplateResponse(request, "console/dismiss_doubts.html", context)


def build_doubt_page(doubt: Doubt, *, may_decide: bool) -> DoubtPage:
    """Gather the page; `doubt` comes with its unit, product and brand."""
    unit = doubt.unit
    next_states = Doubt.TRANSITIONS[DoubtState(doubt.state)] if may_decide else set()
    return DoubtPage(
        doubt=doubt,
        meaning=MEANINGS[DoubtKind(doubt.kind)],
        evidence=tuple(_evidence(scan) for scan in reversed(doubt.evidence)),
        zone=card_of(unit.brand).zone(unit.market),
        decisions=tuple(state for state in DoubtState if state in next_states),
    )


def _evidence(scan: dict[str, Any]) -> Evidence:
    return Evidence(
        at=dt.datetime.fromisoformat(scan["at"]),
        country=scan["country"],
        verdict=scan["verdict"],
        verdict_label=str(Verdict(scan["verdict"]).label),
        counter=scan["counter"],
        visitor=scan["visitor"],
    )


def _state_of(form: forms.Form) -> DoubtState:
    return DoubtState(form.cleaned_data["state"])


def _decide(doubt: Doubt, form: forms.Form, request: HttpRequest) -> bool:
    """Return whether the service took it; what it refuses stands on the form."""
    try:
        decide_doubt(
            doubt_id=doubt.pk,
            state=_state_of(form),
            reason=form.cleaned_data["reason"],
            actor_id=request.user.pk,
            now=timezone.now(),
        )
    except AnalyticsError as error:
        form.add_error("reason" if error.code == "no_reason" else None, str(error))
        return False
    return True
