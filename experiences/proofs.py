"""Proofs that visitors send: a photograph, re-encoded without its metadata, or a PDF as it is.

A PDF is never opened here: it is kept as bytes, and staff get it as an attachment.
"""

import datetime as dt
from dataclasses import dataclass
from typing import Protocol

from django.core.files.base import ContentFile
from django.utils.translation import gettext as _

from products.models import Brand, Person, PrivateFile
from products.services.files import store_private_file
from products.services.pictures import MAX_BYTES, PictureError, encode_picture

MAX_SIDE = 2400  # pixels: the serial number on a plate stays legible
MAX_PDF_BYTES = 10 * 1024 * 1024
ACCEPTED = "image/jpeg,image/png,image/webp,image/gif,application/pdf"

_PDF_BEGINS = b"%PDF-"  # ISO 32000-1 sec. 7.5.2
_PDF_ENDS = b"%%EOF"  # sec. 7.5.5
_PDF_TAIL = 2048  # bytes in which the end may stand


class Upload(Protocol):
    """What Django's uploaded files have."""

    size: int

    def read(self) -> bytes: ...


@dataclass(frozen=True, slots=True)
class ProofFile:
    """A proof, ready to be stored under a name of ours."""

    data: bytes
    content_type: str
    name: str


def read_proof(upload: Upload) -> ProofFile:
    """Return the proof. Raises PictureError: `empty`, `too_many_bytes`, `too_many_pixels`, `not_a_proof`, `damaged`."""
    if upload.size > MAX_BYTES:  # before it is read into memory
        raise _too_large(MAX_BYTES)
    data = upload.read()
    if data.startswith(_PDF_BEGINS):
        return _pdf(data)
    try:
        return ProofFile(encode_picture(data, max_side=MAX_SIDE), "image/webp", "proof.webp")
    except PictureError as error:
        if error.code != "not_a_picture":
            raise
        raise PictureError(
            "not_a_proof",
            _("This file is neither a photograph nor a PDF. Send a JPEG, PNG or WebP picture, or a PDF."),
        ) from error


def keep_proof(
    proof: ProofFile,
    *,
    brand: Brand,
    purpose: str,
    now: dt.datetime,
    keep_for: dt.timedelta | None,
    by: Person | None = None,
) -> PrivateFile:
    """Store the proof as a private file of the brand, until its day; `None`: until somebody deletes it."""
    return store_private_file(
        brand=brand,
        purpose=purpose,
        content=ContentFile(proof.data, proof.name),
        original_name=proof.name,
        content_type=proof.content_type,
        uploaded_by=by,
        now=now,
        keep_for=keep_for,
    )


def _pdf(data: bytes) -> ProofFile:
    if len(data) > MAX_PDF_BYTES:
        raise _too_large(MAX_PDF_BYTES)
    if _PDF_ENDS not in data[-_PDF_TAIL:]:
        raise PictureError("damaged", _("This PDF is damaged or incomplete. Save it again and retry."))
    return ProofFile(data, "application/pdf", "proof.pdf")


def _too_large(most: int) -> PictureError:
    limit = most // 1024 // 1024
    return PictureError(
        "too_many_bytes", _("The file is larger than %(limit)s MB. Save it smaller.") % {"limit": limit}
    )
