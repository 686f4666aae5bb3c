"""The console's pages for points. Brand admins write rules and rewards; agents give points and take them back.

No line of the ledger is changed or removed here by anybody: there is no page for it.
"""

from collections.abc import Callable
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Count, Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from ownership.errors import OwnershipError
from ownership.loyalty_forms import (
    AwardForm,
    CodesForm,
    LoyaltyRuleForm,
    ReasonForm,
    RewardForm,
    blank_award,
)
from ownership.models import LoyaltyAccount, LoyaltyEntry, LoyaltyProgramme, LoyaltyRule, Owner, Reward
from ownership.models.loyalty import EntryKind, RewardKind
from ownership.services.loyalty import Reversed, add_codes, award_by_hand, reverse_entry, reversible_points
from products.audit_trail import write_reading
from products.console import AGENTS, BRAND_ADMINS, PERSONAL, BrandFilter, BrandScopedAdmin, access_of
from products.services.audit import write_audit

MOST_LINES = 200  # of an owner's ledger on one page


@admin.register(LoyaltyProgramme)
class LoyaltyProgrammeAdmin(BrandScopedAdmin):
    roles_edit = BRAND_ADMINS
    shown_on_pages = True
    list_display = ["__str__", "brand"]
    list_select_related = ["brand"]
    fieldsets = [
        (
            None,
            {
                "description": _(
                    "With a programme, rules give points and pages speak of them in these words. A brand has one."
                ),
                "fields": ["brand", "names", "points_words"],
            },
        )
    ]


@admin.register(LoyaltyRule)
class LoyaltyRuleAdmin(BrandScopedAdmin):
    """What a rule is for stays as it is once it gave points; its words, points and limits may change."""

    form = LoyaltyRuleForm
    roles_edit = BRAND_ADMINS
    list_display = ["__str__", "basis", "points", "starts_at", "is_active", "brand"]
    list_filter = ["basis", "is_active", ("brand", BrandFilter)]
    list_select_related = ["brand"]
    autocomplete_fields = ["category", "product"]
    fieldsets = [
        (None, {"fields": ["brand", "names", "thanks", "points", ("is_active", "starts_at")]}),
        (
            _("What for"),
            {
                "description": _(
                    "Something that happened: choose it. Months owned: say how many. Used consistently: say after how"
                    " many days, and on how many different days it was tapped until then or later."
                ),
                "fields": ["basis", "event_kind", "months", ("use_days", "use_taps")],
            },
        ),
        (_("Of what"), {"fields": ["category", "product", "for_several"]}),
        (
            _("How often and how long"),
            {
                "description": _("What goes beyond a year's points is given the year after."),
                "fields": ["repeats", "cap_per_year", "expires_months"],
            },
        ),
    ]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        if obj is None or not obj.entries.exists():
            return []
        return ["basis", "event_kind", "months", "use_days", "use_taps", "repeats", "starts_at"]


