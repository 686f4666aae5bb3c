"""Limits on tries, counted in the cache."""

from collections.abc import Iterator

import pytest
from django.core.cache import cache

from products.limits import Limit, has_room, spend_if_room

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
