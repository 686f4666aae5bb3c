"""The fixed cast, and what every test starts with."""

import os
import shutil

import pytest
from django.core.cache import cache
from django.db import connection
from django.utils import translation

from tests import factories
from tests.served_demo import served_demo


def pytest_collection_modifyitems(items):
    """Skip what needs PostgreSQL where there is none; where it was promised, there must be one."""
    if connection.vendor == "postgresql":
        return
    if os.environ.get("DATABASE_URL", "").startswith("postgres"):
        raise pytest.UsageError("DATABASE_URL names PostgreSQL, but the tests run on another database.")
    for item in items:
        if item.get_closest_marker("postgres"):
            item.add_marker(pytest.mark.skip(reason="needs PostgreSQL: name one in DATABASE_URL"))


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item):
    """No test but those of the served demo meets its committed rows, whatever order the workers take."""
    if "demo_site" not in item.fixturenames:
        served_demo.close()


@pytest.fixture(autouse=True)
def _empty_cache():
    """Limits, counts, loaded profiles and cards don't leak from one test into the next.

    On SQLite a rollback takes ids back too, so that a card of the last test would pass for this one's.
    """
    _forget()
    yield
    _forget()


@pytest.fixture(autouse=True)
def _no_language_left_over():
    """The language of the last test's page is not this one's."""
    translation.deactivate()


def _forget() -> None:
    from experiences.cards import brand_card, product_card
    from experiences.resolver.declared import links_of_key, links_of_product

    cache.clear()
    links_of_key.cache_clear()
    links_of_product.cache_clear()
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


CHROMIUMS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
QUIET = (
    "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking"
    " --disable-component-update --disable-sync"
)


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args):
    """The machine's own Chromium, for tests marked `browser`: it may be missing, but not in CI."""
    found = next(filter(None, map(shutil.which, CHROMIUMS)), None)
    if found is None and os.environ.get("CI") == "true":
        pytest.fail("No Chromium was found, and CI must not leave the journeys out.")
    if found is None:
        pytest.skip("No Chromium was found: install one to run the journeys.")
    return {**browser_type_launch_args, "executable_path": found, "args": ["--headless=new", *QUIET.split()]}


@pytest.fixture(scope="session")
def browser_context_args(browser_context_args):
    """A phone of 390 by 844."""
    return {**browser_context_args, "viewport": {"width": 390, "height": 844}, "locale": "en-GB"}
