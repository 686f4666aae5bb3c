"""What every step of a request for release begins and ends with."""

import datetime as dt

from django.db.models import F
from django.utils.translation import gettext as _

from analytics.kinds import EventKind
from analytics.services import NewEvent, lock_unit, record_event
from ownership.errors import OwnershipError
from ownership.models import Decision, Owner, Ownership, ReleaseRequest
from ownership.models.owners import Acquired, Annulled
from ownership.models.policies import policy_of
from ownership.models.releases import RELEASE_ENDED, ReleaseGround, ReleaseState, Side
from ownership.services.ownerships import (
    annul_ownership,
    hand_over,
    refuse_missed,
    settle_flags,
    start_ownership,
)
from ownership.services.transfers import cancel_transfer, hand_over_by_desk
from products.days import day_in, market_zones, zone_of
from products.models import PrivateFile

State = ReleaseState


def locked(release_id: int) -> ReleaseRequest:
    """Lock the unit, then the request, and return it as it stands now."""
    found = ReleaseRequest.objects.only("unit_id").get(pk=release_id)
    lock_unit(found.unit_id)
    release: ReleaseRequest = (
        ReleaseRequest.objects.select_for_update(of=("self",))
        .select_related("unit__brand", "ownership__owner", "claimant", "transfer")
        .get(pk=release_id)
    )
    return release


def standing(release_id: int, *states: ReleaseState) -> ReleaseRequest:
    """Return the request, locked, where it is in one of these states.

    Raises OwnershipError: `over` (it has ended, or the unit has another owner meanwhile), `too_late`
    (it has gone on: another answer is due now).
    """
    release = locked(release_id)
    if release.state in RELEASE_ENDED or release.ownership.until is not None:
        raise OwnershipError("over", _("This request has ended; nothing is left to answer."))
    if release.state not in states:
        raise OwnershipError("too_late", _("Things have moved on since you opened this page. Look again."))
    return release


def advance(
    release: ReleaseRequest, state: ReleaseState, *, now: dt.datetime, actor_id: int | None, **changes: object
) -> None:
    """Move the request on, and bring the flags of its unit in line. Call it with both locked."""
    if state not in ReleaseRequest.TRANSITIONS[State(release.state)]:
        raise ValueError(f"A request for release does not go from {release.state} to {state}.")
    if state in RELEASE_ENDED:
        changes["ended_at"] = now
        kept = dt.timedelta(days=policy_of(release.brand_id).evidence_days)
        keep_files(release, until=now + kept)
    for field, value in {"state": state, **changes}.items():
        setattr(release, field, value)
    ReleaseRequest.objects.filter(pk=release.pk).update(state=state, **changes)
    settle_flags(unit=release.unit, now=now, actor_id=actor_id)


def last_moment(release: ReleaseRequest, now: dt.datetime, *, days: int) -> dt.datetime:
    """Return the end of the day so many days from now, where the unit was sold (else at its brand)."""
    brand = release.unit.brand
    zone = zone_of(release.unit.market, market_zones(brand), brand.time_zone)
    last_day = day_in(zone, now) + dt.timedelta(days=days)
    return dt.datetime.combine(last_day, dt.time.max, zone).astimezone(dt.UTC)


def keep_files(release: ReleaseRequest, *, until: dt.datetime) -> None:
    """Let all files of the case be deleted from then on, and not before."""
    PrivateFile.objects.filter(pk__in=release.evidence.values("file")).update(expires_at=until)


def record(
    kind: EventKind, release: ReleaseRequest, now: dt.datetime, actor_id: int | None = None, **data: object
) -> None:
    """Write a step to the ledger, with numbers and codes only."""
    event = NewEvent(
        kind, release.brand_id, now, unit_id=release.unit_id, owner_id=release.ownership.owner_id,
        actor_id=actor_id, data={"release": release.pk, **data},
    )  # fmt: skip
    record_event(event, now=now)


