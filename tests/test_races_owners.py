"""An owner is merged or forgotten at the moment at which somebody gives them a unit: wholly before, or wholly after."""

import datetime as dt
import threading
import uuid

import pytest
from django.db import transaction

from analytics.models import UnitFacts
from config.erasure import STEPS
from experiences.transfers import accept_as
from ownership.errors import OwnershipError
from ownership.models import Owner, Ownership, ReleaseRequest, Tombstone, Transfer
from ownership.models.registrations import ContactKind, Proof
from ownership.models.releases import ReleaseGround
from ownership.models.transfers import TransferKind
from ownership.services.data_rights.erasure import OvertakenError, Step, erase_owner
from ownership.services.merging import merge_owners
from ownership.services.releases import ReleaseForm, approve_release, ask_for_release, confirm_release
from ownership.services.releases.base import locked
from ownership.services.transfers import start_transfer
from tests import factories
from tests.experiences.releasing import reachable
from tests.test_races import at_once
from tests.test_races_merging import until_somebody_waits

NOW = dt.datetime(2026, 6, 15, 12, tzinfo=dt.UTC)


def offered() -> tuple[Transfer, Owner]:
    """Return an offer, and somebody whom the brand knows and who can accept it."""
    brand = factories.BrandFactory()
    unit = factories.UnitFactory(product=factories.ProductFactory(brand=brand))
    giver = factories.OwnerFactory(brand=brand)
    factories.own(unit, giver, NOW - dt.timedelta(days=9))
    offer = start_transfer(unit_id=unit.pk, owner_id=giver.pk, kind=TransferKind.SALE, now=NOW)
    return offer, factories.OwnerFactory(brand=brand, email="bob@example.com")


def claimed() -> ReleaseRequest:
    brand = factories.BrandFactory()
    unit = factories.UnitFactory(product=factories.ProductFactory(brand=brand))
    alice = reachable(factories.OwnerFactory(brand=brand, email="alice@example.com"))
    factories.own(unit, alice, NOW - dt.timedelta(days=100))
    form = ReleaseForm(
        uuid.uuid4().hex, ReleaseGround.BOUGHT_USED, ContactKind.EMAIL, "carl@example.com", "", "", "en"
    )
    asked = ask_for_release(unit_id=unit.pk, form=form, proof=Proof.HOLDING, pieces=[], now=NOW)
    return confirm_release(release_id=asked.pk, now=NOW)


def one_after_the_other(first, second) -> list:
    """Run both; the second begins when the first has done its work, which is committed once the second waits."""
    held = threading.Event()

    def slowly():
        with transaction.atomic():
            try:
                return first()
            finally:
                held.set()
                until_somebody_waits()

    def then():
        held.wait(30)
        return second()

    return at_once([slowly, then])


@pytest.mark.postgres
def test_merged_while_they_accept_they_are_told_to_look_again(transactional_db):
    offer, bob = offered()
    kept = factories.OwnerFactory(brand=offer.brand)
    _merged, refused = one_after_the_other(
        lambda: merge_owners(kept_id=kept.pk, gone_id=bob.pk, now=NOW, actor_id=None),
        lambda: accept_as(transfer_id=offer.pk, owner=bob, now=NOW),
    )
    assert isinstance(refused, OwnershipError), repr(refused)
    assert refused.code == "gone"
    assert Transfer.objects.get().state == "open"


@pytest.mark.postgres
def test_what_they_just_accepted_goes_along_when_they_are_merged(transactional_db):
    offer, bob = offered()
    kept = factories.OwnerFactory(brand=offer.brand)
    results = one_after_the_other(
        lambda: accept_as(transfer_id=offer.pk, owner=bob, now=NOW),
        lambda: merge_owners(kept_id=kept.pk, gone_id=bob.pk, now=NOW, actor_id=None),
    )
    assert [one for one in results if isinstance(one, Exception)] == []
    assert Ownership.objects.get(until=None).owner_id == UnitFacts.objects.get().owner_id == kept.pk


