"""A valuable unit without a chip to tap changes hands by its owner's code, a proof, and staff who look at it."""

import datetime as dt

from django.db import transaction
from django.utils.translation import gettext as _

from analytics.kinds import EventKind
from ownership.errors import OwnershipError
from ownership.models import ReleaseRequest, Transfer
from ownership.models.registrations import Proof
from ownership.models.releases import ReleaseGround, ReleaseState
from ownership.models.transfers import TransferKind
from ownership.services.ownerships import settle_flags
from ownership.services.releases.asking import ReleaseForm, keep_request
from ownership.services.releases.base import advance, record
from ownership.services.releases.evidence import NewPiece
from ownership.services.transfers import cancel_transfer, open_offer, refuse_unshowable
from ownership.services.transfers import locked as locked_transfer


@transaction.atomic
def ask_to_take_over(
    *, transfer_id: int, form: ReleaseForm, pieces: list[NewPiece], now: dt.datetime
) -> ReleaseRequest:
    """Keep the request of whoever has the owner's code until its address is confirmed; then it is at the desk.

    The same form sent twice is one request, and until one is confirmed the offer is open to everybody who has the
    code. Raises OwnershipError: `accepted`, `cancelled`, `expired`, `at_the_shop`, `on_hold`, what
    `refuse_passing_on` raises, `needless` (the unit is not valuable), `no_proof`.
    """
    transfer = locked_transfer(transfer_id)
    known: ReleaseRequest | None = ReleaseRequest.objects.filter(
        submission_key=form.key_for(transfer.unit)
    ).first()
    if known is not None:
        return known
    refuse_unshowable(transfer, now=now)
    if not pieces:
        raise OwnershipError("no_proof", _("We need a picture of the piece with its number, please."))
    return keep_request(transfer.ownership, form, Proof.CODE, pieces, now, transfer=transfer)


def offer_to_claimant(release: ReleaseRequest, *, now: dt.datetime, actor_id: int | None) -> ReleaseRequest:
    """Take the owner's yes as an offer to whoever asked: staff look at the proof that came with the request.

    Call it with the unit and the request locked.
    """
    given = release.ground == ReleaseGround.GIVEN
    kind = TransferKind.GIFT if given else TransferKind.SALE
    offer = open_offer(ownership=release.ownership, kind=kind, now=now, actor_id=actor_id)
    at_desk = release.state == ReleaseState.DESK
    changes = {"transfer": offer, "ground": ReleaseGround.OFFERED, "appeal_by": None}
    if not at_desk:
        advance(release, ReleaseState.DESK, now=now, actor_id=actor_id, **changes)
        return release
    ReleaseRequest.objects.filter(pk=release.pk).update(**changes)
    release.refresh_from_db()
    settle_flags(unit=release.unit, now=now, actor_id=actor_id)  # nobody is at odds any more
    return release


@transaction.atomic
def call_off_offer(
    *, transfer_id: int, owner_id: int | None, now: dt.datetime, actor_id: int | None = None
) -> tuple[Transfer, ReleaseRequest | None]:
    """Call the offer off, and with it what is at the desk, which is returned, too.

    Raises OwnershipError as `cancel_transfer` does.
    """
    transfer = cancel_transfer(transfer_id=transfer_id, owner_id=owner_id, now=now, actor_id=actor_id)
    rows = ReleaseRequest.objects.open().filter(transfer=transfer)
    case: ReleaseRequest | None = rows.select_related("unit__brand", "ownership__owner", "claimant").first()
    if case is not None:  # the unit is locked, and every step of a case locks it first
        advance(case, ReleaseState.WITHDRAWN, now=now, actor_id=actor_id)
        record(EventKind.RELEASE_ENDED, case, now, actor_id, outcome="called_off")
    return transfer, case
