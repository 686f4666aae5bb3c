"""The fixed cast, and what every test starts with."""

import pytest
from django.core.cache import cache

from tests import factories


@pytest.fixture(autouse=True)
def _empty_cache():
    """Limits, counts, loaded profiles and cards don't leak from one test into the next.

    On SQLite a rollback takes ids back too, so that a card of the last test would pass for this one's.
    """
    _forget()
    yield
    _forget()


def _forget() -> None:
    from experiences.cards import brand_card, product_card

    cache.clear()
    brand_card.cache_clear()
    product_card.cache_clear()


@pytest.fixture
def acme(db):
    """Acme: the brand of most tests; English and French, Paris."""
    return factories.BrandFactory(slug="acme", name="Acme", locales=["en", "fr"], time_zone="Europe/Paris")


@pytest.fixture
def globex(db):
    """Globex: the rival brand that must never see Acme's rows."""
    return factories.BrandFactory(slug="globex", name="Globex", locales=["en"], time_zone="America/New_York")


@pytest.fixture
def bag(acme):
    """Acme's bag: a product with two materials, a GTIN and texts."""
    return factories.full_product(acme)


@pytest.fixture
def profile(acme):
    """Acme's chip profile: encrypted PICC data, MAC over nothing."""
    return factories.ChipProfileFactory(brand=acme, slug="acme-a")


@pytest.fixture
def unit(bag):
    """One bag without a chip."""
    return factories.UnitFactory(product=bag, serial="AC-0001")


@pytest.fixture
def chip(unit, profile):
    """A virtual chip on that bag."""
    return factories.put_chip_on(unit, profile)


@pytest.fixture
def alice(acme):
    return factories.OwnerFactory(brand=acme, name="Alice Archer", email="alice@example.com")


@pytest.fixture
def bob(acme):
    return factories.OwnerFactory(brand=acme, name="Bob Baker", email="bob@example.com")


@pytest.fixture
def sam(acme):
    """Sam, support agent at Acme."""
    return factories.staff(acme, "sam", "support_agent")
