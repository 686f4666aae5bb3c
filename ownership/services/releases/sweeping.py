"""Beat's rounds over requests for release: what silence, time or another turn of events has decided."""

import datetime as dt
from collections.abc import Callable

from django.db import transaction
from django.db.models import F, Q

from analytics.kinds import EventKind
from ownership.models import Ownership, ReleaseRequest
from ownership.models.owners import Acquired
from ownership.models.releases import RELEASE_OPEN, ReleaseState, Side
from ownership.models.transfers import TransferState
from ownership.services.ownerships import is_missed
from ownership.services.releases.answering import to_desk
from ownership.services.releases.base import (
    advance,
    carry_out,
    give_to_claimant,
    keep,
    last_decision,
    locked,
    record,
)

State = ReleaseState
AT_ONCE = 500  # requests of one round; the next takes the rest


def due_releases(*, now: dt.datetime) -> list[int]:
    """Return the requests that wait for nobody any more, the oldest first."""
    open_ones = ReleaseRequest.objects.open()
    without_offer = open_ones.offer_over().values("pk")
    due = open_ones.filter(
        Q(state=State.ASKED, answer_by__lte=now)
        | Q(state__in=[State.REFUSED, State.DECIDED], appeal_by__lte=now)
        | Q(ownership__until__isnull=False)
        | Q(claimant__isnull=True)
        | Q(claimant=F("ownership__owner"))
        | ~Q(unit__status="active")
        | Q(pk__in=without_offer)
    )
    return list(due.order_by("pk").values_list("pk", flat=True)[:AT_ONCE])


@transaction.atomic
def move_on(*, release_id: int, now: dt.datetime) -> ReleaseRequest | None:
    """Take the step that is due for one request; None where none is. Twice changes nothing."""
    release = locked(release_id)
    if release.state not in RELEASE_OPEN:
        return None
    # Two addresses of one person may turn out to be one owner's.
    is_own = release.claimant_id == release.ownership.owner_id
    offer_over = release.transfer is not None and release.transfer.state != TransferState.OPEN
    gone = release.ownership.until or release.unit.is_retired or release.claimant is None
    if is_own or gone or offer_over:
        return _overtaken(release, now)
    step = _STEPS.get(State(release.state))
    return step(release, now) if step else None


def _silent(release: ReleaseRequest, now: dt.datetime) -> ReleaseRequest | None:
    if release.answer_by is None or release.answer_by > now:
        return None
    return to_desk(release, why="silence", now=now, actor_id=None)


def _let_stand(release: ReleaseRequest, now: dt.datetime) -> ReleaseRequest | None:
    return keep(release, now=now) if _over(release, now) else None


def _final(release: ReleaseRequest, now: dt.datetime) -> ReleaseRequest | None:
    decision = last_decision(release)
    if decision is None or not _over(release, now):
        return None
    if decision.for_side == Side.CLAIMANT and is_missed(release.unit):
        return _look_again(release, now)
    return carry_out(release, decision, now=now)


def _look_again(release: ReleaseRequest, now: dt.datetime) -> ReleaseRequest:
    """Reported lost or stolen since the decision: whoever decided could not know, so a colleague looks as well."""
    advance(release, State.APPEALED, now=now, actor_id=None)
    record(EventKind.RELEASE_ESCALATED, release, now, why="missed")
    return release


def _over(release: ReleaseRequest, now: dt.datetime) -> bool:
    return release.appeal_by is not None and release.appeal_by <= now


_STEPS: dict[ReleaseState, Callable[[ReleaseRequest, dt.datetime], ReleaseRequest | None]] = {
    State.ASKED: _silent,
    State.REFUSED: _let_stand,
    State.DECIDED: _final,
}


def _overtaken(release: ReleaseRequest, now: dt.datetime) -> ReleaseRequest:
    """The ownership that was asked to end has ended otherwise.

    An owner who just left has left it to the claimant, who could register it now like anybody. What
    went back to the shop, or on to somebody else, is not theirs; nor is what staff were still to look at, or
    what stays reported lost or stolen.
    """
    unit = release.unit
    is_free = (
        not (unit.is_retired or is_missed(unit)) and not Ownership.objects.of_unit(unit).current().exists()
    )
    was_left = not release.ownership.annulled and release.transfer_id is None
    if is_free and was_left and release.claimant is not None:
        return give_to_claimant(release, acquired=Acquired.RELEASE, now=now, actor_id=None)
    advance(release, State.WITHDRAWN, now=now, actor_id=None)
    record(EventKind.RELEASE_ENDED, release, now, outcome="overtaken")
    return release
