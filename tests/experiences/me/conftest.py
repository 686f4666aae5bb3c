"""Alice, who registered Acme's bag and confirmed her address."""

import pytest
from django.test import Client

from ownership.models import Owner
from products.models import Person
from tests.experiences.test_confirming_later import hours_later, reopened
from tests.experiences.test_registering import confirm, register


@pytest.fixture
def owner(chip, unit) -> Client:
    """Alice's browser, reopened: she registered by chip and entered the code."""
    first = Client()
    first.get(chip.tap())
    register(first, unit)
    confirm(first, unit)
    hours_later()
    return reopened(first)


@pytest.fixture
def alice(owner) -> Person:
    return Person.objects.get(emailaddress__email="alice@example.com")


@pytest.fixture
def at_acme(alice) -> Owner:
    """What Acme knows of Alice."""
    return Owner.objects.get(person=alice)
