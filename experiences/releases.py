"""Asking for release, answering, deciding: the steps with their letters, their files and what they change (C5)."""

import datetime as dt
import hashlib
from collections.abc import Callable
from dataclasses import replace

from django.db import transaction

from experiences.languages import language_of
from experiences.messages import ask_for_letter
from experiences.models import Message, MessageKind
from experiences.proofs import ProofFile, keep_proof
from experiences.transfer_letters import send_receipts, tell_recipient
from ownership.models import ReleaseRequest, Transfer
from ownership.models.owners import Annulled
from ownership.models.registrations import Proof
from ownership.models.releases import ReleaseState, Side
from ownership.models.transfers import TransferState
from ownership.services import releases as services
from ownership.services.releases.asking import is_reachable, request_of_form
from ownership.services.releases.base import last_decision
from ownership.services.releases.evidence import UNCONFIRMED_KEPT, NewPiece
from ownership.services.releases.sweeping import due_releases, move_on
from products.limits import Limit
from products.models import Brand
from products.services.files import keep_private_file
from warranty.services import activate_coverage, reset_coverage

EVIDENCE = "evidence"  # the purpose of such private files
SESSION_KEY = "release"
# Each writes to an address that anybody may have typed, and keeps files.
PER_VISITOR = Limit("release-visitor", most=10, seconds=60 * 60)
PER_CONTACT = Limit("release-contact", most=5, seconds=24 * 60 * 60)
PER_CASE = Limit("release-evidence", most=20, seconds=60 * 60)  # uploads to one case

State = ReleaseState
CLAIMANT, OWNER = Side.CLAIMANT, Side.OWNER
# Who gets which letter when a request has come to a state.
LETTERS: dict[ReleaseState, tuple[tuple[MessageKind, Side], ...]] = {
    State.ASKED: ((MessageKind.RELEASE_ASKED, OWNER),),
    State.REFUSED: ((MessageKind.RELEASE_REFUSED, CLAIMANT),),
    State.DESK: ((MessageKind.RELEASE_DESK, CLAIMANT), (MessageKind.RELEASE_DESK, OWNER)),
    State.DECIDED: ((MessageKind.RELEASE_DECIDED, CLAIMANT), (MessageKind.RELEASE_DECIDED, OWNER)),
    State.APPEALED: ((MessageKind.RELEASE_APPEALED, CLAIMANT), (MessageKind.RELEASE_APPEALED, OWNER)),
    State.RELEASED: ((MessageKind.RELEASE_TAKEN, CLAIMANT), (MessageKind.RELEASE_GIVEN, OWNER)),
    State.KEPT: ((MessageKind.RELEASE_KEPT, CLAIMANT), (MessageKind.RELEASE_KEPT, OWNER)),
    State.WITHDRAWN: ((MessageKind.RELEASE_KEPT, CLAIMANT), (MessageKind.RELEASE_KEPT, OWNER)),
}


def ask_for_release(
    *,
    unit_id: int,
    brand: Brand,
    form: services.ReleaseForm,
    proof: Proof,
    files: list[ProofFile],
    now: dt.datetime,
) -> ReleaseRequest:
    """Keep the request with its evidence and write to its address; the same form again is the same request.

    Raises OwnershipError as the service does.
    """
    if known := request_of_form(form, unit_id):
        return ask_again(release=known, now=now)

    def ask(pieces: list[NewPiece]) -> ReleaseRequest:
        return services.ask_for_release(unit_id=unit_id, form=form, proof=proof, pieces=pieces, now=now)

    return _with_files(ask, brand, files, now)


def ask_to_take_over(
    *, transfer: Transfer, form: services.ReleaseForm, files: list[ProofFile], now: dt.datetime
) -> ReleaseRequest:
    """Keep what shows that the taker has the offered unit, and write to their address; the same form again is one.

    Raises OwnershipError as the service does.
    """
    if known := request_of_form(form, transfer.unit_id):
        return ask_again(release=known, now=now)

    def ask(pieces: list[NewPiece]) -> ReleaseRequest:
        return services.ask_to_take_over(transfer_id=transfer.pk, form=form, pieces=pieces, now=now)

    return _with_files(ask, transfer.brand, files, now)


