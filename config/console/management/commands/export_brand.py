"""`manage.py export_brand`: everything of one brand, so that it can leave and its codes go on working."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from config.leaving.archive import archive_at
from config.leaving.export import Leaving, export_brand
from config.leaving.links import DEFAULT_CHIP, DEFAULT_UNIT, read_targets
from products.encoding.sealing import read_recipient
from products.encryption import WrongFieldKeyError
from products.errors import ProductsError
from products.links import brand_base_url
from products.management.arguments import find_brand


class Command(BaseCommand):
    help = (
        "Writes everything of one brand to a folder or a ZIP: rows, files, the ledger, its chip keys sealed for one"
        " recipient, and a map by which its codes go on working. It holds personal data."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("brand", metavar="BRAND", help="the brand's short name, like acme")
        parser.add_argument(
            "--recipient-key",
            type=Path,
            required=True,
            metavar="PUBLIC",
            help="the public key (PEM or JWK) of who takes over",
        )
        parser.add_argument("--out", type=Path, required=True, metavar="DIR_OR_ZIP")
        parser.add_argument(
            "--unit-target",
            metavar="URL",
            help="where printed codes lead: {code}, {gtin} and {serial} are filled in",
        )
        parser.add_argument("--chip-target", metavar="URL", help="where chips lead: {profile} is filled in")

    def handle(
        self,
        *args: Any,
        brand: str,
        recipient_key: Path,
        out: Path,
        unit_target: str | None,
        chip_target: str | None,
        **options: Any,
    ) -> None:
        found = find_brand(brand)
        base = brand_base_url(found)
        try:
            leaving = Leaving(
                brand=found,
                recipient=read_recipient(recipient_key.read_text(errors="replace")),
                targets=read_targets(unit_target or base + DEFAULT_UNIT, chip_target or base + DEFAULT_CHIP),
                now=timezone.now(),
            )
            export_brand(leaving, archive_at(out))
        except OSError as error:
            raise CommandError(f"{error.filename or out}: {error.strerror or error}") from error
        except ProductsError as error:
            raise CommandError(error.sentence) from error
        except WrongFieldKeyError as error:
            raise CommandError(f"Nothing was written: {error}.") from error
        self.stdout.write(
            f"{leaving.total} rows and {leaving.links} links of {found.name} are in {out}."
            f" The chip keys open with the private key of {leaving.recipient.thumbprint}."
        )
        if leaving.missing:
            self.stderr.write(
                f"{len(leaving.missing)} files were no longer in the storage; manifest.json names them."
            )
