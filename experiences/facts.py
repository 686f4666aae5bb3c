"""What a tap reads of a unit: one statement, joined from the unit, its tag and its two rows of facts.

Written in SQL because this is the hot path: on PostgreSQL the same statement also consumes the
counter. Everything else in the house reads through query sets.
"""

import datetime as dt
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any
from zoneinfo import ZoneInfo

from django.db import connection

from analytics.kinds import Flag
from analytics.services import visitor_mark
from experiences.devices import DeviceKey
from experiences.stages import StageFacts
from products.days import day_in
from products.hot_sql import hot_cursor
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
    identity_given_on: dt.date | None
    attributes: Any
    tag_id: int | None
    tag_state: str | None
    key_version: int | None
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
    gift_words: str | None  # what a giver left for whoever unpacks it
    # How its owner is passing it on, where that waits for somebody to accept it; "desk" while staff look at who does.
    offered: str | None
    has_chip: bool
    viewer_owner_id: int | None
    viewer_device_id: int | None
    viewer_used_at: dt.datetime | None  # when that device row was last brought up to date
    viewer_unconfirmed: bool  # the address that the viewer registered it with waits for its code
    viewer_bounced: bool  # the viewer is the owner, and mail to them comes back
    viewer_reachable: bool  # the browser is remembered for somebody who has confirmed an address

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
COALESCE(NULLIF(u.origin, ''), l.origin, ''), l.composition, u.sold_on, u.market, u.identity_given_on,
u.attributes,
t.id, t.state, t.key_version, t.last_counter, t.last_visitor, {consumed},
a.first_scan_at, a.last_scan_at, COALESCE(a.scans, 0), COALESCE(a.visitors, ''),
f.owner_id, COALESCE(f.ownerships, 0), f.owned_since, f.first_owned_at, f.opened_at, f.holder_spoke_up_at,
COALESCE(f.recall, {false}), COALESCE(f.claim, {false}), COALESCE(f.service, {false}),
COALESCE(f.transfer, {false}), COALESCE(f.lost, {false}), COALESCE(f.stolen, {false}),
COALESCE(f.dispute, {false}),
c.starts_on, c.ends_on, c.certificate_code, g.words,
CASE WHEN f.transfer THEN (
    SELECT CASE WHEN EXISTS (
        SELECT 1 FROM ownership_releaserequest r WHERE r.unit_id = u.id AND r.transfer_id = x.id
        AND r.state IN ('desk', 'decided', 'appealed')) THEN 'desk' ELSE x.kind END
    FROM ownership_transfer x WHERE x.unit_id = u.id AND x.state = 'open') END,
EXISTS (SELECT 1 FROM products_tag k WHERE k.unit_id = u.id AND k.kind = 'chip' AND k.state = 'active'),
{viewer}
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
LEFT JOIN ownership_gift g ON g.unit_id = u.id
{remembered}
WHERE {where}
"""
# Whom the browser is remembered for: of all its keys the one of the current owner. Without a key nothing is joined.
_VIEWER = """v.owner_id, v.device_id, v.used_at, v.owner_id IS NOT NULL AND EXISTS (
    SELECT 1 FROM ownership_registration r WHERE r.unit_id = u.id AND r.owner_id = v.owner_id AND r.state = 'owned'),
