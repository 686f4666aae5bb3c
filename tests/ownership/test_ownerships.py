"""Starting and ending ownerships: one current owner, an unbroken count, each with its event."""

import datetime as dt

import pytest

from analytics.models import Event, UnitFacts
from ownership.errors import OwnershipError
from ownership.models import Ownership
from ownership.models.owners import Acquired, Annulled
from ownership.services import annul_ownership, end_ownership, hand_over, retire_unit, start_ownership
from products.models import Unit
from tests import factories

pytestmark = pytest.mark.django_db

NOW = dt.datetime(2026, 6, 15, 12, tzinfo=dt.UTC)
DAY = dt.timedelta(days=1)
LATER = NOW + DAY


def start(unit, owner, since=NOW):
    return start_ownership(unit=unit, owner=owner, since=since, now=NOW, actor_id=7)


def end(unit, until=NOW):
    return end_ownership(unit=unit, until=until, now=NOW, actor_id=7)


def refused(code, call, *args, **kwargs):
    with pytest.raises(OwnershipError) as refusal:
        call(*args, **kwargs)
    assert refusal.value.code == code
    assert str(refusal.value).endswith(".")


def state(unit) -> tuple:
    """Everything that a refusal must leave as it was."""
    return (
        list(Ownership.objects.order_by("id").values()),
        list(UnitFacts.objects.values()),
        list(Unit.objects.filter(pk=unit.pk).values()),
        Event.objects.count(),
    )


def test_a_first_owner_stands_in_rows_facts_and_ledger(unit, alice):
    ownership = start(unit, alice, NOW - 40 * DAY)
    assert (ownership.ordinal, ownership.since, ownership.until) == (1, NOW - 40 * DAY, None)
    facts = UnitFacts.objects.get(unit=unit)
    assert (facts.owner_id, facts.ownerships) == (alice.pk, 1)
    assert facts.owned_since == facts.first_owned_at == NOW - 40 * DAY
    event = Event.objects.get()
    assert (event.kind, event.owner_id, event.actor_id) == ("ownership.started", alice.pk, 7)
    assert (event.at, event.recorded_at, event.data) == (
        NOW - 40 * DAY,
        NOW,
        {"ordinal": 1, "acquired": "registration"},
    )


def test_a_later_owner_counts_on_and_the_first_day_stays(unit, alice, bob):
    start(unit, alice, NOW - 40 * DAY)
    end(unit, NOW - 10 * DAY)
    facts = UnitFacts.objects.get(unit=unit)
    assert (facts.owner_id, facts.owned_since, facts.ownerships) == (None, None, 1)
    assert start(unit, bob, NOW - 10 * DAY).ordinal == 2
    facts.refresh_from_db()
    assert (facts.owner_id, facts.ownerships) == (bob.pk, 2)
    assert (facts.owned_since, facts.first_owned_at) == (NOW - 10 * DAY, NOW - 40 * DAY)
    assert [event.kind for event in Event.objects.order_by("id")] == [
        "ownership.started", "ownership.ended", "ownership.started",
    ]  # fmt: skip


def test_the_same_owner_may_come_back(unit, alice):
    start(unit, alice, NOW - 9 * DAY)
    end(unit, NOW - 5 * DAY)
    assert start(unit, alice, NOW).ordinal == 2


def test_an_owned_unit_gets_no_second_owner(unit, alice, bob):
    start(unit, alice)
    before = state(unit)
    refused("owned", start, unit, bob)
    refused("owned", start, unit, alice)
    assert state(unit) == before


def test_an_owner_of_another_brand_is_refused(unit, globex):
    before = state(unit)
    refused("other_brand", start, unit, factories.OwnerFactory(brand=globex))
    assert state(unit) == before


def test_a_retired_unit_gets_no_owner(unit, alice):
    retire_unit(unit=unit, status=Unit.Status.RECYCLED, retired_on=NOW.date(), now=NOW)
    before = state(unit)
    refused("retired", start, unit, alice)
    assert state(unit) == before


