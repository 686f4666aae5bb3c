"""The brand's chip keys, sealed for the one who takes over: nobody else can read them, this installation included."""

import json
from typing import Any

from products.encoding.sealing import Recipient, seal
from products.models import Brand, ChipProfile
from products.profiles import keyring

NAME = "keys/chip-keys.jwe"


def seal_keys(brand: Brand, recipient: Recipient) -> str:
    """Return all chip profiles of the brand with their keys, as a JWE (RFC 7516, compact).

    Raises WrongFieldKeyError where this installation can't read them itself.
    """
    profiles = ChipProfile.objects.for_brand(brand).order_by("pk")
    return seal(json.dumps({"profiles": [_profile(profile) for profile in profiles]}).encode(), recipient)


def _profile(profile: ChipProfile) -> dict[str, Any]:
    """Return what verifying a chip's link takes: `products.sun.SunProfile`, and the keys by their version."""
    return {
        "slug": profile.slug,
        "mode": profile.mode,
        "mac_from": profile.mac_from,
        "params": profile.params,
        "tamper_loop": profile.tamper_loop,
        "tamper_at": profile.tamper_at,
        **json.loads(keyring(profile).write()),
    }
