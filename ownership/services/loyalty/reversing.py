"""Taking back what should not have been: an award that was a mistake, an exchange that came to nothing."""

import datetime as dt
from dataclasses import dataclass

from django.db import transaction
from django.utils.translation import gettext as _

from analytics.kinds import EventKind
from analytics.services import NewEvent, record_event
from ownership.errors import OwnershipError
from ownership.models import LoyaltyEntry, Redemption
from ownership.models.loyalty import EntryKind
from ownership.services.loyalty.accounts import lock_account, write_lines


@dataclass(frozen=True, slots=True)
class Reversed:
    """The line that takes another back, and how many points of an award were spent and can't be recovered."""

    entry: LoyaltyEntry
    not_recovered: int


@transaction.atomic
def reverse_entry(*, entry_id: int, reason: str, actor_id: int | None, now: dt.datetime) -> Reversed:
    """Take back an award, as far as its points are still there, or give the points of an exchange back.

    Raises OwnershipError: `no_reason`, `reversed` (it was, already), `fixed` (an expiry or a reversal),
    `over` (the award's points have expired), `spent` (nothing of the award is left).
    """
    if not reason.strip():
        raise OwnershipError("no_reason", _("Say why: the reason stays with the points."))
    entry = LoyaltyEntry.objects.select_related("owner").get(pk=entry_id)
    account = lock_account(entry.owner_id)
    _refuse_fixed(entry, now)
    points = -entry.points if entry.kind == EntryKind.REDEMPTION else -min(entry.points, account.balance)
    if points == 0:
        raise OwnershipError("spent", _("These points are spent; nothing of them is left to take back."))
    if entry.kind == EntryKind.REDEMPTION:
        Redemption.objects.filter(entry=entry).update(reversed_at=now)
    line = _write(entry, points, reason.strip()[:200], actor_id, now)
    return Reversed(line, entry.points + points if entry.kind == EntryKind.AWARD else 0)


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
    line = LoyaltyEntry(
        owner_id=entry.owner_id, kind=EntryKind.REVERSAL, points=points, reverses=entry, unit_id=entry.unit_id,
        dedupe_key=f"reversal:{entry.pk}", reason=reason, actor_id=actor_id, at=now,
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
