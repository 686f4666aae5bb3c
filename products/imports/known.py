"""What the database says about the rows of one chunk, read with a fixed number of statements."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field

from products.imports.rows import UnitRow
from products.models import Brand, ChipProfile, Tag, TradeItem, Unit


@dataclass(slots=True)
class Catalogue:
    """What rows may name: the brand's trade items by GTIN, and its chip profiles by slug."""

    trade_items: dict[str, TradeItem]
    profiles: dict[str, int]


@dataclass(slots=True)
class Known(Catalogue):
    """Also units by (trade item, serial), and tags by unit."""

    units: dict[tuple[int, str], Unit]
    tags: dict[int, list[Tag]]
    bound: set[tuple[int, str]]  # chips that are on some unit, by (profile, UID)
    with_history: set[int] = field(default_factory=set)


def load_catalogue(rows: Collection[UnitRow], brand: Brand) -> Catalogue:
    """Read what of the brand's catalogue the rows name."""
    trade_items = {
        item.gtin: item
        for item in TradeItem.objects.for_brand(brand)
        .filter(gtin__in={row.gtin for row in rows})
        .select_related("variant")
    }
    profiles = dict(
        ChipProfile.objects.for_brand(brand)
        .filter(slug__in={row.chip_profile for row in rows if row.chip_profile})
        .values_list("slug", "pk")
    )
    return Catalogue(trade_items, profiles)


def load_known(rows: Collection[UnitRow], brand: Brand) -> Known:
    """Read it, locking the units; history is asked of the ledger separately. Needs a transaction."""
    catalogue = load_catalogue(rows, brand)
    trade_items, profiles = catalogue.trade_items, catalogue.profiles
    # Chips before units: another import may commit between two statements, and a chip that is bound
    # to a unit that was not there yet would look stolen.
    bound = {
        (profile_id, uid)
        for profile_id, uid in Tag.objects.chips()
        .filter(profile__in=profiles.values(), uid__in={row.tag_uid for row in rows if row.tag_uid})
        .values_list("profile_id", "uid")
    }
    units = _units(rows, trade_items)
    tags: dict[int, list[Tag]] = {}
    for tag in Tag.objects.filter(unit__in=[unit.pk for unit in units.values()]).order_by("pk"):
        tags.setdefault(tag.unit_id, []).append(tag)
    return Known(trade_items, profiles, units, tags, bound)


def _units(rows: Collection[UnitRow], trade_items: dict[str, TradeItem]) -> dict[tuple[int, str], Unit]:
    wanted = {(trade_items[row.gtin].pk, row.serial) for row in rows if row.gtin in trade_items}
    # By both columns of the unique index: a little more than wanted where serials recur under several GTINs.
    # The weaker lock lets a tap of the unit go on (`analytics.services.lock_unit`).
    found = (
        Unit.objects.select_for_update(of=("self",), no_key=True)
        .filter(
            trade_item__in={item for item, _serial in wanted}, serial__in={serial for _item, serial in wanted}
        )
        .select_related("batch", "variant")
        .order_by("pk")
    )
    return {
        (unit.trade_item_id, unit.serial): unit
        for unit in found
        if (unit.trade_item_id, unit.serial) in wanted
    }
