"""`manage.py list_tombstones`: who was erased, in numbers, to be kept beside the backups."""

from typing import Any

from django.core.management.base import BaseCommand

from ownership.services.data_rights.tombstones import list_stones


class Command(BaseCommand):
    help = "Print one line of JSON per erased owner: numbers and times, no personal data."

    def handle(self, *args: Any, **options: Any) -> None:
        for stone in list_stones():
            self.stdout.write(stone.as_line())
