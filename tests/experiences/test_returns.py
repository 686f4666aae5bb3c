"""C12: a returned unit is as if it had never been sold; its next buyer is a first owner."""

import datetime as dt

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation

from analytics.models import Event, UnitActivity, UnitFacts
from experiences.returns import return_unit
from experiences.services import say_it_is_mine
from ownership.errors import OwnershipError
from ownership.models import Gift, Ownership, Registration, Transfer
from ownership.models.owners import Acquired
from ownership.services import hand_over, record_sale, start_ownership
from products.models import Unit
from tests import factories
from warranty.models import Coverage, CoveragePlan
from warranty.services import activate_coverage, reset_coverage

pytestmark = pytest.mark.django_db

NOW = dt.datetime(2026, 6, 1, 12, tzinfo=dt.UTC)
LATER = NOW + dt.timedelta(days=10)


@pytest.fixture
def sold(acme, unit, alice):
    """Alice's bag: sold, registered, covered."""
    CoveragePlan.objects.create(brand=acme, names={"en": "Two years"}, months=24)
    record_sale(unit=unit, sold_on=NOW.date(), market="FR", now=NOW)
    start_ownership(unit=unit, owner=alice, since=NOW, now=NOW)
    activate_coverage(unit_id=unit.pk, now=NOW)
    return Unit.objects.get(pk=unit.pk)


def test_registration_coverage_and_sale_are_undone_and_the_next_buyer_is_first(sold, alice, bob, sam):
    """C12."""
    return_unit(unit_id=sold.pk, now=LATER, actor_id=sam.pk)
    unit = Unit.objects.get(pk=sold.pk)
    assert (unit.sold_on, unit.market) == (None, "")
    assert not Coverage.objects.filter(unit=unit).exists()
    record_sale(unit=unit, sold_on=LATER.date(), market="DE", now=LATER)
    again = start_ownership(unit=unit, owner=bob, since=LATER, now=LATER)
    assert again.ordinal == 1
    assert Ownership.objects.get(owner=alice).annulled == "returned"
    assert UnitFacts.objects.get(unit=unit).first_owned_at == LATER
    assert activate_coverage(unit_id=unit.pk, now=LATER).starts_on == LATER.date()


def test_each_step_is_on_the_ledger_and_names_nobody(sold, sam):
    return_unit(unit_id=sold.pk, now=LATER, actor_id=sam.pk)
    told = {event.kind: event for event in Event.objects.filter(unit=sold, at=LATER)}
    assert {"ownership.annulled", "coverage.reset", "unit.returned"} <= set(told)
    assert told["unit.returned"].data == {"sold_on": "2026-06-01", "market": "FR"}
    assert told["coverage.reset"].data["reason"] == "returned"
    assert {event.actor_id for event in told.values()} == {sam.pk}
    assert "Alice" not in str([event.data for event in told.values()])


def test_the_old_certificate_says_that_it_no_longer_stands(sold):
    """C12: whoever has the link reads why, instead of nothing."""
    code = sold.coverage.certificate_code
    return_unit(unit_id=sold.pk, now=LATER, actor_id=None)
    page = Client().get(reverse("certificate", args=[code]), headers={"Accept-Language": "en"})
    assert page.status_code == 410
    assert "no longer stands" in page.content.decode()
    assert "Alice" not in page.content.decode()
    assert Client().get(reverse("certificate_pdf", args=[code])).status_code == 410
    assert Client().get(reverse("certificate", args=["a" * 20])).status_code == 404


def test_the_shelf_shows_it_as_new(sold, chip):
    """C12: the stage that visitors get after a return, and after the next sale."""
    Client().get(f"/{chip.tap().partition('/')[2]}")
    say_it_is_mine(unit_id=sold.pk, holding=True, now=NOW)
    UnitActivity.objects.filter(unit=sold).update(first_scan_at=NOW - dt.timedelta(days=400))
    UnitFacts.objects.filter(unit=sold).update(opened_at=NOW)
    return_unit(unit_id=sold.pk, now=timezone.now(), actor_id=None)
    home = reverse("unit_home", args=[sold.public_code])
    assert b'data-stage="discovery"' in Client().get(home).content
    record_sale(unit=sold, sold_on=timezone.now().date(), now=timezone.now())
    assert b'data-stage="unboxing"' in Client().get(home).content


