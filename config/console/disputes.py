"""The desk of disputes: two sides, what each has, what the unit itself tells, and the decision that both read (C5)."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from analytics.models import Event, Scan
from experiences.releases import decide
from ownership.errors import OwnershipError
from ownership.models import Decision, LossReport, Ownership, Registration, ReleaseRequest, Transfer
from ownership.models.registrations import Proof
from ownership.models.releases import ReleaseGround, ReleaseState, Side
from ownership.services.losses import standing_report
from products.audit_trail import write_reading
from products.console import PERSONAL, BrandFilter, BrandScopedAdmin, Roles, access_of
from products.days import day_in, market_zones, zone_of
from products.lists import status_word
from products.models import Person, Role

DECIDERS: Roles = frozenset({Role.SUPPORT_AGENT, Role.BRAND_ADMIN})
TAPS = 12  # the latest, beside each other


class DecideForm(forms.Form):
    """For whom, why, and whether the ownership so far counts at all."""

    for_side = forms.ChoiceField(
        label=_("It belongs to"),
        choices=[
            (Side.CLAIMANT, _("the claimant: it is registered to them")),
            (Side.OWNER, _("the owner: it stays with them")),
        ],
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose one side.")},
    )
    annuls = forms.BooleanField(
        label=_("The registration so far counts as none"),
        required=False,
        help_text=_(
            "For a piece registered before its buyer had it: the claimant is its first owner, and its warranty begins anew."
        ),
    )
    reason = forms.CharField(
        label=_("Reason"),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 5, "cols": 60}),
        help_text=_("Both sides read exactly this. Name nobody, and nothing that only one side sent."),
        error_messages={"required": _("Say why: both sides read it.")},
    )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("annuls") and cleaned.get("for_side") == Side.OWNER:
            raise ValidationError(_("An ownership that stays can't count as none. Untick the box."))
        return cleaned


class HandOverForm(DecideForm):
    """Whether what its owner offers goes to whoever shows that they have it."""

    for_side = forms.ChoiceField(
        label=_("What was sent"),
        choices=[
            (Side.CLAIMANT, _("shows that they have it: it is registered to them at once")),
            (Side.OWNER, _("is not enough: it stays with its owner, and the offer ends")),
        ],
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose one side.")},
    )
    annuls = None  # type: ignore[assignment]  # so Django leaves a field of the base out


@dataclass(frozen=True, slots=True)
class Registered:
    """How the unit came to the owner whom the claimant asks."""

    on: dt.date
    by: str
    by_code: bool  # whoever knew the printed code could do it
    days_before_sale: int  # 0 where it was sold by then
    is_unsold: bool  # as far as anyone knows

    @property
    def is_doubtful(self) -> bool:
        """Whether it may have been registered before its buyer had it."""
        return self.by_code or self.is_unsold or self.days_before_sale > 0


@dataclass(frozen=True, slots=True)
class PartySide:
    """What one side sent."""

    title: Any
    side: str
    words: str
    appeal: str
    files: tuple[tuple[str, bool, dt.datetime], ...]  # address ('' once deleted), is a picture, sent


@dataclass(frozen=True, slots=True)
class Desk:
    """What the page of one case shows."""

    case: ReleaseRequest
    offer: Transfer | None  # its owner passes it on, and staff look at who takes it over
    is_silent: bool  # it has a chip, and whoever takes it over found none
    loss: LossReport | None  # reported lost or stolen: nobody can be given it meanwhile
    registered: Registered
    seems_premature: bool
    sides: tuple[PartySide, PartySide]
    ownerships: tuple[Ownership, ...]
    taps: tuple[Scan, ...]
    steps: tuple[Any, ...]
    decisions: tuple[tuple[Decision, str], ...]
    form: DecideForm | None
    is_own_decision: bool  # an appeal against what this person decided


@admin.register(ReleaseRequest)
class ReleaseRequestAdmin(BrandScopedAdmin):
    """The list names nobody; who opens a case reads two people's words, and that is noted."""

    service_owned = True
    roles_view = PERSONAL
    show_facets = admin.ShowFacets.NEVER
    list_display = ["serial", "product", "state_word", "ground", "sent_at", "answer_by", "appeal_by", "brand"]
    list_filter = ["state", "ground", "sent_at", ("brand", BrandFilter)]
    list_select_related = ["unit__product", "brand"]
    search_fields = ["=unit__serial"]

    @admin.display(description=_("serial number"), ordering="unit__serial")
    def serial(self, case: Any) -> str:
        return str(case.unit.serial)

    @admin.display(description=_("product"))
    def product(self, case: Any) -> str:
        return str(case.unit.product)

    @admin.display(description=_("state"), ordering="state")
    def state_word(self, case: Any) -> SafeString:
        return status_word(case.state, case.get_state_display())

    def get_urls(self) -> list[Any]:
        view = self.admin_site.admin_view(self.decide_view)
        return [path("<int:pk>/decide/", view, name="ownership_releaserequest_decide"), *super().get_urls()]

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        case = self.get_object(request, object_id)
        if case is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, object_id)  # type: ignore[attr-defined]
        if request.method == "POST" or not self.has_view_permission(request, case):
            raise PermissionDenied
        return self._page(request, case)

    def decide_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Take the decision; what is wrong with it stands on its form."""
        case = self.get_object(request, str(pk))
        if case is None:
            raise Http404
        if not access_of(request.user).allows(DECIDERS, case.brand_id):
            raise PermissionDenied
        here = reverse("admin:ownership_releaserequest_change", args=[pk])
        if request.method != "POST":
            return redirect(here)
        form = _form_of(case)(request.POST)
        if not form.is_valid() or not _decided(case, form, request.user.pk):
            return self._page(request, case, sent=form)
        messages.success(request, str(_("It is decided; both sides are written to.")))
        return redirect(here)

    def _page(self, request: HttpRequest, case: Any, sent: DecideForm | None = None) -> HttpResponse:
        now = timezone.now()
        write_reading(request, action="read_release", obj=case, brand_id=case.brand_id, now=now)
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": _("Offer to be looked at") if case.transfer_id else _("Request for release"),
            "page": build_desk(case, request.user, sent),
        }
        return TemplateResponse(request, "console/dispute.html", context, status=400 if sent else 200)


def _decided(case: ReleaseRequest, form: DecideForm, actor_id: int | None) -> bool:
    """Return whether the service did it; what it refuses stands on the form."""
    values = form.cleaned_data
    try:
        decide(
            release_id=case.pk,
            for_side=Side(values["for_side"]),
            reason=values["reason"],
            annuls=values.get("annuls", False),
            now=timezone.now(),
            actor_id=actor_id or 0,
        )
    except OwnershipError as error:
        form.add_error(None, str(error))
        return False
    return True


def _form_of(case: ReleaseRequest) -> type[DecideForm]:
    return HandOverForm if case.transfer_id else DecideForm


def build_desk(case: ReleaseRequest, person: Any, sent: DecideForm | None = None) -> Desk:
    """Gather the page in a fixed number of statements; `sent` is the decision that was refused."""
    decisions = _decisions(case)
    waits = case.state in (ReleaseState.DESK, ReleaseState.APPEALED)
    may = waits and access_of(person).allows(DECIDERS, case.brand_id)
    is_own = waits and any(decision.decided_by_id == person.pk for decision, _name in decisions)
    registered = _registered(case)
    premature = case.ground == ReleaseGround.BOUGHT_NEW and registered.is_doubtful
    form = sent or _form_of(case)(initial={"annuls": premature})
    taps = Scan.objects.filter(unit=case.unit_id).order_by("-at", "-id")[:TAPS]
    steps = Event.objects.filter(unit=case.unit_id, data__release=case.pk).order_by("at", "id")
    owned = Ownership.objects.of_unit(case.unit).order_by("since", "id")
    return Desk(
        case=case,
        offer=case.transfer,
        is_silent=case.transfer is not None and case.unit.tags.chips().active().exists(),
        loss=standing_report(case.unit),
        registered=registered,
        seems_premature=premature,
        sides=_sides(case),
        ownerships=tuple(owned.select_related("owner")),
        taps=tuple(taps),
        steps=tuple(steps),
        decisions=decisions,
        form=form if may and not is_own else None,
        is_own_decision=is_own,
    )


def _registered(case: ReleaseRequest) -> Registered:
    unit, ownership = case.unit, case.ownership
    zone = zone_of(unit.market, market_zones(unit.brand), unit.brand.time_zone)
    on = day_in(zone, ownership.since)
    registration = Registration.objects.filter(ownership=ownership).only("proof").first()
    by = str(Proof(registration.proof).label) if registration else str(ownership.get_acquired_display())
    early = (unit.sold_on - on).days if unit.sold_on else 0
    by_code = registration is not None and registration.proof == Proof.CODE
    return Registered(on, by, by_code, max(early, 0), unit.sold_on is None)


def _sides(case: ReleaseRequest) -> tuple[PartySide, PartySide]:
    files: dict[str, list[tuple[str, bool, dt.datetime]]] = {Side.CLAIMANT: [], Side.OWNER: []}
    for piece in case.evidence.select_related("file"):
        url = reverse("console_file", args=[piece.file_id]) if piece.file else ""
        is_picture = bool(piece.file and piece.file.content_type.startswith("image/"))
        files[piece.side].append((url, is_picture, piece.sent_at))
    first = case.decisions.order_by("instance").first()
    appellant = None if first is None else Side.OWNER if first.for_side == Side.CLAIMANT else Side.CLAIMANT
    appeal = {appellant: case.appeal}
    return (
        PartySide(
            _("What the claimant says"), Side.CLAIMANT.value, case.statement,
            appeal.get(Side.CLAIMANT, ""), tuple(files[Side.CLAIMANT]),
        ),
        PartySide(
            _("What the owner says"), Side.OWNER.value, case.answer,
            appeal.get(Side.OWNER, ""), tuple(files[Side.OWNER]),
        ),
    )  # fmt: skip


def _decisions(case: ReleaseRequest) -> tuple[tuple[Decision, str], ...]:
    rows = list(case.decisions.order_by("instance"))
    people = Person.objects.in_bulk([row.decided_by_id for row in rows])
    return tuple((row, str(people.get(row.decided_by_id, f"#{row.decided_by_id}"))) for row in rows)
