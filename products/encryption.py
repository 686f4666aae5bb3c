"""Encryption of secrets at rest with `FIELD_KEYS`: the first key encrypts, all decrypt (Fernet)."""

from functools import lru_cache

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

HOW_TO_MAKE_ONE = (
    'Make one with: python -c "from cryptography.fernet import Fernet; print(Fernet.generate_key().decode())"'
)


class WrongFieldKeyError(Exception):
    """A stored secret can't be read with any key of `FIELD_KEYS`."""


@lru_cache(maxsize=4)
def _cipher(keys: tuple[str, ...]) -> MultiFernet:
    if not keys:
        raise ImproperlyConfigured(
            f"FIELD_KEYS is not set: chip keys and other secrets can't be read. {HOW_TO_MAKE_ONE}"
        )
    try:
        return MultiFernet([Fernet(key) for key in keys])
    except ValueError as error:
        raise ImproperlyConfigured(
            f"FIELD_KEYS holds a value that is not a key (32 bytes in URL-safe base64). {HOW_TO_MAKE_ONE}"
        ) from error


def cipher() -> MultiFernet:
    """Return the cipher for the configured keys; raises ImproperlyConfigured with a sentence for the operator."""
    return _cipher(tuple(settings.FIELD_KEYS))


def encrypt(text: str) -> str:
    return cipher().encrypt(text.encode()).decode()


def decrypt(token: str) -> str:
    """Return the clear text; raises WrongFieldKeyError if no configured key fits."""
    try:
        return cipher().decrypt(token.encode()).decode()
    except InvalidToken as error:
        raise WrongFieldKeyError(
            "a stored secret was encrypted with a key that is not in FIELD_KEYS"
        ) from error
