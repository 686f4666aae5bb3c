"""Opening a file as the bytes of a CSV: gzip is unpacked on the way, a workbook is refused with what to do instead."""

from __future__ import annotations

import gzip
import io
import zlib
from typing import Any, BinaryIO, cast

from django.utils.translation import gettext as _

from products.errors import ProductsError

MAX_UNPACKED = 4 * 1024**3  # bytes; a file that unpacks to more was made to do harm
GZIP = b"\x1f\x8b"
WORKBOOKS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")  # xlsx, ods and other archives; xls


def open_csv(stream: BinaryIO) -> BinaryIO:
    """Return a stream of the CSV's bytes, from its beginning. Needs a stream that can go back.

    Raises ProductsError `not_csv`; reading a compressed file raises `damaged` and `too_large`.
    """
    if _head(stream).startswith(GZIP):
        stream = cast(BinaryIO, io.BufferedReader(_Unpacked(stream)))
    if _head(stream).startswith(WORKBOOKS):
        sentence = _(
            "This is a workbook or an archive, not a CSV. Open it in your spreadsheet program, save it as"
            " “CSV UTF-8”, and import that file."
        )
        raise ProductsError("not_csv", sentence)
    return stream


def _head(stream: BinaryIO) -> bytes:
    stream.seek(0)
    head = stream.read(4)
    stream.seek(0)
    return head


class _Unpacked(io.RawIOBase):
    """The bytes in a gzip file (RFC 1952); what is wrong with it is told in a sentence."""

    def __init__(self, packed: BinaryIO) -> None:
        self._file = gzip.GzipFile(fileobj=packed)

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        return self._file.seek(offset, whence)

    def tell(self) -> int:
        return self._file.tell()

    def readinto(self, buffer: Any) -> int:
        try:
            data = self._file.read(len(buffer))
        except (gzip.BadGzipFile, EOFError, zlib.error) as error:
            raise ProductsError(
                "damaged", _("The compressed file is damaged or incomplete. Upload it again.")
            ) from error
        if self._file.tell() > MAX_UNPACKED:
            raise ProductsError("too_large", _("The compressed file holds more than 4 GB."))
        buffer[: len(data)] = data
        return len(data)
