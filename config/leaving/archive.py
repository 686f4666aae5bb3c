"""What a brand leaves with, as a folder or a ZIP: each file is written once, counted and hashed while it is."""

import hashlib
import io
import os
import shutil
import zipfile
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Self


@dataclass(frozen=True, slots=True)
class Entry:
    """A finished file: its name in the archive, size in bytes, SHA-256 in hexadecimal."""

    name: str
    size: int
    sha256: str


class _Hashed(io.RawIOBase):
    """Passes bytes on, and knows their number and hash."""

    def __init__(self, target: IO[bytes]) -> None:
        self._target = target
        self.size = 0
        self.hash = hashlib.sha256()

    def writable(self) -> bool:
        return True

    def write(self, data: object) -> int:
        piece = bytes(data)  # type: ignore[call-overload]
        self._target.write(piece)
        self.size += len(piece)
        self.hash.update(piece)
        return len(piece)


class Archive(ABC):
    """Files are written one after the other; what was begun and not finished leaves nothing behind."""

    def __init__(self, path: Path) -> None:
        """Raises FileExistsError where something stands at `path` already."""
        if path.exists():
            raise FileExistsError(f"{path} exists already.")
        self.path = path
        self._begun = path.with_name(f".{path.name}.part")
        self.entries: list[Entry] = []

    def __enter__(self) -> Self:
        self._begin()
        return self

    def __exit__(self, kind: object, *rest: object) -> None:
        self._end()
        if kind is None:
            os.replace(self._begun, self.path)
        elif self._begun.is_dir():
            shutil.rmtree(self._begun)
        else:
            self._begun.unlink(missing_ok=True)

    @contextmanager
    def open(self, name: str) -> Iterator[IO[bytes]]:
        """Write one file of bytes."""
        with self._target(name) as target:
            hashed = _Hashed(target)
            writer = io.BufferedWriter(hashed, 1 << 16)
            yield writer
            writer.flush()
        self.entries.append(Entry(name, hashed.size, hashed.hash.hexdigest()))

    @contextmanager
    def open_text(self, name: str) -> Iterator[io.TextIOWrapper]:
        """Write one file of UTF-8 text, its lines ended by a line feed."""
        with self.open(name) as raw:
            text = io.TextIOWrapper(raw, encoding="utf-8", newline="")
            yield text
            text.flush()
            text.detach()

    @abstractmethod
    def _begin(self) -> None: ...

    @abstractmethod
    def _end(self) -> None: ...

    @abstractmethod
    def _target(self, name: str) -> IO[bytes]: ...


class Folder(Archive):
    """Readable by its owner alone: it holds personal data."""

    def _begin(self) -> None:
        self._begun.mkdir(mode=0o700, parents=True)

    def _end(self) -> None:
        return

    def _target(self, name: str) -> IO[bytes]:
        path = self._begun / name
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")


class Zip(Archive):
    """One compressed file, readable by its owner alone."""

    def _begin(self) -> None:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self._raw = os.fdopen(os.open(self._begun, os.O_RDWR | os.O_CREAT | os.O_TRUNC, 0o600), "w+b")
        self._zip = zipfile.ZipFile(self._raw, "w", zipfile.ZIP_DEFLATED, compresslevel=6)

    def _end(self) -> None:
        self._zip.close()
        self._raw.close()

    def _target(self, name: str) -> IO[bytes]:
        return self._zip.open(name, "w", force_zip64=True)


def archive_at(path: Path) -> Archive:
    """Return a ZIP where the name says so, else a folder."""
    return Zip(path) if path.suffix.lower() == ".zip" else Folder(path)
