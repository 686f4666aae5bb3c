"""SDM in LRP mode: the Leakage Resilient Primitive of NXP AN12304 rev. 1.1 ("AN12304"), as the chip uses it.

LRP wraps AES so that no key meets more than a few known blocks: a value is walked down a tree, four bits
at a time, and every step makes the next key. That takes some 35 AES calls for each block of 16 bytes.
How the chip applies it: data sheet NT4H2421Gx sec. 9.3.
"""

from collections.abc import Callable
from functools import cached_property

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import ECB

from products.sun.blocks import BLOCK, ZERO_BLOCK, doubled, xor

RANDOM_LENGTH = 8  # bytes: PICCRand, in front of the encrypted PICC data
PICC_DATA_LENGTH = RANDOM_LENGTH + BLOCK

_ECB = ECB()  # noqa: S305 - LRP is made of single blocks
_FIVES, _TENS = b"\x55" * BLOCK, b"\xaa" * BLOCK
_SV_PREFIX, _SV_TRAILER = bytes.fromhex("00010080"), bytes.fromhex("1ee1")
_MAC_KEY, _ENC_KEY = 0, 1  # the places of the session's updated keys


class Lrp:
    """The primitive with one key of 16 bytes; `updated_key` picks which of its updated keys is used."""

    def __init__(self, key: bytes, updated_key: int = 0) -> None:
        self._key = key
        self._walk_from = updated_keys(key, updated_key + 1)[updated_key]

    def evaluate(self, nibbles: str, *, final: bool = True) -> bytes:
        """Walk `nibbles`, hex digits, and return the block at the end (AN12304 sec. 2.2, algorithm 3)."""
        block = self._walk_from
        for nibble in nibbles:
            block = _encrypt(block, self.plaintexts[int(nibble, 16)])
        return _encrypt(block, ZERO_BLOCK) if final else block

    @cached_property
    def plaintexts(self) -> list[bytes]:
        """The 16 secret plain texts of the key."""
        return secret_plaintexts(self._key)

    def encrypt(self, counter: bytes, blocks: bytes) -> bytes:
        """Encrypt whole blocks with LRICB, `counter` counting on (AN12304 sec. 2.3)."""
        return b"".join(_encrypt(key, block) for key, block in self._keyed(counter, blocks))

    def decrypt(self, counter: bytes, blocks: bytes) -> bytes:
        """Decrypt whole blocks with LRICB."""
        return b"".join(_decrypt(key, block) for key, block in self._keyed(counter, blocks))

    def cmac(self, message: bytes) -> bytes:
        """Compute CMAC_LRP, 16 bytes (AN12304 sec. 2.4)."""
        once = doubled(self.evaluate(ZERO_BLOCK.hex()))
        *blocks, last = [message[at : at + BLOCK] for at in range(0, len(message), BLOCK)] or [b""]
        state = ZERO_BLOCK
        for block in blocks:
            state = self.evaluate(xor(state, block).hex())
        whole = len(last) == BLOCK
        padded = last if whole else (last + b"\x80").ljust(BLOCK, b"\0")
        state = xor(state, xor(padded, once if whole else doubled(once)))
        return self.evaluate(state.hex())

    def _keyed(self, counter: bytes, blocks: bytes) -> list[tuple[bytes, bytes]]:
        start, size = int.from_bytes(counter, "big"), len(counter)
        keyed = []
        for place, at in enumerate(range(0, len(blocks), BLOCK)):
            value = (start + place) % (1 << (8 * size))
            keyed.append((self.evaluate(value.to_bytes(size, "big").hex()), blocks[at : at + BLOCK]))
        return keyed


class Session:
    """The keys of one tap; `mirrored` is what the chip mirrors: UID, then counter LSB first.

    The session's master key is CMAC_LRP of one session vector; its first updated key makes the MAC, its
    second encrypts (data sheet sec. 9.3.9.2).
    """

    def __init__(self, file_read_key: bytes, mirrored: bytes) -> None:
        vector = (_SV_PREFIX + mirrored).ljust(BLOCK - len(_SV_TRAILER), b"\0") + _SV_TRAILER
        self._master = Lrp(file_read_key).cmac(vector)

    def mac(self, mac_input: bytes) -> bytes:
        """Compute the SDMMAC, 8 bytes: every second byte of the CMAC_LRP."""
        return Lrp(self._master, _MAC_KEY).cmac(mac_input)[1::2]

    def decrypt(self, read_ctr: int, enc: bytes) -> bytes:
        """Decrypt SDMENCFileData, a multiple of 16 bytes (LRICB, counter SDMReadCtr LSB first and zeros)."""
        return Lrp(self._master, _ENC_KEY).decrypt(_file_data_counter(read_ctr), enc)

    def encrypt(self, read_ctr: int, plain: bytes) -> bytes:
        """Encrypt a part of the file as the chip does."""
        return Lrp(self._master, _ENC_KEY).encrypt(_file_data_counter(read_ctr), plain)


def decrypt_picc_data(meta_read_key: bytes, picc_data: bytes) -> bytes:
    """Decrypt 24 bytes, PICCRand and PICCENCData (data sheet sec. 9.3.4.2: LRICB, counter PICCRand)."""
    return Lrp(meta_read_key).decrypt(picc_data[:RANDOM_LENGTH], picc_data[RANDOM_LENGTH:])


def encrypt_picc_data(meta_read_key: bytes, plain: bytes, random_bytes: Callable[[int], bytes]) -> bytes:
    """Encrypt 16 bytes of PICC data as the chip does, under 8 random bytes."""
    counter = random_bytes(RANDOM_LENGTH)
    return counter + Lrp(meta_read_key).encrypt(counter, plain)


def secret_plaintexts(key: bytes) -> list[bytes]:
    """Derive the 16 plain texts of a key (AN12304 sec. 2.2, algorithm 1)."""
    return _chain(_encrypt(key, _FIVES), 16)


def updated_keys(key: bytes, count: int) -> list[bytes]:
    """Derive the first `count` updated keys of a key (AN12304 sec. 2.2, algorithm 2)."""
    return _chain(_encrypt(key, _TENS), count)


def _chain(link: bytes, count: int) -> list[bytes]:
    values = []
    for _place in range(count):
        both = _encrypt(link, _TENS + _FIVES)
        values.append(both[:BLOCK])
        link = both[BLOCK:]
    return values


def _file_data_counter(read_ctr: int) -> bytes:
    return read_ctr.to_bytes(3, "little") + bytes(3)


def _encrypt(key: bytes, blocks: bytes) -> bytes:
    return Cipher(AES(key), _ECB).encryptor().update(blocks)


def _decrypt(key: bytes, block: bytes) -> bytes:
    return Cipher(AES(key), _ECB).decryptor().update(block)
