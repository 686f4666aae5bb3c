"""Load the demo brands, and print where to tap and how to log in."""

import datetime as dt
import json
from argparse import ArgumentTypeError
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from experiences.demo.listing import ListedUnit, list_units
from experiences.demo.load import DEFAULT_UNITS, DemoError, load_demo
from experiences.demo.owners import list_owners
from experiences.demo.staff import staff_logins
from experiences.models import DemoLoad


def _day(text: str) -> dt.date:
    try:
        return dt.date.fromisoformat(text)
    except ValueError as error:
        raise ArgumentTypeError(f"“{text}” is not a date like 2026-03-31.") from error


def _count(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= 1_000_000:
        raise ArgumentTypeError(f"“{text}” is not a number from 1 to 1000000.")
    return int(text)


class Command(BaseCommand):
    help = "Load three fictional brands with years of history. Running it again changes nothing."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--units", type=_count, default=DEFAULT_UNITS, help="how many units in all")
        parser.add_argument("--seed", help="what all codes and keys are drawn from, at the first load")
        parser.add_argument("--as-of", type=_day, help="the day to which the history runs (default: today)")
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        now = timezone.now()
        units = options["units"]
        try:
            load = load_demo(units=units, seed=options["seed"], as_of=options["as_of"], now=now)
        except DemoError as error:
            raise CommandError(str(error)) from error
        if options["json"]:
            self._print_json(load, units, now)
        else:
            self._print_table(load, now)

    def _print_json(self, load: DemoLoad, units: int, now: dt.datetime) -> None:
        listed = list(list_units(load, units=units, now=now))
        everything = {
            "staff": [login.as_json() for login in staff_logins(load.seed)],
            "owners": [owner.as_json() for owner in list_owners()],
            "units": [unit.as_json() for unit in listed if unit.tap_url],
            # Units that carry a printed code only, and so have no chip link.
            "qr_only": [unit.as_json() for unit in listed if not unit.tap_url],
        }
        self.stdout.write(json.dumps(everything, ensure_ascii=False, indent=1))

    def _print_table(self, load: DemoLoad, now: dt.datetime) -> None:
        self.stdout.write(f"The demo's history runs to {load.anchor:%d %B %Y}.")
        brand = ""
        for unit in list_units(load, units=1, now=now):
            if unit.brand != brand:
                brand = unit.brand
                self.stdout.write(f"\n{brand}: hold a phone to one of these, or open its link")
            self.stdout.write(_line(unit))
        self.stdout.write(
            "\nOwners: enter at /me/enter/ with one of these addresses; the code comes to /outbox/"
        )
        for owner in list_owners():
            self.stdout.write(f"  {owner.address:44} {owner.shows}")
        self.stdout.write(
            "\nConsole log-ins (/console/; a code for the second factor: manage.py totp USERNAME)"
        )
        for login in staff_logins(load.seed):
            self.stdout.write(f"  {login.username:22} {login.password}   {login.role}")


def _line(unit: ListedUnit) -> str:
    return f"  {unit.stage:11}{unit.role:40} {unit.product}, {unit.serial}\n    {unit.tap_url or unit.qr_url}"
