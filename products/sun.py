"""NTAG 424 DNA Secure Unique NFC (SUN) messages in AES mode: verify a tapped link, or produce one.

A chip with Secure Dynamic Messaging (SDM) writes into its own link, at every read, its UID and read counter
(in clear or encrypted as PICC data), on request a part of its file, encrypted, and a MAC over all of it.
Sources: NXP AN12196 rev. 1.8 ("AN12196" below), NXP NT4H2421Gx data sheet sec. 9.3 ("data sheet").

Everything here is pure: no settings, no database, no clock. Whether a counter was seen before is the
caller's question. Keys are used and dropped: setting up AES costs too little to keep keys in a cache for.
"""

from __future__ import annotations

import secrets
from binascii import unhexlify
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from hmac import compare_digest
from typing import Literal, NamedTuple

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CBC
from cryptography.hazmat.primitives.cmac import CMAC

BLOCK = 16  # bytes: AES block and key
UID_LENGTH = 7  # bytes
CTR_LENGTH = 3  # bytes
MAC_LENGTH = 8  # bytes, truncated
MAX_ENC_LENGTH = 128  # bytes, 256 hex digits: what a 256-byte NDEF file can hold
MAX_READ_CTR = 0xFFFFFF
MAX_QUERY_LENGTH = 2048  # characters
MAX_VALUE_LENGTH = 512  # characters

_ZERO_BLOCK = bytes(BLOCK)
_SV1_PREFIX = bytes.fromhex("c33c00010080")
_SV2_PREFIX = bytes.fromhex("3cc300010080")

# PICCDataTag (data sheet sec. 9.3.3): b7 UID mirrored, b6 SDMReadCtr mirrored, b5-b4 zero, b3-b0 UID length.
# Without a UID its length says nothing, so both spellings are read. Value: (UID mirrored, counter mirrored).
_PICC_LAYOUTS = {0xC7: (True, True), 0x87: (True, False), 0x47: (False, True), 0x40: (False, True)}

SunErrorCode = Literal[
    "missing_parameter",
    "repeated_parameter",
    "oversized",
    "not_hex",
    "wrong_length",
    "bad_picc_data",
    "mac_mismatch",
    "unsupported",
]


class SunError(ValueError):
    """A link that proves nothing. `code` is stable, `message` is an English sentence for logs."""

    def __init__(self, code: SunErrorCode, message: str) -> None:
        super().__init__(message)
        self.code: SunErrorCode = code
        self.message = message


class MacFrom(StrEnum):
    """Where the MAC input begins in the raw link (SDMMACInputOffset); it ends just after `cmac=`."""

    CMAC = "cmac"  # at the MAC itself: empty input
    ENC = "enc"  # at the value of the encrypted file data
    PICC_DATA = "picc_data"  # at the value of the PICC data, or of what stands for it in a plain mirror
    URL = "url"  # at the first character after the scheme


@dataclass(frozen=True, slots=True)
class ParameterNames:
    """The names of the query parameters, as the chip's link template spells them. They must differ."""

    picc_data: str = "picc_data"
    enc: str = "enc"
    cmac: str = "cmac"
    uid: str = "uid"
    ctr: str = "ctr"


_DEFAULT_NAMES = ParameterNames()


@dataclass(frozen=True, slots=True)
class SunProfile:
    """How one kind of chip was personalised. Keys are 16 bytes and never shown in a repr.

    Raises ValueError when a key is not 16 bytes.
    """

    meta_read_key: bytes | None = field(repr=False)  # K_SDMMetaRead; None: PICC data is mirrored in clear
    file_read_key: bytes = field(repr=False)  # K_SDMFileRead
    mac_from: MacFrom
    names: ParameterNames = _DEFAULT_NAMES
    mode: str = "aes"

    def __post_init__(self) -> None:
        meta = self.meta_read_key
        if len(self.file_read_key) != BLOCK or (meta is not None and len(meta) != BLOCK):
            raise ValueError("The keys of a chip profile are AES-128 keys of 16 bytes.")


