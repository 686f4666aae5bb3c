"""Verifying a tapped link: what the chip said, or why the link proves nothing.

A chip with Secure Dynamic Messaging (SDM) writes into its own link, at every read, its UID and read counter
(in clear or encrypted as PICC data), on request a part of its file, encrypted, and a MAC over all of it.
Sources: NXP AN12196 rev. 1.8 ("AN12196"), NXP NT4H2421Gx data sheet sec. 9.3 ("data sheet").
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from hmac import compare_digest
from typing import NamedTuple

from products.sun.errors import SunError
from products.sun.keys import FileReadKey, MasterKey
from products.sun.links import CTR_LENGTH, UID_LENGTH, SunLink, read_link
from products.sun.profile import SUITES, MacFrom, Session, SunProfile

MAX_READ_CTR = 0xFFFFFF

# PICCDataTag (data sheet sec. 9.3.3): b7 UID mirrored, b6 SDMReadCtr mirrored, b5-b4 zero, b3-b0 UID length.
# Without a UID its length says nothing, so both spellings are read. Value: (UID mirrored, counter mirrored).
_PICC_LAYOUTS = {0xC7: (True, True), 0x87: (True, False), 0x47: (False, True), 0x40: (False, True)}


class PiccData(NamedTuple):
    """What a chip says of itself; None where it does not mirror it."""

    uid: bytes | None  # 7 bytes
    read_ctr: int | None  # SDMReadCtr, 0..0xFFFFFF


class TamperState(StrEnum):
    """What a chip says of its tamper loop (data sheet NT4H2421Tx sec. 9.4: TTPermStatus, TTCurrStatus)."""

    CLOSED = "closed"
    OPEN = "open"  # at this read
    OPENED_ONCE = "opened_once"  # and closed at this read
    UNREADABLE = "unreadable"  # not armed, not supported, not measured, or not covered by the MAC


@dataclass(frozen=True, slots=True)
class SunMessage:
    """A link whose MAC matched."""

    uid: bytes | None  # 7 bytes
    read_ctr: int | None  # SDMReadCtr, 0..0xFFFFFF
    file_data: bytes | None  # decrypted SDMENCFileData
    encrypted_picc: bool
    key_version: int = 0  # of the file read key that made the MAC
    # Whether only one chip can have made the link: it names its UID, has a key of its own, or signs its address.
    # A counter alone, under a key that all chips share, is as good on another chip's address.
    is_bound: bool = True
    tamper: TamperState | None = None  # None where the chips of the profile have no tamper loop

    @property
    def counter(self) -> int | None:
        """The counter as far as the chip vouches for it; None where anybody could have written it.

        The MAC of a chip that mirrors its UID alone is that of counter 0 (session vectors are filled with zeros),
        so a 0 in clear may stand beside it. No chip says that itself: it counts a read before it answers.
        """
        return self.read_ctr if self.read_ctr or self.encrypted_picc else None

    @property
    def was_opened(self) -> bool:
        """Whether the chip says that its tamper loop is open, or was: that never heals."""
        return self.tamper in (TamperState.OPEN, TamperState.OPENED_ONCE)


def verify(raw_url: str, profile: SunProfile, *, uid: bytes | None = None) -> SunMessage:
    """Verify a tapped link and return what the chip said.

    `raw_url` is "host[:port]/path?query" without scheme, exactly as received. `uid` (7 bytes) is the UID that
    the caller knows of the chip; it counts only where a key is derived from it and the link does not say
    it. Every version of the file read key is tried, newest first; MACs are compared in constant time.
    Raises SunError, whatever the link holds; `unknown_uid` asks for `uid`.
    """
    link = read_link(raw_url, profile)
    picc = PiccData(link.uid, link.read_ctr)
    if link.picc_data is not None:
        assert profile.meta_read_key is not None
        picc = decrypt_picc_data(profile.meta_read_key, link.picc_data, profile.mode)
    for version, key in profile.file_read_keys:
        session = profile.suite.session(_key_of_chip(key, picc.uid or uid), mirrored(*picc))
        if compare_digest(link.mac, session.mac(link.mac_input)):
            is_bound = picc.uid is not None or isinstance(key, MasterKey) or profile.mac_from is MacFrom.URL
            return _message(link, picc, session, version, is_bound, profile)
    raise SunError("mac_mismatch", "The MAC does not match: a changed link, or other keys.")


def decrypt_picc_data(meta_read_key: bytes, picc_data: bytes, mode: str = "aes") -> PiccData:
    """Decrypt PICC data with K_SDMMetaRead: 16 bytes in AES mode, 24 in LRP mode.

    Raises SunError: wrong_length, or bad_picc_data when the PICCDataTag announces a layout that no NTAG 424
    DNA has, which is also what a wrong key looks like.
    """
    suite = SUITES[mode]
    if len(picc_data) != suite.picc_data_length:
        expected = f"in {mode.upper()} mode it has {suite.picc_data_length}"
        raise SunError("wrong_length", f"PICC data has {len(picc_data)} bytes, {expected}.")
    plain = suite.decrypt_picc_data(meta_read_key, picc_data)
    layout = _PICC_LAYOUTS.get(plain[0])
    if layout is None:
        raise SunError("bad_picc_data", f"PICCDataTag 0x{plain[0]:02X} is not a layout of this chip.")
    has_uid, has_ctr = layout
    ctr_at = 1 + UID_LENGTH if has_uid else 1
    uid = plain[1:ctr_at] if has_uid else None
    read_ctr = int.from_bytes(plain[ctr_at : ctr_at + CTR_LENGTH], "little") if has_ctr else None
    return PiccData(uid, read_ctr)


def mirrored(uid: bytes | None, read_ctr: int | None) -> bytes:
    """Join the mirrored elements as session vectors and PICC data have them: UID, counter LSB first."""
    return (uid or b"") + (b"" if read_ctr is None else read_ctr.to_bytes(CTR_LENGTH, "little"))


def tamper_state(status: str) -> TamperState:
    """Read a tamper status: two characters, permanent and current: C closed, O open; any other says nothing."""
    if len(status) != 2:
        return TamperState.UNREADABLE
    permanent, current = status[0], status[1]
    if current == "O":
        return TamperState.OPEN
    if permanent == "O":
        return TamperState.OPENED_ONCE
    return TamperState.CLOSED if status == "CC" else TamperState.UNREADABLE


def _key_of_chip(key: FileReadKey, uid: bytes | None) -> bytes:
    if isinstance(key, bytes):
        return key
    if uid is None:
        raise SunError("unknown_uid", "The link does not say the UID from which the chip's key is derived.")
    return key.for_uid(uid)


def _message(
    link: SunLink, picc: PiccData, session: Session, version: int, is_bound: bool, profile: SunProfile
) -> SunMessage:
    file_data = None
    if link.enc is not None:
        if picc.uid is None or picc.read_ctr is None:
            raise SunError("bad_picc_data", "File data is encrypted, which takes a mirrored UID and counter.")
        file_data = session.decrypt(picc.read_ctr, link.enc)
    tamper = tamper_state(_tamper_status(link, file_data, profile)) if profile.reports_tampering else None
    return SunMessage(
        *picc,
        file_data=file_data,
        encrypted_picc=link.picc_data is not None,
        key_version=version,
        is_bound=is_bound,
        tamper=tamper,
    )


def _tamper_status(link: SunLink, file_data: bytes | None, profile: SunProfile) -> str:
    at = profile.tamper_at
    if at is None:
        return link.tamper or ""
    return (file_data or b"")[at : at + 2].decode("latin-1")