def test_ownerships_never_overlap(unit, alice, bob):
    start(unit, alice, NOW - 9 * DAY)
    end(unit, NOW - 5 * DAY)
    before = state(unit)
    refused("before_previous", start, unit, bob, NOW - 6 * DAY)
    assert state(unit) == before
    assert start(unit, bob, NOW - 5 * DAY).ordinal == 2


def test_what_is_not_owned_can_not_end(unit, alice):
    refused("not_owned", end, unit)
    start(unit, alice)
    end(unit)
    refused("not_owned", end, unit)


def test_an_ownership_ends_after_it_began(unit, alice):
    start(unit, alice, NOW)
    before = state(unit)
    refused("ends_before_start", end, unit, NOW - DAY)
    assert state(unit) == before
    assert end(unit, NOW).until == NOW


def test_a_stale_unit_in_hand_does_not_matter(unit, alice):
    """The service reads under its lock; what the caller holds may be old."""
    stale = Unit.objects.get(pk=unit.pk)
    retire_unit(unit=unit, status=Unit.Status.DESTROYED, retired_on=NOW.date(), now=NOW)
    assert not stale.is_retired
    refused("retired", start, stale, alice)


@pytest.mark.parametrize("service", ["start", "end"])
def test_without_its_event_nothing_happens(unit, alice, monkeypatch, service):
    if service == "end":
        start(unit, alice)
    before = state(unit)

    def fail(*_args, **_kwargs):
        raise RuntimeError("no ledger")

    monkeypatch.setattr("ownership.services.ownerships.record_event", fail)
    with pytest.raises(RuntimeError):
        start(unit, alice) if service == "start" else end(unit)
    assert state(unit) == before


def test_ownerships_are_read_per_brand(unit, alice, globex):
    start(unit, alice)
    assert Ownership.objects.for_brand(unit.brand).current().of_unit(unit).count() == 1
    assert not Ownership.objects.for_brand(globex).exists()


def test_a_brand_sees_its_own_owners_alone(alice, acme, globex, sam):
    from ownership.models import Owner

    factories.OwnerFactory(brand=globex)
    assert list(Owner.objects.for_brand(acme)) == [alice]
    assert list(Owner.objects.visible_to(sam)) == [alice]


def test_the_ledger_never_names_a_person(unit, alice):
    start(unit, alice)
    end(unit)
    for event in Event.objects.all():
        assert "Alice" not in str(event.data)
        assert "alice@example.com" not in str(event.data)


def test_handing_over_ends_and_begins_in_one_moment(unit, alice, bob):
    """C4: one owner at any time; the second is the second; the search for it is over."""
    start(unit, alice)
    hand_over(unit=unit, owner=bob, acquired=Acquired.TRANSFER, now=LATER)
    first, second = Ownership.objects.of_unit(unit)
    assert (first.until, second.since, second.ordinal, second.acquired) == (LATER, LATER, 2, "transfer")
    facts = UnitFacts.objects.get(unit=unit)
    assert (facts.owner_id, facts.ownerships) == (bob.pk, 2)
    with pytest.raises(OwnershipError) as refused:
        hand_over(unit=unit, owner=bob, acquired=Acquired.TRANSFER, now=LATER)
    assert refused.value.code == "own"


def test_an_annulled_ownership_leaves_the_next_owner_the_first(unit, alice, bob):
    """C12: as if it had never been; the ledger keeps that it was."""
    start(unit, alice)
    annul_ownership(unit=unit, reason=Annulled.RETURNED, now=LATER)
    facts = UnitFacts.objects.get(unit=unit)
    assert (facts.owner_id, facts.ownerships, facts.first_owned_at) == (None, 0, None)
    again = start_ownership(unit=unit, owner=bob, since=LATER, now=LATER)
    assert (again.ordinal, UnitFacts.objects.get(unit=unit).first_owned_at) == (1, LATER)
    assert Event.objects.get(kind="ownership.annulled").data == {"ordinal": 1, "reason": "returned"}
