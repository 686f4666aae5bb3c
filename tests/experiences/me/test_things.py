"""My things: by brand, each with the next useful thing to do, in a fixed number of statements (C3)."""

import datetime as dt
import re

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.utils import timezone

from analytics.kinds import Flag
from analytics.models import Event
from analytics.services import raise_flag
from ownership.models import LossReport, Member, Owner, Ownership
from ownership.services import start_ownership
from tests import factories
from tests.experiences.me.test_entering import ALICE, enter
from tests.experiences.test_confirming_later import reopened
from tests.experiences.test_registering import register
from tests.reading import main_attributes, text_of
from warranty.models import Coverage, CoveragePlan
from warranty.services import activate_coverage

pytestmark = pytest.mark.django_db


def own(unit, owner: Owner) -> None:
    now = timezone.now()
    start_ownership(unit=unit, owner=owner, since=now, now=now)


def test_each_thing_shows_its_name_serial_and_the_next_useful_thing_to_do(owner, at_acme, unit):
    page = owner.get("/me/")
    assert main_attributes(page)["section"] == "me"
    assert unit.serial in text_of(page)
    body = page.content.decode()
    assert f'href="/u/{unit.public_code}/"' in body
    assert "data-action=" in body


def test_what_is_open_comes_first(owner, at_acme, unit):
    raise_flag(unit, Flag.RECALL, now=timezone.now(), actor_id=None)
    body = owner.get("/me/").content.decode()
    assert 'data-flags="recall"' in body
    assert 'data-action="recall"' in body


def test_an_address_that_waits_is_the_next_thing_to_do(chip, unit):
    first = Client()
    first.get(chip.tap())
    register(first, unit)
    body = reopened(first).get("/me/").content.decode()
    assert f'href="/u/{unit.public_code}/address/" data-action="address"' in body


def test_a_warranty_that_ends_soon_is_said(owner, at_acme, unit):
    CoveragePlan.objects.create(brand=unit.brand, names={"en": "Two years"}, months=24)
    coverage = activate_coverage(unit_id=unit.pk, now=timezone.now())
    Coverage.objects.filter(pk=coverage.pk).update(ends_on=timezone.localdate() + dt.timedelta(days=30))
    assert "is all well?" in text_of(owner.get("/me/"))


def test_things_of_others_are_never_shown(owner, at_acme, acme, bag):
    """C4: neither another owner's nor those that one no longer has."""
    theirs = factories.UnitFactory(product=bag)
    own(theirs, factories.OwnerFactory(brand=acme, person=factories.PersonFactory()))
    assert theirs.serial not in text_of(owner.get("/me/"))


def test_a_household_stands_on_a_shelf_of_its_own_and_only_who_looks_after_it_lets_go(
    owner, alice, acme, bag
):
    home = factories.OwnerFactory(brand=acme, person=None, kind="household", name="The Does")
    unit = factories.UnitFactory(product=bag)
    own(unit, home)
    member = Member.objects.create(owner=home, person=alice, since=timezone.now())
    page = owner.get("/me/")
    assert "The Does" in text_of(page)
    gone = f"/u/{unit.public_code}/gone/"
    assert gone not in page.content.decode()
    assert owner.get(gone).status_code == 403
    Member.objects.filter(pk=member.pk).update(role="admin")
    assert gone in owner.get("/me/").content.decode()


def test_many_things_take_as_many_statements_as_few_and_stand_on_pages(owner, at_acme, bag):
    few = statements(owner)
    for _number in range(60):
        own(factories.UnitFactory(product=bag), at_acme)
    many = statements(owner)
    assert len(many) == len(few), "\n".join(many)
    first, second = owner.get("/me/").content.decode(), owner.get("/me/?page=2").content.decode()
    assert (first.count('class="thing"'), second.count('class="thing"')) == (50, 11)
    for odd in ("0", "x", "999", "-1", "9" * 40):
        assert owner.get(f"/me/?page={odd}").status_code == 200


