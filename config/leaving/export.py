"""Everything of one brand, written as one consistent picture in constant memory."""

import datetime as dt
import json
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.core.files.storage import storages
from django.core.serializers.json import DjangoJSONEncoder
from django.db import connection, transaction

from config.leaving import keys
from config.leaving.archive import Archive
from config.leaving.links import Targets, write_links
from config.leaving.tables import TABLES, rows_of, types_of
from products.encoding.sealing import Recipient
from products.errors import ProductsError
from products.models import Brand, PrivateFile, Product
from products.services.audit import write_audit
from products.services.files import open_private_file

FORMAT = "heirloom-brand/1"
# A stranger must be able to go on from the archive, without this software.
README = Path(__file__).with_name("archive_readme.md")
PURPOSE = "leaving"  # of private files that hold such an archive: an archive does not hold others
_SAY_EVERY = 1000  # rows


@dataclass(slots=True)
class Leaving:
    """What is asked for, and what came of it."""

    brand: Brand
    recipient: Recipient
    targets: Targets
    now: dt.datetime
    actor_id: int | None = None
    on_progress: Callable[[int], None] = lambda _rows: None
    rows: dict[str, int] = field(default_factory=dict)
    missing: list[str] = field(default_factory=list)  # files whose content the storage lost
    links: int = 0

    @property
    def total(self) -> int:
        return sum(self.rows.values())


def export_brand(leaving: Leaving, archive: Archive) -> None:
    """Write everything of the brand to the archive, as it stood at one moment; then note in the audit trail who did.

    Raises WrongFieldKeyError where the chip keys can't be read, and whatever `on_progress` raises to stop it.
    """
    with archive:
        with one_moment():
            for label in TABLES:
                _write_table(leaving, archive, label)
            leaving.links = write_links(archive, leaving.brand, leaving.targets)
            with archive.open_text(keys.NAME) as file:
                file.write(keys.seal_keys(leaving.brand, leaving.recipient))
            _write_pictures(leaving, archive)
            _write_private_files(leaving, archive)
        with archive.open_text("schema.json") as file:
            json.dump({label: types_of(label) for label in TABLES}, file, indent=1)
        with archive.open_text("README.md") as file:
            file.write(README.read_text())
        with archive.open_text("manifest.json") as file:
            json.dump(_manifest(leaving, archive), file, indent=1)
    write_audit(
        action="brand.exported",
        obj=leaving.brand,
        brand_id=leaving.brand.pk,
        actor_id=leaving.actor_id,
        now=leaving.now,
        data={"rows": leaving.total, "recipient": leaving.recipient.thumbprint},
    )


@contextmanager
def one_moment() -> Iterator[None]:
    """Let all reads within see the database as it stood at the first of them, without keeping anybody from writing.

    Inside a transaction that runs already, its own view holds.
    """
    if connection.in_atomic_block:
        yield
        return
    if connection.vendor == "postgresql":
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
            yield
        return
    with connection.cursor() as cursor:
        cursor.execute(
            "BEGIN DEFERRED"
        )  # atomic() would take the one write lock (transaction_mode IMMEDIATE)
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("ROLLBACK")


def _write_table(leaving: Leaving, archive: Archive, label: str) -> None:
    count = 0
    encode = DjangoJSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
    with archive.open_text(f"tables/{label}.jsonl") as file:
        for row in rows_of(label, leaving.brand.pk):
            file.write(encode(row))
            file.write("\n")
            count += 1
            if count % _SAY_EVERY == 0:
                leaving.on_progress(leaving.total + count)
    leaving.rows[label] = count
    leaving.on_progress(leaving.total)


def _write_pictures(leaving: Leaving, archive: Archive) -> None:
    storage = storages["pictures"]
    names = Product.objects.for_brand(leaving.brand).exclude(picture="").values_list("picture", flat=True)
    for name in sorted(set(names)):
        try:
            source = storage.open(name, "rb")
        except FileNotFoundError:
            leaving.missing.append(f"pictures/{name}")
            continue
        _copy(source, archive, f"pictures/{name}")


def _write_private_files(leaving: Leaving, archive: Archive) -> None:
    rows = PrivateFile.objects.for_brand(leaving.brand).exclude(purpose=PURPOSE).order_by("pk")
    for row in rows.iterator(chunk_size=500):
        try:
            source = open_private_file(row)
        except ProductsError:
            leaving.missing.append(f"files/{row.name}")
            continue
        _copy(source, archive, f"files/{row.name}")


def _copy(source: Any, archive: Archive, name: str) -> None:
    with source, archive.open(name) as target:
        shutil.copyfileobj(source, target)


def _manifest(leaving: Leaving, archive: Archive) -> dict[str, Any]:
    """Return what the archive holds; it lists every file but itself."""
    rows = {f"tables/{label}.jsonl": count for label, count in leaving.rows.items()}
    files = [
        {"name": entry.name, "bytes": entry.size, "sha256": entry.sha256}
        | ({"rows": rows[entry.name]} if entry.name in rows else {})
        for entry in archive.entries
    ]
    return {
        "format": FORMAT,
        "brand": leaving.brand.slug,
        "exported_at": leaving.now.isoformat(),
        "keys_sealed_for": leaving.recipient.thumbprint,
        "links": leaving.links,
        "rows": leaving.total,
        "files": files,
        "missing": leaving.missing,
    }
