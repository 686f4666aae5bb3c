"""Households and organisations: several people, many things (C14)."""

import datetime as dt
import re

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.test import Client
from django.utils import timezone, translation

from analytics.kinds import EventKind
from analytics.models import Event
from experiences.devices import _SALT, DEVICE_COOKIE
from ownership.models import Invitation, Member, Owner, Ownership, Transfer
from products.models import Person, Product
from products.services.devices import remember_device
from tests import factories
from tests.reading import code_in_mail, main_attributes, text_of
from warranty.models import CoveragePlan
from warranty.services import activate_coverage

HEADERS = {"accept-language": "en"}


@pytest.fixture(autouse=True)
def _english():
    with translation.override("en"):
        yield


def somebody(brand, name: str) -> Person:
    """A person with a confirmed address, known at the brand."""
    email = f"{name}@example.com"
    person = factories.PersonFactory(username=name, last_login=timezone.now())
    EmailAddress.objects.create(user=person, email=email, verified=True, primary=True)
    factories.OwnerFactory(brand=brand, person=person, name=name.title(), email=email)
    return person


def browser_of(person: Person) -> Client:
    """A browser in which the person is remembered."""
    from django.core import signing

    device = remember_device(person=person, now=timezone.now())
    client = Client(headers=HEADERS)
    client.cookies[DEVICE_COOKIE] = signing.dumps([[device.pk, device.epoch]], salt=_SALT)
    return client


def own_row(person: Person) -> Owner:
    return Owner.objects.get(person=person)


def piece(bag, person: Person, **values):
    unit = factories.UnitFactory(product=bag, **values)
    factories.own(unit, own_row(person), timezone.now() - dt.timedelta(days=100))
    return unit


def household(client: Client, brand, **values) -> Owner:
    """Make a household through the form and return it."""
    answer = client.post("/me/people/", {"kind": "household", "brand": brand.pk, "name": "Home", **values})
    assert answer.status_code == 302, text_of(answer)
    return Owner.objects.get(pk=int(re.search(r"/people/(\d+)/", answer["Location"]).group(1)))


def invite(client: Client, group: Owner, email: str, role: str = "member"):
    return client.post(f"/me/people/{group.pk}/invite/", {"email": email, "role": role})


def join(client: Client, group: Owner, email: str):
    code = Invitation.objects.get(owner=group, email=email).code
    return client.post(f"/invitation/{code}/")


@pytest.fixture
def ann(acme):
    return somebody(acme, "ann")


@pytest.fixture
def ben(acme):
    return somebody(acme, "ben")


@pytest.fixture
def ann_browser(ann):
    return browser_of(ann)


@pytest.fixture
def ben_browser(ben):
    return browser_of(ben)


@pytest.fixture
def home(ann_browser, ben_browser, acme):
    """Ann's household with Ben as a member who uses its things."""
    group = household(ann_browser, acme)
    invite(ann_browser, group, "ben@example.com")
    join(ben_browser, group, "ben@example.com")
    return group


def bring(client, group, *units):
    return client.post(f"/me/people/{group.pk}/bring/", {"units": [unit.pk for unit in units]})


def test_sharing_is_no_change_of_hands(ann, ann_browser, bag, acme, django_capture_on_commit_callbacks):
    """C14: number, beginning and warranty stay; the ledger says what moved."""
    CoveragePlan.objects.create(brand=acme, names={"en": "Two years"}, months=24)
    unit = piece(bag, ann)
    activate_coverage(unit_id=unit.pk, now=timezone.now())
    before = Ownership.objects.get(unit=unit)
    group = household(ann_browser, acme)
    assert bring(ann_browser, group, unit).status_code == 302
    after = Ownership.objects.get(unit=unit)
    assert (after.pk, after.ordinal, after.since, after.until) == (before.pk, 1, before.since, None)
    assert after.owner == group
    assert unit.coverage.ends_on is not None
    unit.refresh_from_db()
    facts = type(unit).objects.get(pk=unit.pk).facts
    assert (facts.owner_id, facts.ownerships) == (group.pk, 1)
    moved = Event.objects.get(unit=unit, kind=EventKind.OWNERSHIP_SHARED)
    assert moved.data == {"from_owner": own_row(ann).pk, "ordinal": 1}
    assert Event.objects.filter(unit=unit, kind=EventKind.OWNERSHIP_ENDED).count() == 0