def statements(client: Client) -> list[str]:
    seen: list[str] = []

    def note(execute, sql, params, many, context):
        seen.append(sql)
        return execute(sql, params, many, context)

    client.get("/me/")
    with connection.execute_wrapper(note):
        assert client.get("/me/").status_code == 200
    return seen


def test_the_links_lead_to_pages_that_exist(owner, at_acme):
    body = owner.get("/me/").content.decode()
    for url in set(re.findall(r'href="(/me/[^"]*|/find/[^"]*)"', body)):
        assert owner.get(url).status_code in (200, 302), url


# --- I no longer have it -------------------------------------------------------------------------
def test_letting_go_says_first_what_it_means_and_then_ends_it_honestly(owner, at_acme, unit):
    path = f"/u/{unit.public_code}/gone/"
    page = owner.get(path)
    assert "no longer in your name" in text_of(page)
    assert Ownership.objects.current().count() == 1
    assert owner.post(path, {}).status_code == 400
    assert owner.post(path, {"why": "eaten"}).status_code == 400
    answer = owner.post(path, {"why": "sold"})
    assert answer.url == "/me/?done=gone"
    shown = text_of(owner.get(answer.url))
    assert "It is no longer yours." in shown
    assert unit.serial not in shown
    assert not Ownership.objects.current().exists()
    assert let_go_events() == [{"why": "sold"}]
    assert owner.post(path, {"why": "sold"}).status_code == 302
    assert len(let_go_events()) == 1


def let_go_events() -> list[dict]:
    return list(Event.objects.filter(kind="ownership.let_go").values_list("data", flat=True))


def test_whoever_has_it_next_can_register_it(owner, at_acme, unit, chip):
    owner.post(f"/u/{unit.public_code}/gone/", {"why": "given"})
    bob = Client()
    bob.get(chip.tap())
    register(bob, unit, contact="bob@example.com", name="Bob")
    assert Ownership.objects.current().get().ordinal == 2


def test_a_missed_thing_is_not_let_go(owner, at_acme, unit):
    """Else whoever has it now could register it."""
    LossReport.objects.create(
        brand=unit.brand,
        unit=unit,
        ownership=Ownership.objects.get(),
        kind="stolen",
        reported_at=timezone.now(),
    )
    answer = owner.post(f"/u/{unit.public_code}/gone/", {"why": "gone"})
    assert answer.status_code == 409
    assert "End the search first." in text_of(answer)
    assert Ownership.objects.current().exists()


def test_nobody_lets_go_of_what_is_not_theirs(owner, at_acme, acme, bag, unit):
    theirs = factories.UnitFactory(product=bag)
    own(theirs, factories.OwnerFactory(brand=acme, person=factories.PersonFactory()))
    assert owner.post(f"/u/{theirs.public_code}/gone/", {"why": "sold"}).status_code == 403
    stranger = Client()
    assert stranger.post(f"/u/{unit.public_code}/gone/", {"why": "sold"}).url.startswith("/me/enter/?next=")
    with time_machine.travel(timezone.now() + dt.timedelta(days=91)):
        assert owner.post(f"/u/{unit.public_code}/gone/", {"why": "sold"}).url.startswith("/me/enter/?next=")
    assert Ownership.objects.current().count() == 2


# --- Forget me in this browser -------------------------------------------------------------------
def test_leaving_forgets_this_browser_and_no_other(owner, at_acme, unit):
    other = Client()
    enter(other)
    assert "Forget me" in text_of(other.get("/me/leave/"))
    cookie = other.cookies["device"].value
    assert other.post("/me/leave/").url == "/me/leave/"
    assert "knows nobody" in text_of(other.get("/me/leave/"))
    assert other.get("/me/").url.startswith("/me/enter/")
    other.cookies["device"] = cookie
    assert other.get("/me/").url.startswith("/me/enter/")
    assert owner.get("/me/").status_code == 200
    assert enter(other, ALICE).url == "/me/"


def test_leaving_leaves_a_session_of_staff_alone(acme):
    staff = factories.staff(acme, "agent", "support_agent")
    client = Client()
    client.force_login(staff)
    client.post("/me/leave/")
    assert client.session.get("_auth_user_id") == str(staff.pk)
