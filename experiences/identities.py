"""Asking for the identity of an older piece, and answering: request, proof, letters (C11)."""

import datetime as dt

from django.db import transaction

from experiences.messages import ask_for_identity_letter
from experiences.models import MessageKind
from experiences.proofs import ProofFile, keep_proof
from ownership.models import IdentityRequest
from ownership.models.identity_requests import IdentityRequestState
from ownership.services.identities import (
    UNCONFIRMED_KEPT,
    IdentityForm,
    confirm_identity_request,
    find_request,
    give_identity,
    point_to_known_unit,
    refuse_identity,
    send_identity_request,
)
from products.limits import Limit
from products.models import PrivateFile, TradeItem, Unit
from products.services.files import keep_private_file

PROOF = "identity_proof"  # the purpose of such private files
SESSION_KEY = "identity_request"
# Each sends a mail to an address that anybody may have typed, and keeps a file.
PER_VISITOR = Limit("identity-visitor", most=10, seconds=60 * 60)
PER_EMAIL = Limit("identity-email", most=5, seconds=24 * 60 * 60)


def ask_for_identity(*, form: IdentityForm, proof: ProofFile, now: dt.datetime) -> IdentityRequest:
    """Keep the request with its proof and write to its address; the same form again is the same request.

    Raises OwnershipError `closed`.
    """
    if known := find_request(form):
        return ask_again(request=known, now=now)
    brand = form.product.brand
    file = keep_proof(proof, brand=brand, purpose=PROOF, now=now, keep_for=UNCONFIRMED_KEPT)
    try:
        request = _send(form=form, proof=file, now=now)
    except BaseException:
        keep_private_file(file=file, until=now)
        raise
    if request.proof_id != file.pk:  # the same form came twice at once
        keep_private_file(file=file, until=now)
    return request


@transaction.atomic
def _send(*, form: IdentityForm, proof: PrivateFile, now: dt.datetime) -> IdentityRequest:
    request = send_identity_request(form=form, proof=proof, now=now)
    ask_for_identity_letter(request=request, kind=MessageKind.IDENTITY_ASKED, now=now)
    return request


@transaction.atomic
def ask_again(*, request: IdentityRequest, now: dt.datetime) -> IdentityRequest:
    """Send the mail with the request's link again while it waits to be opened."""
    if request.state == IdentityRequestState.UNCONFIRMED:
        number = request.messages.filter(kind=MessageKind.IDENTITY_ASKED).count()
        ask_for_identity_letter(request=request, kind=MessageKind.IDENTITY_ASKED, now=now, number=number)
    return request


@transaction.atomic
def confirm_request(*, request_id: int, now: dt.datetime) -> IdentityRequest:
    """The link in the mail was opened and the button pressed. Twice changes nothing."""
    request = confirm_identity_request(request_id=request_id, now=now)
    if request.state == IdentityRequestState.APPROVED:
        ask_for_identity_letter(request=request, kind=MessageKind.IDENTITY_GIVEN, now=now)
    return request


@transaction.atomic
def approve_request(
    *,
    request_id: int,
    trade_item: TradeItem,
    serial: str,
    sold_on: dt.date | None,
    now: dt.datetime,
    actor_id: int,
) -> IdentityRequest:
    """Give the identity and write to the holder; raises OwnershipError as `give_identity` does."""
    request = give_identity(
        request_id=request_id,
        trade_item=trade_item,
        serial=serial,
        sold_on=sold_on,
        now=now,
        actor_id=actor_id,
    )
    ask_for_identity_letter(request=request, kind=MessageKind.IDENTITY_GIVEN, now=now)
    return request


@transaction.atomic
def answer_with_known_unit(
    *, request_id: int, unit: Unit, now: dt.datetime, actor_id: int
) -> IdentityRequest:
    """Write to the holder which page the piece has already; raises OwnershipError as the service does."""
    request = point_to_known_unit(request_id=request_id, unit=unit, now=now, actor_id=actor_id)
    ask_for_identity_letter(request=request, kind=MessageKind.IDENTITY_KNOWN, now=now)
    return request


@transaction.atomic
def refuse_request(*, request_id: int, reason: str, now: dt.datetime, actor_id: int) -> IdentityRequest:
    """Write to the holder why there is no code; raises OwnershipError `decided`."""
    request = refuse_identity(request_id=request_id, reason=reason, now=now, actor_id=actor_id)
    ask_for_identity_letter(request=request, kind=MessageKind.IDENTITY_REFUSED, now=now)
    return request
