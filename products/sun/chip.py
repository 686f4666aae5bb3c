"""A chip in software, for the demo and for tests."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass

from products.sun.blocks import BLOCK
from products.sun.keys import MasterKey
from products.sun.links import CTR_LENGTH, MAX_ENC_LENGTH, UID_LENGTH, mac_input
from products.sun.messages import MAX_READ_CTR, mirrored
from products.sun.profile import MacFrom, Session, SunProfile


@dataclass(frozen=True, slots=True)
class VirtualChip:
    """A chip that emits the links its profile describes, under the newest of its keys.

    PICC data is mirrored encrypted when the profile has a meta read key, else in clear. `uid` is the chip's,
    or None; its links say it unless the profile leaves it out, and so for the counter. `random_bytes` fills
    the PICC data; `random.Random(seed).randbytes` makes links that repeat. `tamper` is the status of its loop:
    permanent, then current, C closed or O open. Raises ValueError for what a real chip refuses to be
    configured as.
    """

    uid: bytes | None
    profile: SunProfile
    file_data: bytes | None = None
    random_bytes: Callable[[int], bytes] = secrets.token_bytes
    tamper: str = "CC"

    def __post_init__(self) -> None:
        profile, data = self.profile, self.file_data
        if self.uid is not None and len(self.uid) != UID_LENGTH:
            raise ValueError(f"A UID has {UID_LENGTH} bytes.")
        if self.uid is None and isinstance(profile.file_read_key, MasterKey):
            raise ValueError("A key of the chip's own is derived from its UID.")
        if profile.names.bulk and profile.meta_read_key is None:
            raise ValueError("A bulk parameter takes encrypted PICC data.")
        if data is not None and (len(data) % BLOCK or not 0 < len(data) <= MAX_ENC_LENGTH):
            raise ValueError(f"File data has a multiple of {BLOCK} bytes, at most {MAX_ENC_LENGTH}.")
        if data is not None and (self._mirrored_uid is None or profile.mac_from is MacFrom.CMAC):
            raise ValueError("Encrypted file data takes a mirrored UID and a MAC that covers the data.")
        if data is None and profile.mac_from is MacFrom.ENC and not profile.names.bulk:
            raise ValueError("A MAC from the encrypted file data on takes file data.")
        if profile.tamper_at is not None and len(data or b"") < profile.tamper_at + len(self.tamper):
            raise ValueError("The file data does not reach to the tamper status.")

    def link(self, base_url: str, read_ctr: int | None) -> str:
        """Return the link of one tap, `base_url` being e.g. "https://example.com/t/acme-a", without query.

        `read_ctr` is 0..0xFFFFFF, or None for a chip that does not mirror its counter. Raises ValueError.
        """
        if not self.profile.names.ctr:
            read_ctr = None
        if read_ctr is not None and not 0 <= read_ctr <= MAX_READ_CTR:
            raise ValueError(f"A read counter is 0 to {MAX_READ_CTR}.")
        names, session = self.profile.names, self._session(read_ctr)
        mirror, enc = self._mirror(read_ctr), self._enc(session, read_ctr)
        tamper = f"{names.tt}={self.tamper}&" if names.tt else ""
        if names.bulk:
            return self._signed(f"{base_url}?{tamper}{names.bulk}={mirror[names.picc_data]}{enc}", session)
        query = "".join(f"{name}={value}&" for name, value in mirror.items())
        query += f"{names.enc}={enc}&" if enc else ""
        return self._signed(f"{base_url}?{query}{tamper}{names.cmac}=", session)

    @property
    def _mirrored_uid(self) -> bytes | None:
        return self.uid if self.profile.names.uid else None

    def _session(self, read_ctr: int | None) -> Session:
        key = self.profile.file_read_key
        if isinstance(key, MasterKey):
            assert self.uid is not None
            key = key.for_uid(self.uid)
        return self.profile.suite.session(key, mirrored(self._mirrored_uid, read_ctr))

    def _mirror(self, read_ctr: int | None) -> dict[str, str]:
        names, uid, meta = self.profile.names, self._mirrored_uid, self.profile.meta_read_key
        if uid is None and read_ctr is None:
            raise ValueError("A chip mirrors its UID, its counter or both.")
        if meta is not None:
            tag = (0x80 | UID_LENGTH if uid else 0) | (0x40 if read_ctr is not None else 0)
            plain = bytes((tag,)) + mirrored(uid, read_ctr)
            plain += self.random_bytes(BLOCK - len(plain))
            picc_data = self.profile.suite.encrypt_picc_data(meta, plain, self.random_bytes)
            return {names.picc_data: _on_the_wire(picc_data)}
        mirror = {} if uid is None else {names.uid: _on_the_wire(uid)}
        if read_ctr is None:
            return mirror
        return mirror | {names.ctr: _on_the_wire(read_ctr.to_bytes(CTR_LENGTH, "big"))}

    def _enc(self, session: Session, read_ctr: int | None) -> str:
        data, at = self.file_data, self.profile.tamper_at
        if data is None:
            return ""
        if read_ctr is None:
            raise ValueError("Encrypted file data takes a mirrored counter.")
        if at is not None:
            data = data[:at] + self.tamper.encode("ascii") + data[at + len(self.tamper) :]
        return _on_the_wire(session.encrypt(read_ctr, data))

    def _signed(self, url: str, session: Session) -> str:
        """Append the MAC. Zeros hold its place meanwhile, as they do in the link template of a chip."""
        raw_url = url.split("://", 1)[-1] + "0" * 16
        return url + _on_the_wire(session.mac(mac_input(raw_url, self.profile)))


def _on_the_wire(value: bytes) -> str:
    return value.hex().upper()
