"""The keys of a chip profile as they are stored: one JSON text, encrypted, however many chips there are."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from hashlib import sha256
from typing import Any, Self

from products.sun import FileReadKey, MasterKey

AN10922 = "an10922"


@dataclass(frozen=True, slots=True)
class Keyring:
    """A chip profile's keys: the meta read key of all its chips, and each version of the file read key."""

    meta_read_key: bytes | None = field(repr=False)
    file_read_keys: dict[int, FileReadKey] = field(repr=False)
    # SHA-256 in hexadecimal of each file read key that was removed, with the version that it had.
    removed: dict[str, int] = field(default_factory=dict, repr=False)

    def with_key(self, version: int, key: FileReadKey) -> Self:
        """Return the keyring with this version, which may be one that it had before."""
        return replace(self, file_read_keys={**self.file_read_keys, version: key})

    def without(self, version: int) -> Self:
        """Return the keyring without this version; it remembers which key that was. Raises KeyError."""
        left = dict(self.file_read_keys)
        return replace(
            self, file_read_keys=left, removed={**self.removed, _digest(left.pop(version)): version}
        )

    def other_version_of(self, key: FileReadKey, version: int) -> int | None:
        """Return the other version that this very key has or had, if any."""
        had = {**self.removed, **{_digest(known): other for other, known in self.file_read_keys.items()}}
        found = had.get(_digest(key))
        return None if found == version else found

    @property
    def versions(self) -> list[int]:
        """The versions of the file read key, newest first."""
        return sorted(self.file_read_keys, reverse=True)

    @classmethod
    def read(cls, text: str) -> Keyring:
        """Read what `write` wrote, or the older form with its one file read key, which is version 0.

        Raises ValueError, TypeError, KeyError or AttributeError for what is no keyring.
        """
        keys = json.loads(text)
        meta = keys.get("meta_read_key")
        stored = keys["file_read_keys"] if "file_read_keys" in keys else {"0": keys["file_read_key"]}
        return cls(
            bytes.fromhex(meta) if meta else None,
            {int(version): _file_read_key(key) for version, key in stored.items()},
            keys.get("removed", {}),
        )

    def write(self) -> str:
        """Return the keyring as JSON, in clear: only an encrypted column may hold it."""
        return json.dumps(
            {
                "meta_read_key": self.meta_read_key.hex() if self.meta_read_key else None,
                "file_read_keys": {
                    str(version): _stored(self.file_read_keys[version]) for version in sorted(self.versions)
                },
                **({"removed": self.removed} if self.removed else {}),
            }
        )


def _digest(key: FileReadKey) -> str:
    return sha256(json.dumps(_stored(key), sort_keys=True).encode()).hexdigest()


def _file_read_key(stored: Any) -> FileReadKey:
    if isinstance(stored, str):
        return bytes.fromhex(stored)
    return MasterKey(
        key=bytes.fromhex(stored["master_key"]),
        system_id=bytes.fromhex(stored["system_id"]),
        aid=bytes.fromhex(stored["aid"]),
    )


def _stored(key: FileReadKey) -> str | dict[str, str]:
    if isinstance(key, bytes):
        return key.hex()
    return {
        "scheme": AN10922,
        "master_key": key.key.hex(),
        "system_id": key.system_id.hex(),
        "aid": key.aid.hex(),
    }
