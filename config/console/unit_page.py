"""A unit's page in the console: what it is, who has it, what happened, why it shows what it shows."""

import datetime as dt
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language

from analytics.kinds import Flag
from analytics.models import Doubt, UnitActivity, UnitFacts
from config.console.actions import ACTIONS, actions_for, today_of
from config.console.aftercare import Aftercare, read_aftercare
from config.console.files import LABEL_PRINTERS
from config.console.owners_so_far import OwnersSoFar, read_owners_so_far
from config.console.timeline import Timeline, unit_timeline
from config.console.told import Told, read_told
from config.console.unit_action import Action
from config.console.why import Why, why_this_stage
from experiences.cards import BrandCard, brand_card
from experiences.facts import read_by_code
from ownership.errors import OwnershipError
from ownership.models import Ownership
from products.audit_trail import write_reading
from products.console import AGENTS, LEDGER_READERS, PERSONAL, TAG_READERS, access_of
from products.labels.qr import CodeKind
from products.links import digital_link, qr_url
from products.models import Tag, Unit


@dataclass(frozen=True, slots=True)
class UnitPage:
    """What the template shows; `owner` is None where there is none or the person may not see it."""

    unit: Unit
    zone: ZoneInfo
    tags: tuple[Tag, ...]
    links: tuple[tuple[str, str], ...]
    code_kinds: tuple[tuple[str, str], ...]
    may_print: bool
    ownership: Ownership | None
    may_see_owner: bool
    facts: UnitFacts | None
    activity: UnitActivity | None
    flags: tuple[Flag, ...]
    doubts: tuple[Doubt, ...]
    aftercare: Aftercare
    told: Told
    so_far: OwnersSoFar
    timeline: Timeline
    why: Why
    actions: tuple[Action, ...]


def build_unit_page(unit: Unit, person: Any, now: dt.datetime) -> UnitPage:
    """Gather the page in a fixed number of statements; `unit` comes with its page parts."""
    access = access_of(person)
    row = read_by_code(unit.public_code)
    if row is None:
        raise Http404
    brand = brand_card(row.brand_id, row.content_version)
    facts = UnitFacts.objects.filter(unit=unit).first()
    may_see_owner = access.allows(PERSONAL, unit.brand_id)
    may_act = access.allows(AGENTS, unit.brand_id)
    ownership = _current(unit) if may_see_owner else None
    zone = brand.zone(unit.market)
    return UnitPage(
        unit=unit,
        zone=zone,
        tags=_tags(unit) if access.allows(TAG_READERS, unit.brand_id) else (),
        links=_links(unit, brand),
        code_kinds=tuple((kind.value, str(kind.label)) for kind in CodeKind),
        may_print=access.allows(LABEL_PRINTERS, unit.brand_id),
        ownership=ownership,
        may_see_owner=may_see_owner,
        facts=facts,
        activity=UnitActivity.objects.filter(unit=unit).first(),
        flags=tuple(flag for flag in Flag if getattr(facts, flag.value, False)),
        doubts=_doubts(unit) if access.allows(LEDGER_READERS, unit.brand_id) else (),
        told=read_told(unit) if may_see_owner else Told(),
        so_far=read_owners_so_far(unit) if may_see_owner else OwnersSoFar(),
        aftercare=read_aftercare(unit, ownership, zone, now),
        timeline=unit_timeline(unit, zone),
        why=why_this_stage(unit, row, now, get_language() or "en"),
        actions=tuple(actions_for(unit, facts)) if may_act else (),
    )


def _tags(unit: Unit) -> tuple[Tag, ...]:
    return tuple(unit.tags.select_related("profile").defer("profile__keys"))


def _doubts(unit: Unit) -> tuple[Doubt, ...]:
    return tuple(Doubt.objects.of_unit(unit).standing())


def _links(unit: Unit, brand: BrandCard) -> tuple[tuple[str, str], ...]:
    return (
        ("QR", qr_url(unit, brand.base_url)),
        ("GS1", digital_link(unit, brand.base_url)),
        ("URL", brand.base_url + reverse("unit_home", args=[unit.public_code])),
    )


def _current(unit: Unit) -> Ownership | None:
    ownership: Ownership | None = Ownership.objects.of_unit(unit).current().select_related("owner").first()
    return ownership


def show_unit(request: HttpRequest, unit: Unit, context: dict[str, Any]) -> HttpResponse:
    """Render the page; whoever reads an owner on it leaves an audit row."""
    page = build_unit_page(unit, request.user, timezone.now())
    if page.ownership is not None:
        write_reading(
            request,
            action="read_owner",
            obj=page.ownership.owner,
            brand_id=unit.brand_id,
            now=timezone.now(),
            unit_id=unit.pk,
        )
    return TemplateResponse(request, "console/unit.html", {**context, "page": page})


def act_on_unit(request: HttpRequest, unit: Unit, slug: str, context: dict[str, Any]) -> HttpResponse:
    """Ask before acting, then call the one service of the action."""
    if not access_of(request.user).allows(AGENTS, unit.brand_id):
        raise PermissionDenied
    action = ACTIONS.get(slug)
    if action is None:
        raise Http404
    form = action.form(
        request.POST if request.method == "POST" else None,
        unit=unit,
        now=timezone.now(),
        initial=today_of(unit),
    )
    if request.method == "POST" and form.is_valid() and _run(action, unit, form, request):
        messages.success(request, str(action.done))
        return redirect("admin:products_unit_change", unit.pk)
    context = {**context, "unit": unit, "action": action, "form": form, "title": action.title}
    return TemplateResponse(request, "console/act.html", context)


def _run(action: Action, unit: Unit, form: Any, request: HttpRequest) -> bool:
    """Return whether the service did it; what it refuses stands on the form."""
    try:
        action.run(unit, form.cleaned_data, request.user.pk or 0, timezone.now())
    except OwnershipError as error:
        form.add_error(None, str(error))
        return False
    return True
