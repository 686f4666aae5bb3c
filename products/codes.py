"""Public codes of units: an address that can't be guessed, easy to read out and to type."""

import secrets
from collections.abc import Callable

# Crockford's base 32: no i, l, o, u, so that nothing is misread.
ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
LENGTH = 20  # 20 × 5 = 100 random bits
_CHARACTERS = ALPHABET.encode() * 8  # by byte


def new_public_code(choose: Callable[[str], str] | None = None) -> str:
    """Return a new code of 100 random bits; `choose` picks one character (the demo passes a seeded one)."""
    if choose is not None:
        return "".join(choose(ALPHABET) for _ in range(LENGTH))
    (code,) = new_public_codes(1)
    return code


def new_public_codes(count: int) -> list[str]:
    """Return that many new codes, of 100 random bits each: an import makes a million."""
    # Five bits of each random byte choose a character: all 32 are equally likely.
    characters = secrets.token_bytes(LENGTH * count).translate(_CHARACTERS).decode("ascii")
    return [characters[start : start + LENGTH] for start in range(0, LENGTH * count, LENGTH)]


def normalise_public_code(text: str) -> str:
    """Return the code as stored: small letters, and what is easily mistyped put right (Crockford).

    What can't be a code, such as a NUL that no database takes, comes back as the empty text, which no unit has.
    """
    code = text.strip().lower().replace("-", "").translate(str.maketrans("ilo", "110"))
    return code if code.isascii() and code.isalnum() else ""