class PiccData(NamedTuple):
    """What a chip says of itself; None where it does not mirror it."""

    uid: bytes | None  # 7 bytes
    read_ctr: int | None  # SDMReadCtr, 0..0xFFFFFF


@dataclass(frozen=True, slots=True)
class SunMessage:
    """A link whose MAC matched."""

    uid: bytes | None  # 7 bytes
    read_ctr: int | None  # SDMReadCtr, 0..0xFFFFFF
    file_data: bytes | None  # decrypted SDMENCFileData
    encrypted_picc: bool


def session_keys(file_read_key: bytes, uid: bytes | None, read_ctr: int | None) -> tuple[bytes, bytes]:
    """Derive K_SesSDMFileReadENC and K_SesSDMFileReadMAC, 16 bytes each (AN12196 sec. 4.4.2, SV1 and SV2).

    `uid` is 7 bytes, `read_ctr` 0..0xFFFFFF; None for what the chip does not mirror: it is then left out of
    the session vectors, which are filled with zeros to 16 bytes (data sheet sec. 9.3.9.1).
    """
    mirrored = _mirrored(uid, read_ctr)
    return _session_key(file_read_key, _SV1_PREFIX, mirrored), _session_key(
        file_read_key, _SV2_PREFIX, mirrored
    )


def decrypt_picc_data(meta_read_key: bytes, picc_data: bytes) -> PiccData:
    """Decrypt 16 bytes of PICCENCData with K_SDMMetaRead (AN12196 sec. 4.4.1: AES-CBC, IV zero).

    Raises SunError: wrong_length, or bad_picc_data when the PICCDataTag announces a layout that no NTAG 424
    DNA has, which is also what a wrong key looks like.
    """
    if len(picc_data) != BLOCK:
        raise SunError("wrong_length", f"PICC data has {len(picc_data)} bytes, in AES mode it has {BLOCK}.")
    plain = _decrypt_cbc(AES(meta_read_key), _ZERO_BLOCK, picc_data)
    layout = _PICC_LAYOUTS.get(plain[0])
    if layout is None:
        raise SunError("bad_picc_data", f"PICCDataTag 0x{plain[0]:02X} is not a layout of this chip.")
    has_uid, has_ctr = layout
    ctr_at = 1 + UID_LENGTH if has_uid else 1
    uid = plain[1:ctr_at] if has_uid else None
    read_ctr = int.from_bytes(plain[ctr_at : ctr_at + CTR_LENGTH], "little") if has_ctr else None
    return PiccData(uid, read_ctr)


def decrypt_file_data(k_ses_enc: bytes, read_ctr: int, enc: bytes) -> bytes:
    """Decrypt SDMENCFileData with K_SesSDMFileReadENC (AN12196 sec. 4.4.3: AES-CBC, IV is IVe).

    `enc` is a multiple of 16 bytes. The plain text is the file's bytes as they stand, without padding.
    """
    aes = AES(k_ses_enc)
    return _decrypt_cbc(aes, _file_data_iv(aes, read_ctr), enc)


def sdm_mac(k_ses_mac: bytes, mac_input: bytes) -> bytes:
    """Compute the SDMMAC, 8 bytes: every second byte of the CMAC (AN12196 sec. 4.4.4)."""
    return _cmac(k_ses_mac, mac_input)[1::2]


def mac_input(raw_url: str, profile: SunProfile) -> bytes:
    """Cut the MAC input out of a link, raw and in the case of the wire, as `profile.mac_from` says.

    `raw_url` is "host[:port]/path?query" as received. A plain mirror has no PICC data: with `picc_data` its
    MAC input begins at the first of the values of `uid` and `ctr`. With `enc` every link must carry `enc`.
    Raises SunError: missing_parameter, or mac_mismatch when the MAC stands before what it should cover.
    """
    start, end = _mac_range(raw_url, profile)
    try:
        # Servers hand over the bytes of the request line as Latin-1 text.
        return raw_url[start:end].encode("latin-1")
    except UnicodeEncodeError:
        raise SunError("mac_mismatch", "The MAC input contains characters that no chip emits.") from None


