"""C9: forgetting one person takes nothing from anybody else, frees no stolen piece, and waits out a recovery."""

import datetime as dt
import io
import zipfile

import pytest
import time_machine
from allauth.account.models import EmailAddress
from django.test import Client
from django.utils import timezone

from analytics.models import Event, UnitFacts
from experiences.data_rights import due_requests, forget_dormant_owners, run_request, sections, steps
from experiences.losses import end_for_caller, write_as_finder, write_on
from ownership.errors import OwnershipError
from ownership.models import (
    BulkRequest,
    DataRequest,
    Decision,
    FinderMessage,
    FinderThread,
    Gift,
    LossReport,
    Member,
    Owner,
    Ownership,
    OwnershipPolicy,
    Purchase,
    Recovery,
    ReleaseRequest,
    Transfer,
)
from ownership.models.losses import LossKind, Sender
from ownership.models.owners import Acquired
from ownership.services import hand_over
from ownership.services.data_rights.erasure import erase_owner
from ownership.services.data_rights.export import write_archive
from ownership.services.finders import FinderForm
from ownership.services.losses import LossForm, report_loss
from ownership.services.registrations import refuse_unregistrable
from tests import factories
from tests.experiences.test_my_consents import browser_of, person  # noqa: F401
from tests.ownership.test_data_requests import kept_file
from tests.reading import text_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def owned(unit, alice, person) -> Ownership:  # noqa: F811
    return factories.own(unit, alice, timezone.now() - dt.timedelta(days=400))


@pytest.fixture
def stolen(unit, alice, owned):
    form = LossForm(kind=LossKind.STOLEN, police_reference="PV-7", words="Call Alice Archer")
    report_loss(unit_id=unit.pk, owner_id=alice.pk, form=form, now=timezone.now())
    return unit


@pytest.fixture
def finder(acme):
    """Ben, who owns something of the brand, too."""
    someone = factories.PersonFactory()
    EmailAddress.objects.create(user=someone, email="ben@example.com", verified=True, primary=True)
    return factories.OwnerFactory(brand=acme, person=someone, name="Ben", email="ben@example.com")


def forget(owner: Owner) -> None:
    erase_owner(owner_id=owner.pk, now=timezone.now(), steps=steps())


def archive_of(owner: Owner) -> str:
    raw = io.BytesIO()
    write_archive(raw, owner=owner, sections=sections(), now=timezone.now())
    return zipfile.ZipFile(raw).read("data.json").decode()


def recovered(owner: Owner, *, ago: dt.timedelta) -> Recovery:
    at = timezone.now() - ago
    return Recovery.objects.create(
        brand=owner.brand, owner=owner, contact_kind="email", contact="new@example.com", shown="purchase",
        reason="Receipt", locale="en", asked_by_id=1, asked_at=at, expires_at=at + dt.timedelta(days=2),
        confirmed_at=at,
    )  # fmt: skip


# What is missed


def test_a_stolen_piece_stays_reported_when_its_owner_is_forgotten(stolen, alice):
    """C9: whoever took it can't register it, and a finder is led to the brand; nothing of the owner is left in it."""
    forget(alice)
    facts = UnitFacts.objects.get(unit=stolen)
    assert (facts.stolen, facts.owner_id) == (True, None)
    with pytest.raises(OwnershipError):
        refuse_unregistrable(stolen)
    report = LossReport.objects.get()
    assert (report.ownership, report.ended_at, report.words, report.police_reference) == (None, None, "", "")
    found = Client(headers={"accept-language": "en"}).get(f"/u/{stolen.public_code}/found/")
    assert found.status_code == 200
    assert 'name="words"' not in found.content.decode(), "nobody is left to write to"
    forget(alice)
    assert Event.objects.filter(kind="loss.changed").count() == 1, "twice changes nothing"


def test_staff_end_the_search_that_nobody_owns_and_the_next_holder_registers(stolen, alice, sam):
    forget(alice)
    end_for_caller(unit=stolen, reason="It was handed in", now=timezone.now(), actor_id=sam.pk)
    assert UnitFacts.objects.get(unit=stolen).stolen is False
    refuse_unregistrable(stolen)


