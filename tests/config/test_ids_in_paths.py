"""No number in an address, however large, is a fault: it names nothing, and the answer says so."""

import re

import pytest
from django.test import Client
from django.urls import Resolver404, URLPattern, resolve
from django.urls.converters import IntConverter

from config.urls import urlpatterns
from experiences.converters import IdConverter
from tests import factories
from tests.experiences.test_people import browser_of, household, somebody

pytestmark = pytest.mark.django_db

NONE = ("0", "-1", str(2**63), "9" * 30, "9" * 5000, "00000000000000000000001", "1e3", "٣")
LARGEST = str(2**63 - 1)
PARTS = {"code": "ABCDEFGH", "slug": "recover", "kind": "qr", "picture": "png", "act": "invite"}


def numbered() -> list[URLPattern]:
    """Every pattern of ours that names a row by its number."""
    found = [one for one in urlpatterns if isinstance(one, URLPattern)]
    return [one for one in found if any(isinstance(c, IntConverter) for c in one.pattern.converters.values())]


def path_of(pattern: URLPattern, number: str) -> str:
    def part(match: re.Match[str]) -> str:
        kind, name = match.groups()
        return number if kind in ("id", "int") else PARTS.get(name, "x")

    return "/" + re.sub(r"<(\w+):(\w+)>", part, str(pattern.pattern))


def test_each_number_in_a_path_is_bounded():
    assert numbered()
    for pattern in numbered():
        kinds = {type(one) for one in pattern.pattern.converters.values() if isinstance(one, IntConverter)}
        assert kinds == {IdConverter}, pattern.pattern


@pytest.mark.parametrize("number", NONE)
def test_what_no_row_can_have_is_no_page(number):
    for pattern in numbered():
        try:
            found = resolve(path_of(pattern, number))
        except Resolver404:
            continue
        assert found.url_name != pattern.name, path_of(pattern, number)


@pytest.mark.parametrize("number", [LARGEST, str(2**63), "9" * 30])
def test_an_owner_and_an_agent_find_nothing_there(number, acme):
    ann = browser_of(somebody(acme, "ann"))
    household(ann, acme)
    agent = Client()
    agent.force_login(factories.staff(acme, "kim", "brand_admin"))
    for pattern in numbered():
        path = path_of(pattern, number)
        browser = agent if path.startswith("/console/") else ann
        for answer in (browser.get(path), browser.post(path, {})):
            assert answer.status_code in (302, 400, 403, 404, 405), (path, answer.status_code)
    for model in ("ownership/owner", "products/unit", "ownership/transfer", "ownership/releaserequest"):
        for path in (f"/console/{model}/{number}/change/", f"/console/{model}/?id={number}"):
            assert agent.get(path).status_code in (200, 302, 403, 404), path


@pytest.mark.parametrize("number", ["0", "-1", LARGEST, str(2**63), "9" * 30, "x", ""])
def test_numbers_in_forms_and_queries_are_refused_with_a_page(number, acme):
    ann = browser_of(somebody(acme, "ann"))
    home = household(ann, acme)
    sent = [
        ("/me/people/", {"kind": "household", "brand": number, "name": "Attic"}),
        (f"/me/people/{home.pk}/bring/", {"units": [number]}),
        (f"/me/people/{home.pk}/take/", {"units": [number]}),
        (f"/me/people/{home.pk}/withdraw/", {"invitation": number}),
        ("/me/details/address/remove/", {"address": number}),
        ("/me/consents/", {"wording": number, "owner": number}),
        ("/me/data/", {"owner": number}),
    ]
    for path, typed in sent:
        assert ann.post(path, typed).status_code in (302, 400, 403, 404, 405, 409), (path, typed)
    for path in ("/me/", "/me/points/", f"/me/people/{home.pk}/"):
        assert ann.get(path, {"page": number, "done": number, "owner": number}).status_code in (200, 302, 404)
