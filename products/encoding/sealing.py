"""Sealing a file for one recipient: JWE in compact form (RFC 7516), which only the holder of a private key opens."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from joserfc import jwe
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, OKPKey, RSAKey

from products.errors import ProductsError

LEAST_RSA_BITS = 2048  # NIST SP 800-57 part 1 rev. 5, table 2
MAX_KEY = 16_384  # characters
CURVES = ("P-256", "P-384", "P-521", "X25519")
ENCRYPTION = "A256GCM"
ALGORITHMS = ("ECDH-ES+A256KW", "RSA-OAEP-256")
_PRIVATE = frozenset({"d", "p", "q", "dp", "dq", "qi", "oth", "k"})  # members of RFC 7518 sec. 6

PublicKey = RSAKey | ECKey | OKPKey


@dataclass(frozen=True, slots=True)
class Recipient:
    """Whom a file is sealed for: their public key, and its thumbprint (RFC 7638, SHA-256, base64url)."""

    key: PublicKey
    thumbprint: str


def read_recipient(text: str) -> Recipient:
    """Read a public key, as a JWK or as PEM. Raises ProductsError `bad_key`, with a sentence."""
    text = text.strip()
    if len(text) > MAX_KEY:
        raise _bad(_("This is too long for a key."))
    key = _from_jwk(text) if text.startswith("{") else _from_pem(text)
    if key.is_private:
        raise _bad(_private_sentence())
    _check_strength(key)
    recipient = Recipient(key, key.thumbprint())
    _try(recipient)
    return recipient


def seal(content: bytes, recipient: Recipient) -> str:
    """Encrypt the content: ECDH-ES+A256KW or RSA-OAEP-256 as the key asks, and A256GCM."""
    header = {
        "alg": "RSA-OAEP-256" if isinstance(recipient.key, RSAKey) else "ECDH-ES+A256KW",
        "enc": ENCRYPTION,
        "cty": "application/json",
        "kid": recipient.thumbprint,
    }
    return jwe.encrypt_compact(header, content, recipient.key, algorithms=[*ALGORITHMS, ENCRYPTION])


def _try(recipient: Recipient) -> None:
    """Refuse what is spelt like a key and is none, such as a point of small order, or is for something else."""
    try:
        seal(b"", recipient)
    except (JoseError, ValueError) as error:
        raise _bad(_("Nothing can be sealed with this key: ask for one for encryption.")) from error


def _bad(sentence: str) -> ProductsError:
    return ProductsError("bad_key", sentence)


def _private_sentence() -> str:
    return _(
        "This is a private key: it must never leave its owner. Ask for the public one, and have this one replaced."
    )


def _from_jwk(text: str) -> PublicKey:
    try:
        fields = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise _bad(_("This begins like a JWK, but is not JSON.")) from error
    if _PRIVATE & fields.keys():
        raise _bad(_private_sentence())
    kinds: dict[Any, type[PublicKey]] = {"RSA": RSAKey, "EC": ECKey, "OKP": OKPKey}
    kind = fields.get("kty")
    if not isinstance(kind, str) or kind not in kinds:
        raise _bad(_("The key must be of the kind RSA, EC or OKP (JWK member kty)."))
    if fields.get("use", "enc") != "enc":
        raise _bad(_("This key is for signatures (JWK member use): ask for one for encryption."))
    try:
        # Reading the key itself, too: a JWK is checked only when it is first used.
        key = kinds[kind].import_key(fields)
        key.public_key  # noqa: B018
    except (JoseError, ValueError, TypeError, KeyError) as error:
        raise _bad(_("This JWK can't be read: is it whole?")) from error
    return key


def _from_pem(text: str) -> PublicKey:
    if "PRIVATE KEY" in text:
        raise _bad(_private_sentence())
    if "-----BEGIN" not in text:
        raise _bad(_("Paste a public key: a JWK, which begins with {, or PEM, which begins with -----BEGIN."))
    for kind in (RSAKey, ECKey, OKPKey):
        try:
            key = kind.import_key(text)
            key.public_key  # noqa: B018
        except (JoseError, ValueError, TypeError, AttributeError):
            continue
        return key
    raise _bad(_("This PEM holds no public key for encryption (RSA, EC or X25519), or only a part of it."))


def _check_strength(key: PublicKey) -> None:
    if isinstance(key, RSAKey):
        bits = key.public_key.key_size
        if bits < LEAST_RSA_BITS:
            sentence = _("This RSA key has %(bits)d bits: at least %(least)d are needed.")
            raise _bad(sentence % {"bits": bits, "least": LEAST_RSA_BITS})
        return
    if key.curve_name not in CURVES:
        sentence = _("The curve %(curve)s is not for encryption here: use one of %(known)s.")
        raise _bad(sentence % {"curve": key.curve_name, "known": ", ".join(CURVES)})