def test_who_asks_to_be_forgotten_reads_that_the_piece_stays_reported(stolen, alice, person):  # noqa: F811
    page = text_of(browser_of(person).get(f"/me/forget/{alice.pk}/"))
    assert "stays reported" in page
    assert "registered to nobody" not in page, "of a piece that nobody can register"


def test_a_silent_owner_leaves_what_was_stolen_reported_as_well(stolen, alice):
    long_ago = timezone.now() - dt.timedelta(days=4000)
    Ownership.objects.update(since=long_ago)
    Owner.objects.filter(pk=alice.pk).update(
        created_at=long_ago, dormant_told_at=timezone.now() - dt.timedelta(days=70)
    )
    assert forget_dormant_owners(now=timezone.now()) == 1
    assert UnitFacts.objects.get(unit=stolen).stolen is True


# After a recovery


@pytest.mark.parametrize("asked_first", [False, True])
def test_an_erasure_waits_until_the_old_address_had_time_to_object(
    acme, alice, person, owned, asked_first  # noqa: F811
):  # fmt: skip
    """C9, C13: whether it was asked for before the recovery or after it."""
    OwnershipPolicy.objects.create(brand=acme, erasure_days=0)
    hours = dt.timedelta(hours=1)
    if not asked_first:
        recovered(alice, ago=hours)
        page = browser_of(person).get(f"/me/forget/{alice.pk}/")
        assert "at the earliest" in text_of(page)
    browser_of(person).post(f"/me/forget/{alice.pk}/")
    asked = DataRequest.objects.get()
    if asked_first:
        recovered(alice, ago=hours)
    assert run_request(request_id=asked.pk, now=timezone.now()) == "waiting"
    assert due_requests(now=timezone.now()) == []
    assert Ownership.objects.current().filter(owner=alice).exists()
    later = timezone.now() + dt.timedelta(hours=48)
    assert run_request(request_id=asked.pk, now=later) == "done"


def test_during_the_wait_the_erasure_is_called_off_with_one_click(acme, alice, person, owned):  # noqa: F811
    OwnershipPolicy.objects.create(brand=acme, erasure_days=0)
    recovered(alice, ago=dt.timedelta(hours=1))
    browser_of(person).post(f"/me/forget/{alice.pk}/")
    browser_of(person).post(f"/me/data/{DataRequest.objects.get().pk}/keep/")
    with time_machine.travel(timezone.now() + dt.timedelta(days=3)):
        assert due_requests(now=timezone.now()) == []


# A finder


@pytest.fixture
def thread(stolen, finder) -> FinderThread:
    """What Ben wrote to Alice, and she to him."""
    form = FinderForm("a" * 32, "I found it, call Ben on 0612", "ben@example.com", "en")
    begun = write_as_finder(unit_id=stolen.pk, form=form, now=timezone.now())
    write_on(
        thread=begun, sender=Sender.OWNER, words="Where are you?", submission_key="b" * 32, now=timezone.now()
    )
    return begun


def test_a_finders_archive_holds_what_they_wrote(thread, finder, alice, bob):
    """C9: both sides read the letters that went between them, without who the other is."""
    mine, hers = archive_of(finder), archive_of(alice)
    assert "call Ben on 0612" in mine
    assert "Where are you?" in mine
    assert "Alice" not in mine
    assert "call Ben on 0612" in hers
    assert "ben@example.com" not in hers
    assert "0612" not in archive_of(bob)


def test_a_finders_words_go_with_their_address(thread, finder, alice):
    """C9: what the owner wrote is the owner's, and stays."""
    forget(finder)
    assert list(FinderMessage.objects.values_list("words", flat=True)) == ["Where are you?"]
    assert FinderThread.objects.get().email == ""
    assert "Where are you?" in archive_of(alice)


def test_a_thread_in_which_only_the_finder_wrote_goes_wholly(stolen, finder):
    form = FinderForm("a" * 32, "Call Ben", "ben@example.com", "en")
    write_as_finder(unit_id=stolen.pk, form=form, now=timezone.now())
    forget(finder)
    assert not FinderThread.objects.exists()


# What is somebody else's


