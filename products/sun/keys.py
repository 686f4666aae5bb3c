"""Keys of single chips, derived from a master key (NXP AN10922 rev. 2.2, "AN10922" below).

A key that is derived where it is needed stands nowhere: not beside the tag, not in a cache. Ten million
chips take one master key.
"""

from dataclasses import dataclass, field

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CBC

from products.sun.blocks import BLOCK, ZERO_BLOCK, doubled, xor

MAX_DIVERSIFICATION_INPUT = 31  # bytes of M (AN10922 sec. 2.2)

_AES128_CONSTANT = b"\x01"


def diversified_key(master_key: bytes, uid: bytes, aid: bytes, system_id: bytes) -> bytes:
    """Derive the AES-128 key of one chip, 16 bytes, from UID, application id and system identifier.

    M is UID || AID || system identifier, 1 to 31 bytes. Unlike a plain CMAC, the input is always filled to
    two blocks, also where one would hold it (AN10922 sec. 2.2). Raises ValueError for a wrong length.
    """
    diversification = uid + aid + system_id
    if len(master_key) != BLOCK:
        raise ValueError("A master key is an AES-128 key of 16 bytes.")
    if not 1 <= len(diversification) <= MAX_DIVERSIFICATION_INPUT:
        raise ValueError(f"UID, application id and system id have 1 to {MAX_DIVERSIFICATION_INPUT} bytes.")
    message = _AES128_CONSTANT + diversification
    is_full = len(message) == 2 * BLOCK
    padded = message if is_full else (message + b"\x80").ljust(2 * BLOCK, b"\0")
    aes = AES(master_key)
    k1 = doubled(Cipher(aes, CBC(ZERO_BLOCK)).encryptor().update(ZERO_BLOCK))
    blocks = padded[:BLOCK] + xor(padded[BLOCK:], k1 if is_full else doubled(k1))
    return Cipher(aes, CBC(ZERO_BLOCK)).encryptor().update(blocks)[BLOCK:]


@dataclass(frozen=True, slots=True)
class MasterKey:
    """A key from which each chip's own is derived; never shown in a repr.

    Raises ValueError when the key is not 16 bytes, or when the UID of a chip would not fit any more.
    """

    key: bytes = field(repr=False)
    system_id: bytes
    aid: bytes = b""

    def __post_init__(self) -> None:
        self.for_uid(bytes(7))

    def for_uid(self, uid: bytes) -> bytes:
        """Return the key of the chip with this UID (7 bytes)."""
        return diversified_key(self.key, uid, self.aid, self.system_id)


FileReadKey = bytes | MasterKey
