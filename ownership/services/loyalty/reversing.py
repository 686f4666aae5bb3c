"""Taking back what should not have been: an award that was a mistake, an exchange that came to nothing.

An award gives up what is left of its own points, and no other award's: what was spent of it can't be recovered. A
balance is never below zero and nobody owes points. An exchange gives back what it took, but for points of awards that
were taken back since: they were a mistake, and the reward that they paid for stays.
"""

import datetime as dt
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils.translation import gettext as _

from analytics.kinds import EventKind
from analytics.services import NewEvent, record_event
from ownership.errors import OwnershipError
from ownership.models import LoyaltyEntry, Redemption
from ownership.models.loyalty import EntryKind
from ownership.services.loyalty.accounts import expiry_of, lock_account, write_lines
from ownership.services.loyalty.lots import left_of, to_give_back

AT_LEAST = 1  # months for which points that come back can be spent, though their own days are over


@dataclass(frozen=True, slots=True)
class Reversed:
    """The line that takes another back, and how many of that line's points stay as they are."""

    entry: LoyaltyEntry
    rest: int


@transaction.atomic
def reverse_entry(*, entry_id: int, reason: str, actor_id: int | None, now: dt.datetime) -> Reversed:
    """Take back what is left of an award, or give the points of an exchange back.

    Raises OwnershipError: `no_reason`, `reversed` (it was, already), `fixed` (an expiry or a reversal),
    `over` (the award's points have expired), `spent` (nothing of the award is left), `paid_by_mistake` (all that the
    exchange took was taken back as an award).
    """
    if not reason.strip():
        raise OwnershipError("no_reason", _("Say why: the reason stays with the points."))
    entry = LoyaltyEntry.objects.select_related("owner__brand").get(pk=entry_id)
    lock_account(entry.owner_id)
    _refuse_fixed(entry, now)
    points = reversible_points(entry)
    if points == 0:
        _refuse_empty(entry)
    if entry.kind == EntryKind.REDEMPTION:
        Redemption.objects.filter(entry=entry).update(reversed_at=now)
    line = _write(entry, points, reason.strip()[:200], actor_id, now)
    return Reversed(line, abs(entry.points + points))


def reversible_points(entry: LoyaltyEntry) -> int:
    """Return what taking this line back would add to the balance: less than nothing for an award."""
    lines = LoyaltyEntry.objects.filter(owner=entry.owner_id)
    if entry.kind == EntryKind.REDEMPTION:
        return sum(lot.points for lot in to_give_back(entry.pk, lines))
    return -left_of(entry.pk, lines)


def _refuse_empty(entry: LoyaltyEntry) -> None:
    if entry.kind == EntryKind.REDEMPTION:
        raise OwnershipError(
            "paid_by_mistake", _("What paid for this was taken back before; there is nothing to give back.")
        )
    raise OwnershipError("spent", _("These points are spent; nothing of them is left to take back."))


def _refuse_fixed(entry: LoyaltyEntry, now: dt.datetime) -> None:
    if entry.kind not in (EntryKind.AWARD, EntryKind.REDEMPTION):
        raise OwnershipError("fixed", _("Only points given and points exchanged can be taken back."))
    if LoyaltyEntry.objects.filter(reverses=entry).exists():
        raise OwnershipError("reversed", _("This line was taken back already."))
    if entry.kind == EntryKind.AWARD and entry.expires_at and entry.expires_at <= now:
        raise OwnershipError("over", _("These points have expired; there is nothing to take back."))


def _write(
    entry: LoyaltyEntry, points: int, reason: str, actor_id: int | None, now: dt.datetime
) -> LoyaltyEntry:
    zone = ZoneInfo(entry.owner.brand.time_zone)
    line = LoyaltyEntry(
        owner_id=entry.owner_id, kind=EntryKind.REVERSAL, points=points, reverses=entry, unit_id=entry.unit_id,
        dedupe_key=f"reversal:{entry.pk}", reason=reason, actor_id=actor_id, at=now,
        expires_at=expiry_of(AT_LEAST, zone=zone, now=now) if points > 0 else None,
    )  # fmt: skip
    write_lines([line])
    record_event(
        NewEvent(
            EventKind.POINTS_REVERSED, entry.owner.brand_id, now, owner_id=entry.owner_id, actor_id=actor_id,
            data={"entry": line.pk, "points": points, "reverses": entry.pk},
        ),
        now=now,
    )  # fmt: skip
    return line
