"""What somebody asked to print: which units, on which labels. It travels as the parameters of a job."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import asdict, dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext, override

from products.digital_link import MAX_VALUE_LENGTH
from products.errors import ProductsError
from products.fields import in_language
from products.imports.problems import shown
from products.labels.formats import FORMATS, LabelFormat
from products.labels.layout import Label
from products.labels.qr import CodeKind, Level, code_content
from products.models import Brand, Product, Unit, Variant
from products.querysets import UnitQuerySet

MAX_NAMED = 10_000  # serial numbers or units that are named one by one
MAX_COPIES = 20
MAX_RANGE_LENGTH = 2 * MAX_VALUE_LENGTH + len("..")  # characters: both its ends are serial numbers
SHOWN = 5  # serial numbers that a refusal repeats
_RANGE = re.compile(r"(?P<head>.*?)(?P<first>\d+)\.\.(?P<tail>.*?)(?P<last>\d+)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Selection:
    """Which units of a brand: those that fit all that is said. Ids of units stand for serial numbers typed."""

    product: int | None = None
    batch: str = ""
    made_from: str = ""  # ISO 8601 days
    made_to: str = ""
    units: tuple[int, ...] | None = None

    @property
    def says_nothing(self) -> bool:
        return self == Selection()

    def of(self, brand: Brand) -> UnitQuerySet:
        """Return the brand's units that fit, in the order of GTIN and serial number."""
        units: UnitQuerySet = Unit.objects.for_brand(brand).made_between(
            *(dt.date.fromisoformat(day) if day else None for day in (self.made_from, self.made_to))
        )
        if self.product is not None:
            units = units.filter(product=self.product)
        if self.batch:
            units = units.filter(batch__code=self.batch)
        if self.units is not None:
            units = units.filter(pk__in=self.units)
        return units.order_by("trade_item", "serial")


@dataclass(frozen=True, slots=True)
class LabelRun:
    """One order to print. `copies` of each label follow each other; `start` is a position on the first sheet."""

    selection: Selection
    format: str
    kind: str = CodeKind.SHORT.value
    level: str = Level.M.value
    copies: int = 1
    start: int = 1
    says: tuple[str, ...] = ("name", "model", "gtin")

    @property
    def sheet(self) -> LabelFormat:
        return FORMATS[self.format]

    def as_params(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_params(cls, params: dict[str, Any]) -> LabelRun:
        """Read what `as_params` wrote, and JSON kept. Raises ProductsError `unknown_format`."""
        if params["format"] not in FORMATS:
            raise ProductsError("unknown_format", _("This version does not know this format of labels."))
        chosen = dict(params["selection"])
        units = chosen.pop("units")
        selection = Selection(**chosen, units=None if units is None else tuple(units))
        return cls(**{**params, "selection": selection, "says": tuple(params["says"])})

    def label(self, unit: Unit, base_url: str) -> Label:
        """Return what the unit's label says, in the first language of its brand."""
        locale = unit.brand.default_locale
        names: list[Product | Variant] = [unit.product, unit.variant] if unit.variant else [unit.product]
        details = {
            "model": unit.product.model_number and _model(unit.product.model_number, locale),
            "gtin": f"GTIN {unit.trade_item.gtin}",
        }
        return Label(
            content=code_content(unit, CodeKind(self.kind), base_url),
            serial=unit.serial,
            name=", ".join(in_language(of.names, locale) or str(of) for of in names)
            if "name" in self.says
            else "",
            details=tuple(text for key, text in details.items() if key in self.says and text),
        )


def _model(number: str, locale: str) -> str:
    with override(locale):  # not in that of whoever prints: the label is for who buys
        return f"{_('Model')} {number}"


def units_named(text: str, brand: Brand, product: Product | None) -> tuple[int, ...]:
    """Return the ids of the units whose serial numbers were typed: separated by spaces or lines, or as ranges.

    A range is written `A-0001..A-0250`. Raises ProductsError `too_many`, `unknown_serials`, `ambiguous_serials`.
    """
    serials = _serials(text)
    found: dict[str, list[int]] = {}
    units = Unit.objects.for_brand(brand).filter(serial__in=serials)
    for pk, serial in (units.filter(product=product) if product else units).values_list("pk", "serial"):
        found.setdefault(serial, []).append(pk)
    if missing := [serial for serial in serials if serial not in found]:
        sentence = ngettext(
            "There is no unit with the serial number %(serials)s.",
            "%(count)d serial numbers are of no unit: %(serials)s.",
            len(missing),
        )
        raise ProductsError("unknown_serials", sentence % _listed(missing))
    if twice := [serial for serial in serials if len(found[serial]) > 1]:
        sentence = ngettext(
            "Several units have the serial number %(serials)s: choose the product, too.",
            "%(count)d serial numbers are of several units each: choose the product, too. They are %(serials)s.",
            len(twice),
        )
        raise ProductsError("ambiguous_serials", sentence % _listed(twice))
    return tuple(found[serial][0] for serial in serials)


def _listed(serials: list[str]) -> dict[str, Any]:
    more = " …" if len(serials) > SHOWN else ""
    return {"count": len(serials), "serials": ", ".join(map(shown, serials[:SHOWN])) + more}


def _serials(text: str) -> list[str]:
    """Return every serial number once, in the order typed, with ranges written out."""
    serials: dict[str, None] = {}
    named = 0  # repetitions count: ranges that overlap are written out as well
    for word in text.split():
        written = _written_out(word)
        named += len(written)
        serials.update(dict.fromkeys(written))
        if named > MAX_NAMED:
            sentence = _("These are more than %(most)d serial numbers: choose a batch or days instead.")
            raise ProductsError("too_many", sentence % {"most": MAX_NAMED})
    return list(serials)


def _written_out(word: str) -> list[str]:
    match = _RANGE.fullmatch(word) if len(word) <= MAX_RANGE_LENGTH else None
    if match is None or match["head"] != match["tail"] or len(match["first"]) > len(match["last"]):
        return [word]
    first, last, digits = int(match["first"]), int(match["last"]), len(match["first"])
    # One more than may be named is enough to be refused.
    return [
        f"{match['head']}{number:0{digits}d}" for number in range(first, min(last, first + MAX_NAMED) + 1)
    ]
