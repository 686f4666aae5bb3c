"""SDM in AES mode: PICC data, session keys, file data and MAC (NXP AN12196 rev. 1.8, "AN12196" below)."""

from collections.abc import Callable

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CBC
from cryptography.hazmat.primitives.cmac import CMAC

from products.sun.blocks import BLOCK, ZERO_BLOCK

PICC_DATA_LENGTH = BLOCK

_SV1_PREFIX = bytes.fromhex("c33c00010080")
_SV2_PREFIX = bytes.fromhex("3cc300010080")


class Session:
    """The keys of one tap; `mirrored` is what the chip mirrors: UID, then counter LSB first.

    What the chip does not mirror is left out of the session vectors, which are filled with zeros to 16
    bytes (data sheet sec. 9.3.9.1; AN12196 sec. 4.4.2, SV1 and SV2).
    """

    def __init__(self, file_read_key: bytes, mirrored: bytes) -> None:
        self._file_read_key, self._mirrored = file_read_key, mirrored

    def enc_key(self) -> bytes:
        """Derive K_SesSDMFileReadENC, 16 bytes."""
        return self._key(_SV1_PREFIX)

    def mac_key(self) -> bytes:
        """Derive K_SesSDMFileReadMAC, 16 bytes."""
        return self._key(_SV2_PREFIX)

    def mac(self, mac_input: bytes) -> bytes:
        """Compute the SDMMAC, 8 bytes: every second byte of the CMAC (AN12196 sec. 4.4.4)."""
        return sdm_mac(self.mac_key(), mac_input)

    def decrypt(self, read_ctr: int, enc: bytes) -> bytes:
        """Decrypt SDMENCFileData (AN12196 sec. 4.4.3: AES-CBC, IV is IVe). `enc` is a multiple of 16 bytes."""
        return decrypt_file_data(self.enc_key(), read_ctr, enc)

    def encrypt(self, read_ctr: int, plain: bytes) -> bytes:
        """Encrypt a part of the file as the chip does."""
        aes = AES(self.enc_key())
        return _encrypt_cbc(aes, _file_data_iv(aes, read_ctr), plain)

    def _key(self, prefix: bytes) -> bytes:
        return _cmac(self._file_read_key, (prefix + self._mirrored).ljust(BLOCK, b"\0"))


def decrypt_picc_data(meta_read_key: bytes, picc_data: bytes) -> bytes:
    """Decrypt 16 bytes of PICCENCData (AN12196 sec. 4.4.1: AES-CBC, IV zero)."""
    return _decrypt_cbc(AES(meta_read_key), ZERO_BLOCK, picc_data)


def encrypt_picc_data(meta_read_key: bytes, plain: bytes, _random_bytes: Callable[[int], bytes]) -> bytes:
    """Encrypt 16 bytes of PICC data, whose padding is random already."""
    return _encrypt_cbc(AES(meta_read_key), ZERO_BLOCK, plain)


def decrypt_file_data(k_ses_enc: bytes, read_ctr: int, enc: bytes) -> bytes:
    """Decrypt SDMENCFileData with K_SesSDMFileReadENC. The plain text is the file's bytes, without padding."""
    aes = AES(k_ses_enc)
    return _decrypt_cbc(aes, _file_data_iv(aes, read_ctr), enc)


def sdm_mac(k_ses_mac: bytes, mac_input: bytes) -> bytes:
    """Compute the SDMMAC, 8 bytes, with K_SesSDMFileReadMAC."""
    return _cmac(k_ses_mac, mac_input)[1::2]


def _cmac(key: bytes, message: bytes) -> bytes:
    cmac = CMAC(AES(key))
    cmac.update(message)
    return cmac.finalize()


def _file_data_iv(aes: AES, read_ctr: int) -> bytes:
    """Compute IVe, SDMReadCtr and zeros as one encrypted block (AN12196 sec. 4.4.3)."""
    return _encrypt_cbc(aes, ZERO_BLOCK, read_ctr.to_bytes(3, "little").ljust(BLOCK, b"\0"))


def _decrypt_cbc(aes: AES, iv: bytes, blocks: bytes) -> bytes:
    return Cipher(aes, CBC(iv)).decryptor().update(blocks)


def _encrypt_cbc(aes: AES, iv: bytes, blocks: bytes) -> bytes:
    return Cipher(aes, CBC(iv)).encryptor().update(blocks)
