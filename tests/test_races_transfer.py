"""Many who accept one offer at the same moment: one becomes the owner, the others are told."""

import datetime as dt
from collections import Counter

import pytest
from django.core.files.base import ContentFile

from analytics.models import Event, UnitFacts
from experiences.registering import finish_registration, register_unit
from experiences.transfers import accept_as, expire_transfers
from ownership.models import Ownership, ReleaseRequest, Transfer
from ownership.models.registrations import ContactKind, Proof
from ownership.models.releases import ReleaseGround, Side
from ownership.models.transfers import TransferKind
from ownership.services.registrations import RegistrationForm
from ownership.services.releases import (
    ReleaseForm,
    ask_to_take_over,
    call_off_offer,
    confirm_release,
    decide_release,
)
from ownership.services.releases.evidence import NewPiece
from ownership.services.transfers import cancel_transfer, start_transfer
from products.models import Person, Product
from products.services.files import store_private_file
from tests import factories
from tests.test_races import at_once

pytestmark = pytest.mark.postgres
NOW = dt.datetime(2026, 6, 15, 12, tzinfo=dt.UTC)


@pytest.fixture
def offer(transactional_db):
    brand = factories.BrandFactory(slug="acme", name="Acme")
    unit = factories.UnitFactory(product=factories.ProductFactory(brand=brand))
    alice = factories.OwnerFactory(brand=brand, email="alice@example.com")
    factories.own(unit, alice, NOW - dt.timedelta(days=100))
    return start_transfer(unit_id=unit.pk, owner_id=alice.pk, kind=TransferKind.SALE, now=NOW)


def by_form(offer: Transfer, number: int, proof: Proof):
    form = RegistrationForm(
        f"{number:032x}", ContactKind.EMAIL, f"buyer{number}@example.com", "Somebody", False, "en"
    )
    return register_unit(unit_id=offer.unit_id, form=form, proof=proof, now=NOW, transfer=offer)


def one_was_accepted(offer: Transfer) -> Ownership:
    offer.refresh_from_db()
    assert offer.state == "accepted"
    assert Ownership.objects.count() == 2
    current = Ownership.objects.get(until=None)
    assert (offer.taken_over, current.ordinal, current.acquired) == (current, 2, "transfer")
    facts = UnitFacts.objects.get()
    assert (facts.owner_id, facts.transfer) == (current.owner_id, False)
    kinds = Counter(Event.objects.values_list("kind", flat=True))
    assert (kinds["transfer.accepted"], kinds["ownership.started"], kinds["ownership.ended"]) == (1, 2, 1)
    assert kinds["transfer.cancelled"] == 0
    return current


def test_of_fifty_holders_who_accept_at_once_one_is_the_new_owner(offer):
    """C4: two buyers racing, fifty times over."""
    results = at_once([lambda n=n: by_form(offer, n, Proof.HOLDING) for n in range(50)])
    refused = [getattr(result, "code", result) for result in results if isinstance(result, Exception)]
    assert refused == ["accepted"] * 49
    one_was_accepted(offer)
    assert Person.objects.filter(username__startswith="p-").count() == 1, "nothing is left of the others"


def test_of_fifty_known_owners_who_press_the_button_at_once_one_has_it(offer):
    owners = [factories.OwnerFactory(brand=offer.brand) for _n in range(50)]
    results = at_once(
        [lambda owner=owner: accept_as(transfer_id=offer.pk, owner=owner, now=NOW) for owner in owners]
    )
    refused = [getattr(result, "code", result) for result in results if isinstance(result, Exception)]
    assert refused == ["accepted"] * 49
    one_was_accepted(offer)


def test_one_owner_who_presses_fifty_times_accepts_once(offer):
    owner = factories.OwnerFactory(brand=offer.brand)
    results = at_once([lambda: accept_as(transfer_id=offer.pk, owner=owner, now=NOW)] * 50)
    assert set(results) == {one_was_accepted(offer)}


def test_twenty_codes_confirmed_at_once_leave_one_new_owner(offer):
    waiting = [by_form(offer, number, Proof.CODE).registration for number in range(20)]
    results = at_once(
        [
            lambda one=one: finish_registration(registration_id=one.pk, person=one.person, now=NOW)
            for one in waiting
        ]
    )
    assert Counter(result.registration.state for result in results) == {"confirmed": 1, "superseded": 19}
    one_was_accepted(offer)


