"""The demo's people can log in to the console with what the demo prints."""

import io
import json

import pytest
from django.core.management import CommandError, call_command

from products.models import StaffMembership

pytestmark = pytest.mark.django_db


@pytest.fixture
def staff(db, monkeypatch):
    monkeypatch.setattr("experiences.demo.load.load_pictures", lambda _house: 0)
    monkeypatch.setattr("experiences.demo.load.ensure_partitions", lambda _start, _end: [])
    out = io.StringIO()
    call_command("demo", "--units", "1", "--json", stdout=out)
    return {login["username"]: login for login in json.loads(out.getvalue())["staff"]}


def code_of(username: str) -> str:
    out = io.StringIO()
    call_command("totp", username, stdout=out)
    return out.getvalue().strip()


@pytest.mark.parametrize("username", ["corvane-agent", "operator"])
def test_the_printed_password_and_code_open_the_console(client, staff, username):
    login = staff[username]
    first = client.post("/accounts/login/", {"login": username, "password": login["password"]})
    assert first.url.startswith("/accounts/2fa/authenticate/")
    second = client.post("/accounts/2fa/authenticate/", {"code": code_of(username)})
    assert second.url == "/console/"
    assert client.get("/console/").status_code == 200


def test_a_wrong_code_does_not(client, staff):
    client.post(
        "/accounts/login/", {"login": "corvane-agent", "password": staff["corvane-agent"]["password"]}
    )
    wrong = f"{(int(code_of('corvane-agent')) + 1) % 1_000_000:06d}"
    assert client.post("/accounts/2fa/authenticate/", {"code": wrong}).status_code == 200
    assert client.get("/console/").status_code == 302


def test_staff_are_listed_with_their_role_and_brand(staff):
    assert set(staff["ysolde-editor"]) == {"username", "password", "totp_secret", "role", "brand"}
    assert (staff["operator"]["role"], staff["operator"]["brand"]) == ("operator", None)
    memberships = set(StaffMembership.objects.values_list("person__username", "role", "brand__slug"))
    listed = {(row["username"], row["role"], row["brand"]) for row in staff.values() if row["brand"]}
    assert memberships == listed


def test_passwords_belong_to_the_installation_alone(staff, settings):
    settings.SECRET_KEY = "another installation's key, long enough to be one"
    out = io.StringIO()
    call_command("demo", "--units", "1", "--json", stdout=out)
    others = {row["username"]: row for row in json.loads(out.getvalue())["staff"]}
    assert all(others[name]["password"] != staff[name]["password"] for name in staff)
    assert all(others[name]["totp_secret"] != staff[name]["totp_secret"] for name in staff)


def test_codes_of_others_are_refused(staff, sam):
    with pytest.raises(CommandError, match="“sam” is not one of the demo's people"):
        code_of("sam")


def test_without_a_demo_it_says_how_to_load_one(db):
    with pytest.raises(CommandError, match=r"manage.py demo"):
        code_of("operator")