def test_an_open_offer_of_return_is_accepted(sold, alice):
    ownership = Ownership.objects.get(owner=alice)
    offer = Transfer.objects.create(
        brand=sold.brand, unit=sold, ownership=ownership, kind="return", started_at=NOW,
        expires_at=NOW + dt.timedelta(days=14), recipient="shop@example.com",
    )  # fmt: skip
    return_unit(unit_id=sold.pk, now=LATER, actor_id=None)
    offer.refresh_from_db()
    assert (offer.state, offer.recipient, offer.settled_at) == ("accepted", "", LATER)


def test_an_open_sale_to_somebody_is_called_off(sold, alice):
    offer = Transfer.objects.create(
        brand=sold.brand, unit=sold, ownership=Ownership.objects.get(owner=alice), kind="sale",
        started_at=NOW, expires_at=NOW + dt.timedelta(days=14),
    )  # fmt: skip
    return_unit(unit_id=sold.pk, now=LATER, actor_id=None)
    offer.refresh_from_db()
    assert offer.state == "cancelled"


def test_a_unit_that_changed_hands_keeps_its_earlier_owner_and_its_coverage(sold, bob):
    hand_over(unit=sold, owner=bob, acquired=Acquired.TRANSFER, now=NOW + dt.timedelta(days=1))
    return_unit(unit_id=sold.pk, now=LATER, actor_id=None)
    assert Coverage.objects.filter(unit=sold).exists()
    assert Unit.objects.get(pk=sold.pk).sold_on == NOW.date()
    assert UnitFacts.objects.get(unit=sold).ownerships == 1
    assert not Ownership.objects.of_unit(sold).current().exists()


def test_it_can_be_sold_again_in_the_same_breath(sold):
    return_unit(unit_id=sold.pk, now=LATER, actor_id=None, resold_on=LATER.date())
    assert Unit.objects.get(pk=sold.pk).sold_on == LATER.date()


def test_words_for_whoever_unpacks_it_and_waiting_forms_go(sold):
    Gift.objects.create(unit=sold, brand=sold.brand, words="For you, A.", left_at=NOW)
    waiting = Registration.objects.create(
        brand=sold.brand, unit=sold, submission_key="0" * 32, proof="code", state="pending",
        contact_kind="email", contact="carol@example.com", locale="en", created_at=NOW,
    )  # fmt: skip
    return_unit(unit_id=sold.pk, now=LATER, actor_id=None)
    waiting.refresh_from_db()
    assert waiting.state == "superseded"
    assert not Gift.objects.filter(unit=sold).exists()


def test_other_things_of_the_person_are_not_touched(sold, alice, bag):
    other = factories.UnitFactory(product=bag, serial="AC-0002")
    factories.own(other, alice, NOW)
    return_unit(unit_id=sold.pk, now=LATER, actor_id=None)
    assert Ownership.objects.of_unit(other).current().get().owner == alice


@pytest.mark.parametrize("flag", ["lost", "stolen", "dispute"])
def test_a_missed_or_disputed_unit_is_refused(sold, flag):
    UnitFacts.objects.filter(unit=sold).update(**{flag: True})
    with pytest.raises(OwnershipError) as refused:
        return_unit(unit_id=sold.pk, now=LATER, actor_id=None)
    assert refused.value.code == "missed"
    assert Ownership.objects.of_unit(sold).current().exists()


def test_returned_twice_is_refused_and_a_retired_one_too(sold):
    return_unit(unit_id=sold.pk, now=LATER, actor_id=None)
    with pytest.raises(OwnershipError, match="nothing to undo"), translation.override("en"):
        return_unit(unit_id=sold.pk, now=LATER, actor_id=None)
    Unit.objects.filter(pk=sold.pk).update(status="recycled", retired_on=LATER.date())
    with pytest.raises(OwnershipError) as refused:
        return_unit(unit_id=sold.pk, now=LATER, actor_id=None)
    assert refused.value.code == "retired"


def test_resetting_what_has_no_coverage_changes_nothing(unit):
    assert reset_coverage(unit_id=unit.pk, now=NOW, actor_id=None, reason="returned") is False
    assert not Event.objects.filter(kind="coverage.reset").exists()
