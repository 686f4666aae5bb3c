"""Limits on tries, counted in the cache."""

import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.core.cache import cache

from products.limits import Limit, give_back, has_room, spend_if_room

PER_ADDRESS = Limit("test-address", most=2, seconds=60)
PER_UNIT = Limit("test-unit", most=1, seconds=60)


@pytest.fixture(autouse=True)
def _empty_cache() -> Iterator[None]:
    cache.clear()
    yield
    cache.clear()


def test_as_many_tries_pass_as_the_limit_allows() -> None:
    passed = [spend_if_room((PER_ADDRESS, "192.0.2.1")) for _ in range(4)]

    assert passed == [True, True, False, False]


def test_a_try_that_one_limit_refuses_takes_no_room_of_another() -> None:
    assert spend_if_room((PER_ADDRESS, "192.0.2.1"), (PER_UNIT, "7"))

    assert not spend_if_room((PER_ADDRESS, "192.0.2.1"), (PER_UNIT, "7"))

    assert has_room(PER_ADDRESS, "192.0.2.1")
    assert spend_if_room((PER_ADDRESS, "192.0.2.1"), (PER_UNIT, "8"))


def test_subjects_have_room_of_their_own() -> None:
    assert spend_if_room((PER_UNIT, "7"))

    assert spend_if_room((PER_UNIT, "8"))


def test_a_try_that_looked_before_another_was_counted_is_refused_all_the_same(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Of two tries at once both may see room; what decides is the count."""
    assert spend_if_room((PER_UNIT, "7"))
    monkeypatch.setattr("products.limits.has_room", lambda limit, subject: True)

    assert not spend_if_room((PER_UNIT, "7"))


class ExpiresAsItIsCounted:
    """Redis looks whether a key is there before it counts, and makes it anew, for good, where it went in between."""

    def __init__(self, limit: Limit, subject: str) -> None:
        self.key = limit.key(subject)

    def __getattr__(self, name: str) -> Any:
        return getattr(cache, name)

    def add(self, *_args: Any) -> bool:
        return False

    def incr(self, key: str) -> int:
        return self._anew(1)

    def decr(self, key: str) -> int:
        return self._anew(-1)

    def _anew(self, value: int) -> int:
        cache.set(self.key, value, None)
        return value


BRIEF = Limit("test-brief", most=2, seconds=1)


@pytest.mark.parametrize("act", [spend_if_room, lambda each: give_back(*each)], ids=["counted", "given back"])
def test_a_count_that_expires_as_it_is_changed_locks_nobody_out_for_good(
    act: Callable[[tuple[Limit, str]], object], monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr("products.limits.cache", ExpiresAsItIsCounted(BRIEF, "7"))
        act((BRIEF, "7"))

    time.sleep(1.1)

    assert cache.get(BRIEF.key("7")) is None


def test_a_try_given_back_is_room_again_and_no_more_than_that() -> None:
    assert spend_if_room((PER_UNIT, "7"))
    give_back(PER_UNIT, "7")

    assert spend_if_room((PER_UNIT, "7"))
    assert not spend_if_room((PER_UNIT, "7"))
