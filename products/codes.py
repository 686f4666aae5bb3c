"""Public codes of units: an address that can't be guessed, easy to read out and to type."""

import secrets
from collections.abc import Callable

# Crockford's base 32: no i, l, o, u, so that nothing is misread.
ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
LENGTH = 20  # 20 × 5 = 100 random bits


def new_public_code(choose: Callable[[str], str] | None = None) -> str:
    """Return a new code of 100 random bits; `choose` picks one character (the demo passes a seeded one)."""
    if choose is not None:
        return "".join(choose(ALPHABET) for _ in range(LENGTH))
    bits = secrets.randbits(5 * LENGTH)  # one call for all characters: an import makes a million codes
    return "".join(ALPHABET[bits >> shift & 31] for shift in range(0, 5 * LENGTH, 5))


def normalise_public_code(text: str) -> str:
    """Return the code as stored: small letters, and what is easily mistyped put right (Crockford).

    What can't be a code, such as a NUL that no database takes, comes back as the empty text, which no unit has.
    """
    code = text.strip().lower().replace("-", "").translate(str.maketrans("ilo", "110"))
    return code if code.isascii() and code.isalnum() else ""
