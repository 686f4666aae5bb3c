"""The sale and the end of a unit's life."""

import datetime as dt

import pytest

from analytics.models import Event
from ownership.errors import OwnershipError
from ownership.services import record_sale, retire_unit
from products.models import Unit

pytestmark = pytest.mark.django_db

NOW = dt.datetime(2026, 6, 15, 12, tzinfo=dt.UTC)
TODAY = NOW.date()
YESTERDAY = TODAY - dt.timedelta(days=1)


def sell(unit, on=TODAY, market="FR"):
    return record_sale(unit=unit, sold_on=on, market=market, now=NOW, actor_id=7)


def retire(unit, status=Unit.Status.RECYCLED, on=TODAY):
    return retire_unit(unit=unit, status=status, retired_on=on, now=NOW, actor_id=7)


def refused(code, call, *args):
    events = Event.objects.count()
    with pytest.raises(OwnershipError) as refusal:
        call(*args)
    assert refusal.value.code == code
    assert Event.objects.count() == events


def test_a_sale_is_kept_with_its_market_and_event(unit):
    assert sell(unit, YESTERDAY).sold_on == YESTERDAY
    unit.refresh_from_db()
    assert (unit.sold_on, unit.market) == (YESTERDAY, "FR")
    event = Event.objects.get()
    assert (event.kind, event.unit_id, event.actor_id, event.at) == ("unit.sold", unit.pk, 7, NOW)
    assert event.data == {"sold_on": YESTERDAY.isoformat(), "market": "FR"}


def test_the_same_sale_again_changes_nothing(unit):
    sell(unit)
    sell(unit)
    sell(unit, market="")
    assert Event.objects.count() == 1


def test_a_market_can_be_told_later_and_is_not_forgotten(unit):
    sell(unit, market="")
    sell(unit, market="JP")
    sell(unit, market="")
    unit.refresh_from_db()
    assert unit.market == "JP"
    assert Event.objects.count() == 2


def test_another_day_of_sale_is_refused(unit):
    sell(unit)
    refused("sold_otherwise", sell, unit, YESTERDAY)
    unit.refresh_from_db()
    assert unit.sold_on == TODAY


def test_a_retired_unit_is_not_sold(unit):
    retire(unit)
    refused("retired", sell, unit)


def test_the_end_of_a_life_is_kept_with_its_event(unit):
    retire(unit, Unit.Status.DESTROYED, YESTERDAY)
    unit.refresh_from_db()
    assert (unit.status, unit.retired_on, unit.is_retired) == ("destroyed", YESTERDAY, True)
    event = Event.objects.get()
    assert (event.kind, event.data) == (
        "unit.retired", {"status": "destroyed", "retired_on": YESTERDAY.isoformat()},
    )  # fmt: skip


@pytest.mark.parametrize("status", [status for status in Unit.Status if status != Unit.Status.ACTIVE])
def test_every_end_is_an_end_and_comes_once(unit, status):
    retire(unit, status)
    refused("retired", retire, unit, status)
    refused("retired", retire, unit)


def test_being_active_is_not_an_end(unit):
    refused("not_an_end", retire, unit, Unit.Status.ACTIVE)
    unit.refresh_from_db()
    assert not unit.is_retired


@pytest.mark.parametrize("call", [sell, retire])
def test_without_its_event_nothing_happens(unit, monkeypatch, call):
    def fail(*_args, **_kwargs):
        raise RuntimeError("no ledger")

    monkeypatch.setattr("ownership.services.life.record_event", fail)
    with pytest.raises(RuntimeError):
        call(unit)
    unit.refresh_from_db()
    assert (unit.sold_on, unit.retired_on, unit.status) == (None, None, "active")


def test_the_end_of_a_life_shows_at_the_next_tap_and_identity_stays(client, chip, unit):
    """B9: the unit is retired, and its identity stays readable; recycling leads."""
    from tests.reading import action_of, main_attributes, text_of

    retire(unit)
    page = client.get(chip.tap())
    assert (main_attributes(page)["stage"], action_of(page)) == ("retired", "recycle")
    assert unit.serial in text_of(page)
    assert "About recycle." in text_of(client.get(f"/u/{unit.public_code}/recycle/"))
