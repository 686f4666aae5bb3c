"""Chip profiles: storing their keys encrypted, adding and removing versions of them, and turning FIELD_KEYS over."""

import datetime as dt
from dataclasses import replace

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from products.errors import ProductsError
from products.imports.profiles import ProfileDocument
from products.keyring import Keyring
from products.models import Brand, ChipProfile, Tag
from products.models.encoding import MAX_KEY_VERSION
from products.profiles import forget_profiles, keyring
from products.services.audit import write_audit
from products.sun import FileReadKey, ParameterNames


@transaction.atomic
def save_profile(
    *,
    brand: Brand,
    slug: str,
    mode: str,
    mac_from: str,
    params: dict[str, str],
    meta_read_key: bytes | None,
    file_read_key: FileReadKey,
    key_version: int = 0,
    tamper_loop: str = "",
    tamper_at: int | None = None,
) -> ChipProfile:
    """Make or replace a chip profile of this brand; keys are 16 bytes (AES-128). Other versions stay."""
    stored = ChipProfile.objects.select_for_update().filter(brand=brand, slug=slug).first()
    older = keyring(stored) if stored else Keyring(None, {})
    keys = replace(older, meta_read_key=meta_read_key).with_key(key_version, file_read_key)
    profile, _made = ChipProfile.objects.update_or_create(
        brand=brand,
        slug=slug,
        defaults={
            "mode": mode,
            "mac_from": mac_from,
            "params": params,
            "tamper_loop": tamper_loop,
            "tamper_at": tamper_at,
            "keys": keys.write(),
        },
    )
    forget_profiles()
    return profile


@transaction.atomic
def import_profile(*, brand: Brand, document: ProfileDocument, now: dt.datetime) -> ChipProfile:
    """Make or replace the profile that the document describes; the same document again changes nothing.

    A document that differs only in a new `key_version` and its key adds that version. Raises ProductsError
    `slug_taken` (by another brand), `in_use` (its chips were tapped already) or `same_key` (as another version).
    """
    stored = ChipProfile.objects.select_for_update().filter(slug=document.slug).first()
    if stored is not None:
        if stored.brand_id != brand.pk:
            raise ProductsError(
                "slug_taken",
                _("The slug “%s” is taken in this installation: choose another.") % document.slug,
            )
        keys = keyring(stored)
        if _is_configured_as(stored, document):
            if document.key_version not in keys.file_read_keys:
                return add_key_version(
                    profile=stored,
                    version=document.key_version,
                    key=document.file_read_key,
                    actor_id=None,
                    now=now,
                )
            if keys.file_read_keys[document.key_version] == document.file_read_key:
                return stored
        _refuse_if_in_use(stored)
        _refuse_same_key(keys, document.key_version, document.file_read_key)
    return save_profile(
        brand=brand,
        slug=document.slug,
        mode=document.mode,
        mac_from=document.mac_from,
        params=document.params,
        meta_read_key=document.meta_read_key,
        file_read_key=document.file_read_key,
        key_version=document.key_version,
        tamper_loop=document.tamper_loop,
        tamper_at=document.tamper_at,
    )


@transaction.atomic
def add_key_version(
    *, profile: ChipProfile, version: int, key: FileReadKey, actor_id: int | None, now: dt.datetime
) -> ChipProfile:
    """Add a version of the file read key. Chips of every version verify; one that answers under a higher
    version than before counts from the start, and its links of lower versions stay used.

    Raises ProductsError `bad_version` (0 to 255), `version_taken`, or `same_key` (as another version, be it
    removed): under one key, links that were used would be new again.
    """
    profile = ChipProfile.objects.select_for_update().get(pk=profile.pk)
    keys = keyring(profile)
    if not 0 <= version <= MAX_KEY_VERSION:
        raise ProductsError(
            "bad_version", _("A key version is 0 to %d: a chip keeps one byte of it.") % MAX_KEY_VERSION
        )
    if version in keys.file_read_keys:
        raise ProductsError("version_taken", _("The profile has a version %d of its key already.") % version)
    _refuse_same_key(keys, version, key)
    return _keep(
        profile,
        keys.with_key(version, key),
        action="chip_key.added",
        version=version,
        actor_id=actor_id,
        now=now,
    )


