"""Giving points: by rule in rounds, which may run as often and as many at once as they like, and by hand."""

import datetime as dt
from collections import defaultdict
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import F, Sum
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _

from analytics.kinds import EventKind
from analytics.services import NewEvent, record_events
from ownership.errors import OwnershipError
from ownership.models import LoyaltyEntry, LoyaltyProgramme, LoyaltyRule, Owner
from ownership.models.loyalty import EntryKind
from ownership.services.loyalty.accounts import expiry_of, lock_account, lock_accounts, write_lines
from ownership.services.loyalty.expiry import expire_points
from ownership.services.loyalty.rules import Reached, key_of, reached
from ownership.services.parties import refuse_party
from products.days import day_in

BATCH = 1000  # awards per transaction
MOST_BY_HAND = 1_000_000


@dataclass(frozen=True, slots=True)
class Round:
    """What a round did at one brand: awards given, owners whose points expired."""

    awards: int
    expiries: int


def run_loyalty(*, brand_id: int, now: dt.datetime) -> Round:
    """Take off what is over at a brand, and give what its rules promise. Stopped half-way, the next run goes on."""
    if not LoyaltyProgramme.objects.filter(brand=brand_id).exists():
        return Round(0, 0)
    expiries = expire_points(brand_id=brand_id, now=now)
    rules = LoyaltyRule.objects.filter(brand=brand_id, is_active=True, starts_at__lte=now)
    awards = 0
    for rule in rules.select_related("brand").order_by("pk"):
        for found in reached(rule, now=now, batch=BATCH):
            awards += award(rule, found, now=now)
    return Round(awards, expiries)


@transaction.atomic
def award(rule: LoyaltyRule, found: list[Reached], *, now: dt.datetime) -> int:
    """Give the rule's points to those who have none for this yet and whose year has room; return how many got them."""
    lock_accounts(owner_id for owner_id, _unit in found)
    wanted = {key_of(rule, owner_id, unit_id): (owner_id, unit_id) for owner_id, unit_id in found}
    paid = LoyaltyEntry.objects.filter(dedupe_key__in=wanted).values_list("dedupe_key", flat=True)
    for key in list(paid):
        del wanted[key]
    zone = ZoneInfo(rule.brand.time_zone)
    expires_at = expiry_of(rule.expires_months, zone=zone, now=now)
    lines = [
        LoyaltyEntry(
            owner_id=owner_id, kind=EntryKind.AWARD, points=rule.points, rule=rule, unit_id=unit_id,
            dedupe_key=key, at=now, expires_at=expires_at,
        )
        for key, (owner_id, unit_id) in _within_the_cap(rule, wanted, zone, now).items()
    ]  # fmt: skip
    write_lines(lines)
    _record(lines, brand_id=rule.brand_id, actor_id=None, now=now)
    return len(lines)


def _within_the_cap(
    rule: LoyaltyRule, wanted: dict[str, Reached], zone: ZoneInfo, now: dt.datetime
) -> dict[str, Reached]:
    """Leave out what goes beyond the rule's points in a calendar year of the brand; it waits for the next."""
    if rule.cap_per_year is None:
        return wanted
    sums = _given_this_year(rule, {owner_id for owner_id, _unit in wanted.values()}, zone, now)
    kept = {}
    for key, (owner_id, unit_id) in wanted.items():
        if sums[owner_id] + rule.points <= rule.cap_per_year:
            sums[owner_id] += rule.points
            kept[key] = (owner_id, unit_id)
    return kept


def _given_this_year(rule: LoyaltyRule, owners: set[int], zone: ZoneInfo, now: dt.datetime) -> dict[int, int]:
    """Return what each of these owners got by the rule and was not taken back from them; their accounts are locked."""
    year = day_in(zone, now).year
    given = LoyaltyEntry.objects.of_rule(rule).filter(
        owner__in=owners,
        at__gte=dt.datetime(year, 1, 1, tzinfo=zone),
        at__lt=dt.datetime(year + 1, 1, 1, tzinfo=zone),
    )
    kept = Sum(F("points") + Coalesce("reversal__points", 0))
    sums: dict[int, int] = defaultdict(int)
    sums |= dict(given.order_by().values("owner").annotate(kept=kept).values_list("owner", "kept"))
    return sums


@transaction.atomic
def award_by_hand(
    *,
    owner_id: int,
    points: int,
    reason: str,
    submission_key: str,
    actor_id: int | None,
    now: dt.datetime,
    expires_at: dt.datetime | None = None,
) -> LoyaltyEntry:
    """Give an owner points for a reason that no rule knows; the same form again gives nothing more.

    Raises OwnershipError: `no_reason`, `no_points` (less than one, or over a million), `no_programme`, `sent` (the
    form gave points to somebody else already), `party` (to oneself).
    """
    refuse_party([owner_id], actor_id=actor_id)
    if not reason.strip():
        raise OwnershipError("no_reason", _("Say why: the reason stays with the points."))
    if not 1 <= points <= MOST_BY_HAND:
        raise OwnershipError("no_points", _("Give between one point and a million."))
    owner = Owner.objects.get(pk=owner_id)
    if not LoyaltyProgramme.objects.filter(brand=owner.brand_id).exists():
        raise OwnershipError("no_programme", _("This brand has no loyalty programme."))
    lock_account(owner_id)
    key = f"hand:{submission_key}"
    known: LoyaltyEntry | None = LoyaltyEntry.objects.filter(dedupe_key=key).first()
    if known is not None:
        return _of_the_same(known, owner_id)
    line = LoyaltyEntry(
        owner_id=owner_id, kind=EntryKind.AWARD, points=points, reason=reason.strip()[:200], actor_id=actor_id,
        dedupe_key=key, at=now, expires_at=expires_at,
    )  # fmt: skip
    write_lines([line])
    _record([line], brand_id=owner.brand_id, actor_id=actor_id, now=now)
    return line


def _of_the_same(known: LoyaltyEntry, owner_id: int) -> LoyaltyEntry:
    if known.owner_id != owner_id:
        raise OwnershipError("sent", _("This form was sent already, for another owner. Open it again."))
    return known


def _record(lines: list[LoyaltyEntry], *, brand_id: int, actor_id: int | None, now: dt.datetime) -> None:
    """Put awards on the brand's ledger. They are the owner's and not the unit's, whose history they would fill."""
    events = [
        NewEvent(
            EventKind.POINTS_AWARDED, brand_id, now, owner_id=line.owner_id, actor_id=actor_id,
            data={"entry": line.pk, "points": line.points, "rule": line.rule_id},
        )
        for line in lines
    ]  # fmt: skip
    record_events(events, now=now)