v.owner_id IS NOT NULL AND EXISTS (
    SELECT 1 FROM ownership_owner w WHERE w.id = v.owner_id AND w.bounced_at IS NOT NULL)"""
_REMEMBERED = """LEFT JOIN (
    SELECT w.owner_id, MAX(w.device_id) AS device_id, MAX(w.used_at) AS used_at FROM (
        SELECT o.id AS owner_id, d.id AS device_id, d.last_used_at AS used_at
        FROM products_device d
        JOIN products_person p ON p.id = d.person_id AND p.is_active
        JOIN ownership_owner o ON o.person_id = p.id
        WHERE ({keys}) AND d.revoked_at IS NULL
        UNION ALL
        SELECT m.owner_id, d.id, d.last_used_at
        FROM products_device d
        JOIN products_person p ON p.id = d.person_id AND p.is_active
        JOIN ownership_member m ON m.person_id = p.id
        WHERE ({keys}) AND d.revoked_at IS NULL
    ) w GROUP BY w.owner_id
) v ON v.owner_id = f.owner_id"""
# Whether anybody whom the browser is remembered for has confirmed an address.
_REACHABLE = """EXISTS (
    SELECT 1 FROM products_device d JOIN products_person p ON p.id = d.person_id AND p.is_active
    WHERE ({keys}) AND d.revoked_at IS NULL AND (EXISTS (
        SELECT 1 FROM account_emailaddress e WHERE e.user_id = p.id AND e.verified) OR EXISTS (
        SELECT 1 FROM products_phonenumber n WHERE n.person_id = p.id AND n.verified_at IS NOT NULL)))"""
_KEY = "d.id = %(device_{n})s AND d.epoch = %(epoch_{n})s"
_CHIP = "JOIN products_tag t ON t.unit_id = u.id AND t.kind = 'chip'"
_QR = "LEFT JOIN products_tag t ON t.unit_id = u.id AND t.kind = 'qr' AND t.state = 'active'"
_BY_CODE = {"tag": _QR, "where": "u.public_code = %(code)s"}
# A domain of one brand never shows a thing of another.
_BY_KEY = {
    "tag": _QR,
    "where": "i.gtin = %(gtin)s AND u.serial = %(serial)s AND NOT EXISTS ("
    "SELECT 1 FROM products_branddomain h WHERE h.host = %(host)s AND h.brand_id <> u.brand_id)",
}
_MODEL = (
    "SELECT i.brand_id, b.content_version, i.product_id, i.variant_id"
    " FROM products_tradeitem i JOIN products_brand b ON b.id = i.brand_id"
    " WHERE i.gtin = %(gtin)s AND NOT EXISTS ("
    "SELECT 1 FROM products_branddomain h WHERE h.host = %(host)s AND h.brand_id <> i.brand_id)"
)
# A chip that was encoded anew answers under a higher key version and counts from the start; what was made under
# a lower one stays used for ever.
_CONSUME = (
    "UPDATE products_tag AS t SET last_counter = %(counter)s, last_visitor = %(visitor)s, key_version = %(version)s"
    " WHERE t.kind = 'chip' AND {which} AND t.state = 'active' AND (t.key_version < %(version)s"
    " OR (t.key_version = %(version)s AND (t.last_counter IS NULL OR t.last_counter < %(counter)s)))"
)
# The chip that a link is of: by its UID, by the code in the link's path, or by both, which must agree. Where a unit
# has several chips of a profile, a code means the newest that is in use ("active" comes before "withdrawn").
_WHICH_BY_UID = "t.profile_id = %(profile_id)s AND t.uid = %(uid)s"
_WHICH_BY_BOTH = """t.profile_id = %(profile_id)s AND t.uid = %(uid)s
    AND t.unit_id = (SELECT n.id FROM products_unit n WHERE n.public_code = %(code)s)"""
_WHICH_BY_CODE = """t.id = (
    SELECT k.id FROM products_tag k JOIN products_unit n ON n.id = k.unit_id
    WHERE n.public_code = %(code)s AND k.kind = 'chip' AND k.profile_id = %(profile_id)s
    ORDER BY k.state, k.id DESC LIMIT 1)"""


@dataclass(frozen=True, slots=True)
class ChipKey:
    """What a link says of its chip: the UID (14 hex digits), the unit's public code in its path, or both."""

    profile_id: int
    uid: str = ""
    code: str = ""

    @property
    def source(self) -> dict[str, str]:
        """The parts of the statement that find the chip."""
        if not self.code:
            return {"tag": _CHIP, "where": _WHICH_BY_UID}
        return {"tag": _CHIP, "where": _WHICH_BY_BOTH if self.uid else _WHICH_BY_CODE}

    @property
    def values(self) -> dict[str, Any]:
        return {"profile_id": self.profile_id, "uid": self.uid, "code": self.code}


def _select(source: dict[str, str], devices: tuple[DeviceKey, ...], *, consumed: str = "{false}") -> str:
    false = "false" if connection.vendor == "postgresql" else "0"
    keys = " OR ".join(_KEY.format(n=number) for number in range(len(devices)))
    viewer = (
        f"{_VIEWER}, {_REACHABLE.format(keys=keys)}"
        if devices
        else f"NULL, NULL, NULL, {false}, {false}, {false}"
    )
    remembered = _REMEMBERED.format(keys=keys) if devices else ""
    columns = _COLUMNS.format(consumed=consumed.format(false=false), false=false, viewer=viewer)
    return f"SELECT {columns} {_TABLES.format(**source, remembered=remembered)}"


