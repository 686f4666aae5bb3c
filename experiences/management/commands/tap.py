"""A virtual chip: print the next valid chip link of a unit."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from experiences.virtual_chip import ChipError, chip_link
from products.digital_link import IdentifierError, normalise_gtin
from products.links import brand_base_url
from products.models import Tag, Unit

# The status of a tamper loop: permanent, then current (products.sun.tamper_state).
LOOPS = {"closed": "CC", "open": "OO", "reopened": "OC", "unreadable": "II"}


class Command(BaseCommand):
    help = "Print the next valid chip link of a unit. Nothing is consumed until somebody opens it."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("serial", help="the unit's serial number")
        parser.add_argument("--brand", help="the brand's short name, where several have that serial")
        parser.add_argument("--gtin", help="the product's GTIN, where several have that serial")
        parser.add_argument("--counter", type=int, help="instead of the next counter")
        parser.add_argument("--base", help="scheme and host, instead of the brand's own")
        parser.add_argument(
            "--key-version", type=int, help="as a chip encoded anew under this version answers"
        )
        parser.add_argument(
            "--loop",
            choices=LOOPS,
            help="how the tamper loop is, where the chip has one; else as its page says",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        unit = _the_unit(options["serial"], options["brand"], options["gtin"])
        tag = _the_chip(unit)
        base = (options["base"] or brand_base_url(unit.brand)).rstrip("/")
        try:
            link = chip_link(
                tag,
                base_url=base,
                counter=options["counter"],
                key_version=options["key_version"],
                tamper=LOOPS.get(options["loop"], ""),
            )
        except ChipError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(link)


def _the_unit(serial: str, brand: str | None, gtin: str | None) -> Unit:
    units = Unit.objects.with_page_parts().filter(serial__iexact=serial)
    if brand:
        units = units.filter(brand__slug=brand)
    if gtin:
        try:
            units = units.filter(trade_item__gtin=normalise_gtin(gtin))
        except IdentifierError as error:
            raise CommandError(error.message) from error
    found = list(units.filter(serial=serial)[:11]) or list(units[:11])  # as typed, before any case
    if not found:
        raise CommandError(f"No unit has the serial number {serial}{_within(brand, gtin)}.")
    if len(found) > 1:
        places = ", ".join(f"{unit.trade_item.gtin} ({unit.brand.slug})" for unit in found[:10])
        raise CommandError(
            f"Several units have the serial number {serial}: {places}. Name one with --gtin or --brand."
        )
    return found[0]


def _within(brand: str | None, gtin: str | None) -> str:
    return (f" at the brand {brand}" if brand else "") + (f" under the GTIN {gtin}" if gtin else "")


def _the_chip(unit: Unit) -> Tag:
    tag: Tag | None = unit.tags.chips().active().select_related("profile", "unit").order_by("-id").first()
    if tag is None:
        raise CommandError(f"The unit {unit.serial} has no chip. Its printed code is /q/{unit.public_code}.")
    return tag
