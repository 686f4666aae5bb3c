"""What owner and claimant can do between the question and a decision."""

import datetime as dt

from django.db import transaction
from django.utils.translation import gettext as _

from analytics.kinds import EventKind
from ownership.errors import OwnershipError
from ownership.models import ReleaseRequest
from ownership.models.owners import Acquired
from ownership.models.policies import policy_of
from ownership.models.releases import RELEASE_OPEN, ReleaseState
from ownership.services.holding import refuse_on_hold
from ownership.services.releases.base import advance, give_to_claimant, last_moment, locked, record, standing
from ownership.services.releases.offered import offer_to_claimant
from ownership.services.transfers import needs_desk

State = ReleaseState


@transaction.atomic
def approve_release(*, release_id: int, now: dt.datetime, actor_id: int | None) -> ReleaseRequest:
    """The owner lets it go: the claimant is the owner now, or once staff have seen what shows that they have it.

    Twice changes nothing.
    Raises OwnershipError: `over`, `too_late` (staff have decided), `retired`, `claimant_gone`, `missed` (reported lost or
    stolen), `on_hold` (the owner's address is too new), `offered` (it comes of their own offer).
    """
    release = locked(release_id)
    if release.state == State.RELEASED:
        return release
    release = _waiting_for_owner(release_id)
    refuse_on_hold(owner_id=release.ownership.owner_id, now=now)
    record(EventKind.RELEASE_ANSWERED, release, now, actor_id, answer="approved")
    if needs_desk(release.unit):
        return offer_to_claimant(release, now=now, actor_id=actor_id)
    return give_to_claimant(release, acquired=Acquired.RELEASE, now=now, actor_id=actor_id)


@transaction.atomic
def refuse_release(*, release_id: int, answer: str, now: dt.datetime, actor_id: int | None) -> ReleaseRequest:
    """The owner keeps it, in words that only staff read. Twice changes nothing.

    Where the case is at the desk already, the words go along and nothing else changes.
    Raises OwnershipError: `over`, `too_late` (staff have decided), `offered` (it comes of their own offer).
    """
    release = _waiting_for_owner(release_id)
    if release.state == State.REFUSED or (release.state == State.DESK and release.answer == answer):
        return release
    record(EventKind.RELEASE_ANSWERED, release, now, actor_id, answer="refused")
    if release.state == State.DESK:
        ReleaseRequest.objects.filter(pk=release.pk).update(answer=answer)
        release.answer = answer
        return release
    appeal_by = last_moment(release, now, days=policy_of(release.brand_id).appeal_days)
    advance(release, State.REFUSED, now=now, actor_id=actor_id, answer=answer, appeal_by=appeal_by)
    return release


def _waiting_for_owner(release_id: int) -> ReleaseRequest:
    """Return the request, locked, where the owner can answer it still."""
    release = standing(release_id, State.ASKED, State.REFUSED, State.DESK)
    if release.transfer_id is not None:
        raise OwnershipError(
            "offered",
            _("You are passing it on yourself. If you keep it after all, call that off on its page."),
        )
    return release


@transaction.atomic
def bring_to_desk(
    *, release_id: int, now: dt.datetime, actor_id: int | None, why: str = "refused"
) -> ReleaseRequest:
    """Have staff decide, after a refusal (`why`: what the ledger says). Twice changes nothing.

    Raises OwnershipError: `over`, `too_late`.
    """
    release = standing(release_id, State.REFUSED, State.DESK)
    if release.state == State.DESK:
        return release
    return to_desk(release, why=why, now=now, actor_id=actor_id)


def to_desk(release: ReleaseRequest, *, why: str, now: dt.datetime, actor_id: int | None) -> ReleaseRequest:
    advance(release, State.DESK, now=now, actor_id=actor_id, appeal_by=None)
    record(EventKind.RELEASE_ESCALATED, release, now, actor_id, why=why)
    return release


@transaction.atomic
def withdraw_release(*, release_id: int, now: dt.datetime, actor_id: int | None) -> ReleaseRequest:
    """The claimant takes it back. Twice changes nothing. Raises OwnershipError `over`."""
    release = locked(release_id)
    if release.state == State.WITHDRAWN:
        return release
    release = standing(release_id, State.UNCONFIRMED, *RELEASE_OPEN)
    advance(release, State.WITHDRAWN, now=now, actor_id=actor_id)
    if release.confirmed_at:  # nobody has heard of any other
        record(EventKind.RELEASE_WITHDRAWN, release, now, actor_id)
    return release
