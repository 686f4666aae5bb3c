"""`manage.py check_loyalty`: compare every balance of points with the lines of the ledger."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from ownership.services.loyalty.checking import differences


class Command(BaseCommand):
    help = "Compare every balance of points with the sum of its lines; ends with an error where they differ."

    def handle(self, *args: Any, **options: Any) -> None:
        found = differences()
        for one in found:
            self.stdout.write(f"owner {one.owner_id}: balance {one.balance}, lines {one.sum}")
        if found:
            raise CommandError(f"{len(found)} balances differ from their lines.")
        self.stdout.write("Every balance is the sum of its lines.")