@transaction.atomic
def remove_key_version(
    *, profile: ChipProfile, version: int, actor_id: int | None, now: dt.datetime
) -> ChipProfile:
    """Remove a version of the file read key: links made under it do not check any more.

    Raises ProductsError `no_such_version`, `last_version`, or `in_use` while chips need it, with the count.
    """
    profile = ChipProfile.objects.select_for_update().get(pk=profile.pk)
    keys = keyring(profile)
    if version not in keys.file_read_keys:
        raise ProductsError("no_such_version", _("The profile has no version %d of its key.") % version)
    if len(keys.file_read_keys) == 1:
        raise ProductsError(
            "last_version", _("This is the only version of the key: without it no chip would check.")
        )
    if needing := chips_needing(profile, version):
        sentence = ngettext(
            "%(count)d chip still needs version %(version)d of the key, so it can't be removed.",
            "%(count)d chips still need version %(version)d of the key, so it can't be removed.",
            needing,
        )
        raise ProductsError("in_use", sentence % {"count": needing, "version": version})
    return _keep(
        profile,
        keys.without(version),
        action="chip_key.removed",
        version=version,
        actor_id=actor_id,
        now=now,
    )


def chips_needing(profile: ChipProfile, version: int) -> int:
    """Return how many chips in use were last known under this key version.

    A chip recorded under a version that the profile does not have counts for the next one above.
    """
    below = [other for other in keyring(profile).versions if other < version]
    return Tag.objects.chips().active().under_key_versions(profile, max(below, default=-1), version).count()


def _keep(
    profile: ChipProfile, keys: Keyring, *, action: str, version: int, actor_id: int | None, now: dt.datetime
) -> ChipProfile:
    profile.keys = keys.write()
    profile.save(update_fields=["keys"])
    write_audit(
        action=action,
        obj=profile,
        brand_id=profile.brand_id,
        actor_id=actor_id,
        now=now,
        data={"version": version},
    )
    forget_profiles()
    return profile


def _is_configured_as(stored: ChipProfile, document: ProfileDocument) -> bool:
    """Whether all but the file read key is the same: chips of both would be read alike."""
    meta = keyring(stored).meta_read_key
    names = ParameterNames(**stored.params)
    return (meta, stored.mode, stored.mac_from, names, stored.tamper_loop, stored.tamper_at) == (
        document.meta_read_key,
        document.mode,
        document.mac_from,
        ParameterNames(**document.params),
        document.tamper_loop,
        document.tamper_at,
    )


def _refuse_same_key(keys: Keyring, version: int, key: FileReadKey) -> None:
    other = keys.other_version_of(key, version)
    if other is not None:
        raise ProductsError(
            "same_key",
            _("Version %d has this very key: links that were used would be new again. Make another key.")
            % other,
        )


def _refuse_if_in_use(stored: ChipProfile) -> None:
    """With other keys or parameters, every link of the chips in the field would turn invalid.

    A chip that was encoded anew has its counter still before it, and one that mirrors none leaves no trace here.
    """
    in_use = Tag.objects.chips().filter(profile=stored)
    if ParameterNames(**stored.params).ctr:
        in_use = in_use.filter(Q(last_counter__isnull=False) | Q(key_version__gt=0))
    if count := in_use.count():
        sentence = ngettext(
            "%(count)d chip of the profile “%(slug)s” is in use already, so it can't be replaced.",
            "%(count)d chips of the profile “%(slug)s” are in use already, so it can't be replaced.",
            count,
        )
        raise ProductsError("in_use", sentence % {"count": count, "slug": stored.slug})


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
