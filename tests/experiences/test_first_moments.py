"""What the page of a first owner says of this very unit and of what it is made of."""

import datetime as dt

import pytest
import time_machine

from products.models import Batch, Unit
from products.services.brands import touch_content
from tests.experiences.test_registering import register
from tests.reading import main_attributes, module_names, text_of
from warranty.models import CoveragePlan

pytestmark = pytest.mark.django_db

NOW = dt.datetime(2026, 6, 15, 12, tzinfo=dt.UTC)


@pytest.fixture
def made(acme, bag, unit) -> Unit:
    """A bag of which everything is known, sold three days ago, at a brand with a plan."""
    batch = Batch.objects.create(brand=acme, product=bag, code="L-09")
    facts = {"made_on": dt.date(2026, 4, 2), "made_in": "Graulhet", "origin": "Hides from Aveyron"}
    Unit.objects.filter(pk=unit.pk).update(**facts, batch=batch, sold_on=dt.date(2026, 6, 12))
    CoveragePlan.objects.create(brand=acme, names={"en": "Two years"}, months=24)
    touch_content(acme.pk)
    return unit


def test_a_first_owner_reads_where_and_when_it_was_made_and_until_when_it_is_covered(client, chip, made):
    """B1: made when, where and of what; its first owner; under warranty from today until a date."""
    with time_machine.travel(NOW, tick=False):
        page = client.get(chip.tap())
        assert main_attributes(page)["stage"] == "unboxing"
        assert "You are its first owner." in text_of(page)
        for fact in ("2 April 2026 in Graulhet", "Hides from Aveyron", "L-09", "warranty until 14 June 2028"):
            assert fact in text_of(page), fact
        register(client, made)
        page = client.get(f"/u/{made.public_code}/")
    assert main_attributes(page)["viewer"] == "owner"
    assert "coverage" in module_names(page)
    assert "until and including 14 June 2028" in text_of(page)
    assert "15 June 2026" in text_of(page)


def test_care_is_of_the_units_own_material_with_the_day_of_the_next_treatment(client, made):
    """B2: how to clean it, what to avoid, and a treatment every so many months, dated by the unit's own clock."""
    with time_machine.travel(NOW, tick=False):
        page = text_of(client.get(f"/u/{made.public_code}/care/"))
    for fact in (
        "Full-grain leather",
        "Wipe it with a dry cloth.",
        "Keep it away from radiators.",
        "Condition the leather every 6 months",
        "12 December 2026",
    ):
        assert fact in page, fact
    with time_machine.travel(NOW + dt.timedelta(days=200), tick=False):
        assert "12 June 2027" in text_of(client.get(f"/u/{made.public_code}/care/"))
