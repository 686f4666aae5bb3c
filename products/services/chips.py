"""Chip profiles: storing their keys encrypted, and turning the keys over."""

import json

from django.db import transaction

from products.models import Brand, ChipProfile
from products.profiles import forget_profiles


@transaction.atomic
def save_profile(
    *,
    brand: Brand,
    slug: str,
    mode: str,
    mac_from: str,
    params: dict[str, str],
    meta_read_key: bytes | None,
    file_read_key: bytes,
) -> ChipProfile:
    """Make or replace a chip profile of this brand; keys are 16 bytes (AES-128)."""
    keys = {
        "meta_read_key": meta_read_key.hex() if meta_read_key else None,
        "file_read_key": file_read_key.hex(),
    }
    profile, _made = ChipProfile.objects.update_or_create(
        brand=brand,
        slug=slug,
        defaults={"mode": mode, "mac_from": mac_from, "params": params, "keys": json.dumps(keys)},
    )
    forget_profiles()
    return profile


@transaction.atomic
def rotate_field_keys() -> int:
    """Encrypt all stored secrets anew with the first of FIELD_KEYS; return how many.

    Raises WrongFieldKeyError, and changes nothing, if one can't be read with any of the keys.
    """
    count = 0
    for profile in ChipProfile.objects.select_for_update():
        # Reading decrypts with whichever key fits; writing encrypts with the first.
        ChipProfile.objects.filter(pk=profile.pk).update(keys=profile.keys)
        count += 1
    forget_profiles()
    return count
