"""An organisation's units: narrowing them down, and taking them along as a CSV."""

import csv
import io
from collections.abc import Iterator
from typing import Any

from experiences.cards import product_card
from ownership.models import Owner, Ownership
from products.days import day_in, market_zones, zone_of
from products.imports.problems import FORMULA
from warranty.models import Coverage

CSV_COLUMNS = ("gtin", "serial", "model", "owner_since", "warranty_until")
CHUNK = 500


def fleet_of(owner: Owner, *, product_id: int | None = None, serial: str = "") -> Any:
    """Return the current ownerships of an organisation, the newest first; `serial` is how it begins."""
    owned = Ownership.objects.current().filter(owner=owner)
    if product_id is not None:
        owned = owned.filter(unit__product=product_id)
    if serial:
        owned = owned.filter(unit__serial__istartswith=serial)
    return owned.select_related("unit__brand", "unit__trade_item").order_by("-since", "-pk")


def fleet_products(owner: Owner, locale: str) -> list[tuple[int, str]]:
    """Return the models of an organisation's units, by name."""
    ids = set(Ownership.objects.current().filter(owner=owner).values_list("unit__product", flat=True))
    version = owner.brand.content_version
    return sorted(((pk, product_card(pk, version, locale).name) for pk in ids), key=lambda pair: pair[1])


def fleet_csv_lines(owned: Any, owner: Owner, locale: str) -> Iterator[str]:
    """Yield the CSV's lines: no cell is a formula to a spreadsheet program, whatever a serial begins with."""
    yield _line(CSV_COLUMNS)
    zone = zone_of("", market_zones(owner.brand), owner.brand.time_zone)
    for chunk in _chunks(owned):
        ends = dict(
            Coverage.objects.filter(unit__in=[row.unit_id for row in chunk]).values_list("unit_id", "ends_on")
        )
        for row in chunk:
            unit = row.unit
            name = product_card(unit.product_id, unit.brand.content_version, locale).name
            since, until = day_in(zone, row.since), ends.get(unit.pk)
            yield _line((unit.trade_item.gtin, unit.serial, name, since, until or ""))


def _chunks(owned: Any) -> Iterator[list[Any]]:
    chunk: list[Any] = []
    for row in owned.iterator(chunk_size=CHUNK):
        chunk.append(row)
        if len(chunk) == CHUNK:
            yield chunk
            chunk = []
    yield chunk


def _line(cells: Any) -> str:
    output = io.StringIO()
    texts = [str(cell) for cell in cells]
    safe = [f"'{text}" if text.startswith((*FORMULA, "\t", "\r")) else text for text in texts]
    csv.writer(output, lineterminator="\r\n").writerow(safe)
    return output.getvalue()


def model_choices(owner: Owner, locale: str) -> list[tuple[str, str]]:
    """Return the brand's GTINs with the model's name, for whoever types serial numbers."""
    items = owner.brand.trade_items.select_related("variant").order_by("gtin")
    version = owner.brand.content_version
    named = [
        (
            item.gtin,
            " · ".join(filter(None, (product_card(item.product_id, version, locale).name, _of(item)))),
        )
        for item in items
    ]
    return sorted(named, key=lambda pair: pair[1])


def _of(item: Any) -> str:
    return f"{item.variant} · {item.gtin}" if item.variant else str(item.gtin)


def typed_list(gtin: str, serials: str) -> bytes:
    """Return typed serial numbers as the CSV that a file would have been."""
    output = io.StringIO()
    writer = csv.writer(output, lineterminator="\n")
    writer.writerow(["gtin", "serial"])
    for serial in serials.splitlines():
        writer.writerow([gtin, serial.strip()] if serial.strip() else [])
    return output.getvalue().encode()
