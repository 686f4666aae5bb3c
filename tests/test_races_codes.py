"""C3: one-time codes that are guessed by many requests at the same moment."""

from collections import Counter

import pytest
from allauth.account.models import EmailAddress
from django.core.cache import cache
from django.test import Client

from experiences.codes import GUESSES
from tests import factories
from tests.reading import code_in_mail
from tests.test_races import at_once

pytestmark = pytest.mark.postgres

CONTACT = "zoe@example.com"
MISTYPED = (302, "/me/enter/code/")  # back to the field: the code was looked at


@pytest.fixture(autouse=True)
def _no_tries_before():
    cache.clear()
    yield
    cache.clear()


@pytest.fixture
def entering(transactional_db) -> Client:
    """A browser whose person was sent a code."""
    person = factories.PersonFactory()
    EmailAddress.objects.create(user=person, email=CONTACT, verified=True, primary=True)
    client = Client()
    client.post("/me/enter/", {"contact": CONTACT})
    return client


def guess(client: Client, code: str) -> tuple[int, str]:
    """Send a code as another request of the same browser."""
    again = Client()
    for name, morsel in client.cookies.items():
        again.cookies[name] = morsel.value
    answer = again.post("/me/enter/code/", {"code": code})
    return answer.status_code, answer.get("location", "")


def test_of_forty_codes_tried_at_once_no_more_than_ten_are_looked_at(entering):
    results = Counter(at_once([lambda number=n: guess(entering, f"QQ{number:04}") for n in range(40)]))
    assert sum(results.values()) == 40
    assert all(isinstance(answer, tuple) for answer in results), results
    assert results[MISTYPED] <= GUESSES.most, results


def test_a_right_code_takes_no_room(entering):
    assert guess(entering, code_in_mail())[1] != MISTYPED[1]
    assert not cache.get(GUESSES.key(CONTACT))
