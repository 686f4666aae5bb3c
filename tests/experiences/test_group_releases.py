"""C5, C14: only who looks after a household answers for it when somebody asks for a piece, whoever reads its letters."""

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.test import Client
from django.utils import timezone, translation

from analytics.kinds import EventKind
from analytics.models import Event
from ownership.models import Member, Owner, Ownership, ReleaseRequest
from ownership.models.registrations import ContactKind
from ownership.services.details import change_details
from products.models import Person
from tests.experiences.releasing import CARL, Browser, opened, owners_path, photo
from tests.experiences.test_people import HEADERS, bring, browser_of, household, piece, somebody
from tests.reading import text_of

pytestmark = pytest.mark.django_db

APPROVE = {"do": "approve", "sure": "on"}


@pytest.fixture(autouse=True)
def _english():
    with translation.override("en"):
        yield


@pytest.fixture
def ann(acme):
    return somebody(acme, "ann")


@pytest.fixture
def ben(acme):
    return somebody(acme, "ben")


@pytest.fixture
def home(ann, ben, acme) -> Owner:
    """A household that both look after, and to whose founder, Ann, its letters go."""
    group = household(browser_of(ann), acme)
    Member.objects.create(owner=group, person=ben, role="admin", since=timezone.now())
    return group


@pytest.fixture
def wanted(home, ben, bag) -> ReleaseRequest:
    """Carl's request for what Ben brought in, of which the household was told."""
    unit = piece(bag, ben)
    bring(browser_of(ben), home, unit)
    release, _path = opened(Browser(headers=HEADERS), unit, evidence=photo())
    assert release.state == "asked"
    return release


def owner_of(release) -> Owner:
    return Ownership.objects.get(unit=release.unit_id, until=None).owner


def leave(home, person):
    """Let one who looks after it be taken out by the other, through the form."""
    other = home.members.exclude(person=person).get(role="admin").person
    member = home.members.get(person=person)
    answer = browser_of(other).post(f"/me/people/{home.pk}/people/{member.pk}/", {"act": "remove"})
    assert answer.status_code == 302


def test_the_link_alone_gives_nothing_of_a_household_away(home, wanted):
    """C5."""
    stranger = Client(headers=HEADERS)
    assert stranger.get(owners_path(wanted))["Location"].startswith("/me/enter/")
    for sent in (APPROVE, {"do": "accept"}, {"do": "evidence"}):
        assert stranger.post(owners_path(wanted), sent).status_code in (302, 403)
    wanted.refresh_from_db()
    assert (wanted.state, owner_of(wanted)) == ("asked", home)


def test_one_who_only_uses_it_reads_whom_to_ask(home, wanted, acme):
    carol = somebody(acme, "carol")
    Member.objects.create(owner=home, person=carol, role="member", since=timezone.now())
    answer = browser_of(carol).post(owners_path(wanted), APPROVE)
    assert answer.status_code == 403
    assert "Ask whoever looks after it" in text_of(answer)
    assert owner_of(wanted) == home


def test_who_looks_after_it_answers_and_the_ledger_says_who(home, wanted, ben):
    """C5."""
    browser = browser_of(ben)
    assert browser.get(owners_path(wanted)).status_code == 200
    assert browser.post(owners_path(wanted), APPROVE).status_code == 302
    assert owner_of(wanted).email == CARL
    assert Event.objects.get(kind=EventKind.RELEASE_ANSWERED).actor_id == ben.pk


def test_an_answer_typed_before_entering_is_not_lost(wanted):
    answer = Client(headers=HEADERS).post(
        owners_path(wanted), {"do": "refuse", "answer": "We lent it to Carl"}
    )
    assert answer.status_code == 403
    assert b"We lent it to Carl" in answer.content
    wanted.refresh_from_db()
    assert wanted.state == "asked"


def test_whoever_left_holds_no_link_and_gets_no_letters(home, wanted, ann, ben):
    """C14: letters go on to who looks after it now, in their language."""
    Person.objects.filter(pk=ben.pk).update(locale="fr")
    old_path = owners_path(wanted)
    leave(home, ann)
    home.refresh_from_db()
    assert (home.email, home.locale) == ("ben@example.com", "fr")
    gone = browser_of(ann)
    assert gone.get(old_path).status_code == 404
    assert gone.post(old_path, APPROVE).status_code == 404
    wanted.refresh_from_db()
    assert gone.post(owners_path(wanted), APPROVE).status_code == 403
    assert owner_of(wanted) == home
    mail.outbox.clear()
    browser = Browser(headers=HEADERS)
    browser.cookies = browser_of(ben).cookies
    browser.post(owners_path(wanted), APPROVE)
    assert "ann@example.com" not in {address for letter in mail.outbox for address in letter.to}
    assert "ben@example.com" in {address for letter in mail.outbox for address in letter.to}


def test_who_only_uses_it_from_now_on_gets_no_more_letters(home, ann, ben):
    member = home.members.get(person=ann)
    answer = browser_of(ben).post(f"/me/people/{home.pk}/people/{member.pk}/", {"role": "member"})
    assert answer.status_code == 302
    home.refresh_from_db()
    assert home.email == "ben@example.com"


def test_an_address_that_staff_wrote_down_stays(home, ann):
    Owner.objects.filter(pk=home.pk).update(email="office@example.com")
    leave(home, ann)
    home.refresh_from_db()
    assert home.email == "office@example.com"


def test_nobody_is_written_to_where_nobody_has_an_address(home, ann, ben):
    EmailAddress.objects.filter(user=ben).update(verified=False)
    leave(home, ann)
    home.refresh_from_db()
    assert (home.email, home.phone) == ("", "")


def test_a_link_to_an_address_of_before_answers_for_its_owner_no_more(ann, bag):
    """C5."""
    unit, owner = piece(bag, ann), Owner.objects.get(person=ann)
    release, _path = opened(Browser(headers=HEADERS), unit, evidence=photo())
    EmailAddress.objects.create(user=ann, email="ann@example.net", verified=True)
    change_details(
        owner_id=owner.pk, person=ann, name="Ann", locale="en", contact_kind=ContactKind.EMAIL,
        contact="ann@example.net", now=timezone.now(),
    )  # fmt: skip
    assert Client(headers=HEADERS).post(owners_path(release), APPROVE).status_code == 404
    assert owner_of(release) == owner
