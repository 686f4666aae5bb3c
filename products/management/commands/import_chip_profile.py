"""`manage.py import_chip_profile`: how a series of chips was configured, from JSON."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from products.encryption import WrongFieldKeyError
from products.errors import ProductsError
from products.imports.profiles import MAX_DOCUMENT, read_profile
from products.management.arguments import add_brand_argument, find_brand
from products.services.chips import import_profile


class Command(BaseCommand):
    help = "Imports a chip profile with its keys; the same file again changes nothing."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, metavar="FILE.json")
        add_brand_argument(parser)

    def handle(self, *args: Any, file: Path, brand: str, **options: Any) -> None:
        owner = find_brand(brand)
        try:
            with file.open("rb") as stream:
                document = read_profile(stream.read(MAX_DOCUMENT + 1))
            profile = import_profile(brand=owner, document=document, now=timezone.now())
        except OSError as error:
            raise CommandError(f"{file}: {error.strerror}.") from error
        except ProductsError as error:
            raise CommandError(error.sentence) from error
        except (WrongFieldKeyError, ImproperlyConfigured) as error:
            raise CommandError(str(error)) from error
        path = profile.slug if document.params["uid"] else f"{profile.slug}/<code>"
        self.stdout.write(f"The chip profile {profile.slug} is in: its links begin with /t/{path}?")
