"""I2 begins: units through the API, for staff of their brand, with errors as problem+json."""

import datetime as dt

import pytest
from django.test import Client
from drf_spectacular.validation import validate_schema

from tests import factories
from tests.config.test_console_tenancy import console

pytestmark = pytest.mark.django_db

URL = "/api/v1/units/"


@pytest.fixture
def agent(sam):
    return console(sam)


def serials(answer) -> list[str]:
    return [row["serial"] for row in answer.json()["results"]]


def test_units_of_the_own_brand_are_listed_and_read(agent, unit):
    assert serials(agent.get(URL)) == ["AC-0001"]
    row = agent.get(f"{URL}{unit.pk}/").json()
    assert row["gtin"] == unit.trade_item.gtin
    assert row["brand"] == "acme"
    assert row["product"] == unit.product.slug


def test_a_rivals_units_do_not_exist(globex, unit):
    rival = console(factories.staff(globex, "rival", "brand_admin"))
    assert serials(rival.get(URL)) == []
    assert serials(rival.get(URL, {"serial": "AC-0001"})) == []
    answer = rival.get(f"{URL}{unit.pk}/")
    assert answer.status_code == 404
    assert answer["Content-Type"] == "application/problem+json"
    assert answer.json()["status"] == 404


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({"serial": "B-2"}, ["B-2"]),
        ({"market": "FR"}, ["A-1"]),
        ({"status": "recycled"}, ["B-2"]),
        ({"sold_on_after": "2026-01-15"}, ["C-3"]),
        ({"sold_on_before": "2026-01-15"}, ["A-1"]),
        ({"gtin": "00000000000000"}, []),
    ],
)
def test_filters(agent, bag, query, expected):
    factories.UnitFactory(product=bag, serial="A-1", market="FR", sold_on=dt.date(2026, 1, 10))
    factories.UnitFactory(product=bag, serial="B-2", status="recycled", retired_on=dt.date(2026, 2, 1))
    factories.UnitFactory(product=bag, serial="C-3", market="DE", sold_on=dt.date(2026, 1, 20))
    assert serials(agent.get(URL, query)) == expected


@pytest.mark.parametrize("query", [{"status": "melted"}, {"sold_on_after": "soon"}])
def test_a_wrong_filter_is_a_problem_that_names_the_field(agent, query):
    answer = agent.get(URL, query)
    assert answer.status_code == 400
    assert answer["Content-Type"] == "application/problem+json"
    assert any(name.startswith(next(iter(query)).split("_after")[0]) for name in answer.json()["errors"])


def test_a_wrong_cursor_is_a_problem(agent):
    answer = agent.get(URL, {"cursor": "nonsense"})
    assert answer.status_code in (400, 404)
    assert answer["Content-Type"] == "application/problem+json"


def test_strangers_and_people_who_are_no_staff_are_refused(unit):
    person = Client()
    person.force_login(factories.PersonFactory())
    for client in (Client(), person):
        answer = client.get(URL)
        assert answer.status_code == 403
        assert answer["Content-Type"] == "application/problem+json"
        assert answer.json()["title"] == "Forbidden"


def test_a_password_alone_does_not_open_the_api_either(sam, unit):
    client = Client()
    client.force_login(sam)
    assert client.get(URL).status_code == 403


def test_a_role_that_may_not_see_units_in_the_console_sees_none_here(acme, unit):
    editor = console(factories.staff(acme, "editor", "content_editor"))
    assert serials(editor.get(URL)) == []
    assert editor.get(f"{URL}{unit.pk}/").status_code == 404


def test_writing_is_not_offered(agent, unit):
    for answer in (agent.post(URL, {}), agent.delete(f"{URL}{unit.pk}/"), agent.patch(f"{URL}{unit.pk}/")):
        assert answer.status_code == 405
        assert answer["Content-Type"] == "application/problem+json"


def test_a_cursor_stays_stable_while_rows_are_added(agent, bag):
    for number in range(5):
        factories.UnitFactory(product=bag, serial=f"S-{number}")
    first = agent.get(URL, {"page_size": 2})
    assert serials(first) == ["S-0", "S-1"]
    factories.UnitFactory(product=bag, serial="LATE")
    seen, link = serials(first), first.json()["next"]
    while link:
        answer = agent.get(link)
        seen += serials(answer)
        link = answer.json()["next"]
    assert seen == ["S-0", "S-1", "S-2", "S-3", "S-4", "LATE"]


def test_a_page_costs_the_same_with_1_and_20_units(agent, bag, django_assert_max_num_queries):
    factories.UnitFactory.create_batch(20, product=bag)
    with django_assert_max_num_queries(5):
        agent.get(URL)


def test_the_schema_is_public_and_valid(client, agent):
    answer = client.get("/api/v1/schema/?format=json")
    assert answer.status_code == 200
    schema = answer.json()
    validate_schema(schema)
    assert "/api/v1/units/" in schema["paths"]