def parse_query(raw_query: str, names: ParameterNames) -> dict[str, str]:
    """Pick the known parameters out of a raw query: their raw values by their name on the wire.

    Unknown parameters are tolerated (other systems append theirs) and left out; nothing is percent-decoded.
    Raises SunError: oversized (2048 characters, 512 in a value), repeated_parameter, not_hex (a NUL).
    """
    if len(raw_query) > MAX_QUERY_LENGTH:
        raise SunError("oversized", f"The query is longer than {MAX_QUERY_LENGTH} characters.")
    if "\0" in raw_query or "%00" in raw_query:
        raise SunError("not_hex", "The query contains a NUL.")
    known = (names.picc_data, names.enc, names.cmac, names.uid, names.ctr)
    found: dict[str, str] = {}
    for pair in raw_query.split("&"):
        name, _, value = pair.partition("=")
        if len(value) > MAX_VALUE_LENGTH:
            raise SunError("oversized", f"A value of the query is longer than {MAX_VALUE_LENGTH} characters.")
        if name in known:
            if name in found:
                raise SunError("repeated_parameter", f"Parameter {name} stands in the link twice.")
            found[name] = value
    return found


def verify(raw_url: str, profile: SunProfile) -> SunMessage:
    """Verify a tapped link and return what the chip said.

    `raw_url` is "host[:port]/path?query" without scheme, exactly as received. The link itself tells which
    mirror it carries: PICC data when it has that parameter and the profile can decrypt it, else `uid` and
    `ctr` in clear. The MAC is compared in constant time. Raises SunError, whatever the link holds.
    """
    if profile.mode != "aes":
        raise SunError("unsupported", f"Only mode 'aes' can be verified, not {profile.mode!r}.")
    names = profile.names
    params = parse_query(raw_url.partition("?")[2], names)
    received = _unhex(params, names.cmac, MAC_LENGTH)
    encrypted_picc = profile.meta_read_key is not None and names.picc_data in params
    uid, read_ctr = (_encrypted_mirror if encrypted_picc else _plain_mirror)(params, profile)
    enc = _enc(params, raw_url, profile) if names.enc in params else None

    mirrored = _mirrored(uid, read_ctr)
    k_ses_mac = _session_key(profile.file_read_key, _SV2_PREFIX, mirrored)
    if not compare_digest(received, sdm_mac(k_ses_mac, mac_input(raw_url, profile))):
        raise SunError("mac_mismatch", "The MAC does not match: a changed link, or other keys.")
    if enc is None:
        return SunMessage(uid, read_ctr, None, encrypted_picc)
    if uid is None or read_ctr is None:
        raise SunError("bad_picc_data", "File data is encrypted, which takes a mirrored UID and counter.")
    k_ses_enc = _session_key(profile.file_read_key, _SV1_PREFIX, mirrored)
    return SunMessage(uid, read_ctr, decrypt_file_data(k_ses_enc, read_ctr, enc), encrypted_picc)


