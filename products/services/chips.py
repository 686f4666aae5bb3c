"""Chip profiles: storing their keys encrypted, and turning the keys over."""

import json

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from products.errors import ProductsError
from products.imports.profiles import ProfileDocument
from products.models import Brand, ChipProfile, Tag
from products.profiles import forget_profiles, to_sun


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
def import_profile(*, brand: Brand, document: ProfileDocument) -> ChipProfile:
    """Make or replace the profile that the document describes; the same document again changes nothing.

    Raises ProductsError `slug_taken` (by another brand) or `in_use` (its chips were tapped already).
    """
    stored = ChipProfile.objects.select_for_update().filter(slug=document.slug).first()
    if stored is not None:
        if stored.brand_id != brand.pk:
            raise ProductsError(
                "slug_taken",
                _("The slug “%s” is taken in this installation: choose another.") % document.slug,
            )
        if _says_the_same(stored, document):
            return stored
        _refuse_if_tapped(stored)
    return save_profile(
        brand=brand,
        slug=document.slug,
        mode=document.mode,
        mac_from=document.mac_from,
        params=document.params,
        meta_read_key=document.meta_read_key,
        file_read_key=document.file_read_key,
    )


def _says_the_same(stored: ChipProfile, document: ProfileDocument) -> bool:
    sun = to_sun(stored)
    return (sun.meta_read_key, sun.file_read_key, stored.mode, stored.mac_from, stored.params) == (
        document.meta_read_key,
        document.file_read_key,
        document.mode,
        document.mac_from,
        document.params,
    )


def _refuse_if_tapped(stored: ChipProfile) -> None:
    """With other keys or parameters, every link of the chips in the field would turn invalid."""
    tapped = Tag.objects.filter(profile=stored, last_counter__isnull=False).count()
    if tapped:
        sentence = ngettext(
            "%(count)d chip of the profile “%(slug)s” was tapped already, so it can't be replaced.",
            "%(count)d chips of the profile “%(slug)s” were tapped already, so it can't be replaced.",
            tapped,
        )
        raise ProductsError("in_use", sentence % {"count": tapped, "slug": stored.slug})


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
