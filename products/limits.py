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
    """Return whether the subject may try once more.

    For tries of which only some count, by `spend`, once it is known what became of them; else `spend_if_room`.
    """
    return int(cache.get(limit.key(subject), 0)) < limit.most


def spend(limit: Limit, subject: str) -> None:
    """Count one try."""
    _count(limit, subject)


def spend_if_room(*tries: tuple[Limit, str]) -> bool:
    """Count one try of each, if there is room for all of them; return whether there was.

    Counted first and looked at afterwards, so that of several tries at once no more than the limit pass.
    """
    counted: list[tuple[Limit, str]] = []
    for limit, subject in tries:
        counted.append((limit, subject))
        if _count(limit, subject) > limit.most:
            for each in counted:  # what was refused takes nobody's room
                give_back(*each)
            return False
    return True


def give_back(limit: Limit, subject: str) -> None:
    """Take back one try that was counted."""
    key = limit.key(subject)
    try:
        left = int(cache.decr(key))
    except ValueError:
        return  # it expired, and its room is whole again
    if left < 0:
        _give_a_term(limit, key)


def _count(limit: Limit, subject: str) -> int:
    """Count one try; return how many there were with it."""
    key = limit.key(subject)
    if cache.add(key, 1, limit.seconds):
        return 1
    try:
        count = int(cache.incr(key))
    except ValueError:  # it expired between the two calls
        cache.add(key, 1, limit.seconds)
        return 1
    if count <= 1:
        _give_a_term(limit, key)
    return count


def _give_a_term(limit: Limit, key: str) -> None:
    """Let a count end that may have begun without a term.

    Redis makes the key anew where it expires as it is counted up or down, and such a key would stay for good. It is
    known by its number, which no count that was begun here has, but for one whose only try was given back.
    """
    cache.touch(key, limit.seconds)