def _with_files(
    ask: Callable[[list[NewPiece]], ReleaseRequest], brand: Brand, files: list[ProofFile], now: dt.datetime
) -> ReleaseRequest:
    """Store the files, ask, and write to the address; what is not kept with a request goes again."""
    pieces = _store(brand, files, now)
    try:
        with transaction.atomic():
            release = ask_again(release=ask(pieces), now=now)
    except BaseException:
        _drop(pieces, now)
        raise
    _drop_unused(release, pieces, now)
    return release


@transaction.atomic
def ask_again(*, release: ReleaseRequest, now: dt.datetime) -> ReleaseRequest:
    """Send the private link to the claimant (once more), while it waits to be opened."""
    if release.state == State.UNCONFIRMED:
        sent = Message.objects.filter(kind=MessageKind.RELEASE_CONFIRM, about_id=release.pk).count()
        _write(release, MessageKind.RELEASE_CONFIRM, CLAIMANT, now, number=sent)
    return release


@transaction.atomic
def confirm(*, release: ReleaseRequest, now: dt.datetime) -> ReleaseRequest:
    """The claimant's private link was opened and its button pressed; raises OwnershipError as the service does."""
    return tell(services.confirm_release(release_id=release.pk, now=now), now)


@transaction.atomic
def approve(*, release: ReleaseRequest, now: dt.datetime, actor_id: int | None) -> ReleaseRequest:
    return tell(services.approve_release(release_id=release.pk, now=now, actor_id=actor_id), now)


@transaction.atomic
def refuse(*, release: ReleaseRequest, answer: str, now: dt.datetime, actor_id: int | None) -> ReleaseRequest:
    return tell(
        services.refuse_release(release_id=release.pk, answer=answer, now=now, actor_id=actor_id), now
    )


@transaction.atomic
def bring_to_desk(*, release: ReleaseRequest, now: dt.datetime, actor_id: int | None) -> ReleaseRequest:
    return tell(services.bring_to_desk(release_id=release.pk, now=now, actor_id=actor_id), now)


@transaction.atomic
def withdraw(*, release: ReleaseRequest, now: dt.datetime, actor_id: int | None) -> ReleaseRequest:
    return tell(services.withdraw_release(release_id=release.pk, now=now, actor_id=actor_id), now)


@transaction.atomic
def appeal(
    *, release: ReleaseRequest, side: Side, words: str, now: dt.datetime, actor_id: int | None
) -> ReleaseRequest:
    return tell(
        services.appeal_decision(release_id=release.pk, side=side, words=words, now=now, actor_id=actor_id),
        now,
    )


@transaction.atomic
def accept(*, release: ReleaseRequest, side: Side, now: dt.datetime, actor_id: int | None) -> ReleaseRequest:
    """The side that lost agrees; raises OwnershipError as the service does."""
    accepted = services.accept_decision(release_id=release.pk, side=side, now=now, actor_id=actor_id)
    return tell(_settle_coverage(accepted, now), now)


@transaction.atomic
def decide(
    *, release_id: int, for_side: Side, reason: str, annuls: bool, now: dt.datetime, actor_id: int
) -> ReleaseRequest:
    """Staff decide; raises OwnershipError as the service does."""
    release = services.decide_release(
        release_id=release_id, for_side=for_side, reason=reason, annuls=annuls, now=now, actor_id=actor_id
    )
    return tell(_settle_coverage(release, now), now)


def send_evidence(
    *, release: ReleaseRequest, side: Side, files: list[ProofFile], now: dt.datetime, actor_id: int | None
) -> ReleaseRequest:
    """Put files to the case; the same file again is one. Raises OwnershipError as the service does."""
    pieces = _store(release.brand, files, now)
    try:
        release = services.add_evidence(
            release_id=release.pk, side=side, pieces=pieces, now=now, actor_id=actor_id
        )
    except BaseException:
        _drop(pieces, now)
        raise
    _drop_unused(release, pieces, now)
    return release


