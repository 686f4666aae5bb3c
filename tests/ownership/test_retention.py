"""What beat lets go of (C9): visitors' numbers, people who fell silent, what came to nothing; restored backups."""

import datetime as dt
import io

import pytest
import time_machine
from allauth.account.models import EmailAddress
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from django.core import mail
from django.core.management import CommandError, call_command
from django.utils import timezone

from analytics.kinds import Flag
from analytics.models import Event, Scan, UnitActivity
from analytics.services import NewScan, raise_flag, record_scan
from experiences.data_rights import ask_dormant_owners, forget_dormant_owners, steps
from ownership.models import (
    LossReport,
    Owner,
    Ownership,
    OwnershipPolicy,
    Registration,
    Tombstone,
)
from ownership.services.data_rights import retention
from ownership.services.data_rights.erasure import erase_owner
from ownership.services.data_rights.tombstones import read_stones
from ownership.tasks import let_go
from products.models import Device, Person
from tests import factories
from tests.experiences.test_my_consents import person  # noqa: F401

pytestmark = pytest.mark.django_db

MONDAY = dt.datetime(2026, 6, 15, 4, tzinfo=dt.UTC)
SUNDAY = MONDAY - dt.timedelta(days=1)


def scan(unit, at: dt.datetime, visitor: str = "0123456789abcdef" * 2) -> None:
    record_scan(
        NewScan(
            at=at, brand_id=unit.brand_id, unit_id=unit.pk, tag_id=None, counter=None, verdict="identified",
            stage="ownership", visitor=visitor, locale="en", country="FR",
        )
    )  # fmt: skip


def days(number: int) -> dt.timedelta:
    return dt.timedelta(days=number)


def test_visitors_numbers_go_when_their_time_is_over_and_the_scans_stay(acme, unit):
    """C9: `visitor_days` of the brand; all else that a scan tells remains."""
    OwnershipPolicy.objects.create(brand=acme, visitor_days=100)
    for age in (99, 101, 120):
        scan(unit, MONDAY - days(age))
    assert retention.blank_visitors(now=MONDAY) == 2
    assert retention.blank_visitors(now=MONDAY) == 0, "twice changes nothing"
    assert [bool(row.visitor) for row in Scan.objects.order_by("at")] == [False, False, True]
    assert set(Scan.objects.values_list("country", "verdict")) == {("FR", "identified")}


def test_other_brands_keep_to_their_own_period(acme, globex, unit):
    rival = factories.UnitFactory(product=factories.ProductFactory(brand=globex))
    OwnershipPolicy.objects.create(brand=acme, visitor_days=30)
    scan(unit, MONDAY - days(40))
    scan(rival, MONDAY - days(40))
    assert retention.blank_visitors(now=MONDAY) == 1
    assert Scan.objects.get(brand=globex).visitor


def test_on_sundays_everything_older_is_looked_at_again(acme, unit, monkeypatch):
    """A shortened period and late scans: nothing is left for good. In statements of a bounded size."""
    monkeypatch.setattr(retention, "AT_ONCE", 2)
    for number in range(5):
        scan(unit, MONDAY - days(900 + number))
    assert retention.blank_visitors(now=MONDAY) == 0
    assert retention.blank_visitors(now=SUNDAY) >= 5
    assert not Scan.objects.exclude(visitor="").exists()


def test_the_marks_of_visitors_go_and_their_count_stays(unit, chip, profile):
    for visitor in ("aaaaaaaa11", "bbbbbbbb22"):
        scan(unit, SUNDAY - days(500), visitor)
    chip.tag.last_visitor = "aaaaaaaa11"
    chip.tag.save()
    retention.blank_visitors(now=SUNDAY)
    activity = UnitActivity.objects.get(unit=unit)
    assert activity.visitor_count == 2
    assert "aaaa" not in activity.visitors
    chip.tag.refresh_from_db()
    assert chip.tag.last_visitor == ""
    scan(unit, SUNDAY, "cccccccc33")
    activity.refresh_from_db()
    assert activity.visitor_count == 3, "counting goes on"


