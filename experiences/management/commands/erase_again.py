"""`manage.py erase_again`: after a backup was restored, erase again whom it brought back."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from experiences.data_rights import steps
from ownership.services.data_rights.tombstones import erase_again, list_stones, read_stones


class Command(BaseCommand):
    help = "Erase again whom a restored backup brought back. Run it before the installation serves anybody."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--tombstones",
            type=Path,
            help="What list_tombstones wrote since the backup; without it, what the database itself remembers.",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        count = 0
        try:
            if path := options["tombstones"]:
                stones = list(read_stones(path.read_text(encoding="utf-8").splitlines()))
                count += erase_again(stones=stones, steps=steps(), now=timezone.now())
        except (OSError, ValueError) as error:
            raise CommandError(str(error)) from error
        count += erase_again(stones=list(list_stones()), steps=steps(), now=timezone.now())
        self.stdout.write(f"{count} erased again.")
