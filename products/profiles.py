"""The chip profiles of the installation, ready to verify with, without a database statement per tap.

All profiles are kept in the process under a version that stands in the shared cache. Whoever
changes a profile or a brand's look forgets the version once the change is committed, and every
worker loads anew at its next tap. A command can't reach the cache of a server that keeps it in its
own memory (the embedded default): for that one, a file in `DATA_DIR` is touched, too.
"""

import os
import uuid
from dataclasses import dataclass

from django.conf import settings
from django.core.cache import cache
from django.db import transaction
from django.db.models import TextField
from django.db.models.functions import Cast

from products.encryption import WrongFieldKeyError, decrypt
from products.keyring import Keyring
from products.models import ChipProfile
from products.sun import MacFrom, MasterKey, ParameterNames, SunProfile

VERSION_KEY = "chip-profiles-version"


@dataclass(frozen=True, slots=True)
class LoadedProfile:
    """A profile with its keys decrypted, and the brand that it belongs to."""

    pk: int
    slug: str
    brand_id: int
    content_version: int
    tamper_loop: str  # of products.models.units.TamperLoop
    sun: SunProfile


@dataclass(frozen=True, slots=True)
class _UnusableProfile:
    """A profile that can't be read: its own links fail, those of every other profile work on."""

    error: type[Exception]
    sentence: str


_Entry = LoadedProfile | _UnusableProfile
_loaded: tuple[str, dict[str, _Entry]] = ("", {})


def find_profile(slug: str) -> LoadedProfile | None:
    """Return the profile that the link names, or None.

    Raises WrongFieldKeyError where its keys can't be read, ValueError where what is stored is no profile.
    """
    entry = _profiles().get(slug)
    if isinstance(entry, _UnusableProfile):
        raise entry.error(entry.sentence)
    return entry


def forget_profiles() -> None:
    """Make every worker load the profiles anew, once the running transaction is committed."""
    transaction.on_commit(_forget)


def to_sun(profile: ChipProfile) -> SunProfile:
    """Return what `products.sun` needs of a stored profile; raises WrongFieldKeyError."""
    return _sun(profile, keyring(profile))


def keyring(profile: ChipProfile) -> Keyring:
    """Return the keys of a stored profile; raises WrongFieldKeyError."""
    return Keyring.read(profile.keys)


def meta_read_key(profile: ChipProfile) -> bytes | None:
    """Return K_SDMMetaRead of a profile's chips, 16 bytes; None where they mirror in clear."""
    return keyring(profile).meta_read_key


def file_read_key(profile: ChipProfile, version: int, uid: bytes) -> bytes:
    """Return K_SDMFileRead, 16 bytes, of the chip with this UID (7 bytes) under a key version.

    Raises KeyError where the profile has no such version.
    """
    key = keyring(profile).file_read_keys[version]
    return key.for_uid(uid) if isinstance(key, MasterKey) else key


def _sun(profile: ChipProfile, keys: Keyring) -> SunProfile:
    newest, *older = ((version, keys.file_read_keys[version]) for version in keys.versions)
    return SunProfile(
        meta_read_key=keys.meta_read_key,
        file_read_key=newest[1],
        mac_from=MacFrom(profile.mac_from),
        names=ParameterNames(**profile.params),
        mode=profile.mode,
        key_version=newest[0],
        older_keys=tuple(older),
        tamper_at=profile.tamper_at if profile.tamper_loop else None,
    )


def _forget() -> None:
    cache.delete(VERSION_KEY)
    settings.DATA_DIR.mkdir(parents=True, exist_ok=True)
    (settings.DATA_DIR / VERSION_KEY).touch()


def _touched() -> int:
    """Return when a process of this machine last changed a profile, in nanoseconds of the file system."""
    try:
        return os.stat(settings.DATA_DIR / VERSION_KEY).st_mtime_ns
    except FileNotFoundError:
        return 0


def _profiles() -> dict[str, _Entry]:
    global _loaded
    version = cache.get(VERSION_KEY)
    if version is None:
        # A random value, so that a version can't come back after the cache lost it.
        version = cache.get_or_set(VERSION_KEY, lambda: uuid.uuid4().hex, None)
    version = f"{version}:{_touched()}"
    if _loaded[0] != version:
        _loaded = (version, _load())
    return _loaded[1]


def _load() -> dict[str, _Entry]:
    # Cast keeps the keys sealed while rows are read, so that one of them can't spoil the reading of all.
    sealed = dict(ChipProfile.objects.values_list("pk", Cast("keys", TextField())))
    profiles = ChipProfile.objects.select_related("brand").defer("keys")
    return {profile.slug: _load_one(profile, sealed.get(profile.pk, "")) for profile in profiles}


def _load_one(profile: ChipProfile, sealed: str) -> _Entry:
    try:
        sun = _sun(profile, Keyring.read(decrypt(sealed)))
    except WrongFieldKeyError as error:
        return _UnusableProfile(WrongFieldKeyError, f"chip profile {profile.slug}: {error}")
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        return _UnusableProfile(ValueError, f"chip profile {profile.slug} is malformed: {error!r}")
    version = profile.brand.content_version
    return LoadedProfile(profile.pk, profile.slug, profile.brand_id, version, profile.tamper_loop, sun)
