"""Limits on tries, counted in the cache: shared by all workers where the cache is Redis."""

import hashlib
from dataclasses import dataclass

from django.core.cache import cache


@dataclass(frozen=True, slots=True)
class Limit:
    """At most `most` tries per subject within `seconds` of its first."""

    name: str
    most: int
    seconds: int

    def key(self, subject: str) -> str:
        # Hashed: subjects are typed by strangers, and addresses are personal data.
        return f"limit:{self.name}:{hashlib.sha256(subject.encode()).hexdigest()[:32]}"


def has_room(limit: Limit, subject: str) -> bool:
    """Return whether the subject may try once more."""
    return int(cache.get(limit.key(subject), 0)) < limit.most


def spend(limit: Limit, subject: str) -> None:
    """Count one try."""
    key = limit.key(subject)
    if not cache.add(key, 1, limit.seconds):
        try:
            cache.incr(key)
        except ValueError:  # it expired between the two calls
            cache.add(key, 1, limit.seconds)