def test_a_member_is_an_owner_on_every_shared_page_and_nobody_once_removed(
    ann, ben, ann_browser, ben_browser, home, bag
):
    """C14: the other person's browser sees the owner's page; taken out, it is a stranger's at the next request."""
    unit = piece(bag, ann)
    page = f"/u/{unit.public_code}/"
    assert main_attributes(ben_browser.get(page))["viewer"] != "owner"
    bring(ann_browser, home, unit)
    assert main_attributes(ben_browser.get(page))["viewer"] == "owner"
    assert unit.serial in text_of(ben_browser.get("/me/"))
    member = Member.objects.get(owner=home, person=ben)
    ann_browser.post(f"/me/people/{home.pk}/people/{member.pk}/", {"act": "remove"})
    assert main_attributes(ben_browser.get(page))["viewer"] != "owner"
    assert unit.serial not in text_of(ben_browser.get("/me/"))
    assert ben_browser.get(f"/me/people/{home.pk}/").status_code == 404


def test_the_invitation_is_answered_with_the_invited_address_alone(acme, ann_browser, ben_browser):
    """C14: somebody else who has the link is asked for a code to the invited address, and learns no name."""
    group = household(ann_browser, acme, name="Secret garden")
    invite(ann_browser, group, "carla@example.com")
    page = ben_browser.get(f"/invitation/{Invitation.objects.get().code}/")
    assert "Secret garden" not in text_of(page)
    assert "carla@example.com" not in text_of(page)
    assert 'data-state="confirm"' in page.content.decode()
    answer = join(ben_browser, group, "carla@example.com")
    assert answer["Location"] == "/me/enter/code/"
    assert Member.objects.filter(owner=group).count() == 1


def test_whoever_is_not_known_yet_joins_by_the_code_to_the_invited_address(acme, ann_browser):
    group = household(ann_browser, acme)
    invite(ann_browser, group, "new@example.com", "admin")
    visitor = Client(headers=HEADERS)
    assert join(visitor, group, "new@example.com")["Location"] == "/me/enter/code/"
    visitor.post("/me/enter/code/", {"code": code_in_mail()})
    back = visitor.get("/me/entered/")
    code = Invitation.objects.get().code
    assert back["Location"] == f"/invitation/{code}/"
    assert "Home" in text_of(visitor.get(back["Location"]))
    assert visitor.post(back["Location"])["Location"] == f"/me/people/{group.pk}/"
    member = Member.objects.get(owner=group, role="admin", person__emailaddress__email="new@example.com")
    assert EmailAddress.objects.get(user=member.person).verified
    assert not Invitation.objects.exists()


def test_the_code_sent_to_a_stranger_makes_one_person_however_often_it_is_asked_for(acme, ann_browser):
    group = household(ann_browser, acme)
    invite(ann_browser, group, "new@example.com")
    for _time in range(3):
        join(Client(headers=HEADERS), group, "new@example.com")
    assert EmailAddress.objects.filter(email="new@example.com").count() == 1


@pytest.mark.django_db(transaction=True)
def test_the_invitation_is_a_letter_that_says_no_name(acme, ann_browser):
    group = household(ann_browser, acme, name="Secret garden")
    answer = invite(ann_browser, group, "ben@example.com")
    sent = mail.outbox[-1]
    assert sent.to == ["ben@example.com"]
    assert f"/invitation/{Invitation.objects.get().code}/" in sent.body
    whole = sent.body + sent.subject + str(sent.alternatives)
    assert "Secret garden" not in whole
    assert "Ann" not in whole
    assert "The invitation is on its way" in text_of(ann_browser.get(answer["Location"]))


def test_the_answer_is_the_same_whether_the_address_is_known(acme, ann_browser, ben):
    """Enumeration: known, unknown and already a member look alike."""
    group = household(ann_browser, acme)
    answers = {
        invite(ann_browser, group, who)["Location"]
        for who in ("ben@example.com", "no@example.com", "ann@example.com")
    }
    assert len(answers) == 1


