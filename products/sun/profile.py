"""How a kind of chip was personalised: its keys, the names in its link, and what its MAC covers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Protocol

from products.sun import aes, lrp
from products.sun.blocks import BLOCK
from products.sun.keys import FileReadKey


class MacFrom(StrEnum):
    """Where the MAC input begins in the raw link (SDMMACInputOffset); it ends where the MAC begins."""

    CMAC = "cmac"  # at the MAC itself: empty input
    ENC = "enc"  # at the value of the encrypted file data
    PICC_DATA = "picc_data"  # at the value of the PICC data, or of what stands for it in a plain mirror
    URL = "url"  # at the first character after the scheme


@dataclass(frozen=True, slots=True)
class ParameterNames:
    """The names of the query parameters, as the chip's link template spells them. They must differ.

    `bulk` is one parameter that holds PICC data, encrypted file data and MAC, one after the other; `tt` the
    tamper status in clear. Empty: the chips have none.
    """

    picc_data: str = "picc_data"
    enc: str = "enc"
    cmac: str = "cmac"
    uid: str = "uid"
    ctr: str = "ctr"
    bulk: str = ""
    tt: str = ""


class Session(Protocol):
    """What one tap's keys do, in either mode."""

    def mac(self, mac_input: bytes) -> bytes: ...
    def decrypt(self, read_ctr: int, enc: bytes) -> bytes: ...
    def encrypt(self, read_ctr: int, plain: bytes) -> bytes: ...


@dataclass(frozen=True, slots=True)
class Suite:
    """What differs between the modes. PICC data is 16 bytes of plain text in both."""

    picc_data_length: int  # bytes, encrypted
    session: Callable[[bytes, bytes], Session]  # of a file read key and what the chip mirrors
    decrypt_picc_data: Callable[[bytes, bytes], bytes]
    encrypt_picc_data: Callable[[bytes, bytes, Callable[[int], bytes]], bytes]


SUITES = {
    "aes": Suite(aes.PICC_DATA_LENGTH, aes.Session, aes.decrypt_picc_data, aes.encrypt_picc_data),
    "lrp": Suite(lrp.PICC_DATA_LENGTH, lrp.Session, lrp.decrypt_picc_data, lrp.encrypt_picc_data),
}


@dataclass(frozen=True, slots=True)
class SunProfile:
    """How one kind of chip was personalised. Keys are 16 bytes and never shown in a repr.

    A file read key is shared by all chips, or a master key from which each has its own. Chips that were
    encoded under an older version of it still verify: `older_keys` are those, newest first, with their
    versions. The meta read key is one for all versions: it is needed before the chip is known.

    Raises ValueError when a key is not 16 bytes, or for an unknown mode.
    """

    meta_read_key: bytes | None = field(repr=False)  # K_SDMMetaRead; None: PICC data is mirrored in clear
    file_read_key: FileReadKey = field(repr=False)  # K_SDMFileRead
    mac_from: MacFrom
    names: ParameterNames = ParameterNames()
    mode: str = "aes"
    key_version: int = 0
    older_keys: tuple[tuple[int, FileReadKey], ...] = field(default=(), repr=False)
    tamper_at: int | None = None  # the byte of the file data where the two of the tamper status begin

    def __post_init__(self) -> None:
        keys = [self.meta_read_key, *(key for _version, key in self.file_read_keys)]
        if any(isinstance(key, bytes) and len(key) != BLOCK for key in keys):
            raise ValueError("The keys of a chip profile are AES-128 keys of 16 bytes.")
        if self.mode not in SUITES:
            raise ValueError(f"A chip works in AES or in LRP mode, not in {self.mode!r}.")

    @property
    def suite(self) -> Suite:
        """The cryptography of its mode."""
        return SUITES[self.mode]

    @property
    def file_read_keys(self) -> tuple[tuple[int, FileReadKey], ...]:
        """Every file read key with its version, newest first."""
        return ((self.key_version, self.file_read_key), *self.older_keys)

    def under_version(self, version: int) -> SunProfile:
        """Return the profile as one of its chips has it, with one version of the key. Raises KeyError."""
        key = dict(self.file_read_keys)[version]
        return replace(self, file_read_key=key, key_version=version, older_keys=())

    @property
    def reports_tampering(self) -> bool:
        """Whether its chips say if their tamper loop is closed."""
        return self.tamper_at is not None or bool(self.names.tt)