def read_by_code(code: str, devices: tuple[DeviceKey, ...] = ()) -> UnitRow | None:
    """Return the unit with this public code."""
    return _one(_select(_BY_CODE, devices), {"code": code}, devices)


def read_by_codes(codes: Sequence[str], devices: tuple[DeviceKey, ...] = ()) -> list[UnitRow]:
    """Return the units with these public codes, in one statement and in no order."""
    values: dict[str, Any] = {f"code_{number}": code for number, code in enumerate(codes)}
    names = ", ".join(f"%({name})s" for name in values)
    for number, key in enumerate(devices):
        values |= {f"device_{number}": key.id, f"epoch_{number}": key.epoch}
    if not codes:
        return []
    with connection.cursor() as cursor:
        cursor.execute(_select({"tag": _QR, "where": f"u.public_code IN ({names})"}, devices), values)
        rows = [UnitRow(*_typed(row)) for row in cursor.fetchall()]
    return list({row.unit_id: row for row in rows}.values())


def read_by_key(
    gtin: str, serial: str, devices: tuple[DeviceKey, ...] = (), host: str = ""
) -> UnitRow | None:
    """Return the unit with this GS1 key: GTIN of 14 digits (AI 01) and serial (AI 21).

    `host` is the domain where it was asked for, without its port.
    """
    return _one(_select(_BY_KEY, devices), {"gtin": gtin, "serial": serial, "host": host}, devices)


def read_model(gtin: str, host: str) -> tuple[int, int, int, int | None] | None:
    """Return brand, content version, product and variant of a GTIN of 14 digits: the code on every box."""
    with hot_cursor() as cursor:
        cursor.execute(_MODEL, {"gtin": gtin, "host": host})
        row: tuple[int, int, int, int | None] | None = cursor.fetchone()
    return row


def read_by_chip(key: ChipKey, devices: tuple[DeviceKey, ...] = ()) -> UnitRow | None:
    """Return the unit that carries this chip, consuming nothing."""
    return _one(_select(key.source, devices), key.values, devices)


def consume_and_read(
    key: ChipKey, *, counter: int, version: int, visitor: str, devices: tuple[DeviceKey, ...] = ()
) -> UnitRow | None:
    """Consume the counter if it moved on under this key version, and return the unit as it was before.

    `consumed` tells whether it did. The conditional UPDATE is the guard against replays: of any number of
    simultaneous requests with one link it changes a row for exactly one.
    """
    values = {**key.values, "counter": counter, "version": version, "visitor": visitor}
    consume = _CONSUME.format(which=key.source["where"])
    if connection.vendor == "postgresql":
        won = f"WITH won AS ({consume} RETURNING t.id) "
        select = _select(key.source, devices, consumed="t.id IN (SELECT id FROM won)")
        return _one(won + select, values, devices)
    row = read_by_chip(key, devices)
    if row is None:
        return None
    with connection.cursor() as cursor:
        cursor.execute(consume, values)
        return replace(row, consumed=cursor.rowcount == 1)


def uid_by_code(profile_id: int, code: str) -> bytes | None:
    """Return the UID, 7 bytes, of the chip of this profile on the unit with this public code."""
    with hot_cursor() as cursor:
        cursor.execute(
            f"SELECT t.uid FROM products_tag t WHERE {_WHICH_BY_CODE}",  # noqa: S608 - a constant
            {"profile_id": profile_id, "code": code},
        )
        row = cursor.fetchone()
    return bytes.fromhex(row[0]) if row else None


def _one(sql: str, values: dict[str, Any], devices: tuple[DeviceKey, ...]) -> UnitRow | None:
    for number, key in enumerate(devices):
        values |= {f"device_{number}": key.id, f"epoch_{number}": key.epoch}
    with hot_cursor() as cursor:
        cursor.execute(sql, values)
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
        (_date, ("retired_on", "made_on", "sold_on", "identity_given_on", "covered_from", "covered_until")),
        (
            _instant,
            (
                "first_scan_at",
                "last_scan_at",
                "owned_since",
                "first_owned_at",
                "opened_at",
                "spoke_up_at",
                "viewer_used_at",
            ),
        ),
        (_json, ("composition", "attributes")),
        (
            bool,
            (
                "consumed",
                "has_chip",
                "viewer_unconfirmed",
                "viewer_bounced",
                "viewer_reachable",
                *(flag.value for flag in Flag),
            ),
        ),
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
        given=row.gift_words is not None,
    )
