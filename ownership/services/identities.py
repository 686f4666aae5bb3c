"""Older pieces without a code: their holder asks, staff or a pattern of serial numbers decide, a unit is made.

An identity is not an ownership: whoever gets one registers like anybody with a printed code. The answer to
a request is the same whether the serial number is known or not; that a piece has an identity already is for
staff to see. One decision wins: each locks the request, then its product, so that two requests for one piece
wait for each other.
"""

import datetime as dt
import hashlib
from dataclasses import dataclass

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from analytics.kinds import EventKind
from analytics.services import NewEvent, record_event
from ownership.errors import OwnershipError
from ownership.models import IdentityRequest
from ownership.models.identity_requests import IdentityRequestState
from ownership.services.life import record_sale
from products.models import PrivateFile, Product, Tag, TradeItem, Unit
from products.models.catalogue import UncodedRule
from products.models.units import TagKind
from products.serial_patterns import spelling_that_fits
from products.services.audit import write_audit
from products.services.files import keep_private_file

State = IdentityRequestState

UNCONFIRMED_KEPT = dt.timedelta(days=7)
WAITING_KEPT = dt.timedelta(days=365)  # a request that nobody answered
ANSWERED_KEPT = dt.timedelta(days=90)  # for questions about the answer
# Identities that a pattern gives for one product within a day; what comes beyond waits for staff.
BY_PATTERN_A_DAY = 200


@dataclass(frozen=True, slots=True)
class IdentityForm:
    """What was typed, checked: a serial of GS1's characters (AI 21), an address in small letters."""

    submission_key: str
    product: Product
    serial: str
    email: str
    note: str
    locale: str

    @property
    def key(self) -> str:
        """What tells this form's request from all others; the same form with other words in it is another one."""
        parts = (self.submission_key, str(self.product.pk), self.serial, self.email)
        return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def find_request(form: IdentityForm) -> IdentityRequest | None:
    """Return what this form made before, or what the same holder asked for this piece and still waits for."""
    same_form: IdentityRequest | None = IdentityRequest.objects.filter(submission_key=form.key).first()
    return same_form or _waiting(form.product.pk, form.serial, form.email)


@transaction.atomic
def send_identity_request(*, form: IdentityForm, proof: PrivateFile, now: dt.datetime) -> IdentityRequest:
    """Keep the request until its address is confirmed; the same form sent twice is one request.

    The proof is of the product's brand. Raises OwnershipError `closed` where the product takes no requests.
    """
    if form.product.uncoded_rule == UncodedRule.CLOSED:
        raise OwnershipError("closed", _("This model takes no requests now. The brand can tell you more."))
    request, _made = IdentityRequest.objects.get_or_create(
        submission_key=form.key,
        defaults={
            "brand_id": form.product.brand_id,
            "product": form.product,
            "serial": form.serial,
            "email": form.email,
            "note": form.note,
            "locale": form.locale,
            "proof": proof,
            "sent_at": now,
        },
    )
    return request


@transaction.atomic
def confirm_identity_request(*, request_id: int, now: dt.datetime) -> IdentityRequest:
    """The holder opened the mail: the address is theirs. The pattern decides at once, else staff will.

    Twice changes nothing. Where the same holder's request for this piece waits already, that one is returned.
    """
    request = _locked(request_id)
    if request.state != State.UNCONFIRMED:
        return request
    product = _locked_product(request.product_id)
    if standing := _waiting(product.pk, request.serial, request.email):
        return standing
    _advance(request, State.WAITING, confirmed_at=now)
    _record(EventKind.IDENTITY_REQUESTED, request, now)
    if request.proof:
        keep_private_file(file=request.proof, until=now + WAITING_KEPT)
    serial, item = _by_pattern(request, product, now)
    if item is None:
        return request
    try:
        return _give(request, item, serial, now, actor_id=None)
    except OwnershipError:  # an import made the unit at that moment: staff see both
        return request


@transaction.atomic
def give_identity(
    *,
    request_id: int,
    trade_item: TradeItem,
    serial: str,
    now: dt.datetime,
    actor_id: int,
    sold_on: dt.date | None = None,
) -> IdentityRequest:
    """Make the unit with this serial (as staff read it on the proof), its printed code and its public code.

    `sold_on`: the day of sale, where the proof shows it. Raises OwnershipError: `decided` (somebody was
    faster), `other_product` (the GTIN names another one), `known` (the serial has a unit already).
    """
    request = _undecided(request_id)
    product = _locked_product(request.product_id)
    if trade_item.product_id != product.pk:
        raise OwnershipError("other_product", _("This GTIN names another product."))
    if Unit.objects.of_product(product).spelt(serial).exists():
        raise OwnershipError("known", _("A unit of this product has this serial number already."))
    request = _give(request, trade_item, serial, now, actor_id)
    if sold_on and request.unit:
        record_sale(unit=request.unit, sold_on=sold_on, now=now, actor_id=actor_id)
    return request


