"""C13, C14: a recovered address takes its person's place in households, and nothing escapes the two days."""

import pytest
from django.test import Client
from django.utils import timezone, translation

from analytics.kinds import EventKind
from analytics.models import Event
from ownership.errors import OwnershipError
from ownership.models import Invitation, Member, Owner, Ownership, Recovery, Transfer
from ownership.models.transfers import TransferKind
from ownership.services.holding import HOLD
from ownership.services.letting_go import WhyGone, let_go
from ownership.services.loyalty.spending import redeem_reward
from ownership.services.sharing import take_units_out
from ownership.services.transfers import start_transfer, take_over
from products.models import Product
from tests import factories
from tests.experiences.test_people import HEADERS, bring, browser_of, household, invite, join, piece, somebody
from tests.experiences.test_recovering import start, url

pytestmark = pytest.mark.django_db

NEW = "new@example.com"


@pytest.fixture(autouse=True)
def _english():
    with translation.override("en"):
        yield


@pytest.fixture
def cast(acme):
    """Ann, who founded a household in which Ben uses the things."""
    ann, ben = somebody(acme, "ann"), somebody(acme, "ben")
    ann_browser, ben_browser = browser_of(ann), browser_of(ben)
    home = household(ann_browser, acme)
    invite(ann_browser, home, "ben@example.com")
    join(ben_browser, home, "ben@example.com")
    return ann, ben, ann_browser, ben_browser, home


def row_of(person) -> Owner:
    return Owner.objects.get(person=person)


def recovered(owner, sam, contact=NEW) -> Client:
    """The browser of who reads the new address, in which they confirmed it."""
    reader = Client(headers=HEADERS)
    assert reader.post(url(start(owner, sam, contact=contact))).status_code == 302
    owner.refresh_from_db()
    return reader


def two_days_later():
    """Let the hold be over."""
    for recovery in Recovery.objects.exclude(confirmed_at=None):
        Recovery.objects.filter(pk=recovery.pk).update(confirmed_at=recovery.confirmed_at - HOLD)


def owner_of(unit) -> Owner:
    return Ownership.objects.get(unit=unit, until=None).owner


def roles(group) -> dict[int, str]:
    return dict(group.members.values_list("person_id", "role"))


def test_a_recovered_owner_brings_nothing_into_a_household_for_two_days(cast, sam, bag, acme):
    ann, *_, home = cast
    unit, owner = piece(bag, ann), row_of(ann)
    reader = recovered(owner, sam)
    assert bring(reader, home, unit).status_code == 409
    fresh = household(reader, acme, name="Hide-out")
    assert bring(reader, fresh, unit).status_code == 409
    assert owner_of(unit) == owner
    two_days_later()
    assert bring(reader, fresh, unit).status_code == 302
    assert owner_of(unit) == fresh


def test_what_a_recovered_person_looks_after_is_passed_on_by_nobody_for_two_days(cast, sam, bag):
    ann, _, ann_browser, _, home = cast
    unit = piece(bag, ann)
    bring(ann_browser, home, unit)
    recovered(row_of(ann), sam)
    now = timezone.now()
    with pytest.raises(OwnershipError) as offered:
        start_transfer(unit_id=unit.pk, owner_id=home.pk, kind=TransferKind.SALE, now=now)
    with pytest.raises(OwnershipError) as gone:
        let_go(unit_id=unit.pk, owner_id=home.pk, why=WhyGone.SOLD, now=now)
    assert {offered.value.code, gone.value.code} == {"on_hold"}
    two_days_later()
    start_transfer(unit_id=unit.pk, owner_id=home.pk, kind=TransferKind.SALE, now=now)


def test_a_recovered_person_neither_takes_what_is_anothers_nor_lets_others_pass_it_on(cast, sam, bag):
    ann, ben, _, ben_browser, home = cast
    unit = piece(bag, ben)
    bring(ben_browser, home, unit)
    reader = recovered(row_of(ann), sam)
    assert reader.post(f"/me/people/{home.pk}/take/", {"units": [unit.pk]}).status_code == 409
    invite(reader, home, "accomplice@example.com", role="admin")
    assert not Invitation.objects.filter(owner=home).exists()
    members = f"/me/people/{home.pk}/people/{home.members.get(person=ben).pk}/"
    assert reader.post(members, {"role": "admin"}).status_code == 409
    assert owner_of(unit) == home
    assert roles(home)[ben.pk] == "member"


