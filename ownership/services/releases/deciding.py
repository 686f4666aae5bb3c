"""The desk: a decision, an appeal to somebody else, and what follows from it."""

import datetime as dt

from django.db import transaction
from django.utils.translation import gettext as _

from analytics.kinds import EventKind
from ownership.errors import OwnershipError
from ownership.models import Decision, ReleaseRequest
from ownership.models.policies import policy_of
from ownership.models.releases import ReleaseState, Side
from ownership.services.ownerships import refuse_missed
from ownership.services.parties import refuse_party
from ownership.services.releases.base import advance, carry_out, last_decision, last_moment, record, standing
from products.services.audit import write_audit

State = ReleaseState


@transaction.atomic
def decide_release(
    *, release_id: int, for_side: Side, reason: str, annuls: bool, now: dt.datetime, actor_id: int
) -> ReleaseRequest:
    """Decide for one side, with a reason that both read; the second decision holds at once.

    So does one that hands over what its owner offers: nobody has lost, and nobody would appeal.
    `annuls`: the ownership so far counts as none, the claimant is not a further owner. Raises
    OwnershipError: `over`, `too_late` (decided already), `same_decider` (an appeal is for somebody else),
    `party` (who decides is one of the two), `missed` (for the claimant, while it is searched for),
    `annuls_for_owner`, `annuls_offer`; for the taker of an offer what `hand_over_by_desk` raises.
    """
    release = standing(release_id, State.DESK, State.APPEALED)
    _refuse_decider(release, actor_id)
    _refuse_side(release, for_side, annuls=annuls)
    decision: Decision = Decision.objects.create(
        request=release,
        instance=2 if release.state == State.APPEALED else 1,
        for_side=for_side,
        reason=reason,
        annuls=annuls,
        decided_by_id=actor_id,
        decided_at=now,
    )
    record(
        EventKind.RELEASE_DECIDED, release, now, actor_id,
        instance=decision.instance, side=for_side.value, annuls=annuls,
    )  # fmt: skip
    write_audit(
        action=EventKind.RELEASE_DECIDED.value,
        obj=release,
        brand_id=release.brand_id,
        actor_id=actor_id,
        now=now,
    )
    suits_both = release.transfer_id is not None and for_side == Side.CLAIMANT
    if decision.instance == 2 or suits_both:
        return carry_out(release, decision, now=now)
    appeal_by = last_moment(release, now, days=policy_of(release.brand_id).appeal_days)
    advance(release, State.DECIDED, now=now, actor_id=actor_id, appeal_by=appeal_by)
    return release


def _refuse_decider(release: ReleaseRequest, actor_id: int) -> None:
    if release.decisions.filter(decided_by_id=actor_id).exists():
        raise OwnershipError(
            "same_decider", _("You decided it the first time. A colleague has to decide about the appeal.")
        )
    refuse_party([release.claimant_id, release.ownership.owner_id], actor_id=actor_id)
    if release.transfer is not None and release.transfer.started_by_id == actor_id:
        raise OwnershipError(
            "party", _("You started this offer for its owner. A colleague has to look at it.")
        )


def _refuse_side(release: ReleaseRequest, for_side: Side, *, annuls: bool) -> None:
    if for_side == Side.CLAIMANT:
        refuse_missed(release.unit)
    if annuls and for_side != Side.CLAIMANT:
        raise OwnershipError(
            "annuls_for_owner", _("An ownership that stays can't count as none. Untick the box.")
        )
    if annuls and release.transfer_id is not None:
        raise OwnershipError("annuls_offer", _("An owner who passes it on was its owner. Untick the box."))


@transaction.atomic
def appeal_decision(
    *, release_id: int, side: Side, words: str, now: dt.datetime, actor_id: int | None
) -> ReleaseRequest:
    """The side that lost has somebody else look at it. The same appeal twice is one.

    Raises OwnershipError: `over`, `too_late` (its time has run out), `not_yours` (they won).
    """
    release = standing(release_id, State.DECIDED, State.APPEALED)
    _lost(release, side)
    if release.state == State.APPEALED:
        return release
    if release.appeal_by is None or release.appeal_by <= now:
        raise OwnershipError("too_late", _("The time for an appeal has run out."))
    advance(release, State.APPEALED, now=now, actor_id=actor_id, appeal=words)
    record(EventKind.RELEASE_APPEALED, release, now, actor_id, side=side.value)
    return release


@transaction.atomic
def accept_decision(*, release_id: int, side: Side, now: dt.datetime, actor_id: int | None) -> ReleaseRequest:
    """The side that lost agrees, so that nobody has to wait.

    Raises OwnershipError as `appeal_decision` does; `missed` where an owner who still looks for it agrees.
    """
    release = standing(release_id, State.DECIDED)
    return carry_out(release, _lost(release, side), now=now)


def _lost(release: ReleaseRequest, side: Side) -> Decision:
    """Return the decision by which this side lost."""
    decision = last_decision(release)
    if decision is None or decision.for_side == side:
        raise OwnershipError("not_yours", _("The decision is for you; there is nothing to appeal."))
    return decision