def test_invited_again_the_first_link_is_void(acme, ann_browser, ben_browser):
    group = household(ann_browser, acme)
    invite(ann_browser, group, "ben@example.com")
    first = Invitation.objects.get().code
    invite(ann_browser, group, "BEN@example.com")
    assert Invitation.objects.count() == 1
    assert ben_browser.get(f"/invitation/{first}/").status_code == 404
    assert join(ben_browser, group, "ben@example.com").status_code == 302
    assert ben_browser.post(f"/invitation/{first}/").status_code == 404


def test_an_invitation_that_is_over_or_taken_back_opens_nothing(acme, ann_browser, ben_browser):
    group = household(ann_browser, acme)
    invite(ann_browser, group, "ben@example.com")
    row = Invitation.objects.get()
    Invitation.objects.update(
        sent_at=timezone.now() - dt.timedelta(days=20), expires_at=timezone.now() - dt.timedelta(days=1)
    )
    assert ben_browser.post(f"/invitation/{row.code}/").status_code == 404
    Invitation.objects.update(expires_at=timezone.now() + dt.timedelta(days=1))
    ann_browser.post(f"/me/people/{group.pk}/withdraw/", {"invitation": row.pk})
    assert ben_browser.post(f"/invitation/{row.code}/").status_code == 404
    assert Member.objects.count() == 1


def test_a_member_can_neither_invite_nor_take_out_nor_promote_nor_close(
    ann, ben, ann_browser, ben_browser, home, bag
):
    """Role escalation by crafted forms: refused, nothing changes."""
    mine, theirs = (Member.objects.get(owner=home, person=who) for who in (ben, ann))
    group = f"/me/people/{home.pk}/"
    unit = piece(bag, ann)
    bring(ann_browser, home, unit)
    assert invite(ben_browser, home, "eve@example.com", "admin").status_code == 403
    assert ben_browser.post(f"{group}name/", {"name": "Mine"}).status_code == 403
    assert ben_browser.post(f"{group}letters/").status_code == 403
    assert ben_browser.post(f"{group}close/").status_code == 403
    assert ben_browser.post(f"{group}people/{mine.pk}/", {"role": "admin"}).status_code == 404
    assert ben_browser.post(f"{group}people/{theirs.pk}/", {"act": "remove"}).status_code == 404
    assert ben_browser.post(f"{group}take/", {"units": [unit.pk]}).status_code == 409
    assert set(home.members.values_list("person", "role")) == {(ann.pk, "admin"), (ben.pk, "member")}
    assert not Invitation.objects.exists()
    assert Ownership.objects.get(unit=unit).owner == home
    home.refresh_from_db()
    assert home.name == "Home"


def test_a_stranger_finds_none_of_it(home, acme, globex):
    """Tenancy: another owner, of the same house or of a rival, gets the page of what does not exist."""
    for brand, name in ((acme, "eve"), (globex, "gus")):
        client = browser_of(somebody(brand, name))
        for act in ("", "bring/", "take/", "leave/", "close/", "invite/", "name/"):
            assert client.get(f"/me/people/{home.pk}/{act}").status_code == 404
            assert client.post(f"/me/people/{home.pk}/{act}").status_code in (404, 405)
    assert home.members.count() == 2
    assert Client().get(f"/me/people/{home.pk}/")["Location"].startswith("/me/enter/")


def test_a_foreign_thing_can_not_be_brought_in(ann_browser, ben, home, bag, globex):
    """Crafted ids: another person's unit, and one of a rival house."""
    bens = piece(bag, ben)
    foreign = factories.UnitFactory(product=factories.ProductFactory(brand=globex, category__brand=globex))
    for unit in (bens, foreign):
        assert bring(ann_browser, home, unit).status_code == 400
    assert Ownership.objects.get(unit=bens).owner == own_row(ben)


def test_no_household_at_a_house_where_nothing_is_theirs(ann_browser, globex):
    answer = ann_browser.post("/me/people/", {"kind": "household", "brand": globex.pk, "name": ""})
    assert answer.status_code == 400
    assert not Owner.objects.filter(kind="household").exists()


