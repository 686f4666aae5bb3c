"""Taking the ordinary rows of a chunk in with a few statements, where the database is PostgreSQL (docs/adr/0010).

The rows are copied into a temporary table beside what the database says of their units and chips. A unit that is
new and one that says all that its row says are settled here. Every other row is left to the way that goes row by
row (`deciding.py`), which alone knows what may be changed, and the sentences for what may not.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator
from typing import Any, NamedTuple

from django.db import connection, models

from products.codes import new_public_codes
from products.imports.deciding import Place, place_row
from products.imports.known import Catalogue, load_catalogue
from products.imports.problems import RowFault
from products.imports.rows import UnitRow
from products.imports.writing import find_or_make_batches, find_or_make_variants
from products.models import Brand, Tag, Unit
from products.models.units import TagKind, TagState


class Merged(NamedTuple):
    """What became of the rows of a chunk."""

    new: list[UnitRow]
    unchanged: list[UnitRow]
    left: list[UnitRow]  # to be looked at one by one


class _Placed(NamedTuple):
    row: UnitRow
    place: Place


# The staged columns in the order of COPY, with their types.
_COLUMNS = {
    "line": "integer",
    "product_id": "bigint",
    "trade_item_id": "bigint",
    "serial": "text",
    "batch": "text",
    "variant": "text",
    "made_on": "date",
    "made_in": "text",
    "origin": "text",
    "shipped_on": "date",
    "sold_on": "date",
    "market": "text",
    "profile_id": "bigint",
    "uid": "text",
    "attributes": "jsonb",
    "public_code": "text",
}
_STAGE = f"""
DROP TABLE IF EXISTS pg_temp.staged_rows, pg_temp.found_rows;
CREATE TEMPORARY TABLE staged_rows ({", ".join(f"{name} {kind}" for name, kind in _COLUMNS.items())})
    ON COMMIT DROP
"""
# Statistics of tables that the import itself is filling would mislead the planner: every row is looked up on its own
# (LATERAL, LIMIT 1) in an index, whatever the size of the table.
_PLAN = "SET LOCAL enable_seqscan = off; SET LOCAL jit = off"
# An empty cell says nothing; a comparison with a NULL is not true, so that the row is left to be looked at.
_FIND = """
CREATE TEMPORARY TABLE found_rows ON COMMIT DROP AS
SELECT staged.*,
       unit.id IS NULL AND chip.unit_id IS NULL AS is_new,
       coalesce(
           unit.id IS NOT NULL
           AND (staged.batch = '' OR staged.batch = unit.batch)
           AND (staged.variant = '' OR staged.variant = unit.variant)
           AND (staged.made_on IS NULL OR staged.made_on = unit.made_on)
           AND (staged.made_in = '' OR staged.made_in = unit.made_in)
           AND (staged.origin = '' OR staged.origin = unit.origin)
           AND (staged.shipped_on IS NULL OR staged.shipped_on = unit.shipped_on)
           AND (staged.sold_on IS NULL OR staged.sold_on = unit.sold_on)
           AND (staged.market = '' OR staged.market = unit.market)
           AND (staged.attributes = '{}' OR staged.attributes = unit.attributes)
           AND CASE
               WHEN staged.profile_id IS NULL
               THEN EXISTS (SELECT FROM products_tag AS tag WHERE tag.unit_id = unit.id)
               ELSE chip.unit_id = unit.id
           END,
           false
       ) AS is_unchanged