@dataclass(frozen=True, slots=True)
class VirtualChip:
    """A chip in software that emits the links its profile describes, for the demo and for tests.

    PICC data is mirrored encrypted when the profile has a meta read key, else in clear. `uid` None is a chip
    that does not mirror its UID. `random_bytes` fills the PICC data; `random.Random(seed).randbytes` makes
    links that repeat. Raises ValueError for what a real chip refuses to be configured as.
    """

    uid: bytes | None
    profile: SunProfile
    file_data: bytes | None = None
    random_bytes: Callable[[int], bytes] = secrets.token_bytes

    def __post_init__(self) -> None:
        profile, data = self.profile, self.file_data
        if profile.mode != "aes":
            raise ValueError("A virtual chip works in AES mode only.")
        if self.uid is not None and len(self.uid) != UID_LENGTH:
            raise ValueError(f"A UID has {UID_LENGTH} bytes.")
        if data is not None and (len(data) % BLOCK or not 0 < len(data) <= MAX_ENC_LENGTH):
            raise ValueError(f"File data has a multiple of {BLOCK} bytes, at most {MAX_ENC_LENGTH}.")
        if data is not None and (self.uid is None or profile.mac_from is MacFrom.CMAC):
            raise ValueError("Encrypted file data takes a mirrored UID and a MAC that covers the data.")
        if data is None and profile.mac_from is MacFrom.ENC:
            raise ValueError("A MAC from the encrypted file data on takes file data.")

    def link(self, base_url: str, read_ctr: int | None) -> str:
        """Return the link of one tap, `base_url` being e.g. "https://example.com/t/acme-a", without query.

        `read_ctr` is 0..0xFFFFFF, or None for a chip that does not mirror its counter. Raises ValueError.
        """
        if read_ctr is not None and not 0 <= read_ctr <= MAX_READ_CTR:
            raise ValueError(f"A read counter is 0 to {MAX_READ_CTR}.")
        names = self.profile.names
        k_ses_enc, k_ses_mac = session_keys(self.profile.file_read_key, self.uid, read_ctr)
        values = self._mirror(read_ctr)
        if self.file_data is not None:
            if read_ctr is None:
                raise ValueError("Encrypted file data takes a mirrored counter.")
            values[names.enc] = _encrypt_file_data(k_ses_enc, read_ctr, self.file_data)
        query = "&".join(f"{name}={value.hex().upper()}" for name, value in values.items())
        url = f"{base_url}?{query}&{names.cmac}="
        mac = sdm_mac(k_ses_mac, mac_input(url.split("://", 1)[-1], self.profile))
        return url + mac.hex().upper()

    def _mirror(self, read_ctr: int | None) -> dict[str, bytes]:
        names, uid = self.profile.names, self.uid
        if uid is None and read_ctr is None:
            raise ValueError("A chip mirrors its UID, its counter or both.")
        if self.profile.meta_read_key is not None:
            tag = (0x80 | UID_LENGTH if uid else 0) | (0x40 if read_ctr is not None else 0)
            plain = bytes((tag,)) + _mirrored(uid, read_ctr)
            plain += self.random_bytes(BLOCK - len(plain))
            return {names.picc_data: _encrypt_cbc(AES(self.profile.meta_read_key), _ZERO_BLOCK, plain)}
        mirror = {} if uid is None else {names.uid: uid}
        return mirror if read_ctr is None else mirror | {names.ctr: read_ctr.to_bytes(CTR_LENGTH, "big")}


def _encrypted_mirror(params: dict[str, str], profile: SunProfile) -> PiccData:
    assert profile.meta_read_key is not None
    return decrypt_picc_data(profile.meta_read_key, _unhex(params, profile.names.picc_data, BLOCK))


def _plain_mirror(params: dict[str, str], profile: SunProfile) -> PiccData:
    names = profile.names
    if names.uid not in params and names.ctr not in params:
        wanted = names.uid if profile.meta_read_key is None else names.picc_data
        raise SunError("missing_parameter", f"Parameter {wanted} is missing.")
    uid = _unhex(params, names.uid, UID_LENGTH) if names.uid in params else None
    read_ctr = int.from_bytes(_unhex(params, names.ctr, CTR_LENGTH), "big") if names.ctr in params else None
    return PiccData(uid, read_ctr)


def _enc(params: dict[str, str], raw_url: str, profile: SunProfile) -> bytes:
    name = profile.names.enc
    enc = _unhex(params, name, MAX_ENC_LENGTH, step=BLOCK)
    start, end = _mac_range(raw_url, profile)
    # The chip insists on it too (data sheet, ChangeFileSettings): data outside the MAC is anybody's data.
    if not start <= _value_start(raw_url, name) < end:
        raise SunError("mac_mismatch", f"Parameter {name} stands outside what the MAC covers.")
    return enc