def test_the_form_sent_twice_makes_one_household(ann_browser, acme):
    assert household(ann_browser, acme) == household(ann_browser, acme)


def test_an_unconfirmed_person_invites_nobody(acme):
    """Whoever never entered a code may have typed a stranger's address."""
    person = factories.PersonFactory(username="p-1")
    factories.OwnerFactory(brand=acme, person=person)
    answer = browser_of(person).post("/me/people/", {"kind": "household", "brand": acme.pk, "name": ""})
    assert answer.status_code == 409
    assert "Confirm your address first" in text_of(answer)


def test_who_brought_it_in_has_it_back_as_it_was(ann, ben, ann_browser, ben_browser, home, bag):
    unit = piece(bag, ben)
    since = Ownership.objects.get(unit=unit).since
    bring(ben_browser, home, unit)
    assert ben_browser.post(f"/me/people/{home.pk}/take/", {"units": [unit.pk]}).status_code == 302
    row = Ownership.objects.get(unit=unit)
    assert (row.owner, row.ordinal, row.since) == (own_row(ben), 1, since)


def test_taking_out_what_another_brought_in_is_a_change_of_hands(
    ann, ben, ann_browser, ben_browser, home, bag
):
    """No way around a transfer: the taker becomes the second owner, and the history says so."""
    unit = piece(bag, ben)
    bring(ben_browser, home, unit)
    ann_browser.post(f"/me/people/{home.pk}/take/", {"units": [unit.pk]})
    rows = list(Ownership.objects.filter(unit=unit).order_by("ordinal"))
    assert [row.owner for row in rows] == [home, own_row(ann)]
    assert rows[0].until is not None
    assert rows[1].ordinal == 2


def test_a_valuable_piece_that_another_brought_in_is_not_just_taken(
    ann, ben, ann_browser, ben_browser, home, bag
):
    """C4, C14: between two people it changes hands by an offer alone, be they of one household."""
    unit = piece(bag, ben)
    Product.objects.filter(pk=bag.pk).update(is_valuable=True)
    bring(ben_browser, home, unit)
    refused = ann_browser.post(f"/me/people/{home.pk}/take/", {"units": [unit.pk]})
    assert refused.status_code == 409
    assert "passed on to you from its own page" in text_of(refused)
    assert ben_browser.post(f"/me/people/{home.pk}/take/", {"units": [unit.pk]}).status_code == 302
    assert unit.ownerships.get(until=None).owner == own_row(ben), "who brought it in has it back as it was"


def test_leaving_a_household_takes_along_what_one_brought_in(ben, ann, ann_browser, ben_browser, home, bag):
    bens, anns = piece(bag, ben), piece(bag, ann)
    bring(ben_browser, home, bens)
    bring(ann_browser, home, anns)
    assert ben_browser.post(f"/me/people/{home.pk}/leave/")["Location"] == "/me/people/"
    assert Ownership.objects.get(unit=bens).owner == own_row(ben)
    assert Ownership.objects.get(unit=anns).owner == home
    assert Event.objects.filter(kind=EventKind.MEMBER_LEFT, owner_id=home.pk).count() == 1


def test_the_last_who_looks_after_it_can_not_leave_things_alone(
    ann, ben, ann_browser, ben_browser, home, bag
):
    """Said with what to do; once somebody else looks after it, leaving works."""
    bens = piece(bag, ben)
    bring(ben_browser, home, bens)
    answer = ann_browser.post(f"/me/people/{home.pk}/leave/")
    assert answer.status_code == 409
    assert "Let somebody else look after it first" in text_of(answer)
    member = Member.objects.get(owner=home, person=ben)
    ann_browser.post(f"/me/people/{home.pk}/people/{member.pk}/", {"role": "admin", "act": "role"})
    assert ann_browser.post(f"/me/people/{home.pk}/leave/").status_code == 302
    assert list(home.members.values_list("person", flat=True)) == [ben.pk]