def test_accepted_called_off_and_expired_at_once_it_is_one_of_them(offer):
    later = offer.expires_at - dt.timedelta(seconds=1)
    owner = factories.OwnerFactory(brand=offer.brand)
    giver_id = offer.ownership.owner_id
    at_once(
        [lambda: accept_as(transfer_id=offer.pk, owner=owner, now=later)] * 5
        + [lambda: cancel_transfer(transfer_id=offer.pk, owner_id=giver_id, now=later)] * 5
        + [lambda: expire_transfers(now=offer.expires_at)] * 5
    )
    offer.refresh_from_db()
    ends = Event.objects.filter(kind__in=["transfer.accepted", "transfer.cancelled", "transfer.expired"])
    assert ends.count() == 1
    assert offer.state in ends.get().kind
    assert Ownership.objects.count() == (2 if offer.state == "accepted" else 1)
    assert UnitFacts.objects.get().transfer is False


def test_offered_by_twenty_requests_at_once_it_is_one_offer(offer):
    giver_id = offer.ownership.owner_id
    cancel_transfer(transfer_id=offer.pk, owner_id=giver_id, now=NOW)
    results = at_once(
        [lambda: start_transfer(unit_id=offer.unit_id, owner_id=giver_id, kind=TransferKind.GIFT, now=NOW)]
        * 20
    )
    assert len({result.pk for result in results}) == 1
    assert Transfer.objects.open().count() == 1


@pytest.fixture
def shown(offer) -> list[ReleaseRequest]:
    """Twenty who have the owner's code and showed that they have the piece, each at an address of their own."""
    Product.objects.update(is_valuable=True)
    return [_shown(offer, number) for number in range(20)]


def _shown(offer: Transfer, number: int) -> ReleaseRequest:
    form = ReleaseForm(
        f"{number:032x}", ReleaseGround.OFFERED, ContactKind.EMAIL, f"taker{number}@example.com", "", "", "en"
    )
    content = ContentFile(b"picture", "picture.webp")
    file = store_private_file(
        brand=offer.brand, purpose="evidence", content=content, original_name="picture.webp",
        content_type="image/webp", uploaded_by=None, now=NOW, keep_for=dt.timedelta(days=7),
    )  # fmt: skip
    return ask_to_take_over(
        transfer_id=offer.pk, form=form, pieces=[NewPiece(file, f"{number:064x}")], now=NOW
    )


def test_of_twenty_who_show_the_same_piece_at_once_one_is_looked_at(offer, shown):
    """C4: one case of one offer; the others are told that somebody was before them."""
    results = at_once([lambda one=one: confirm_release(release_id=one.pk, now=NOW) for one in shown])
    refused = [getattr(result, "code", result) for result in results if isinstance(result, Exception)]
    assert refused == ["at_desk"] * 19
    assert Counter(ReleaseRequest.objects.values_list("state", flat=True)) == {"desk": 1, "unconfirmed": 19}
    assert Event.objects.filter(kind="release.asked").count() == 1


def test_calling_it_off_and_handing_it_over_at_once_leave_one_of_both(offer, shown):
    """C4: the owner keeps it, or the taker has it; never half of each."""
    case = confirm_release(release_id=shown[0].pk, now=NOW)
    decider = factories.staff(offer.brand, "sam", "support_agent")
    at_once(
        [
            lambda: decide_release(
                release_id=case.pk, for_side=Side.CLAIMANT, reason="Seen.", annuls=False, now=NOW,
                actor_id=decider.pk,
            ),
            lambda: call_off_offer(transfer_id=offer.pk, owner_id=offer.ownership.owner_id, now=NOW),
        ]
    )  # fmt: skip
    offer.refresh_from_db()
    case.refresh_from_db()
    ends = (offer.state, case.state, Ownership.objects.count())
    assert ends in {("accepted", "released", 2), ("cancelled", "withdrawn", 1)}
    assert UnitFacts.objects.get().transfer is False