def _unhex(params: dict[str, str], name: str, length: int, *, step: int = 0) -> bytes:
    """Decode a value of exactly `length` bytes, or with `step` of any multiple of it up to `length`."""
    value = params.get(name)
    if value is None:
        raise SunError("missing_parameter", f"Parameter {name} is missing.")
    digits = len(value)
    if digits != 2 * length and not (step and 0 < digits <= 2 * length and digits % (2 * step) == 0):
        wanted = f"a multiple of {2 * step} up to {2 * length}" if step else str(2 * length)
        raise SunError("wrong_length", f"Parameter {name} has {digits} characters, expected {wanted}.")
    try:
        return unhexlify(value)
    except ValueError:
        raise SunError("not_hex", f"Parameter {name} is not hexadecimal.") from None


def _mac_range(raw_url: str, profile: SunProfile) -> tuple[int, int]:
    """Find the MAC input in `raw_url`: the positions of its first character and of the one after its last."""
    names, mac_from = profile.names, profile.mac_from
    end = _value_start(raw_url, names.cmac)
    if end < 0:
        raise SunError("missing_parameter", f"Parameter {names.cmac} is missing.")
    if mac_from is MacFrom.CMAC:
        return end, end
    if mac_from is MacFrom.URL:
        return 0, end
    wanted = names.enc if mac_from is MacFrom.ENC else names.picc_data
    start = _value_start(raw_url, wanted)
    if start < 0 and mac_from is MacFrom.PICC_DATA:
        plain = (_value_start(raw_url, names.uid), _value_start(raw_url, names.ctr))
        start = min((at for at in plain if at >= 0), default=-1)
    if start < 0:
        raise SunError("missing_parameter", f"Parameter {wanted} is missing, where the MAC input begins.")
    if start > end:
        raise SunError("mac_mismatch", f"Parameter {wanted} stands after {names.cmac}, which covers it.")
    return start, end


def _value_start(raw_url: str, name: str) -> int:
    """Return the position of a parameter's value in `raw_url`, or -1."""
    query = raw_url.find("?") + 1
    if raw_url.startswith(f"{name}=", query):
        return query + len(name) + 1
    at = raw_url.find(f"&{name}=", query)
    return at if at < 0 else at + len(name) + 2


def _mirrored(uid: bytes | None, read_ctr: int | None) -> bytes:
    """Join the mirrored elements as session vectors and PICC data have them: UID, counter LSB first."""
    return (uid or b"") + (b"" if read_ctr is None else read_ctr.to_bytes(CTR_LENGTH, "little"))


def _session_key(file_read_key: bytes, prefix: bytes, mirrored: bytes) -> bytes:
    return _cmac(file_read_key, (prefix + mirrored).ljust(BLOCK, b"\0"))


def _cmac(key: bytes, message: bytes) -> bytes:
    cmac = CMAC(AES(key))
    cmac.update(message)
    return cmac.finalize()


def _file_data_iv(aes: AES, read_ctr: int) -> bytes:
    """Compute IVe, SDMReadCtr and zeros as one encrypted block (AN12196 sec. 4.4.3)."""
    block = read_ctr.to_bytes(CTR_LENGTH, "little").ljust(BLOCK, b"\0")
    return _encrypt_cbc(aes, _ZERO_BLOCK, block)


def _encrypt_file_data(k_ses_enc: bytes, read_ctr: int, plain: bytes) -> bytes:
    aes = AES(k_ses_enc)
    return _encrypt_cbc(aes, _file_data_iv(aes, read_ctr), plain)


def _decrypt_cbc(aes: AES, iv: bytes, blocks: bytes) -> bytes:
    return Cipher(aes, CBC(iv)).decryptor().update(blocks)


def _encrypt_cbc(aes: AES, iv: bytes, blocks: bytes) -> bytes:
    return Cipher(aes, CBC(iv)).encryptor().update(blocks)