FROM staged_rows AS staged
LEFT JOIN LATERAL (
    SELECT unit.*,
           (SELECT code FROM products_batch AS batch WHERE batch.id = unit.batch_id) AS batch,
           (SELECT code FROM products_variant AS variant WHERE variant.id = unit.variant_id) AS variant
    FROM products_unit AS unit
    WHERE unit.trade_item_id = staged.trade_item_id AND unit.serial = staged.serial
    LIMIT 1
) AS unit ON true
LEFT JOIN LATERAL (
    SELECT chip.unit_id
    FROM products_tag AS chip
    WHERE chip.kind = 'chip' AND chip.profile_id = staged.profile_id AND chip.uid = staged.uid
    LIMIT 1
) AS chip ON true
"""
_INSERT = """
WITH fresh AS MATERIALIZED (
    SELECT nextval(pg_get_serial_sequence('products_unit', 'id')) AS id,
           found.*,
           (SELECT id FROM products_batch AS batch
            WHERE batch.product_id = found.product_id AND batch.code = found.batch) AS batch_id,
           (SELECT id FROM products_variant AS variant
            WHERE variant.product_id = found.product_id AND variant.code = found.variant) AS variant_id
    FROM found_rows AS found
    WHERE found.is_new
    ORDER BY found.trade_item_id, found.serial
), units AS (INSERT INTO products_unit ({unit_columns}) SELECT {unit_values} FROM fresh)
INSERT INTO products_tag ({tag_columns}) SELECT {tag_values} FROM fresh
"""


def can_merge() -> bool:
    """Return whether the database knows COPY and temporary tables as this module needs them."""
    return bool(connection.vendor == "postgresql")


def merge_rows(rows: list[UnitRow], brand: Brand, *, now: dt.datetime, dry_run: bool) -> Merged:
    """Make the units that are new, in the running transaction, and tell which rows are left.

    Two rows with the same unit or chip must not be among them. Raises IntegrityError where somebody else was faster.
    """
    placed, left = _place(rows, brand)
    is_new, is_unchanged = _find(placed)
    new = [one for one in placed if one.row.line in is_new]
    if new and not dry_run:
        _make(new, brand, now)
    unchanged = [one.row for one in placed if one.row.line in is_unchanged]
    left += [one.row for one in placed if not (one.row.line in is_new or one.row.line in is_unchanged)]
    return Merged([one.row for one in new], unchanged, sorted(left))


def _place(rows: list[UnitRow], brand: Brand) -> tuple[list[_Placed], list[UnitRow]]:
    """Return the rows with their place in the catalogue, and those that have none."""
    catalogue = load_catalogue(rows, brand)
    places: dict[tuple[str, str, str], Place | None] = {}  # rows of one batch belong in one place
    placed, left = [], []
    for row in rows:
        named = (row.gtin, row.variant, row.chip_profile)
        if named not in places:
            places[named] = _place_of(row, catalogue)
        if place := places[named]:
            placed.append(_Placed(row, place))
        else:
            left.append(row)
    return placed, left


def _place_of(row: UnitRow, catalogue: Catalogue) -> Place | None:
    try:
        return place_row(row, catalogue)
    except RowFault:
        return None


def _find(placed: list[_Placed]) -> tuple[set[int], set[int]]:
    """Return the lines of units that are new, and of units that say all of it already."""
    with connection.cursor() as cursor:
        cursor.execute(_STAGE)
        with cursor.copy(f"COPY staged_rows ({', '.join(_COLUMNS)}) FROM STDIN") as copy:
            for staged in _staged(placed):
                copy.write_row(staged)
        cursor.execute(_PLAN)
        cursor.execute(_FIND)
        cursor.execute("SELECT line, is_new FROM found_rows WHERE is_new OR is_unchanged")
        found = cursor.fetchall()
    return {line for line, is_new in found if is_new}, {line for line, is_new in found if not is_new}


def _staged(placed: list[_Placed]) -> Iterator[tuple[Any, ...]]:
    """Yield the values of `_COLUMNS`; every row has a code ready, should its unit be new."""
    for (row, place), code in zip(placed, new_public_codes(len(placed)), strict=True):
        yield (
            row.line,
            place.item.product_id,
            place.item.pk,
            row.serial,
            row.batch,
            place.variant,
            row.made_on,
            row.made_in,
            row.origin,
            row.shipped_on,
            row.sold_on,
            row.market,
            place.profile_id,
            row.tag_uid,
            json.dumps(row.attributes) if row.attributes else "{}",
            code,
        )


def _make(new: list[_Placed], brand: Brand, now: dt.datetime) -> None:
    find_or_make_batches({(place.item.product_id, row.batch) for row, place in new}, brand)
    find_or_make_variants({(place.item.product_id, place.variant) for _row, place in new}, brand)
    staged = {*_COLUMNS, "id", "batch_id", "variant_id"} - {"line", "batch", "variant"}
    units = _Values(Unit, brand, {column: column for column in staged}, {"created_at": now})
    kind = f"CASE WHEN profile_id IS NULL THEN '{TagKind.QR.value}' ELSE '{TagKind.CHIP.value}' END"
    chip = {"unit_id": "id", "kind": kind, "profile_id": "profile_id", "uid": "uid"}
    tags = _Values(Tag, brand, chip, {"state": TagState.ACTIVE})
    statement = _INSERT.format(
        unit_columns=units.columns,
        unit_values=units.expressions,
        tag_columns=tags.columns,
        tag_values=tags.expressions,
    )
    with connection.cursor() as cursor:
        cursor.execute(statement, units.params + tags.params)


class _Values:
    """What an INSERT of a model takes from where: what the rows don't say is as the model would have it."""

    def __init__(
        self, model: type[models.Model], brand: Brand, staged: dict[str, str], fixed: dict[str, Any]
    ) -> None:
        fixed = {"brand_id": brand.pk, **fixed}
        values: dict[str, str] = {}
        self.params: list[Any] = []
        for field in model._meta.concrete_fields:
            column = str(field.column)
            if column in staged:
                values[column] = staged[column]
            elif not field.primary_key:
                values[column] = f"%s::{field.db_type(connection)}"
                value = fixed.get(column, field.get_default())
                self.params.append(field.get_db_prep_save(value, connection))
        self.columns, self.expressions = ", ".join(values), ", ".join(values.values())
