"""Everything that looks random in the demo comes from its seed, so that a second run makes the same.

Passwords and second-factor secrets are keyed with SECRET_KEY besides: each installation has its own.
"""

import base64
import hashlib
import hmac
import random

from django.conf import settings

from products.codes import new_public_code


def dice(seed: str, *parts: object) -> random.Random:
    """Return a generator that belongs to this seed and purpose."""
    return random.Random(":".join(map(str, (seed, *parts))))


def digest(seed: str, *parts: object) -> bytes:
    """Return 32 bytes that belong to this seed and purpose."""
    return hashlib.sha256(":".join(map(str, ("demo", seed, *parts))).encode()).digest()


def chip_key(seed: str, profile: str, name: str) -> bytes:
    """Return an AES-128 key for a demo chip profile."""
    return digest(seed, "key", profile, name)[:16]


def chip_uid(seed: str, brand: str, number: int) -> str:
    """Return a UID of 7 bytes in hex; the first byte is the manufacturer's, the number makes it unique."""
    return "04" + digest(seed, "uid", brand, number)[:3].hex() + number.to_bytes(3, "big").hex()


def public_code(seed: str, brand: str, number: int) -> str:
    return new_public_code(dice(seed, "code", brand, number).choice)


def visitor_id(seed: str, *parts: object) -> str:
    return digest(seed, "visitor", *parts).hex()[:32]


def staff_password(seed: str, username: str) -> str:
    """Return the demo password of this person in this installation: 120 bits in base 32."""
    secret = _own_to_installation(seed, "password", username)
    text = base64.b32encode(secret[:15]).decode().lower()
    return "-".join(text[start : start + 6] for start in range(0, 24, 6))


def staff_totp_secret(seed: str, username: str) -> str:
    """Return the demo's second-factor secret: 160 bits in base 32 (RFC 4226, section 4, R6)."""
    return base64.b32encode(_own_to_installation(seed, "totp", username)[:20]).decode()


def _own_to_installation(seed: str, *parts: str) -> bytes:
    message = ":".join(("demo", seed, *parts)).encode()
    return hmac.digest(settings.SECRET_KEY.encode(), message, "sha256")