def test_a_later_owner_takes_nothing_of_the_first_owners(acme, unit, alice, bob, owned):
    """C9: every row of the first owner stands as it stood when the second is forgotten."""
    now = timezone.now()
    Gift.objects.create(brand=acme, unit=unit, words="For Alice Archer", left_at=now)
    Purchase.objects.create(
        ownership=owned, bought_on=now.date(), seller="Corner shop", proof=kept_file(acme, "purchase"), entered_at=now
    )  # fmt: skip
    Transfer.objects.create(
        brand=acme, unit=unit, ownership=owned, kind="sale", state="expired", started_at=now, recipient="x@example.com",
        expires_at=now + dt.timedelta(1), settled_at=now,
    )  # fmt: skip
    report = LossReport.objects.create(
        brand=acme, unit=unit, ownership=owned, kind="lost", words="Call Alice", police_reference="PV-7",
        reported_at=now, ended_at=now,
    )  # fmt: skip
    talk = FinderThread.objects.create(
        report=report, email="f@example.com", locale="en", submission_key="f" * 64, begun_at=now
    )
    FinderMessage.objects.create(thread=talk, sender="owner", words="I am Alice", sent_at=now)
    hand_over(unit=unit, owner=bob, acquired=Acquired.TRANSFER, now=now)
    tables = (Gift, Purchase, Transfer, LossReport, FinderThread, FinderMessage)
    before = [list(model.objects.order_by("pk").values()) for model in tables]
    hers = list(Owner.objects.filter(pk=alice.pk).values())
    forget(bob)
    assert [list(model.objects.order_by("pk").values()) for model in tables] == before
    assert list(Owner.objects.filter(pk=alice.pk).values()) == hers
    assert Ownership.objects.get(owner=alice).until == Ownership.objects.get(owner=bob).since


def test_the_first_owners_erasure_takes_the_words_that_they_unpacked(acme, unit, alice, owned):
    Gift.objects.create(brand=acme, unit=unit, words="For Alice Archer", left_at=timezone.now())
    forget(alice)
    assert not Gift.objects.exists()


@pytest.mark.parametrize(("forgotten", "left"), [("claimant", ""), ("owner", "The claimant's own appeal")])
def test_an_appeal_goes_with_who_appealed_and_nobody_else(acme, unit, alice, bob, owned, forgotten, left):
    """C9: the owner won at first, and lost to the claimant's appeal: both sides have one decision each."""
    now = timezone.now()
    case = ReleaseRequest.objects.create(
        brand=acme, unit=unit, ownership=owned, claimant=bob, ground="given", proof="code", state="kept",
        contact_kind="email", contact=bob.email, locale="en", appeal="The claimant's own appeal",
        submission_key="c" * 64, sent_at=now, confirmed_at=now, ended_at=now,
    )  # fmt: skip
    for instance, side in ((1, "owner"), (2, "claimant")):
        Decision.objects.create(
            request=case, instance=instance, for_side=side, reason="Seen", decided_by_id=1, decided_at=now
        )
    assert "The claimant's own appeal" in archive_of(bob)
    assert "The claimant's own appeal" not in archive_of(alice)
    forget(bob if forgotten == "claimant" else alice)
    case.refresh_from_db()
    assert case.appeal == left


def test_the_list_that_somebody_sent_stays_the_organisations(acme, alice, person, owned):  # noqa: F811
    company = Owner.objects.create(brand=acme, kind="organisation", name="Hotel")
    other = factories.PersonFactory()
    for who in (person, other):
        Member.objects.create(owner=company, person=who, role="admin", since=timezone.now())
    file, mine = kept_file(acme, "bulk"), kept_file(acme, "note")
    for sent in (file, mine):
        sent.uploaded_by = person
        sent.save(update_fields=["uploaded_by"])
    BulkRequest.objects.create(
        brand=acme, owner=company, file=file, rows=2, submission_key="b" * 64, sent_at=timezone.now()
    )
    forget(alice)
    assert BulkRequest.objects.get().file_id == file.pk
    file.refresh_from_db()
    mine.refresh_from_db()
    assert mine.expires_at <= timezone.now() < file.expires_at, "what else they uploaded goes"
    assert file.uploaded_by is None
