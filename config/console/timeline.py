"""One timeline of everything that happened to a unit: two statements, however long its history.

Events stand one by one. Scans are noise in number, so those of one day are one line that says how
many there were and what they proved.
"""

import datetime as dt
from collections import Counter
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Count, Max, TextChoices
from django.db.models.functions import TruncDate
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from analytics.kinds import DoubtKind, DoubtState, EventKind, Flag, Verdict
from analytics.models import Event, Scan
from experiences.models import MessageKind
from ownership.models import Purpose
from ownership.models.owners import Annulled
from ownership.models.registrations import ContactKind, Proof
from products.audit_trail import with_actor_name
from products.models import Unit
from products.models.units import UnitStatus

MOST_EVENTS = 300
MOST_DAYS = 300


@dataclass(frozen=True, slots=True)
class Line:
    """One line: when, what, and the details in words; `sort` is its place in the story."""

    at: dt.datetime
    kind: str
    title: str
    detail: str = ""
    by: str = ""
    scans: int = 0


@dataclass(frozen=True, slots=True)
class Timeline:
    lines: tuple[Line, ...]
    is_cut: bool  # there is more than is shown


def unit_timeline(unit: Unit, zone: ZoneInfo) -> Timeline:
    """Return the unit's story, newest first; a day is a day in `zone`."""
    events = list(with_actor_name(Event.objects.of_unit(unit))[: MOST_EVENTS + 1])
    days = _scan_days(unit, zone)
    lines = [_event_line(event) for event in events[:MOST_EVENTS]]
    lines += [_scan_line(last, verdicts) for last, verdicts in days[:MOST_DAYS]]
    lines.sort(key=lambda line: line.at, reverse=True)
    return Timeline(tuple(lines), len(events) > MOST_EVENTS or len(days) > MOST_DAYS)


def _event_line(event: Any) -> Line:
    by = event.actor_name or ""
    return Line(event.at, event.kind, event.kind_label, _event_detail(event), by)


def _event_detail(event: Event) -> str:
    """Return the details of the kinds that have some, in words."""
    data = event.data
    match event.kind:
        case EventKind.UNIT_SOLD | EventKind.UNIT_RETURNED | EventKind.UNIT_RETIRED:
            return _life_detail(event)
        case EventKind.OWNERSHIP_ANNULLED:
            return _label(Annulled, data.get("reason", ""))
        case EventKind.OWNERSHIP_STARTED | EventKind.OWNERSHIP_ENDED:
            return _("owner number %(ordinal)s") % {"ordinal": data.get("ordinal", "?")}
        case (
            EventKind.REGISTRATION_SENT | EventKind.REGISTRATION_CORRECTED | EventKind.REGISTRATION_CONFIRMED
        ):
            return _registration_detail(event)
        case EventKind.COVERAGE_ACTIVATED | EventKind.COVERAGE_RESET:
            return _("from %(start)s until %(end)s") % {
                "start": data.get("starts_on", "?"),
                "end": data.get("ends_on", "?"),
            }
        case EventKind.CONSENT_GIVEN | EventKind.CONSENT_WITHDRAWN:
            return _("%(purpose)s, version %(version)s") % {
                "purpose": _label(Purpose, data.get("purpose", "")),
                "version": data.get("version", "?"),
            }
        case EventKind.IDENTITY_GIVEN if not event.actor_id:
            return _("by the pattern of serial numbers, on its holder's request")
        case EventKind.IDENTITY_GIVEN | EventKind.IDENTITY_KNOWN:
            return _("on its holder's request")
        case EventKind.MESSAGE_SENT:
            return _label(MessageKind, data.get("kind", ""))
        case EventKind.DOUBT_RAISED | EventKind.DOUBT_DECIDED:
            return _doubt_detail(data)
        case EventKind.TAG_WITHDRAWN:
            return str(data.get("reason", ""))
        case EventKind.FLAG_RAISED | EventKind.FLAG_LOWERED:
            label = _label(Flag, data.get("flag", ""))
            return ": ".join(str(part) for part in (label, data.get("reason")) if part)
    return ""


def _life_detail(event: Event) -> str:
    """Say when and where the unit was sold, until when it was, or how its life ended."""
    data = event.data
    if event.kind == EventKind.UNIT_RETURNED:
        return _("sold on %(day)s until then") % {"day": data.get("sold_on", "?")}
    if event.kind == EventKind.UNIT_RETIRED:
        how = _label(UnitStatus, data.get("status", ""))
        return _("%(how)s on %(day)s") % {"how": how, "day": data.get("retired_on", "")}
    place = data.get("market") or _("market unknown")
    return _("on %(day)s, %(market)s") % {"day": data.get("sold_on", ""), "market": place}


def _doubt_detail(data: dict[str, Any]) -> str:
    """Say which signal it was and, once somebody decided, what and why."""
    words = _label(DoubtKind, data.get("kind", "")), _label(DoubtState, data.get("state", ""))
    return ": ".join(part for part in (*words, data.get("reason")) if part)


def _registration_detail(event: Event) -> str:
    """Say what stood behind it, what kind of address took its place, or which owner turned out to be whom."""
    data = event.data
    if event.kind == EventKind.REGISTRATION_SENT:
        return _label(Proof, data.get("proof", ""))
    if event.kind == EventKind.REGISTRATION_CORRECTED:
        return _label(ContactKind, data.get("contact", ""))
    if "from_owner" not in data:
        return ""
    numbers = {"now": f"#{event.owner_id}", "before": f"#{data['from_owner']}"}
    return _("the owner's number is %(now)s; it was %(before)s until then") % numbers


def _label(choices: type[TextChoices], value: str) -> str:
    return str(choices(value).label) if value in choices.values else value


def _scan_days(unit: Unit, zone: ZoneInfo) -> list[tuple[dt.datetime, Counter[str]]]:
    """Return per day, newest first, when the last scan was and how many scans proved what."""
    rows = (
        Scan.objects.of_unit(unit)
        .annotate(day=TruncDate("at", tzinfo=zone))
        .values("day", "verdict")
        .annotate(number=Count("id"), last=Max("at"))
        .order_by("-day")[: (MOST_DAYS + 1) * len(Verdict)]
    )
    days: dict[dt.date, tuple[dt.datetime, Counter[str]]] = {}
    for row in rows:
        last, verdicts = days.get(row["day"], (row["last"], Counter()))
        verdicts[row["verdict"]] += row["number"]
        days[row["day"]] = (max(last, row["last"]), verdicts)
    return list(days.values())


def _scan_line(last: dt.datetime, verdicts: Counter[str]) -> Line:
    total = verdicts.total()
    title = ngettext("%(count)d scan", "%(count)d scans", total) % {"count": total}
    words = [
        f"{number} {Verdict(verdict).label}" if total > 1 else str(Verdict(verdict).label)
        for verdict, number in verdicts.most_common()
    ]
    return Line(last, "scan", title, ", ".join(words), scans=total)