@pytest.mark.postgres
def test_a_claimant_is_merged_while_the_owner_lets_the_piece_go(transactional_db):
    """Both lock the unit before the owners: neither waits for what waits for it."""
    case = claimed()
    kept = factories.OwnerFactory(brand=case.brand)
    held = threading.Event()

    def let_go():
        with transaction.atomic():
            locked(case.pk)
            held.set()
            until_somebody_waits()
            return approve_release(release_id=case.pk, now=NOW, actor_id=None)

    def merge():
        held.wait(30)
        return merge_owners(kept_id=kept.pk, gone_id=case.claimant_id, now=NOW, actor_id=None)

    results = at_once([let_go, merge])
    assert [one for one in results if isinstance(one, Exception)] == []
    assert Ownership.objects.get(until=None).owner_id == UnitFacts.objects.get().owner_id == kept.pk
    assert ReleaseRequest.objects.get().claimant_id == kept.pk


@pytest.mark.postgres
def test_forgotten_while_they_accept_they_own_nothing(transactional_db):
    """C9: what was accepted in the middle of an erasure is ended by it, too."""
    offer, bob = offered()
    accepted, erased = one_after_the_other(
        lambda: accept_as(transfer_id=offer.pk, owner=bob, now=NOW),
        lambda: erase_owner(owner_id=bob.pk, now=NOW, steps=STEPS),
    )
    assert isinstance(accepted, Ownership)
    assert erased is None
    assert Tombstone.objects.get().owner_id == bob.pk
    assert not Ownership.objects.current().exists()
    assert UnitFacts.objects.get().owner_id is None


@pytest.mark.postgres
def test_a_giver_is_forgotten_while_somebody_accepts_and_that_one_keeps_it(transactional_db):
    """C9: the erasure ends what is the giver's, not what the next owner just got."""
    offer, bob = offered()
    results = one_after_the_other(
        lambda: accept_as(transfer_id=offer.pk, owner=bob, now=NOW),
        lambda: erase_owner(owner_id=offer.ownership.owner_id, now=NOW, steps=STEPS),
    )
    assert [one for one in results if isinstance(one, Exception)] == []
    assert Ownership.objects.get(until=None).owner_id == UnitFacts.objects.get().owner_id == bob.pk


def between(steps, what) -> tuple[Step, ...]:
    """Return the steps with this one behind that which ends ownerships."""
    where = next(number for number, step in enumerate(steps) if step.name == "ownerships") + 1
    return (*steps[:where], Step("meanwhile", what), *steps[where:])


def test_what_is_given_between_two_steps_of_an_erasure_is_ended_by_a_second_run(db):
    """C9."""
    offer, bob = offered()
    erase_owner(
        owner_id=bob.pk,
        now=NOW,
        steps=between(STEPS, lambda owner, now: _accept_once(offer, owner)),
    )
    assert Ownership.objects.filter(owner=bob).count() == 1
    assert not Ownership.objects.current().exists()
    bob.refresh_from_db()
    assert (bob.email, Tombstone.objects.count()) == ("", 1)


def _accept_once(offer: Transfer, owner: Owner) -> None:
    if not Ownership.objects.filter(owner=owner).exists():
        accept_as(transfer_id=offer.pk, owner=owner, now=NOW)


def test_an_erasure_that_something_always_comes_into_stays_to_be_done(db):
    _offer, bob = offered()

    def own_one_more(owner: Owner, now: dt.datetime) -> None:
        unit = factories.UnitFactory(product=factories.ProductFactory(brand=owner.brand))
        factories.own(unit, owner, NOW)

    with pytest.raises(OvertakenError):
        erase_owner(owner_id=bob.pk, now=NOW, steps=between(STEPS, own_one_more))
    assert not Tombstone.objects.exists()


def test_who_was_forgotten_is_given_nothing(db):
    offer, bob = offered()
    erase_owner(owner_id=bob.pk, now=NOW, steps=STEPS)
    with pytest.raises(OwnershipError) as refused:
        accept_as(transfer_id=offer.pk, owner=bob, now=NOW)
    assert refused.value.code == "gone"
    assert not Ownership.objects.filter(owner=bob).exists()