def give_to_claimant(
    release: ReleaseRequest, *, acquired: Acquired, now: dt.datetime, actor_id: int | None
) -> ReleaseRequest:
    """Make the claimant the unit's owner and end the request; coverage and history stay with the unit.

    An owner who lost the registered address is no further owner: number and beginning stay theirs.
    Raises OwnershipError `missed` (to end the search is for whoever began it, or staff, not a consequence of
    the request) and what `hand_over` raises.
    """
    unit, claimant = release.unit, _claimant(release)
    refuse_missed(unit)
    if release.ground == ReleaseGround.RECOVERED and release.ownership.until is None:
        annul_ownership(unit=unit, reason=Annulled.RECOVERED, now=now, actor_id=actor_id)
        since = release.ownership.since
        taken = start_ownership(
            unit=unit, owner=claimant, acquired=acquired, since=since, now=now, actor_id=actor_id
        )
    elif Ownership.objects.of_unit(unit).current().exists():
        taken = hand_over(unit=unit, owner=claimant, acquired=acquired, now=now, actor_id=actor_id)
    else:
        taken = start_ownership(
            unit=unit, owner=claimant, acquired=acquired, since=now, now=now, actor_id=actor_id
        )
    return _released(release, taken, now, actor_id)


def give_as_first_owner(release: ReleaseRequest, *, now: dt.datetime, actor_id: int | None) -> ReleaseRequest:
    """Annul the ownership so far as premature: the claimant takes its ordinal. Coverage is not touched here.

    Raises OwnershipError as `give_to_claimant` does.
    """
    claimant = _claimant(release)
    refuse_missed(release.unit)
    annul_ownership(unit=release.unit, reason=Annulled.PREMATURE, now=now, actor_id=actor_id)
    taken = start_ownership(
        unit=release.unit, owner=claimant, acquired=Acquired.DECISION, since=now, now=now, actor_id=actor_id
    )
    return _released(release, taken, now, actor_id)


def keep(release: ReleaseRequest, *, now: dt.datetime, actor_id: int | None = None) -> ReleaseRequest:
    """End the request: the unit stays with its owner, and an offer that it came of is over."""
    advance(release, State.KEPT, now=now, actor_id=actor_id)
    record(EventKind.RELEASE_ENDED, release, now, actor_id, outcome=State.KEPT.value)
    if release.transfer_id is not None:
        owner_id = release.ownership.owner_id
        cancel_transfer(transfer_id=release.transfer_id, owner_id=owner_id, now=now, actor_id=actor_id)
    return release


def carry_out(release: ReleaseRequest, decision: Decision, *, now: dt.datetime) -> ReleaseRequest:
    """Bring a decision about that nobody can appeal any more."""
    by = decision.decided_by_id
    if decision.for_side == Side.OWNER:
        return keep(release, now=now, actor_id=by)
    if release.transfer_id is not None:
        taken = hand_over_by_desk(
            transfer_id=release.transfer_id, owner=_claimant(release), now=now, actor_id=by
        )
        return _released(release, taken, now, by)
    if decision.annuls:
        return give_as_first_owner(release, now=now, actor_id=by)
    return give_to_claimant(release, acquired=Acquired.DECISION, now=now, actor_id=by)


def last_decision(release: ReleaseRequest) -> Decision | None:
    found: Decision | None = release.decisions.order_by(F("instance").desc()).first()
    return found


def _released(
    release: ReleaseRequest, taken: Ownership, now: dt.datetime, actor_id: int | None
) -> ReleaseRequest:
    advance(release, State.RELEASED, now=now, actor_id=actor_id, taken_over=taken)
    record(EventKind.RELEASE_ENDED, release, now, actor_id, outcome=State.RELEASED.value)
    return release


def _claimant(release: ReleaseRequest) -> Owner:
    if release.claimant is None:
        raise OwnershipError(
            "claimant_gone", _("Whoever asked for it has left; it can't be theirs any more.")
        )
    return release.claimant
