"""The console's preview of mails: every letter of one's own brands, in each language, in a sandbox."""

import datetime as dt

import pytest
from django.utils import timezone

from experiences.mail import LETTERS
from tests import factories
from tests.reading import text_of
from warranty.models import CoveragePlan
from warranty.services import activate_coverage

pytestmark = pytest.mark.django_db


@pytest.fixture
def console(client, sam):
    """Sam's browser, logged in as the console asks for it."""
    client.force_login(factories.with_second_factor(sam))
    return client


def test_the_list_shows_each_letter_of_ones_own_brands_alone(console, acme, globex):
    page = console.get("/console/mails/")
    assert page.status_code == 200
    for kind in LETTERS:
        for locale in ("en", "fr"):
            assert f"/console/mails/acme/{kind}/{locale}.html" in page.content.decode()
    assert "globex" not in page.content.decode().lower()


def test_letters_and_languages_are_called_by_their_names(console, acme):
    listed = text_of(console.get("/console/mails/"))
    assert "It is registered" in listed
    assert "English" in listed
    assert "French" in listed
    assert not [kind for kind in LETTERS if "_" in kind and kind in listed]
    assert "Le code" in text_of(console.get("/console/mails/", headers={"accept-language": "fr"}))


@pytest.mark.parametrize("kind", LETTERS)
@pytest.mark.parametrize("locale", ["en", "fr"])
def test_each_letter_can_be_seen_as_html_and_as_text(console, unit, kind, locale):
    html = console.get(f"/console/mails/acme/{kind}/{locale}.html")
    assert html.status_code == 200
    assert f'<html lang="{locale}"' in html.content.decode()
    assert html["Content-Security-Policy"].startswith("sandbox; default-src 'none'")
    text = console.get(f"/console/mails/acme/{kind}/{locale}.txt")
    assert text["Content-Type"].startswith("text/plain")
    assert "Acme" in text.content.decode()


def test_the_example_is_a_unit_of_the_brand_that_is_covered(console, acme, bag, unit):
    CoveragePlan.objects.create(brand=acme, names={"en": "Two years"}, months=24)
    covered = factories.UnitFactory(product=bag, serial="AC-COVERED")
    coverage = activate_coverage(unit_id=covered.pk, now=timezone.now())
    page = text_of(console.get("/console/mails/acme/registered/en.html"))
    assert "AC-COVERED" in page
    assert str(coverage.ends_on.year) in page
    assert coverage.ends_on > timezone.now().date() + dt.timedelta(days=700)


def test_a_brand_without_units_has_an_example_too(console, acme):
    assert "Your piece is registered" in text_of(console.get("/console/mails/acme/registered/en.html"))


@pytest.mark.parametrize(
    "path",
    [
        "globex/registered/en.html",
        "acme/registered/de.html",
        "acme/nothing/en.html",
        "acme/registered/en.exe",
    ],
)
def test_a_rivals_letters_and_what_is_none_are_not_there(console, globex, path):
    assert console.get(f"/console/mails/{path}").status_code == 404


@pytest.mark.parametrize("path", ["/console/mails/", "/console/mails/acme/registered/en.html"])
def test_nobody_but_staff_sees_them(client, acme, path):
    assert client.get(path).status_code == 302
    client.force_login(factories.PersonFactory(username="visitor"))
    assert client.get(path).status_code == 302
