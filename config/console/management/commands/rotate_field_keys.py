"""`manage.py rotate_field_keys`: every stored secret encrypted anew with the first of FIELD_KEYS."""

from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from config.second_factors import rotate_second_factors
from products.encryption import WrongFieldKeyError
from products.services.chips import rotate_field_keys


class Command(BaseCommand):
    help = (
        "Encrypts all stored secrets anew with the first key of FIELD_KEYS. "
        "Put the new key first, run this, then drop the old one."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            with transaction.atomic():
                profiles, factors = rotate_field_keys(), rotate_second_factors()
        except WrongFieldKeyError as error:
            raise CommandError(
                f"Nothing was changed: {error}. Add the key it was written with to the end of FIELD_KEYS."
            ) from error
        except ImproperlyConfigured as error:
            raise CommandError(f"Nothing was changed: {error}") from error
        self.stdout.write(f"Encrypted anew: {profiles} chip profiles, {factors} second factors.")