def test_what_came_to_nothing_goes(acme, unit, alice, settings):
    now = timezone.now()
    old = now - days(settings.UNCONFIRMED_DAYS + 1)
    for number, sent in enumerate((old, now)):
        Registration.objects.create(
            brand=acme, unit=unit, submission_key=f"{number:032}", proof="code", state="superseded",
            name="Carol", contact_kind="email", contact="carol@example.com", locale="en", created_at=sent,
        )  # fmt: skip
    ownership = factories.own(unit, alice, now - days(90))
    LossReport.objects.create(
        brand=acme, unit=unit, ownership=ownership, kind="lost", words="Call me", police_reference="PV-7",
        reported_at=now - days(80), ended_at=now - days(40),
    )  # fmt: skip
    over = SessionStore()
    over.set_expiry(-1)
    over.save()
    let_go()
    assert Registration.objects.get().created_at == now
    assert LossReport.objects.values_list("words", "police_reference").get() == ("", "")
    assert not Session.objects.exists()


def test_people_who_act_for_nobody_go(alice, person):  # noqa: F811
    left = factories.PersonFactory(date_joined=timezone.now() - days(60))
    Person.objects.filter(pk=person.pk).update(date_joined=timezone.now() - days(60))
    EmailAddress.objects.create(user=left, email="left@example.com", verified=True)
    staff = factories.PersonFactory(is_staff=True, date_joined=timezone.now() - days(60))
    assert retention.forget_people_without_things(now=timezone.now(), kept_for=days(30)) == 1
    assert set(Person.objects.all()) == {person, staff}


# --- Owners who fell silent ----------------------------------------------------------------------


@pytest.fixture
def silent(unit, alice, person) -> Ownership:  # noqa: F811
    """Alice registered six years ago, and was never heard of again."""
    then = timezone.now() - days(2200)
    Owner.objects.filter(pk=alice.pk).update(created_at=then)
    Person.objects.filter(pk=person.pk).update(date_joined=then)
    Device.objects.create(person=person, created_at=then, last_used_at=then)
    return factories.own(unit, alice, then)


def in_days(number: int):
    return time_machine.travel(timezone.now() + days(number))


def test_a_silent_owner_is_asked_and_forgotten_sixty_days_later(
    alice, silent, django_capture_on_commit_callbacks
):
    """C9."""
    with django_capture_on_commit_callbacks(execute=True):
        assert ask_dormant_owners(now=timezone.now()) == 1
        assert ask_dormant_owners(now=timezone.now()) == 0, "asked once"
    (sent,) = mail.outbox
    assert "Do you still have it?" in sent.subject
    with in_days(59):
        assert forget_dormant_owners(now=timezone.now()) == 0
    with in_days(61):
        assert forget_dormant_owners(now=timezone.now()) == 1
        assert forget_dormant_owners(now=timezone.now()) == 0
    alice.refresh_from_db()
    assert (alice.name, alice.email) == ("", "")
    assert Tombstone.objects.get().owner_id == alice.pk


@pytest.mark.parametrize("sign", ["tap", "log-in", "browser"])
def test_any_sign_of_life_keeps_an_owner(sign, unit, alice, person, silent):  # noqa: F811
    ask_dormant_owners(now=timezone.now())
    with in_days(30):
        now = timezone.now()
        if sign == "tap":
            scan(unit, now)
        elif sign == "log-in":
            Person.objects.filter(pk=person.pk).update(last_login=now)
        else:
            Device.objects.update(last_used_at=now)
    with in_days(61):
        assert forget_dormant_owners(now=timezone.now()) == 0
        assert ask_dormant_owners(now=timezone.now()) == 0
    alice.refresh_from_db()
    assert alice.email
    assert alice.dormant_told_at is None


def test_owners_heard_of_lately_are_not_asked(alice, bob, unit):
    factories.own(unit, alice, timezone.now() - days(400))
    assert ask_dormant_owners(now=timezone.now()) == 0


def test_a_silent_owner_with_an_open_claim_is_left_for_now(unit, alice, silent):
    ask_dormant_owners(now=timezone.now())
    raise_flag(unit, Flag.CLAIM, now=timezone.now(), actor_id=None)
    with in_days(61):
        assert forget_dormant_owners(now=timezone.now()) == 0


def test_those_in_the_middle_of_something_hold_up_nobody_behind_them(
    unit, alice, bob, silent, bag, monkeypatch
):
    """More of them than one batch has."""
    monkeypatch.setattr(retention, "OWNERS_AT_ONCE", 1)
    Owner.objects.filter(pk=bob.pk).update(created_at=silent.since)
    factories.own(factories.UnitFactory(product=bag), bob, silent.since)
    for _night in range(2):
        ask_dormant_owners(now=timezone.now())
    raise_flag(unit, Flag.CLAIM, now=timezone.now(), actor_id=None)
    with in_days(61):
        assert forget_dormant_owners(now=timezone.now()) == 1
    bob.refresh_from_db()
    alice.refresh_from_db()
    assert (alice.email, bob.email) == ("alice@example.com", "")


