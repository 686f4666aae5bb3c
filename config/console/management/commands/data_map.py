"""`manage.py data_map`: print the data map as the table of docs/data.md."""

from typing import Any

from django.core.management.base import BaseCommand

from config.data_map import as_markdown


class Command(BaseCommand):
    help = "Print what is held of people, as the table of docs/data.md."

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(as_markdown(), ending="")
