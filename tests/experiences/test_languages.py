"""The language of a page: asked for, remembered, preferred, or the brand's own."""

import pytest
from django.test import Client, RequestFactory

from experiences.languages import resolve_locale
from products.models import Brand
from products.services.brands import touch_content
from tests.reading import text_of

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("query", "cookie", "header", "offered", "expected"),
    [
        ("", "", "", ("en", "fr"), "en"),
        ("", "", "", ("fr", "en"), "fr"),
        ("", "", "de", ("fr", "en"), "fr"),
        ("", "", "fr", ("en", "fr"), "fr"),
        ("", "", "fr-CA", ("en", "fr"), "fr"),
        ("", "", "de;q=0.9, fr;q=0.8, en;q=0.7", ("en", "fr"), "fr"),
        ("", "", "en;q=0.1, fr;q=0.9", ("en", "fr"), "fr"),
        ("", "fr", "en", ("en", "fr"), "fr"),
        ("en", "fr", "fr", ("en", "fr"), "en"),
        ("xx", "", "fr", ("en", "fr"), "fr"),
        ("fr", "", "", ("en",), "en"),
        ("", "../../etc", "*", ("en", "fr"), "en"),
        ("FR", "", "", ("en", "fr"), "en"),
    ],
)
def test_the_first_wanted_language_that_the_brand_offers(query, cookie, header, offered, expected):
    request = RequestFactory().get("/", {"lang": query} if query else {}, headers={"accept-language": header})
    request.COOKIES["django_language"] = cookie
    assert resolve_locale(request, offered) == expected


def test_a_page_speaks_the_language_that_was_asked_for_and_remembers_it(client, unit):
    french = client.get(f"/q/{unit.public_code}?lang=fr")
    assert french.headers["Content-Language"] == "fr"
    assert "Sac de voyage" in text_of(french)
    again = client.get(f"/q/{unit.public_code}")
    assert "Sac de voyage" in text_of(again)
    assert 'lang="fr"' in again.content.decode()
    assert "Weekend bag" in text_of(Client().get(f"/q/{unit.public_code}"))


def test_a_language_that_the_installation_lacks_is_not_remembered(client, unit):
    client.get(f"/q/{unit.public_code}?lang=tlh")
    assert "django_language" not in client.cookies


def test_one_visitors_language_never_leaks_into_the_next_page(unit):
    Client().get(f"/q/{unit.public_code}?lang=fr")
    for path in (f"/q/{unit.public_code}", "/q/unknown", "/find/", "/nothing"):
        assert Client().get(path).headers["Content-Language"] == "en"


def test_a_brand_that_speaks_one_language_speaks_it_to_everybody(client, unit, acme):
    Brand.objects.filter(pk=acme.pk).update(locales=["fr"])
    touch_content(acme.pk)
    page = client.get(f"/q/{unit.public_code}?lang=en", headers={"accept-language": "en"})
    assert page.headers["Content-Language"] == "fr"


def test_refusals_speak_the_brands_languages(client, chip, acme):
    Brand.objects.filter(pk=acme.pk).update(locales=["fr"])
    touch_content(acme.pk)
    assert client.get(chip.tap()[:-1]).headers["Content-Language"] == "fr"
