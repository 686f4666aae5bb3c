"""What a tap reads of a unit: one statement, joined from the unit, its tag and its two rows of facts.

Written in SQL because this is the hot path: on PostgreSQL the same statement also consumes the
counter. Everything else in the house reads through query sets.
"""

import datetime as dt
import json
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from django.db import connection

from analytics.kinds import Flag
from analytics.services import visitor_mark
from experiences.devices import NO_DEVICE, DeviceKey
from experiences.stages import StageFacts
from products.days import day_in
from products.models.thresholds import VISITORS_REMEMBERED


@dataclass(frozen=True, slots=True)
class UnitRow:
    """A unit with the facts that its page depends on, as they stood before this tap."""

    unit_id: int
    public_code: str
    serial: str
    brand_id: int
    content_version: int
    product_id: int
    variant_id: int | None
    gtin: str
    batch: str | None
    status: str
    retired_on: dt.date | None
    made_on: dt.date | None
    made_in: str
    origin: str
    composition: Any
    sold_on: dt.date | None
    market: str
    attributes: Any
    tag_id: int | None
    tag_state: str | None
    last_counter: int | None
    last_visitor: str | None
    consumed: bool
    first_scan_at: dt.datetime | None
    last_scan_at: dt.datetime | None
    scans: int
    visitors: str
    owner_id: int | None
    ownerships: int
    owned_since: dt.datetime | None
    first_owned_at: dt.datetime | None
    opened_at: dt.datetime | None
    spoke_up_at: dt.datetime | None
    recall: bool
    claim: bool
    service: bool
    transfer: bool
    lost: bool
    stolen: bool
    dispute: bool
    covered_from: dt.date | None
    covered_until: dt.date | None
    certificate_code: str | None
    has_chip: bool
    viewer_owner_id: int | None

    @property
    def viewer_is_owner(self) -> bool:
        """Whether this browser is remembered as the current owner's."""
        return self.viewer_owner_id is not None and self.viewer_owner_id == self.owner_id

    @property
    def flags(self) -> tuple[str, ...]:
        """The raised flags in the order in which they lead the page."""
        return tuple(flag.value for flag in Flag if getattr(self, flag.value))


# The columns in the order of UnitRow's fields.
_COLUMNS = """
u.id, u.public_code, u.serial, u.brand_id, b.content_version, u.product_id, u.variant_id, i.gtin, l.code,
u.status, u.retired_on, COALESCE(u.made_on, l.made_on), COALESCE(NULLIF(u.made_in, ''), l.made_in, ''),
COALESCE(NULLIF(u.origin, ''), l.origin, ''), l.composition, u.sold_on, u.market, u.attributes,
t.id, t.state, t.last_counter, t.last_visitor, {consumed},
a.first_scan_at, a.last_scan_at, COALESCE(a.scans, 0), COALESCE(a.visitors, ''),
f.owner_id, COALESCE(f.ownerships, 0), f.owned_since, f.first_owned_at, f.opened_at, f.holder_spoke_up_at,
COALESCE(f.recall, {false}), COALESCE(f.claim, {false}), COALESCE(f.service, {false}),
COALESCE(f.transfer, {false}), COALESCE(f.lost, {false}), COALESCE(f.stolen, {false}),
COALESCE(f.dispute, {false}),
c.starts_on, c.ends_on, c.certificate_code,
EXISTS (SELECT 1 FROM products_tag k WHERE k.unit_id = u.id AND k.kind = 'chip' AND k.state = 'active'), o.id
"""
_TABLES = """
FROM products_unit u
JOIN products_brand b ON b.id = u.brand_id
JOIN products_tradeitem i ON i.id = u.trade_item_id
{tag}
LEFT JOIN products_batch l ON l.id = u.batch_id
LEFT JOIN analytics_unitactivity a ON a.unit_id = u.id
LEFT JOIN analytics_unitfacts f ON f.unit_id = u.id
LEFT JOIN warranty_coverage c ON c.unit_id = u.id
LEFT JOIN products_device d ON d.id = %(device_id)s AND d.epoch = %(epoch)s AND d.revoked_at IS NULL
LEFT JOIN ownership_owner o ON o.brand_id = u.brand_id AND o.person_id = d.person_id
WHERE {where}
"""
_BY_CHIP = {
    "tag": "JOIN products_tag t ON t.unit_id = u.id AND t.kind = 'chip'",
    "where": "t.profile_id = %(profile_id)s AND t.uid = %(uid)s",
}
_QR = "LEFT JOIN products_tag t ON t.unit_id = u.id AND t.kind = 'qr' AND t.state = 'active'"
_BY_CODE = {"tag": _QR, "where": "u.public_code = %(code)s"}
_BY_KEY = {"tag": _QR, "where": "i.gtin = %(gtin)s AND u.serial = %(serial)s"}
_CONSUME = (
    "UPDATE products_tag SET last_counter = %(counter)s, last_visitor = %(visitor)s"
    " WHERE kind = 'chip' AND profile_id = %(profile_id)s AND uid = %(uid)s AND state = 'active'"
    " AND (last_counter IS NULL OR last_counter < %(counter)s)"
)