def sweep_releases(*, now: dt.datetime) -> int:
    """Take every step that silence or time has made due; return how many. Twice changes nothing."""
    return sum(_move_on(release_id, now) for release_id in due_releases(now=now))


@transaction.atomic
def _move_on(release_id: int, now: dt.datetime) -> bool:
    moved = move_on(release_id=release_id, now=now)
    if moved is None:
        return False
    tell(_settle_coverage(moved, now), now)
    return True


def _settle_coverage(release: ReleaseRequest, now: dt.datetime) -> ReleaseRequest:
    """Where a premature ownership was annulled, the warranty begins anew with the real buyer."""
    decision = last_decision(release) if release.state == State.RELEASED else None
    if decision and decision.annuls:
        reset_coverage(
            unit_id=release.unit_id, now=now, actor_id=decision.decided_by_id, reason=Annulled.PREMATURE.value
        )
        activate_coverage(unit_id=release.unit_id, now=now)
    return release


def tell(release: ReleaseRequest, now: dt.datetime) -> ReleaseRequest:
    """Ask for the letters of the state that the request is in; asked for before, they are not sent again."""
    if release.confirmed_at is None:
        return release
    offer = Transfer.objects.filter(pk=release.transfer_id).first() if release.transfer_id else None
    if offer is not None and release.state == State.RELEASED:
        send_receipts(offer, now)  # what its owner offered was passed on, and nothing else happened
        return release
    for kind, side in LETTERS.get(State(release.state), ()):
        if side is OWNER and (_knows_already(release, offer) or not is_reachable(release.ownership.owner)):
            continue
        _write(release, kind, side, now)
    if offer is not None and release.state == State.KEPT:
        tell_recipient(offer, now)
    return release


def _knows_already(release: ReleaseRequest, offer: Transfer | None) -> bool:
    """Whether the owner ended it: the time with the unit, by which “it stays yours” is untrue, or the offer."""
    if release.state not in (State.KEPT, State.WITHDRAWN):
        return False
    called_off = offer is not None and release.state == State.WITHDRAWN and offer.state != TransferState.OPEN
    return called_off or release.ownership.until is not None


def _write(
    release: ReleaseRequest, kind: MessageKind, side: Side, now: dt.datetime, *, number: int = 0
) -> None:
    owner = release.ownership.owner
    ask_for_letter(
        kind=kind,
        brand_id=release.brand_id,
        unit_id=release.unit_id,
        owner_id=owner.pk if side is OWNER else release.claimant_id,
        about_id=release.pk,
        locale=language_of(owner) if side is OWNER else release.locale,
        number=f"{side.value}:{number}" if number else side.value,
        now=now,
    )


def _store(brand: Brand, files: list[ProofFile], now: dt.datetime) -> list[NewPiece]:
    pieces: list[NewPiece] = []
    try:
        for file in files:
            named = replace(file, name=file.name.replace("proof", EVIDENCE))
            stored = keep_proof(named, brand=brand, purpose=EVIDENCE, now=now, keep_for=UNCONFIRMED_KEPT)
            pieces.append(NewPiece(stored, hashlib.sha256(file.data).hexdigest()))
    except BaseException:
        _drop(pieces, now)
        raise
    return pieces


def _drop(pieces: list[NewPiece], now: dt.datetime) -> None:
    for piece in pieces:
        keep_private_file(file=piece.file, until=now)


def _drop_unused(release: ReleaseRequest, pieces: list[NewPiece], now: dt.datetime) -> None:
    """Let those files go that the case has already: the form came twice, or the same picture did."""
    used = set(release.evidence.values_list("file_id", flat=True))
    _drop([piece for piece in pieces if piece.file.pk not in used], now)