@admin.register(Reward)
class RewardAdmin(BrandScopedAdmin):
    form = RewardForm
    roles_edit = BRAND_ADMINS
    list_display = ["__str__", "kind", "cost", "left", "is_active", "brand"]
    list_filter = ["kind", "is_active", ("brand", BrandFilter)]
    list_select_related = ["brand"]
    fields = ["brand", "kind", "names", "bodies", "content", "cost", ("is_active", "position")]
    change_form_template = "console/reward_form.html"

    def get_queryset(self, request: HttpRequest) -> Any:
        unused = Count("codes", filter=Q(codes__used_at__isnull=True))
        return super().get_queryset(request).annotate(codes_left=unused)

    @admin.display(description=_("codes left"))
    def left(self, reward: Any) -> str:
        return str(reward.codes_left) if reward.kind == RewardKind.CODE else "-"

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return ["kind"] if obj else []

    def get_urls(self) -> list[Any]:
        view = self.admin_site.admin_view(self.codes_view)
        return [path("<int:pk>/codes/", view, name="ownership_reward_codes"), *super().get_urls()]

    def codes_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Take a file of codes: all lines are right, or nothing is added."""
        reward = self.get_object(request, str(pk))
        if reward is None or reward.kind != RewardKind.CODE:
            raise Http404
        if not access_of(request.user).allows(BRAND_ADMINS, reward.brand_id):
            raise PermissionDenied
        form = CodesForm(request.POST or None, request.FILES or None)
        if request.method == "POST" and form.is_valid():
            return self._add(request, reward, form)
        title = gettext("Add codes: %(reward)s") % {"reward": reward}
        context = {**self.admin_site.each_context(request), "title": title, "reward": reward, "form": form}
        return TemplateResponse(request, "console/reward_codes.html", context)

    def _add(self, request: HttpRequest, reward: Reward, form: CodesForm) -> HttpResponse:
        now = timezone.now()
        with transaction.atomic():
            done = add_codes(reward=reward, lines=form.lines, now=now)
            write_audit(
                action="add_codes", obj=reward, brand_id=reward.brand_id, actor_id=request.user.pk, now=now,
                data={"added": done.added, "known": len(done.known)},
            )  # fmt: skip
        added = ngettext("%(count)d code was added.", "%(count)d codes were added.", done.added)
        messages.success(request, added % {"count": done.added})
        if done.known:
            numbers = ", ".join(str(number) for number in done.known[:50])
            messages.warning(
                request, gettext("These lines were there before: %(numbers)s.") % {"numbers": numbers}
            )
        return redirect("admin:ownership_reward_change", reward.pk)


@admin.register(LoyaltyAccount)
class LoyaltyAccountAdmin(BrandScopedAdmin):
    """Balances by number; who opens one reads an owner's ledger, and that is noted."""

    service_owned = True
    roles_view = PERSONAL
    show_facets = admin.ShowFacets.NEVER
    list_display = ["owner_number", "balance", "of_brand"]
    list_filter = [("owner__brand", BrandFilter)]
    list_select_related = ["owner__brand"]
    search_fields = ["=owner__id"]
    fields = ["owner_link", "balance", "lines"]
    readonly_fields = ["owner_link", "lines"]
    change_form_template = "console/points_form.html"

    @admin.display(description=_("owner"))
    def owner_number(self, account: LoyaltyAccount) -> str:
        return f"#{account.owner_id}"

    @admin.display(description=_("brand"))
    def of_brand(self, account: LoyaltyAccount) -> str:
        return str(account.owner.brand)

    @admin.display(description=_("owner"))
    def owner_link(self, account: LoyaltyAccount) -> Any:
        url = reverse("admin:ownership_owner_change", args=[account.owner_id])
        return format_html('<a href="{}">#{}</a>', url, account.owner_id)

    @admin.display(description=_("lines"))
    def lines(self, account: LoyaltyAccount) -> Any:
        """Return the newest lines of the ledger, each a link to where it can be taken back."""
        entries = LoyaltyEntry.objects.filter(owner=account.owner_id).select_related("rule").order_by("-pk")
        rows = (
            (
                reverse("admin:ownership_loyaltyentry_change", args=[line.pk]),
                line.at.date(),
                line.get_kind_display(),
                f"{line.points:+d}",
                line.rule or line.reason,
            )
            for line in entries[:MOST_LINES]
        )
        return (
            format_html_join("", '<div><a href="{}">{}</a> {} <b class="numeric">{}</b> {}</div>', rows)
            or "-"
        )

    def get_urls(self) -> list[Any]:
        view = self.admin_site.admin_view(self.give_view)
        return [path("give/<int:owner_id>/", view, name="ownership_points_give"), *super().get_urls()]

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        _note_reading(request, self.get_object(request, object_id), self.has_view_permission)
        return super().change_view(request, object_id, form_url, extra_context)

    def give_view(self, request: HttpRequest, owner_id: int) -> HttpResponse:
        """Give an owner points by hand."""
        owners = access_of(request.user).limit(Owner.objects.all(), "brand", self.roles_view)
        owner = owners.filter(pk=owner_id).first()
        if owner is None:
            raise Http404
        if not access_of(request.user).allows(AGENTS, owner.brand_id):
            raise PermissionDenied
        form = AwardForm(request.POST) if request.method == "POST" else blank_award()
        if request.method == "POST" and form.is_valid():
            try:
                line = self._give(request, owner, form)
            except OwnershipError as error:
                form.add_error(None, str(error))
            else:
                return redirect("admin:ownership_loyaltyaccount_change", line.owner.loyalty_account.pk)
        context = {
            **self.admin_site.each_context(request),
            "title": gettext("Give points"),
            "owner": owner,
            "form": form,
        }
        return TemplateResponse(request, "console/give_points.html", context)

    @transaction.atomic
    def _give(self, request: HttpRequest, owner: Owner, form: AwardForm) -> LoyaltyEntry:
        typed, now = form.cleaned_data, timezone.now()
        line = award_by_hand(owner_id=owner.pk, actor_id=request.user.pk, now=now, **typed)
        write_audit(
            action="give_points", obj=owner, brand_id=owner.brand_id, actor_id=request.user.pk, now=now,
            data={"entry": line.pk, "points": line.points},
        )  # fmt: skip
        return line


