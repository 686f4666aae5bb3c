"""A recovery that meets what the people of a household do at the same moment: nobody keeps two places, nothing hangs."""

import datetime as dt

import pytest
from allauth.account.models import EmailAddress

from ownership.errors import OwnershipError
from ownership.models import Member, Owner, Ownership, Recovery
from ownership.models.owners import MemberRole, OwnerKind
from ownership.models.recoveries import IdentityShown
from ownership.models.registrations import ContactKind
from ownership.models.transfers import TransferKind
from ownership.services.members import change_role
from ownership.services.recovering import ask_for_recovery, confirm_recovery
from ownership.services.sharing import remove_member, share_units, take_units_out
from ownership.services.transfers import start_transfer
from tests import factories
from tests.test_races import at_once

pytestmark = pytest.mark.postgres
NOW = dt.datetime(2026, 6, 15, 12, tzinfo=dt.UTC)
LONG_AGO = NOW - dt.timedelta(days=100)


@pytest.fixture
def home(transactional_db):
    """A household that Ann and Ben look after, with ten things that Ann brought in and ten that she could bring."""
    brand = factories.BrandFactory(slug="acme", name="Acme")
    bag = factories.ProductFactory(brand=brand)
    home = Owner.objects.create(brand=brand, kind=OwnerKind.HOUSEHOLD, name="Home", email="ann@example.com")
    for name in ("ann", "ben"):
        email = f"{name}@example.com"
        person = factories.PersonFactory(username=name)
        EmailAddress.objects.create(user=person, email=email, verified=True, primary=True)
        factories.OwnerFactory(brand=brand, person=person, email=email)
        Member.objects.create(owner=home, person=person, role=MemberRole.ADMIN, since=LONG_AGO)
    ann = Owner.objects.get(person__username="ann")
    for _number in range(20):
        factories.own(factories.UnitFactory(product=bag), ann, LONG_AGO)
    share_units(unit_ids=units_of(ann)[:10], owner_id=home.pk, person=ann.person, now=LONG_AGO)
    return home


def units_of(owner) -> list[int]:
    owned = Ownership.objects.current().filter(owner=owner).order_by("unit_id")
    return list(owned.values_list("unit_id", flat=True))


def recovery_of(owner) -> Recovery:
    return ask_for_recovery(
        owner_id=owner.pk, contact_kind=ContactKind.EMAIL, contact="new@example.com",
        shown=IdentityShown.PURCHASE, reason="Receipt", locale="en", now=NOW,
        actor_id=factories.PersonFactory(is_staff=True).pk,
    )  # fmt: skip


def test_a_recovery_meets_all_that_the_household_does(home):
    """C13, C14."""
    ann, ben = (Owner.objects.get(person__username=name) for name in ("ann", "ben"))
    old, recovery = ann.person, recovery_of(ann)
    places = {member.person_id: member.pk for member in home.members.all()}
    inside, outside = units_of(home), units_of(ann)

    def offer(unit_id):
        return start_transfer(unit_id=unit_id, owner_id=home.pk, kind=TransferKind.SALE, now=NOW)

    def share(unit_id):
        moved = share_units(unit_ids=[unit_id], owner_id=home.pk, person=old, now=NOW)
        return moved.refused or moved.moved

    acts = [
        lambda: confirm_recovery(recovery_id=recovery.pk, now=NOW),
        *(lambda unit_id=unit_id: offer(unit_id) for unit_id in inside[:5]),
        *(lambda unit_id=unit_id: share(unit_id) for unit_id in outside[:5]),
        lambda: take_units_out(unit_ids=inside[5:], owner_id=home.pk, person=old, now=NOW),
        lambda: change_role(
            owner_id=home.pk, member_id=places[ben.person_id], role=MemberRole.MEMBER, actor=old, now=NOW
        ),
        lambda: confirm_recovery(recovery_id=recovery.pk, now=NOW),
    ]
    failed = [result for result in at_once(acts) if isinstance(result, Exception)]
    assert [result for result in failed if not isinstance(result, OwnershipError)] == []
    ann.refresh_from_db()
    home.refresh_from_db()
    assert ann.person_id != old.pk
    assert not Member.objects.filter(person=old).exists()
    assert home.members.get(person=ann.person_id).role == MemberRole.ADMIN
    assert home.email == "new@example.com"
    assert Ownership.objects.current().count() == 20
    assert set(units_of(home)) | set(units_of(ann)) == {*inside, *outside}


def test_taking_a_person_out_meets_the_recovery_of_their_address(home):
    """Whichever comes first, the old address has no place afterwards, and nothing of the household is anybody else's."""
    ann, ben = (Owner.objects.get(person__username=name) for name in ("ann", "ben"))
    old, recovery = ann.person, recovery_of(ann)
    place = home.members.get(person=old)
    acts = [
        lambda: remove_member(owner_id=home.pk, member_id=place.pk, actor=ben.person, now=NOW),
        lambda: confirm_recovery(recovery_id=recovery.pk, now=NOW),
    ]
    failed = [result for result in at_once(acts) if isinstance(result, Exception)]
    assert failed == []
    home.refresh_from_db()
    assert not Member.objects.filter(person=old).exists()
    assert set(units_of(ann)) | set(units_of(home)) == set(
        Ownership.objects.values_list("unit_id", flat=True)
    )
    assert home.email in ("ben@example.com", "new@example.com")