@transaction.atomic
def point_to_known_unit(*, request_id: int, unit: Unit, now: dt.datetime, actor_id: int) -> IdentityRequest:
    """Answer with the page of a unit that is there already, instead of making another.

    Raises OwnershipError: `decided`, `other_product`.
    """
    request = _undecided(request_id)
    if unit.product_id != request.product_id:
        raise OwnershipError("other_product", _("This unit is of another product."))
    _advance(request, State.KNOWN, unit=unit, decided_at=now, decided_by_id=actor_id)
    _answered(EventKind.IDENTITY_KNOWN, request, now, actor_id)
    return request


@transaction.atomic
def refuse_identity(*, request_id: int, reason: str, now: dt.datetime, actor_id: int) -> IdentityRequest:
    """Refuse with the words that the holder will read. Raises OwnershipError `decided`."""
    request = _undecided(request_id)
    _advance(request, State.REFUSED, reason=reason, decided_at=now, decided_by_id=actor_id)
    _answered(EventKind.IDENTITY_REFUSED, request, now, actor_id)
    return request


@transaction.atomic
def forget_old_requests(*, now: dt.datetime) -> int:
    """Delete what nobody confirmed or answered in time, and take the person out of what was answered long ago.

    Proofs go with `delete_expired_files`. Returns how many requests were touched.
    """
    rows = IdentityRequest.objects.all()
    forgotten, _by_model = rows.overdue(now, unconfirmed=UNCONFIRMED_KEPT, waiting=WAITING_KEPT).delete()
    refused, _by_model = rows.filter(state=State.REFUSED, decided_at__lte=now - ANSWERED_KEPT).delete()
    answered = rows.filter(decided_at__lte=now - ANSWERED_KEPT).exclude(email="")
    return forgotten + refused + answered.update(email="", note="")


def _by_pattern(request: IdentityRequest, product: Product, now: dt.datetime) -> tuple[str, TradeItem | None]:
    """Return serial and GTIN where the pattern may decide; no GTIN where staff must."""
    if product.uncoded_rule != UncodedRule.PATTERN:
        return "", None
    serial = spelling_that_fits(product.uncoded_pattern, request.serial)
    items = list(product.trade_items.all()[:2])
    lately = IdentityRequest.objects.given_by_pattern(product, since=now - dt.timedelta(days=1))
    if (
        not serial
        or len(items) != 1
        or Unit.objects.of_product(product).looking_like(serial).exists()
        or lately.count() >= BY_PATTERN_A_DAY
    ):
        return "", None
    return serial, items[0]


def _give(
    request: IdentityRequest, trade_item: TradeItem, serial: str, now: dt.datetime, actor_id: int | None
) -> IdentityRequest:
    try:
        with transaction.atomic():
            unit = Unit.objects.create(
                brand_id=request.brand_id,
                product_id=request.product_id,
                variant_id=trade_item.variant_id,
                trade_item=trade_item,
                serial=serial,
                identity_given_on=now.date(),
            )
    except IntegrityError as error:  # an import was faster
        raise OwnershipError("known", _("A unit of this product has this serial number already.")) from error
    Tag.objects.create(brand_id=request.brand_id, unit=unit, kind=TagKind.QR)
    _advance(request, State.APPROVED, unit=unit, decided_at=now, decided_by_id=actor_id)
    _answered(EventKind.IDENTITY_GIVEN, request, now, actor_id)
    return request


def _waiting(product_id: int, serial: str, email: str) -> IdentityRequest | None:
    found: IdentityRequest | None = IdentityRequest.objects.filter(
        product_id=product_id, serial=serial, email=email, state=State.WAITING
    ).first()
    return found


def _locked(request_id: int) -> IdentityRequest:
    request: IdentityRequest = (
        IdentityRequest.objects.select_for_update(of=("self",)).select_related("proof").get(pk=request_id)
    )
    return request


def _locked_product(product_id: int) -> Product:
    """Let one identity of a product be given at a time; others may still refer to its row."""
    product: Product = Product.objects.select_for_update(no_key=True).get(pk=product_id)
    return product


def _undecided(request_id: int) -> IdentityRequest:
    request = _locked(request_id)
    if request.state != State.WAITING:
        raise OwnershipError("decided", _("Somebody has answered this request already."))
    return request


def _advance(request: IdentityRequest, state: IdentityRequestState, **changes: object) -> None:
    if state not in IdentityRequest.TRANSITIONS[State(request.state)]:
        raise ValueError(f"A request does not go from {request.state} to {state}.")
    for field, value in {"state": state, **changes}.items():
        setattr(request, field, value)
    IdentityRequest.objects.filter(pk=request.pk).update(state=state, **changes)


def _answered(kind: EventKind, request: IdentityRequest, now: dt.datetime, actor_id: int | None) -> None:
    """Write the answer to the ledger and, where a person gave it, to the audit trail; let the proof go in time."""
    _record(kind, request, now, actor_id)
    if actor_id is not None:
        write_audit(action=kind.value, obj=request, brand_id=request.brand_id, actor_id=actor_id, now=now)
    if request.proof:
        keep_private_file(file=request.proof, until=now + ANSWERED_KEPT)


def _record(kind: EventKind, request: IdentityRequest, now: dt.datetime, actor_id: int | None = None) -> None:
    data = {"request": request.pk, "product": request.product_id}
    event = NewEvent(kind, request.brand_id, now, unit_id=request.unit_id, actor_id=actor_id, data=data)
    record_event(event, now=now)
