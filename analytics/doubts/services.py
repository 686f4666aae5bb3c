"""Raising doubts, deciding them, and claiming those that staff are to be told of."""

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from analytics.doubts.story import Opening, Sighting
from analytics.errors import AnalyticsError
from analytics.kinds import DoubtKind, DoubtState, EventKind
from analytics.models import Doubt, DoubtWatch
from analytics.services import NewEvent, lock_unit, record_event
from products.models import Unit

MOST_EVIDENCE = 20  # scans kept with a doubt
MARK = 8  # characters of a visitor's random id: enough to tell two apart
TOLD_AT_MOST = dt.timedelta(hours=1)  # between two mails to the staff of a brand


@transaction.atomic
def note_sightings(
    *, unit_id: int, kind: DoubtKind, sightings: Sequence[Sighting], now: dt.datetime
) -> Doubt | None:
    """Raise a doubt, or add to the standing one what it has not seen yet; return it where anything was new.

    The same sightings again change nothing, at the same time either: the unit's row is locked first.
    """
    unit = lock_unit(unit_id)
    doubts = Doubt.objects.of_unit(unit).filter(kind=kind)
    standing = doubts.standing().first()
    seen_until = standing.last_seen_at if standing else _settled_at(doubts)
    new = [seen for seen in sightings if seen_until is None or seen.trigger.at > seen_until]
    if not new:
        return None
    return _strengthen(standing, new) if standing else _raise(unit, kind, new, now)


def _settled_at(doubts: Any) -> dt.datetime | None:
    """Return until when staff have dismissed this doubt."""
    decided: dt.datetime | None = doubts.order_by("-decided_at").values_list("decided_at", flat=True).first()
    return decided


def _raise(unit: Unit, kind: DoubtKind, sightings: Sequence[Sighting], now: dt.datetime) -> Doubt:
    doubt = Doubt.objects.create(
        brand_id=unit.brand_id,
        unit=unit,
        kind=kind,
        evidence=_merged([], sightings),
        sightings=len(sightings),
        first_seen_at=sightings[0].trigger.at,
        last_seen_at=sightings[-1].trigger.at,
        country=sightings[-1].trigger.country,
    )
    data = {"doubt": doubt.pk, "kind": kind.value}
    record_event(NewEvent(EventKind.DOUBT_RAISED, unit.brand_id, now, unit_id=unit.pk, data=data), now=now)
    return doubt


def _strengthen(doubt: Doubt, sightings: Sequence[Sighting]) -> Doubt:
    doubt.evidence = _merged(doubt.evidence, sightings)
    doubt.sightings += len(sightings)
    doubt.last_seen_at = sightings[-1].trigger.at
    doubt.country = sightings[-1].trigger.country
    doubt.save(update_fields=["evidence", "sightings", "last_seen_at", "country"])
    return doubt


def _merged(kept: list[dict[str, Any]], sightings: Iterable[Sighting]) -> list[dict[str, Any]]:
    """Return the newest scans of both, each once, oldest first."""
    scans = {scan["scan"]: scan for scan in kept}
    for seen in sightings:
        scans |= {opening.scan_id: as_evidence(opening) for opening in seen.evidence}
    in_order = sorted(scans.values(), key=lambda scan: (dt.datetime.fromisoformat(scan["at"]), scan["scan"]))
    return in_order[-MOST_EVIDENCE:]


def as_evidence(opening: Opening) -> dict[str, Any]:
    """Return what staff need to judge: no address, no name, no more of the visitor than a short mark."""
    return {
        "scan": opening.scan_id,
        "at": opening.at.isoformat(),
        "country": opening.country,
        "verdict": opening.verdict,
        "counter": opening.counter,
        "visitor": opening.visitor[:MARK],
    }


@transaction.atomic
def decide_doubt(
    *, doubt_id: int, state: DoubtState, reason: str, actor_id: int | None, now: dt.datetime
) -> Doubt:
    """Watch, confirm or dismiss a doubt, with its event.

    Raises AnalyticsError: `decided` where it can't go there any more, `no_reason` where one is needed.
    """
    unit_id = Doubt.objects.values_list("unit_id", flat=True).get(pk=doubt_id)
    lock_unit(unit_id)
    doubt: Doubt = Doubt.objects.select_for_update().get(pk=doubt_id)
    reason = reason.strip()
    if state not in Doubt.TRANSITIONS[DoubtState(doubt.state)]:
        raise AnalyticsError(
            "decided",
            _("This doubt is “%(state)s” by now. Look at it again.") % {"state": doubt.get_state_display()},
        )
    if state is not DoubtState.WATCHED and not reason:
        raise AnalyticsError("no_reason", _("Give the reason in a few words."))
    doubt.state, doubt.reason = state, reason
    if state is not DoubtState.WATCHED:
        doubt.decided_at, doubt.decided_by_id = now, actor_id
    doubt.save(update_fields=["state", "reason", "decided_at", "decided_by_id"])
    data = {"doubt": doubt.pk, "kind": doubt.kind, "state": state.value, "reason": reason}
    event = NewEvent(
        EventKind.DOUBT_DECIDED, doubt.brand_id, now, unit_id=unit_id, actor_id=actor_id, data=data
    )
    record_event(event, now=now)
    return doubt


def dismiss_doubts(*, doubts: Iterable[Doubt], reason: str, actor_id: int | None, now: dt.datetime) -> int:
    """Dismiss each doubt that still stands, in a transaction of its own; return how many that were."""
    dismissed = 0
    for doubt in doubts:
        try:
            decide_doubt(
                doubt_id=doubt.pk, state=DoubtState.DISMISSED, reason=reason, actor_id=actor_id, now=now
            )
        except AnalyticsError as refused:
            if refused.code != "decided":  # somebody was faster
                raise
        else:
            dismissed += 1
    return dismissed


@transaction.atomic
def claim_alert(*, brand_id: int, now: dt.datetime) -> list[int]:
    """Mark the brand's new doubts as told and return their ids; none where staff had a mail within the hour.

    Whoever gets the ids writes the mail, once this stands: two at the same time never write it twice.
    """
    watch = DoubtWatch.objects.select_for_update().filter(brand_id=brand_id).first()
    if watch is None or (watch.alerted_at and now - watch.alerted_at < TOLD_AT_MOST):
        return []
    doubts = Doubt.objects.not_told_yet().filter(brand_id=brand_id)
    ids = list(doubts.select_for_update().values_list("pk", flat=True))
    if ids:
        doubts.filter(pk__in=ids).update(alerted_at=now)
        DoubtWatch.objects.filter(pk=watch.pk).update(alerted_at=now)
    return ids


@transaction.atomic
def release_alert(*, brand_id: int, doubt_ids: list[int], claimed_at: dt.datetime) -> None:
    """Give doubts back that nobody could be told of, so that the next round tries again."""
    Doubt.objects.filter(pk__in=doubt_ids, alerted_at=claimed_at).update(alerted_at=None)
    DoubtWatch.objects.filter(brand_id=brand_id, alerted_at=claimed_at).update(alerted_at=None)
