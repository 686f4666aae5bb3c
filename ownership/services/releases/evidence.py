"""Evidence of each side: the files, their limit, and how it all goes once a case is over."""

import datetime as dt
from dataclasses import dataclass

from allauth.account.models import EmailAddress
from django.db import models, transaction
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext as _

from analytics.kinds import EventKind
from ownership.errors import OwnershipError
from ownership.models import Decision, Evidence, Owner, ReleaseRequest
from ownership.models.policies import policy_of
from ownership.models.releases import RELEASE_ENDED, RELEASE_OPEN, ReleaseState, Side
from ownership.querysets import ReleaseQuerySet
from ownership.services.registrations import PROVISIONAL
from ownership.services.releases.base import record, standing
from ownership.services.sweeping import AT_ONCE, unreferenced
from products.models import Device, Person, PhoneNumber, PrivateFile
from products.services.files import keep_private_file

MOST_PIECES = 5  # of each side
UNCONFIRMED_KEPT = dt.timedelta(days=7)
# While a case is open nothing goes; should it never end, a year is the end of it.
OPEN_KEPT = dt.timedelta(days=365)


@dataclass(frozen=True, slots=True)
class NewPiece:
    """A file that is stored already, and the SHA-256 by which it is known when it comes again."""

    file: PrivateFile
    digest: str


@transaction.atomic
def add_evidence(
    *, release_id: int, side: Side, pieces: list[NewPiece], now: dt.datetime, actor_id: int | None
) -> ReleaseRequest:
    """Put further files to the case. Raises OwnershipError: `over`, `too_many` (more than MOST_PIECES of one side)."""
    release = standing(release_id, *RELEASE_OPEN)
    known = set(release.evidence.filter(side=side).values_list("digest", flat=True))
    new = {piece.digest: piece for piece in pieces if piece.digest not in known}
    if len(known) + len(new) > MOST_PIECES:
        raise OwnershipError(
            "too_many", _("At most %(most)d files from each side, please.") % {"most": MOST_PIECES}
        )
    keep_evidence(release, side, list(new.values()), now)
    if new:
        record(EventKind.EVIDENCE_SENT, release, now, actor_id, side=side.value, files=len(new))
    return release


def keep_evidence(release: ReleaseRequest, side: Side, pieces: list[NewPiece], now: dt.datetime) -> None:
    """Note the files as one side's; each is there once."""
    is_open = release.state != ReleaseState.UNCONFIRMED
    for piece in {piece.digest: piece for piece in pieces}.values():
        Evidence.objects.create(request=release, side=side, file=piece.file, digest=piece.digest, sent_at=now)
        keep_private_file(file=piece.file, until=now + (OPEN_KEPT if is_open else UNCONFIRMED_KEPT))


def forget_old_releases(*, now: dt.datetime) -> int:
    """Delete what nobody confirmed; empty of the person what ended long ago. Returns how many were touched.

    The files go with `delete_expired_files`, the time of which is set where a case ends.
    """
    unconfirmed = ReleaseRequest.objects.filter(
        state=ReleaseState.UNCONFIRMED, sent_at__lte=now - UNCONFIRMED_KEPT
    )
    forgotten = list(unconfirmed.order_by("pk").values_list("pk", flat=True)[:AT_ONCE])
    ReleaseRequest.objects.filter(pk__in=forgotten, state=ReleaseState.UNCONFIRMED).delete()
    due = [pk for brand_id in _brands_with_words() for pk in _over_since(brand_id, now)]
    return len(forgotten) + sum(_empty(release_id, now) for release_id in due[:AT_ONCE])


@transaction.atomic
def _empty(release_id: int, now: dt.datetime) -> int:
    """Take both sides' and staff's words out of an ended request, and forget a claimant of whom nothing else is known."""
    release = (
        ReleaseRequest.objects.select_for_update(of=("self",)).select_related("claimant").get(pk=release_id)
    )
    words = {"contact": "", "name": "", "statement": "", "answer": "", "appeal": ""}
    release.evidence.all().delete()
    release.decisions.filter(reason_forgotten_at=None).update(reason="", reason_forgotten_at=now)
    if release.state == ReleaseState.RELEASED:
        ReleaseRequest.objects.filter(pk=release_id).update(**words)
        return 1
    ReleaseRequest.objects.filter(pk=release_id).update(**words, claimant=None)
    if release.claimant:
        _forget_claimant(release.claimant)
    return 1


def _forget_claimant(claimant: Owner) -> None:
    """Delete the owner row, and the person, where they were made for a request that came to nothing."""
    # What other floors only note beside it, like a letter that was sent, does not hold it.
    notes = {
        relation.related_model
        for relation in Owner._meta.related_objects
        if relation.on_delete is models.SET_NULL and relation.related_model._meta.app_label != "ownership"
    }
    unreferenced(Owner.objects.filter(pk=claimant.pk), besides=tuple(notes)).delete()
    made_for_it = Person.objects.filter(
        pk=claimant.person_id or 0, username__startswith=PROVISIONAL, is_staff=False, last_login=None
    )
    unreferenced(made_for_it, besides=(EmailAddress, PhoneNumber, Device)).delete()


def _with_words() -> ReleaseQuerySet:
    ended = ReleaseRequest.objects.filter(state__in=RELEASE_ENDED)
    reasons = Decision.objects.filter(request=OuterRef("pk"), reason_forgotten_at=None)
    nothing_said = Q(contact="", name="", statement="", answer="", appeal="")
    rows: ReleaseQuerySet = ended.filter(~nothing_said | Exists(reasons))
    return rows


def _brands_with_words() -> list[int]:
    return list(_with_words().order_by("brand_id").values_list("brand_id", flat=True).distinct())


def _over_since(brand_id: int, now: dt.datetime) -> list[int]:
    """Return the brand's requests whose words have been kept for as long as it says."""
    kept = dt.timedelta(days=policy_of(brand_id).evidence_days)
    due = _with_words().filter(brand_id=brand_id, ended_at__lte=now - kept)
    return list(due.order_by("pk").values_list("pk", flat=True)[:AT_ONCE])