def test_one_who_only_uses_a_households_things_holds_up_nobody(cast, sam, bag):
    ann, ben, ann_browser, _, home = cast
    unit = piece(bag, ann)
    bring(ann_browser, home, unit)
    recovered(row_of(ben), sam)
    start_transfer(unit_id=unit.pk, owner_id=home.pk, kind=TransferKind.SALE, now=timezone.now())


def test_a_recovered_owner_exchanges_no_points_for_two_days(cast, sam):
    from tests.ownership import points

    ann, *_ = cast
    owner = row_of(ann)
    points.programme(owner.brand)
    recovered(owner, sam)
    with pytest.raises(OwnershipError) as refused:
        redeem_reward(
            owner_id=owner.pk, reward_id=1, submission_key="k" * 32, actor_id=None, now=timezone.now()
        )
    assert refused.value.code == "on_hold"


def test_the_new_address_takes_the_place_of_the_old_one_in_a_household(cast, sam, bag):
    """C13."""
    ann, ben, ann_browser, _, home = cast
    unit = piece(bag, ann)
    bring(ann_browser, home, unit)
    owner = row_of(ann)
    reader = recovered(owner, sam)
    assert roles(home) == {owner.person_id: "admin", ben.pk: "member"}
    assert reader.get(f"/me/people/{home.pk}/").status_code == 200
    old = browser_of(ann)
    assert old.get(f"/me/people/{home.pk}/").status_code == 404
    assert old.post(f"/u/{unit.public_code}/transfer/", {"kind": "sale", "recipient": ""}).status_code != 302
    assert not Transfer.objects.exists()
    told = Event.objects.filter(owner_id=home.pk, actor_id=sam.pk).order_by("id")
    assert [(e.kind, e.data["person"]) for e in told] == [
        (EventKind.MEMBER_LEFT, ann.pk), (EventKind.MEMBER_JOINED, owner.person_id),
    ]  # fmt: skip


def test_letters_and_invitations_leave_the_old_address(cast, sam, acme):
    ann, ben, _, ben_browser, home = cast
    Owner.objects.filter(person=ben).update(email="ben@example.com")
    other = household(ben_browser, acme, name="Ben's")
    invite(ben_browser, other, "ann@example.com", role="admin")
    recovered(row_of(ann), sam)
    home.refresh_from_db()
    assert home.email == NEW
    assert not Invitation.objects.filter(owner=other).exists()
    other.refresh_from_db()
    assert other.email == "ben@example.com"


def test_a_place_at_another_brand_stays_with_the_old_address(cast, sam, acme, globex):
    ann, *_ = cast
    factories.OwnerFactory(brand=globex, person=ann, email="ann@example.com")
    theirs = household(browser_of(ann), globex, name="Elsewhere")
    recovered(Owner.objects.get(person=ann, brand=acme), sam)
    assert roles(theirs) == {ann.pk: "admin"}
    theirs.refresh_from_db()
    assert theirs.email == "ann@example.com"


def test_who_was_a_member_under_both_addresses_looks_after_it_as_one(cast, sam, acme):
    ann, *_, home = cast
    carol = somebody(acme, "carol")
    Member.objects.create(owner=home, person=carol, role="member", since=timezone.now())
    recovered(row_of(ann), sam, contact="carol@example.com")
    assert roles(home)[carol.pk] == "admin"
    assert ann.pk not in roles(home)


def test_what_was_brought_in_under_the_old_address_goes_back_to_the_new_one(cast, sam, bag):
    ann, _, ann_browser, _, home = cast
    unit, owner = piece(bag, ann), row_of(ann)
    bring(ann_browser, home, unit)
    Product.objects.filter(pk=bag.pk).update(is_valuable=True)
    reader = recovered(owner, sam)
    assert reader.post(f"/me/people/{home.pk}/take/", {"units": [unit.pk]}).status_code == 302
    taken = Ownership.objects.get(unit=unit, until=None)
    assert (taken.owner, taken.ordinal) == (owner, 1)


def test_what_one_brought_in_long_ago_is_not_theirs_after_it_was_sold(cast, bob, bag):
    _, ben, _, ben_browser, home = cast
    unit = piece(bag, ben)
    bring(ben_browser, home, unit)
    for giver, taker in ((home, bob), (bob, home)):
        now = timezone.now()
        offer = start_transfer(unit_id=unit.pk, owner_id=giver.pk, kind=TransferKind.SALE, now=now)
        take_over(transfer_id=offer.pk, owner=taker, now=timezone.now())
    moved = take_units_out(unit_ids=[unit.pk], owner_id=home.pk, person=ben, now=timezone.now())
    assert list(moved.refused) == [unit.pk]
    assert owner_of(unit) == home
