"""The living page: every component of the design in every look, scheme, direction and length, for staff alone."""

import base64
import hashlib
import html
import re

import pytest
from django.test import Client

from config.console.living import HOUSES
from tests import factories
from tests.reading import text_of

pytestmark = pytest.mark.django_db

COMPONENTS = {
    "verdict", "unit-card", "coverage-bar", "next-due", "actions", "steps", "timeline", "callout", "media",
    "code-input", "price-line", "empty", "error-page", "fields",
}  # fmt: skip


@pytest.fixture
def console(client, sam):
    """Sam's browser, logged in as the console asks for it."""
    client.force_login(factories.with_second_factor(sam))
    return client


def look(console, slug="acme", scheme="light", direction="ltr", length="short"):
    return console.get(f"/console/living/{slug}/{scheme}/{direction}/{length}/")


@pytest.mark.parametrize("slug", ["acme", *HOUSES])
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("direction", ["ltr", "rtl"])
@pytest.mark.parametrize("length", ["short", "long"])
def test_every_component_is_shown_in_every_look(console, slug, scheme, direction, length):
    page = look(console, slug, scheme, direction, length)
    assert page.status_code == 200
    body = page.content.decode()
    assert set(re.findall(r'data-component="([^"]+)"', body)) >= COMPONENTS
    assert f'dir="{direction}"' in body
    assert ' style="' not in body
    assert body.count("<h1") == 1


def test_the_page_allows_its_own_style_by_hash_and_no_other(console):
    page = look(console, "house-of-leather", "dark")
    css = html.unescape(re.search(r"<style>(.*?)</style>", page.content.decode(), re.DOTALL).group(1))
    digest = base64.b64encode(hashlib.sha256(css.encode()).digest()).decode()
    assert f"style-src 'sha256-{digest}'" in page["Content-Security-Policy"]
    assert "unsafe-inline" not in page["Content-Security-Policy"]


def test_light_and_dark_are_kept_whatever_the_screen_prefers(console):
    for scheme in ("light", "dark"):
        body = look(console, "house-of-leather", scheme).content.decode()
        assert f"color-scheme:{scheme};" in body
        assert len(set(re.findall(r"--paper:(#[0-9a-f]{6})", body.split("@layer")[0]))) == 1


def test_the_list_says_in_words_what_each_view_shows(console):
    page = console.get("/console/living/")
    listed = text_of(page)
    assert "By day" in listed
    assert "right to left" in listed
    assert "ltr" not in listed
    for address in set(re.findall(r'href="(/console/living/[^"]+)"', page.content.decode())):
        assert console.get(address).status_code == 200


def test_ones_own_brand_is_listed_and_a_rivals_is_not(console, globex):
    listed = text_of(console.get("/console/living/"))
    assert "Acme" in listed
    assert "Globex" not in listed
    assert look(console, "globex").status_code == 404


def test_what_is_no_view_of_it_is_not_found(console):
    for wrong in ({"scheme": "dusk"}, {"direction": "up"}, {"length": "huge"}, {"slug": "nobody"}):
        assert look(console, **wrong).status_code == 404, wrong


def test_the_living_page_is_for_staff(acme):
    assert Client().get("/console/living/").status_code == 302
    assert Client().get("/console/living/acme/light/ltr/short/").status_code == 302
