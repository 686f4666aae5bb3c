"""What one row would do to one unit: make it, change it, leave it, or contradict it. Pure: nothing is read or written.

An empty cell says nothing, so it clears nothing. What a unit with a history (scanned, registered,
retired) does not say yet may be filled in; what it says may not be changed.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, NamedTuple

from django.utils.translation import gettext as _

from products.imports.known import Catalogue, Known
from products.imports.problems import RowFault, shown
from products.imports.rows import AFTER_MADE, UnitRow, before_made, precedes_made
from products.models import Tag, TradeItem, Unit
from products.models.units import TagKind, TagState

PLAIN_COLUMNS = ("made_on", "made_in", "origin", "shipped_on", "sold_on", "market")


@dataclass(slots=True)
class Plan:
    """What a good row asks for. `unit` is None where it is to be made."""

    row: UnitRow
    item: TradeItem
    variant: str
    unit: Unit | None
    profile_id: int | None = None
    changed: dict[str, Any] = field(default_factory=dict)  # by column; a batch or variant by its code
    adds_chip: bool = False
    adds_qr: bool = False
    replaces: Tag | None = None

    is_new: bool = False

    @property
    def changes_something(self) -> bool:
        return bool(self.is_new or self.changed or self.adds_chip or self.adds_qr or self.replaces)

    @property
    def changed_columns(self) -> list[str]:
        """What a known unit would say anew, by column; a code to be printed comes without one."""
        return [*self.changed, *(["tag_uid"] if self.adds_chip or self.replaces else [])]


class Place(NamedTuple):
    """Where a row belongs in the brand's catalogue; the variant by its code."""

    item: TradeItem
    variant: str
    profile_id: int | None


def place_row(row: UnitRow, catalogue: Catalogue) -> Place:
    """Return what the row names; raises RowFault with the column where the brand has no such thing."""
    item = _trade_item(row, catalogue)
    return Place(item, _variant(row, item), _profile(row, catalogue))


def plan_row(row: UnitRow, known: Known) -> Plan:
    """Return what the row asks for; raises RowFault with the column where it can't be."""
    item, variant, profile_id = place_row(row, known)
    unit = known.units.get((item.pk, row.serial))
    plan = Plan(row, item, variant, unit, profile_id, is_new=unit is None)
    if unit is not None:
        plan.changed = _changes(plan, unit, has_history=unit.is_retired or unit.pk in known.with_history)
    _plan_tag(plan, known)
    return plan


def _trade_item(row: UnitRow, catalogue: Catalogue) -> TradeItem:
    # The same sentence for an unknown GTIN and another brand's: the file learns nothing of other brands.
    if row.gtin not in catalogue.trade_items:
        reason = _("The GTIN %(gtin)s belongs to no product of this brand.")
        raise RowFault(reason % {"gtin": row.gtin}, "gtin")
    return catalogue.trade_items[row.gtin]


def _variant(row: UnitRow, item: TradeItem) -> str:
    """Return the code of the variant that the row or its GTIN names."""
    named = item.variant.code if item.variant else ""
    if named and row.variant not in ("", named):
        reason = _("The GTIN %(gtin)s names the variant “%(named)s”.")
        raise RowFault(reason % {"gtin": row.gtin, "named": named}, "variant")
    return row.variant or named


def _profile(row: UnitRow, catalogue: Catalogue) -> int | None:
    if not row.chip_profile:
        return None
    if row.chip_profile not in catalogue.profiles:
        reason = _("This brand has no chip profile “%(slug)s”.")
        raise RowFault(reason % {"slug": shown(row.chip_profile)}, "chip_profile")
    return catalogue.profiles[row.chip_profile]


def _changes(plan: Plan, unit: Unit, *, has_history: bool) -> dict[str, Any]:
    said = {column: getattr(plan.row, column) for column in PLAIN_COLUMNS}
    stands = {column: getattr(unit, column) for column in PLAIN_COLUMNS}
    said |= {"batch": plan.row.batch, "variant": plan.variant}
    stands |= {
        "batch": unit.batch.code if unit.batch else "",
        "variant": unit.variant.code if unit.variant else "",
    }
    changed = {column: value for column, value in said.items() if value and value != stands[column]}
    for column in changed:
        if has_history and stands[column]:
            raise _contradiction(column, str(stands[column]))
    days = {column: changed.get(column, stands[column]) for column in ("made_on", *AFTER_MADE)}
    for column in AFTER_MADE:
        if changed.keys() & {"made_on", column} and precedes_made(column, days):
            raise RowFault(before_made(column, days), column if column in changed else "made_on")
    return changed | _changed_attributes(plan.row, unit, has_history=has_history)


def _changed_attributes(row: UnitRow, unit: Unit, *, has_history: bool) -> dict[str, Any]:
    if not row.attributes or row.attributes == unit.attributes:
        return {}
    if has_history and not unit.attributes.items() <= row.attributes.items():
        raise _contradiction("attributes", ", ".join(unit.attributes))
    return {"attributes": row.attributes}


def _contradiction(column: str, stands: str) -> RowFault:
    reason = _("This unit has a history, and it says “%(stands)s”: that can't be changed by an import.")
    return RowFault(reason % {"stands": shown(stands)}, column)


def _plan_tag(plan: Plan, known: Known) -> None:
    """Decide what becomes of the unit's chip, or of the printed code of a unit without one."""
    tags = known.tags.get(plan.unit.pk, []) if plan.unit else []
    if plan.profile_id is None:
        plan.adds_qr = not tags
        return
    if any((tag.profile_id, tag.uid) == (plan.profile_id, plan.row.tag_uid) for tag in tags):
        return
    if (plan.profile_id, plan.row.tag_uid) in known.bound:
        raise RowFault(_("This chip is on another unit already."), "tag_uid")
    chips = [tag for tag in tags if tag.kind == TagKind.CHIP and tag.state == TagState.ACTIVE]
    if not chips:
        plan.adds_chip = True
        return
    plan.replaces = _replaceable(chips, plan, known)


def _replaceable(chips: list[Tag], plan: Plan, known: Known) -> Tag:
    """Return the chip that was written down wrongly and never used; raises RowFault where there is none."""
    if len(chips) > 1:
        raise RowFault(_("This unit carries several chips: change them in the console."), "tag_uid")
    (chip,) = chips
    unit = plan.unit
    if unit is None or unit.is_retired or unit.pk in known.with_history or chip.last_counter is not None:
        raise RowFault(
            _("This unit was used with another chip: that can't be changed by an import."), "tag_uid"
        )
    return chip