def _select(source: dict[str, str], *, consumed: str = "{false}") -> str:
    false = "false" if connection.vendor == "postgresql" else "0"
    columns = _COLUMNS.format(consumed=consumed.format(false=false), false=false)
    return f"SELECT {columns} {_TABLES.format(**source)}"


def read_by_code(code: str, device: DeviceKey = NO_DEVICE) -> UnitRow | None:
    """Return the unit with this public code."""
    return _one(_select(_BY_CODE), {"code": code}, device)


def read_by_key(gtin: str, serial: str, device: DeviceKey = NO_DEVICE) -> UnitRow | None:
    """Return the unit with this GS1 key: GTIN of 14 digits (AI 01) and serial (AI 21)."""
    return _one(_select(_BY_KEY), {"gtin": gtin, "serial": serial}, device)


def read_by_chip(profile_id: int, uid: str, device: DeviceKey = NO_DEVICE) -> UnitRow | None:
    """Return the unit that carries this chip, consuming nothing."""
    return _one(_select(_BY_CHIP), {"profile_id": profile_id, "uid": uid}, device)


def consume_and_read(
    profile_id: int, uid: str, counter: int, visitor: str, device: DeviceKey = NO_DEVICE
) -> UnitRow | None:
    """Consume the counter if it moved on, and return the unit; `consumed` tells which of the two it was.

    The conditional UPDATE is the guard against replays: of any number of simultaneous requests with
    one link it changes a row for exactly one.
    """
    values: dict[str, Any] = {"profile_id": profile_id, "uid": uid, "counter": counter, "visitor": visitor}
    if connection.vendor == "postgresql":
        won = f"WITH won AS ({_CONSUME} RETURNING id) "
        return _one(won + _select(_BY_CHIP, consumed="t.id IN (SELECT id FROM won)"), values, device)
    with connection.cursor() as cursor:
        cursor.execute(_CONSUME, values)
        consumed = cursor.rowcount == 1
    return _one(_select(_BY_CHIP, consumed="1" if consumed else "0"), values, device)


def _one(sql: str, values: dict[str, Any], device: DeviceKey) -> UnitRow | None:
    with connection.cursor() as cursor:
        cursor.execute(sql, {**values, "device_id": device.id, "epoch": device.epoch})
        row = cursor.fetchone()
    return UnitRow(*_typed(row)) if row else None


def _date(value: Any) -> dt.date | None:
    return dt.date.fromisoformat(value) if isinstance(value, str) else value


def _instant(value: Any) -> dt.datetime | None:
    if isinstance(value, str):
        value = dt.datetime.fromisoformat(value)
    return value.replace(tzinfo=dt.UTC) if value and value.tzinfo is None else value


def _json(value: Any) -> Any:
    return json.loads(value) if isinstance(value, str) else value


_FIELDS = list(UnitRow.__dataclass_fields__)
_TYPED = [
    (_FIELDS.index(name), read)
    for read, names in (
        (_date, ("retired_on", "made_on", "sold_on", "covered_from", "covered_until")),
        (
            _instant,
            ("first_scan_at", "last_scan_at", "owned_since", "first_owned_at", "opened_at", "spoke_up_at"),
        ),
        (_json, ("composition", "attributes")),
        (bool, ("consumed", "has_chip", *(flag.value for flag in Flag))),
    )
    for name in names
]


def _typed(row: tuple[Any, ...]) -> list[Any]:
    """Bring what SQLite hands over as text and numbers to the types that PostgreSQL gives."""
    values = list(row)
    for index, read in _TYPED:
        values[index] = read(values[index])
    return values


def stage_facts(row: UnitRow, *, zone: ZoneInfo, now: dt.datetime, visitor: str | None) -> StageFacts:
    """Return the facts for choosing the stage, with the tap being handled counted in."""

    def day(instant: dt.datetime | None) -> dt.date | None:
        return day_in(zone, instant) if instant else None

    visitors = row.visitors.count(",")
    if visitor and visitors < VISITORS_REMEMBERED and visitor_mark(visitor) not in row.visitors:
        visitors += 1
    return StageFacts(
        today=day_in(zone, now),
        status=row.status,
        sold_on=row.sold_on,
        first_scan_on=day(row.first_scan_at or now),
        visitors=visitors,
        opened_on=day(row.opened_at),
        spoke_up_on=day(row.spoke_up_at),
        ownerships=row.ownerships,
        owned_since_on=day(row.owned_since),
        first_owned_on=day(row.first_owned_at),
        transfer=row.transfer,
    )