# --- Backups ---------------------------------------------------------------------------------------


def listed(tmp_path) -> str:
    out = io.StringIO()
    call_command("list_tombstones", stdout=out)
    path = tmp_path / "tombstones.jsonl"
    path.write_text(out.getvalue())
    assert "alice" not in out.getvalue().lower()
    return str(path)


def run_again(*args: str) -> str:
    out = io.StringIO()
    call_command("erase_again", *args, stdout=out)
    return out.getvalue()


def test_whom_a_restored_backup_brings_back_is_erased_again(alice, person, silent, tmp_path):  # noqa: F811
    """C9: the backup knows neither of the erasure nor of its tombstone."""
    rows = [Owner.objects.get(pk=alice.pk), person, Device.objects.get(), EmailAddress.objects.get()]
    erase_owner(owner_id=alice.pk, now=timezone.now(), steps=steps())
    path = listed(tmp_path)
    Tombstone.objects.all().delete()
    for row in (rows[1], rows[0], *rows[2:]):
        row.save(force_insert=not type(row).objects.filter(pk=row.pk).exists())
    assert Owner.objects.get(pk=alice.pk).email == alice.email
    assert run_again("--tombstones", path) == "1 erased again.\n"
    alice.refresh_from_db()
    assert (alice.name, alice.email, alice.person) == ("", "", None)
    assert not Person.objects.filter(pk=person.pk).exists()
    assert not EmailAddress.objects.exists()
    assert run_again("--tombstones", path) == "0 erased again.\n"


def test_a_backup_in_which_they_alone_looked_after_a_household_holds_nobody_up(acme, silent, unit, tmp_path):
    """C9: the household had got another admin by the time of the erasure; the backup is older than that."""
    alice = Owner.objects.exclude(person=None).get()
    someone = alice.person
    home = Owner.objects.create(brand=acme, kind="household", name="The Archers", email="home@example.com")
    erase_owner(owner_id=alice.pk, now=timezone.now(), steps=steps())
    path = listed(tmp_path)
    Tombstone.objects.all().delete()
    someone.save(force_insert=True)
    alice.save()
    home.members.create(person=someone, role="admin", since=timezone.now())
    factories.own(unit, home, timezone.now())
    assert run_again("--tombstones", path) == "1 erased again.\n"
    assert not home.members.exists()
    assert not Person.objects.filter(pk=someone.pk).exists()
    assert Ownership.objects.current().get(unit=unit).owner == home, "the things stay the household's"
    assert run_again("--tombstones", path) == "0 erased again.\n"


def test_a_number_given_to_somebody_else_after_the_restore_means_nobody(acme, alice, silent, tmp_path):
    erase_owner(owner_id=alice.pk, now=timezone.now(), steps=steps())
    path = listed(tmp_path)
    Tombstone.objects.all().delete()
    Owner.objects.filter(pk=alice.pk).update(name="Dora", email="dora@example.com", created_at=timezone.now())
    assert run_again("--tombstones", path) == "0 erased again.\n"
    assert Owner.objects.get(pk=alice.pk).email == "dora@example.com"


BAD_TIME = '{"owner": 1, "person": null, "known_since": "x", "erased_at": "y"}'


@pytest.mark.parametrize("line", ["{}", "no json", BAD_TIME, "[]"])
def test_a_line_that_is_no_tombstone_is_named(line, tmp_path):
    path = tmp_path / "stones.jsonl"
    path.write_text("\n" + line)
    with pytest.raises(CommandError, match="Line 2"):
        run_again("--tombstones", str(path))
    with pytest.raises(CommandError):
        run_again("--tombstones", str(tmp_path / "none"))
    assert list(read_stones([])) == []


def test_the_erasure_of_a_household_leaves_its_people(acme, alice, person, unit):  # noqa: F811
    household = Owner.objects.create(
        brand=acme, kind="household", name="The Archers", email="home@example.com"
    )
    household.members.create(person=person, role="admin", since=timezone.now())
    factories.own(unit, household, timezone.now())
    erase_owner(owner_id=household.pk, now=timezone.now(), steps=steps())
    household.refresh_from_db()
    assert (household.name, household.email) == ("", "")
    assert Owner.objects.get(pk=alice.pk).person == person
    assert Event.objects.filter(kind="owner.erased").get().owner_id == household.pk
