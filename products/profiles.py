"""The chip profiles of the installation, ready to verify with, without a database statement per tap.

All profiles are kept in the process under a version that stands in the shared cache. Whoever
changes a profile or a brand's look forgets the version once the change is committed, and every
worker loads anew at its next tap.
"""

import json
import uuid
from dataclasses import dataclass

from django.core.cache import cache
from django.db import transaction

from products.models import ChipProfile
from products.sun import MacFrom, ParameterNames, SunProfile

VERSION_KEY = "chip-profiles-version"


@dataclass(frozen=True, slots=True)
class LoadedProfile:
    """A profile with its keys decrypted, and the brand that it belongs to."""

    pk: int
    slug: str
    brand_id: int
    content_version: int
    sun: SunProfile


_loaded: tuple[str, dict[str, LoadedProfile]] = ("", {})


def find_profile(slug: str) -> LoadedProfile | None:
    """Return the profile that the link names, or None."""
    return _profiles().get(slug)


def forget_profiles() -> None:
    """Make every worker load the profiles anew, once the running transaction is committed."""
    transaction.on_commit(lambda: cache.delete(VERSION_KEY))


def to_sun(profile: ChipProfile) -> SunProfile:
    """Return what `products.sun` needs of a stored profile; raises WrongFieldKeyError."""
    keys = json.loads(profile.keys)
    meta = keys.get("meta_read_key")
    return SunProfile(
        meta_read_key=bytes.fromhex(meta) if meta else None,
        file_read_key=bytes.fromhex(keys["file_read_key"]),
        mac_from=MacFrom(profile.mac_from),
        names=ParameterNames(**profile.params),
        mode=profile.mode,
    )


def _profiles() -> dict[str, LoadedProfile]:
    global _loaded
    version = cache.get(VERSION_KEY)
    if version is None:
        # A random value, so that a version can't come back after the cache lost it.
        version = cache.get_or_set(VERSION_KEY, lambda: uuid.uuid4().hex, None)
    if _loaded[0] != version:
        _loaded = (str(version), _load())
    return _loaded[1]


def _load() -> dict[str, LoadedProfile]:
    return {
        profile.slug: LoadedProfile(
            profile.pk, profile.slug, profile.brand_id, profile.brand.content_version, to_sun(profile)
        )
        for profile in ChipProfile.objects.select_related("brand")
    }
