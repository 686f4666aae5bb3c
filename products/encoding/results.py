"""What an encoding station reports: which chip it put on which unit. Pure: rows in, what they ask for out."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from products.digital_link import IdentifierError, check_serial, normalise_gtin
from products.imports.problems import Problem, RowFault, shown
from products.imports.reading import Record
from products.models import EncodingOrder, Tag, Unit
from products.models.encoding import MAX_KEY_VERSION
from products.models.units import TagState

COLUMNS = ("serial", "uid", "gtin", "key_version")
REQUIRED = ("serial", "uid")
_UID = re.compile(r"[0-9A-Fa-f]{14}")
_VERSION = re.compile(r"[0-9]{1,3}")


@dataclass(frozen=True, slots=True)
class ResultRow:
    """A row that is right in itself; what it does not say is empty or None."""

    line: int
    serial: str
    uid: str  # 14 small hexadecimal digits
    gtin: str  # 14 digits
    key_version: int | None


@dataclass(slots=True)
class KnownChips:
    """What the database says of the units and chips of one chunk; rows that are decided are added to it."""

    units: dict[str, list[Unit]]  # by serial number
    by_uid: dict[str, Tag] = field(default_factory=dict)  # any chip of the brand with this UID
    by_unit: dict[int, Tag] = field(default_factory=dict)  # the working chip of a unit

    def add(self, tag: Tag) -> None:
        self.by_uid[tag.uid] = tag
        if tag.state == TagState.ACTIVE:
            self.by_unit[tag.unit_id] = tag


@dataclass(slots=True)
class Bindings:
    """What the good rows of a chunk ask for."""

    new: list[Tag] = field(default_factory=list)
    renewed: list[Tag] = field(default_factory=list)  # encoded anew under a newer key version
    unchanged: int = 0


def parse_result(record: Record) -> ResultRow | list[Problem]:
    """Return the row, or everything that is wrong with it."""
    problems: list[Problem] = []
    values = {}
    for column, check in _CHECKS.items():
        try:
            values[column] = check(record.cells.get(column, "").strip())
        except RowFault as fault:
            problems.append(Problem(record.line, column, fault.reason))
    return problems or ResultRow(line=record.line, **values)  # type: ignore[arg-type]


def decide(row: ResultRow, order: EncodingOrder, known: KnownChips, into: Bindings) -> None:
    """Add what the row asks for; raises RowFault with the column where it can't be."""
    version = order.key_version
    if row.key_version not in (None, version):
        reason = _("The order is for key version %(version)d.") % {"version": version}
        raise RowFault(reason, "key_version")
    unit, tag = _unit(row, known), known.by_uid.get(row.uid)
    if tag is None:
        _check_free(unit, known)
        made = Tag(
            brand_id=order.brand_id, unit=unit, kind=Tag.Kind.CHIP, profile_id=order.profile_id, uid=row.uid,
            key_version=version,
        )  # fmt: skip
        into.new.append(made)
        known.add(made)
        return
    _check_same(tag, unit, order)
    if tag.key_version == version:
        into.unchanged += 1
        return
    if tag.key_version > version:
        reason = _(
            "This chip has key version %(has)d already. Encoding it anew takes a newer one: it counts from the start,"
            " and its old links would pass again."
        )
        raise RowFault(reason % {"has": tag.key_version}, "uid")
    tag.key_version = version
    into.renewed.append(tag)


def _unit(row: ResultRow, known: KnownChips) -> Unit:
    units = [unit for unit in known.units.get(row.serial, []) if row.gtin in ("", unit.trade_item.gtin)]
    if not units:
        raise RowFault(_("The order has no unit with this serial number."), "serial")
    if len(units) > 1:
        raise RowFault(_("Several units have this serial number: add a column gtin."), "serial")
    if units[0].is_retired:
        raise RowFault(_("This unit is retired."), "serial")
    return units[0]


def _check_free(unit: Unit, known: KnownChips) -> None:
    if unit.pk in known.by_unit:
        reason = _("This unit carries the chip %(uid)s already: withdraw that one first.")
        raise RowFault(reason % {"uid": known.by_unit[unit.pk].uid}, "uid")


def _check_same(tag: Tag, unit: Unit, order: EncodingOrder) -> None:
    if tag.unit_id != unit.pk:
        raise RowFault(_("This chip is on another unit already."), "uid")
    if tag.profile_id != order.profile_id:
        raise RowFault(
            _("This chip is on this unit under another chip profile: withdraw that one first."), "uid"
        )
    if tag.state != TagState.ACTIVE:
        raise RowFault(_("This chip was withdrawn."), "uid")


def _serial(text: str) -> str:
    try:
        return check_serial(text)
    except IdentifierError as error:
        raise RowFault(error.message) from error


def _gtin(text: str) -> str:
    try:
        return normalise_gtin(text) if text else ""
    except IdentifierError as error:
        raise RowFault(error.message) from error


def _uid(text: str) -> str:
    if not _UID.fullmatch(text):
        reason = _("“%(text)s” is not the UID of a chip: it has 14 hexadecimal digits.")
        raise RowFault(reason % {"text": shown(text)})
    return text.lower()


def _key_version(text: str) -> int | None:
    if text and not (_VERSION.fullmatch(text) and int(text) <= MAX_KEY_VERSION):
        reason = _("“%(text)s” is not a key version: it is a number from 0 to %(most)d.")
        raise RowFault(reason % {"text": shown(text), "most": MAX_KEY_VERSION})
    return int(text) if text else None


_CHECKS = {"serial": _serial, "uid": _uid, "gtin": _gtin, "key_version": _key_version}