def test_closing_a_household_gives_each_thing_back(ann, ben, ann_browser, ben_browser, home, bag):
    bens, anns = piece(bag, ben), piece(bag, ann)
    bring(ben_browser, home, bens)
    bring(ann_browser, home, anns)
    assert ann_browser.post(f"/me/people/{home.pk}/close/").status_code == 302
    assert Ownership.objects.get(unit=bens).owner == own_row(ben)
    assert Ownership.objects.get(unit=anns).owner == own_row(ann)
    home.refresh_from_db()
    assert (home.name, home.email, home.members.count()) == ("", "", 0)
    assert ann_browser.post(f"/me/people/{home.pk}/close/").status_code == 404


def test_an_organisation_is_closed_once_it_is_empty(ann, ann_browser, acme, bag):
    group = household(ann_browser, acme, kind="organisation", name="Works")
    bring(ann_browser, group, piece(bag, ann))
    answer = ann_browser.post(f"/me/people/{group.pk}/close/")
    assert answer.status_code == 409
    assert "It still has things" in text_of(answer)


def test_what_is_being_passed_on_stays_where_it_is(ann, ann_browser, home, bag, acme):
    unit = piece(bag, ann)
    Transfer.objects.create(
        brand=acme, unit=unit, ownership=Ownership.objects.get(unit=unit), kind="sale", started_at=timezone.now(),
        expires_at=timezone.now() + dt.timedelta(days=3),
    )  # fmt: skip
    answer = bring(ann_browser, home, unit)
    assert answer.status_code == 409
    assert "Settle that first" in text_of(answer)
    assert Ownership.objects.get(unit=unit).owner == own_row(ann)


@pytest.mark.parametrize(
    "typed",
    [
        {"kind": "organisation", "name": ""},
        {"kind": "empire", "name": "X"},
        {"kind": "household", "name": "a" * 121},
        {"kind": "household", "name": "a\x00b"},
        {"kind": "household", "name": "\N{RIGHT-TO-LEFT OVERRIDE}evil"},
        {"kind": "household", "name": "x", "brand": "9" * 30},
        {},
    ],
)
def test_bad_input_gets_a_sentence_and_makes_nothing(ann_browser, acme, typed):
    answer = ann_browser.post("/me/people/", {"brand": acme.pk, **typed})
    assert answer.status_code == 400
    assert 'class="error"' in answer.content.decode()
    assert not Owner.objects.exclude(kind="person").exists()


@pytest.mark.parametrize(
    "email", ["", "nobody", "+33612345678", "аnn@example.com", "a\x00@example.com", "a" * 300]
)
def test_a_bad_address_to_invite_gets_a_sentence(ann_browser, home, email):
    answer = invite(ann_browser, home, email)
    assert answer.status_code == 400
    assert 'class="error"' in answer.content.decode()
    assert not Invitation.objects.exists()


def test_too_many_invitations_are_refused_kindly(ann_browser, home):
    answers = [invite(ann_browser, home, f"n{number}@example.com").status_code for number in range(31)]
    assert answers == [302] * 29 + [429] * 2


@pytest.mark.parametrize("path", ["people/x/", "nonsense/", "people/99999999999999999/"])
def test_made_up_addresses_are_not_found(ann_browser, home, path):
    assert ann_browser.get(f"/me/people/{home.pk}/{path}").status_code == 404
    assert ann_browser.post(f"/me/people/{home.pk}/withdraw/", {"invitation": "9" * 40}).status_code == 302
    assert ann_browser.post(f"/me/people/{home.pk}/withdraw/", {"invitation": "\x00"}).status_code == 302
    assert ann_browser.get("/invitation/%00/").status_code == 404


def test_beat_forgets_an_invitation_whose_time_is_over(home, ann_browser):
    from ownership.tasks import sweep_registrations

    for email in ("late@example.com", "new@example.com"):
        invite(ann_browser, home, email)
    over = timezone.now() - dt.timedelta(days=1)
    Invitation.objects.filter(email="late@example.com").update(
        sent_at=over - dt.timedelta(days=14), expires_at=over
    )
    sweep_registrations()
    assert list(Invitation.objects.values_list("email", flat=True)) == ["new@example.com"]
