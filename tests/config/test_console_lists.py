"""Lists of the console with nothing in them: they say what to do next, never just zero."""

import pytest
from django.contrib import admin

from config.console.empty_lists import FIRST_ROWS
from tests import factories
from tests.reading import text_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def console(client, acme):
    """The browser of Acme's administrator."""
    client.force_login(factories.with_second_factor(factories.staff(acme, "ada", "brand_admin")))
    return client


def test_an_empty_list_says_where_its_rows_come_from(console):
    page = text_of(console.get("/console/products/unit/"))
    assert "Nothing is here yet. Import units from a file" in page
    assert "0 units" not in page


def test_a_search_that_finds_nothing_can_be_cleared(console, unit):
    page = console.get("/console/products/unit/?q=NO-SUCH-SERIAL&status=active")
    assert "Nothing matches." in text_of(page)
    assert '<a href="?">' in page.content.decode()
    assert unit.serial in text_of(console.get("/console/products/unit/?"))


def test_the_list_behind_a_pop_up_stays_one_when_it_is_cleared(console, bag):
    page = console.get("/console/products/product/?_popup=1&q=nothing-like-it")
    assert '<a href="?_popup=1">' in page.content.decode()


def test_every_sentence_belongs_to_a_list_of_the_console():
    listed = {model._meta.label_lower for model in admin.site._registry}
    assert set(FIRST_ROWS) <= listed