@admin.register(LoyaltyEntry)
class LoyaltyEntryAdmin(BrandScopedAdmin):
    """The ledger, by number; a line is opened to read its reason, or to take it back by a line of its own."""

    service_owned = True
    roles_view = PERSONAL
    show_facets = admin.ShowFacets.NEVER
    list_display = ["at", "owner_number", "kind", "points", "rule", "expires_at"]
    list_filter = ["kind", "at", ("rule", BrandFilter)]
    list_select_related = ["rule", "owner"]
    search_fields = ["=owner__id"]
    fields = [
        "owner_number", "kind", "points", "rule", "unit", "reverses", "reason", "at", "expires_at",
    ]  # fmt: skip
    readonly_fields = ["owner_number"]
    change_form_template = "console/points_line_form.html"

    @admin.display(description=_("owner"))
    def owner_number(self, line: LoyaltyEntry) -> str:
        return f"#{line.owner_id}"

    def get_urls(self) -> list[Any]:
        view = self.admin_site.admin_view(self.reverse_view)
        return [path("<int:pk>/take-back/", view, name="ownership_points_reverse"), *super().get_urls()]

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        _note_reading(request, self.get_object(request, object_id), self.has_view_permission)
        return super().change_view(request, object_id, form_url, extra_context)

    def reverse_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Take a line back, with a reason."""
        line = self.get_object(request, str(pk))
        if line is None:
            raise Http404
        if not access_of(request.user).allows(AGENTS, line.owner.brand_id):
            raise PermissionDenied
        form = ReasonForm(request.POST or None)
        if request.method == "POST" and form.is_valid():
            try:
                done = self._reverse(request, line, form.cleaned_data["reason"])
            except OwnershipError as error:
                form.add_error(None, str(error))
            else:
                _say_what_became_of(request, line, done)
                return redirect("admin:ownership_loyaltyaccount_change", line.owner.loyalty_account.pk)
        context = {
            **self.admin_site.each_context(request),
            "title": gettext("Take back"),
            "line": line,
            "is_exchange": line.kind == EntryKind.REDEMPTION,
            "points": abs(reversible_points(line)),
            "whole": abs(line.points),
            "form": form,
        }
        return TemplateResponse(request, "console/reverse_points.html", context)

    @transaction.atomic
    def _reverse(self, request: HttpRequest, line: LoyaltyEntry, reason: str) -> Reversed:
        now = timezone.now()
        done = reverse_entry(entry_id=line.pk, reason=reason, actor_id=request.user.pk, now=now)
        write_audit(
            action="reverse_points", obj=line, brand_id=line.owner.brand_id, actor_id=request.user.pk, now=now,
            data={"entry": done.entry.pk, "points": done.entry.points},
        )  # fmt: skip
        return done


def _say_what_became_of(request: HttpRequest, line: LoyaltyEntry, done: Reversed) -> None:
    points = {"points": abs(done.entry.points), "rest": done.rest}
    if line.kind == EntryKind.REDEMPTION:
        messages.success(
            request, gettext("The points are back. Ask the shop to void the code, if it had one.")
        )
        if done.rest:
            said = gettext("%(points)s came back; %(rest)s were of points that had been taken back before.")
            messages.warning(request, said % points)
    elif done.rest:
        said = gettext("%(points)s taken back; %(rest)s were spent and can't be recovered.")
        messages.warning(request, said % points)
    else:
        messages.success(request, gettext("%(points)s taken back.") % points)


def _note_reading(request: HttpRequest, row: Any, may_view: Callable[[HttpRequest, Any], bool]) -> None:
    if row is not None and may_view(request, row):
        write_reading(
            request, action="read_points", obj=row, brand_id=row.owner.brand_id, now=timezone.now(), owner=row.owner_id
        )  # fmt: skip
