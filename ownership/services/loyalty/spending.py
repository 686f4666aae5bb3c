"""Exchanging points for a reward."""

import datetime as dt

from django.db import connection, transaction
from django.db.models import F
from django.utils.translation import gettext as _

from analytics.kinds import EventKind
from analytics.services import NewEvent, record_event
from ownership.errors import OwnershipError
from ownership.models import LoyaltyAccount, LoyaltyEntry, Owner, Redemption, Reward, RewardCode
from ownership.models.loyalty import EntryKind, RewardKind
from ownership.services.holding import is_on_hold
from ownership.services.loyalty.accounts import lock_account
from ownership.services.loyalty.expiry import expire_points_of


@transaction.atomic
def redeem_reward(
    *, owner_id: int, reward_id: int, submission_key: str, actor_id: int | None, now: dt.datetime
) -> Redemption:
    """Exchange an owner's points for a reward; the same form again returns the same exchange.

    Raises OwnershipError: `gone` (not offered at the owner's brand), `sent` (the form was another's), `have_it`
    (something to read that they exchanged already), `sold_out` (no code is left), `too_few` (points),
    `on_hold` (the owner's address is too new).
    Whatever is refused costs nothing.
    """
    owner = Owner.objects.get(pk=owner_id)
    lock_account(owner_id)
    known: Redemption | None = Redemption.objects.filter(submission_key=submission_key).first()
    if known is not None:
        if (known.owner_id, known.reward_id) != (owner_id, reward_id):
            raise OwnershipError("sent", _("This form was sent already. Open the reward again."))
        return known
    _refuse_on_hold(owner, now)
    reward = _offered(owner, reward_id)
    code = _take_code(reward) if reward.kind == RewardKind.CODE else None
    line = _pay(owner, reward, submission_key, now)
    redemption: Redemption = Redemption.objects.create(
        owner=owner, reward=reward, entry=line, submission_key=submission_key, at=now
    )
    if code is not None:
        RewardCode.objects.filter(pk=code.pk).update(redemption=redemption, used_at=now)
    record_event(
        NewEvent(
            EventKind.POINTS_REDEEMED, owner.brand_id, now, owner_id=owner_id, actor_id=actor_id,
            data={"entry": line.pk, "points": line.points, "reward": reward.pk, "redemption": redemption.pk},
        ),
        now=now,
    )  # fmt: skip
    return redemption


def _refuse_on_hold(owner: Owner, now: dt.datetime) -> None:
    if is_on_hold(owner_id=owner.pk, now=now):
        raise OwnershipError(
            "on_hold",
            _(
                "Your address was changed a moment ago. To keep your points safe, none can be exchanged for two days."
            ),
        )


def _offered(owner: Owner, reward_id: int) -> Reward:
    reward: Reward | None = Reward.objects.filter(
        pk=reward_id, brand=owner.brand_id, is_active=True, brand__loyalty_programme__isnull=False
    ).first()
    if reward is None:
        raise OwnershipError("gone", _("This reward is no longer offered. Nothing was taken from you."))
    held = Redemption.objects.filter(owner=owner, reward=reward, reversed_at=None)
    if reward.kind == RewardKind.CONTENT and held.exists():
        raise OwnershipError("have_it", _("You have this already; it is yours to read."))
    return reward


def _take_code(reward: Reward) -> RewardCode:
    """Lock a code that nobody else is being given: on PostgreSQL, simultaneous exchanges take different ones."""
    skips = connection.features.has_select_for_update_skip_locked
    free = RewardCode.objects.filter(reward=reward).unused().order_by("pk")
    code: RewardCode | None = free.select_for_update(skip_locked=skips).first()
    if code is None:
        raise OwnershipError("sold_out", _("The last one has just gone. Nothing was taken from you."))
    return code


def _pay(owner: Owner, reward: Reward, submission_key: str, now: dt.datetime) -> LoyaltyEntry:
    """Take the reward's points off; what is over by now is not spent."""
    expire_points_of([owner.pk], now=now)
    enough = LoyaltyAccount.objects.filter(owner=owner, balance__gte=reward.cost)
    if not enough.update(balance=F("balance") - reward.cost):
        raise OwnershipError("too_few", _("That is more than you have. Nothing was taken from you."))
    line: LoyaltyEntry = LoyaltyEntry.objects.create(
        owner=owner,
        kind=EntryKind.REDEMPTION,
        points=-reward.cost,
        dedupe_key=f"redeem:{submission_key}",
        at=now,
    )
    return line
