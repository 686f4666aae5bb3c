"""Arithmetic on blocks of 16 bytes."""

BLOCK = 16  # bytes: AES block and key
ZERO_BLOCK = bytes(BLOCK)

_MASK, _R128 = (1 << 128) - 1, 0x87


def doubled(block: bytes) -> bytes:
    """Multiply by x in GF(2^128), as the subkeys of a CMAC are made (NIST SP 800-38B sec. 6.1)."""
    value = int.from_bytes(block, "big") << 1
    return (value & _MASK ^ (_R128 if value > _MASK else 0)).to_bytes(BLOCK, "big")


def xor(left: bytes, right: bytes) -> bytes:
    """Return the exclusive or of two blocks."""
    return (int.from_bytes(left, "big") ^ int.from_bytes(right, "big")).to_bytes(BLOCK, "big")
