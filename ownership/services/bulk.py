"""Many units for one organisation: reading its list, registering a unit from it, and staff's answer to a list."""

import datetime as dt
from collections.abc import Callable, Iterator
from typing import BinaryIO, NamedTuple

from django.db import transaction
from django.utils.translation import gettext as _

from ownership.errors import OwnershipError
from ownership.models import BulkRequest, Owner, Ownership
from ownership.models.bulk import BulkState
from ownership.models.owners import Acquired, OwnerKind
from ownership.services.ownerships import start_ownership
from ownership.services.purchases import enter_purchase
from ownership.services.registrations import refuse_unregistrable
from products.imports.problems import Problem, RowFault
from products.imports.reading import Record, read_records
from products.imports.rows import parse_row
from products.models import Job, PrivateFile, Unit

COLUMNS = ("gtin", "serial", "bought_on", "seller")
REQUIRED = ("gtin", "serial")
LONGEST_SELLER = 120  # characters


class BulkRow(NamedTuple):
    """A row that is right in itself; `line` counts from 1, the header included."""

    line: int
    gtin: str  # 14 digits
    serial: str
    bought_on: dt.date | None
    seller: str


def read_list(stream: BinaryIO, *, today: dt.date) -> Iterator[BulkRow | Problem]:
    """Yield the rows of a list in order, and a Problem for each thing that is wrong with one.

    `today`: the brand's day; nothing was bought after it. Raises ProductsError `empty` or `bad_header`.
    """
    seen: dict[tuple[str, str], int] = {}
    for record in read_records(stream, COLUMNS, REQUIRED):
        if isinstance(record, Problem):
            yield record
            continue
        parsed = _parse(record, today)
        if not isinstance(parsed, BulkRow):
            yield from parsed
            continue
        first = seen.setdefault((parsed.gtin, parsed.serial), parsed.line)
        if first != parsed.line:
            yield Problem(
                parsed.line, "serial", _("This unit stands in line %(line)d already.") % {"line": first}
            )
        else:
            yield parsed


def _parse(record: Record, today: dt.date) -> BulkRow | list[Problem]:
    """Check the cells as the import of units does: a day of purchase is read like a day of sale."""
    cells = record.cells
    checked = {
        "gtin": cells["gtin"],
        "serial": cells["serial"],
        "sold_on": cells.get("bought_on", ""),
    }
    row = parse_row(Record(record.line, checked), today=today)
    problems = [
        problem._replace(column="bought_on") if problem.column == "sold_on" else problem
        for problem in (row if isinstance(row, list) else ())
    ]
    try:
        seller = _seller(cells.get("seller", ""))
    except RowFault as fault:
        problems.append(Problem(record.line, "seller", fault.reason))
    if problems or isinstance(row, list):
        return problems
    return BulkRow(record.line, row.gtin, row.serial, row.sold_on, seller)


def _seller(text: str) -> str:
    text = " ".join(text.split())
    if len(text) > LONGEST_SELLER:
        raise RowFault(_("The seller's name is longer than %(most)d characters.") % {"most": LONGEST_SELLER})
    if not text.isprintable():
        raise RowFault(_("The seller's name holds a character that can't be printed."))
    return text


@transaction.atomic
def register_for_organisation(
    *,
    unit: Unit,
    owner: Owner,
    row: BulkRow,
    activate: Callable[[int], object],
    now: dt.datetime,
    actor_id: int | None,
) -> bool:
    """Make the organisation the owner of a unit that nobody has; return False where it is its owner already.

    `activate`: what gives the unit its coverage, in the same transaction. Raises OwnershipError as
    `refuse_unregistrable` and `start_ownership` do.
    """
    current = Ownership.objects.of_unit(unit).current().first()
    if current is not None and current.owner_id == owner.pk:
        return False
    refuse_unregistrable(unit)
    start_ownership(unit=unit, owner=owner, since=now, now=now, actor_id=actor_id, acquired=Acquired.AGENT)
    if row.bought_on:
        enter_purchase(
            unit_id=unit.pk, owner_id=owner.pk, bought_on=row.bought_on, seller=row.seller, proof=None,
            now=now, actor_id=actor_id,
        )  # fmt: skip
    activate(unit.pk)
    return True


@transaction.atomic
def send_list(
    *,
    owner_id: int,
    file: PrivateFile,
    proof: PrivateFile | None,
    rows: int,
    submission_key: str,
    asked_by_id: int,
    now: dt.datetime,
) -> BulkRequest:
    """Bring an organisation's list before staff; the same form again is the same list.

    Raises OwnershipError `gone` where the owner is no organisation (any more).
    """
    owner = Owner.objects.filter(pk=owner_id, kind=OwnerKind.ORGANISATION).first()
    if owner is None:
        raise OwnershipError("gone", _("This is not there any more."))
    request, _made = BulkRequest.objects.get_or_create(
        submission_key=submission_key,
        defaults={
            "brand_id": owner.brand_id, "owner": owner, "file": file, "proof": proof, "rows": rows,
            "asked_by_id": asked_by_id, "sent_at": now,
        },
    )  # fmt: skip
    return request


@transaction.atomic
def approve_list(
    *,
    request_id: int,
    ask_for_job: Callable[[BulkRequest], Job],
    decided_by_id: int,
    now: dt.datetime,
) -> BulkRequest:
    """Approve a list and ask for the job that registers its units. Raises OwnershipError `decided`, `gone`."""
    request = _waiting(request_id)
    if request.file is None:
        raise OwnershipError("gone", _("The list was deleted meanwhile; ask for it again."))
    job = ask_for_job(request)
    values = {"state": BulkState.APPROVED, "decided_at": now, "decided_by_id": decided_by_id, "job": job}
    return _decide(request, values)


@transaction.atomic
def refuse_list(*, request_id: int, reason: str, decided_by_id: int, now: dt.datetime) -> BulkRequest:
    """Refuse a list with words that the organisation reads. Raises OwnershipError `decided`."""
    values = {
        "state": BulkState.REFUSED,
        "decided_at": now,
        "decided_by_id": decided_by_id,
        "reason": reason,
    }
    return _decide(_waiting(request_id), values)


def _waiting(request_id: int) -> BulkRequest:
    request: BulkRequest = BulkRequest.objects.select_for_update(of=("self",)).get(pk=request_id)
    if request.state != BulkState.WAITING:
        raise OwnershipError("decided", _("Somebody has decided on this list meanwhile."))
    return request


def _decide(request: BulkRequest, values: dict[str, object]) -> BulkRequest:
    BulkRequest.objects.filter(pk=request.pk).update(**values)
    request.refresh_from_db()
    return request
