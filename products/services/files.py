"""Private files: stored under random names, handed out by an authorised view only, deleted on schedule."""

from __future__ import annotations

import datetime as dt
import io
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from django.core.files import File
from django.core.files.storage import default_storage
from django.db import transaction
from django.utils.translation import gettext as _

from products.errors import ProductsError
from products.models import Brand, Person, PrivateFile
from products.models.operations import random_name

MAX_BYTES = 256 * 1024 * 1024
KEEP_FOR = dt.timedelta(days=30)
# What a browser shows rather than downloads is not among them, nor what it runs.
CONTENT_TYPES = frozenset(
    {
        "text/csv",
        "application/json",
        "application/jose",  # RFC 7515, section 9.2.1: sealed for one recipient
        "application/pdf",
        "application/zip",
        "image/jpeg",
        "image/png",
        "image/webp",
    }
)


def store_private_file(
    *,
    brand: Brand,
    purpose: str,
    content: File[Any],
    original_name: str,
    content_type: str,
    uploaded_by: Person | None,
    now: dt.datetime,
    keep_for: dt.timedelta | None = KEEP_FOR,
) -> PrivateFile:
    """Store the content and return its row; `keep_for=None` keeps it until somebody deletes it.

    Raises ProductsError `too_large` (more than MAX_BYTES) or `content_type` (not one of CONTENT_TYPES).
    """
    if content_type not in CONTENT_TYPES:
        raise ProductsError("content_type", _("Files of the type %s can't be kept here.") % content_type)
    if content.size > MAX_BYTES:
        raise ProductsError("too_large", _("The file is larger than %d MB.") % (MAX_BYTES // 1024 // 1024))
    name = random_name()
    default_storage.save(_path(brand.pk, name), content)
    try:
        file: PrivateFile = PrivateFile.objects.create(
            brand=brand,
            name=name,
            purpose=purpose,
            original_name=original_name[-200:],
            content_type=content_type,
            size=content.size,
            uploaded_by=uploaded_by,
            expires_at=now + keep_for if keep_for else None,
        )
    except BaseException:
        default_storage.delete(_path(brand.pk, name))
        raise
    return file


def open_private_file(file: PrivateFile) -> File[Any]:
    """Open the content for reading bytes. Raises ProductsError `gone` where the storage lost it."""
    try:
        return default_storage.open(_path(file.brand_id, file.name), "rb")
    except FileNotFoundError as error:
        raise ProductsError("gone", _("This file is no longer here.")) from error


@dataclass(slots=True)
class WrittenFile:
    """A text file being written; it is stored at the end only where it is `wanted`."""

    text: io.TextIOWrapper
    wanted: bool = True
    stored: PrivateFile | None = None


@contextmanager
def keep_written_file(**what: Any) -> Iterator[WrittenFile]:
    """Yield a file to write text to; store it as `store_private_file(**what)` does once it is written."""
    with tempfile.TemporaryFile("w+b") as raw:
        written = WrittenFile(io.TextIOWrapper(raw, encoding="utf-8", newline="", write_through=True))
        yield written
        if written.wanted:
            raw.seek(0)
            written.stored = store_private_file(content=File(raw, name="written"), **what)
        written.text.detach()


def keep_private_file(*, file: PrivateFile, until: dt.datetime) -> None:
    """Let the file be deleted from then on, and not before."""
    PrivateFile.objects.filter(pk=file.pk).update(expires_at=until)


def delete_private_file(file: PrivateFile, *, now: dt.datetime) -> None:
    """Let the file end now. Its content goes once the transaction is committed, or at the next round of deletion."""
    PrivateFile.objects.filter(pk=file.pk).update(expires_at=now)
    transaction.on_commit(lambda: _delete(file))


def delete_expired_files(*, now: dt.datetime) -> int:
    """Delete files whose time is over, contents first, so that a broken-off round is taken up by the next."""
    count = 0
    for file in PrivateFile.objects.filter(expires_at__lte=now).order_by("pk").iterator(chunk_size=500):
        _delete(file)
        count += 1
    return count


def _delete(file: PrivateFile) -> None:
    default_storage.delete(_path(file.brand_id, file.name))
    PrivateFile.objects.filter(pk=file.pk).delete()


def _path(brand_id: int, name: str) -> str:
    return f"{brand_id}/{name}"
