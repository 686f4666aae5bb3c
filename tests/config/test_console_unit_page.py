"""G1, G2: a unit's page in the console, and what an agent does from there."""

import datetime as dt
import re

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation

from analytics.models import Event, Scan, UnitFacts
from ownership.models import Ownership, Transfer
from products.models import AuditRow, Tag, Unit
from tests import factories
from tests.config.test_console_tenancy import console

pytestmark = pytest.mark.django_db

PAST = dt.datetime(2026, 1, 10, 9, tzinfo=dt.UTC)


@pytest.fixture
def agent(sam):
    return console(sam)


def page_of(client: Client, unit: Unit) -> str:
    return client.get(reverse("admin:products_unit_change", args=[unit.pk])).content.decode()


def act(client: Client, unit: Unit, slug: str, **values):
    return client.post(reverse("admin:products_unit_act", args=[unit.pk, slug]), values)


def scans(unit: Unit, at: dt.datetime, verdict: str, number: int) -> None:
    Scan.objects.bulk_create(
        Scan(at=at, brand=unit.brand, unit=unit, verdict=verdict, stage="discovery", visitor="v")
        for _ in range(number)
    )


def test_the_page_shows_identity_tags_and_links_and_no_key(agent, chip, unit):
    Unit.objects.filter(pk=unit.pk).update(attributes={"artisan": "Maud"}, made_in="Graulhet")
    text = page_of(agent, unit)
    for expected in ("AC-0001", unit.trade_item.gtin, unit.public_code, chip.tag.uid, "Maud", "Graulhet"):
        assert expected in text
    assert f"/q/{unit.public_code}" in text
    assert "11" * 16 not in text
    assert "22" * 16 not in text


def test_scans_of_one_day_are_one_line_with_what_they_proved(agent, unit):
    scans(unit, PAST, "genuine", 9)
    scans(unit, PAST + dt.timedelta(hours=2), "replayed", 3)
    scans(unit, PAST + dt.timedelta(days=1), "genuine", 1)
    text = page_of(agent, unit)
    assert text.count('class="scans"') == 2
    assert "12 scans" in text
    assert "9 Genuine, 3 Link used before" in text


def test_a_day_is_a_day_in_the_units_market(agent, unit):
    """23:30 UTC is the next day in Paris: two scans around it are of one day there."""
    scans(unit, dt.datetime(2026, 1, 10, 23, 30, tzinfo=dt.UTC), "genuine", 1)
    scans(unit, dt.datetime(2026, 1, 11, 8, 0, tzinfo=dt.UTC), "genuine", 1)
    assert "2 scans" in page_of(agent, unit)


def test_events_stand_in_the_timeline_in_words_with_who_did_them(agent, sam, unit):
    act(agent, unit, "sale", day="2026-02-01", market="fr")
    text = page_of(agent, unit)
    assert "on 2026-02-01, FR" in text
    assert "by sam" in text


def test_why_this_stage_names_the_reason_and_the_level_of_its_threshold(agent, acme, bag, unit, alice):
    factories.own(unit, alice, timezone.now() - dt.timedelta(days=3))
    acme.onboarding_days = 45
    acme.save()
    bag.category.maturity_months = 60
    bag.category.save()
    from products.services.brands import touch_content

    touch_content(acme.pk)
    text = page_of(agent, unit)
    assert "First owner for 3 days, fewer than 45." in text
    assert "set on the brand" in text
    assert "set on the category" in text
    assert "the installation&#x27;s default" in text


def test_the_stage_shown_is_what_a_visitor_gets(agent, client, unit, alice):
    factories.own(unit, alice, timezone.now() - dt.timedelta(days=3))
    stage = re.search(r'data-stage="(\w+)"', client.get(f"/q/{unit.public_code}").content.decode())[1]
    assert f'class="state state-{stage}"' in page_of(agent, unit)


def test_the_owner_is_shown_to_an_agent_and_the_reading_is_written_down(agent, sam, unit, alice):
    factories.own(unit, alice, PAST)
    assert "alice@example.com" in page_of(agent, unit)
    row = AuditRow.objects.get(action="read_owner")
    assert (row.actor_id, row.object_type, row.object_id) == (sam.pk, "ownership.owner", str(alice.pk))
    assert row.brand_id == unit.brand_id
    assert "alice" not in str(row.data).lower()


@pytest.mark.parametrize("role", ["analyst", "auditor", "commerce", "service_partner"])
def test_other_roles_see_no_owner_and_no_acts(role, acme, unit, alice):
    factories.own(unit, alice, PAST)
    text = page_of(console(factories.staff(acme, "other", role)), unit)
    assert "AC-0001" in text
    assert "Alice" not in text
    assert "alice@example.com" not in text
    assert "/act/" not in text
    assert not AuditRow.objects.exists()


def test_recording_a_sale_asks_first_then_calls_the_service(agent, sam, unit):
    asked = agent.get(reverse("admin:products_unit_act", args=[unit.pk, "sale"])).content.decode()
    assert "What will happen" in asked
    assert "How to undo it" in asked
    assert Unit.objects.get(pk=unit.pk).sold_on is None
    assert act(agent, unit, "sale", day="2026-02-01", market="FR").status_code == 302
    unit.refresh_from_db()
    assert (unit.sold_on, unit.market) == (dt.date(2026, 2, 1), "FR")
    assert Event.objects.get(kind="unit.sold").actor_id == sam.pk


def test_what_the_service_refuses_stands_on_the_form_and_nothing_typed_is_lost(agent, unit):
    act(agent, unit, "sale", day="2026-02-01")
    answer = act(agent, unit, "sale", day="2026-02-02", market="DE")
    text = answer.content.decode()
    assert answer.status_code == 200
    assert "Another day of sale is on record" in text
    assert 'value="2026-02-02"' in text
    assert 'value="DE"' in text
    assert Unit.objects.get(pk=unit.pk).sold_on == dt.date(2026, 2, 1)


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"day": "2999-01-01"}, "in the future"),
        ({"day": "yesterday"}, "Enter a valid date"),
        ({"day": "2026-02-01", "market": "F1"}, "two capital letters"),
    ],
)
def test_bad_input_gets_its_sentence(agent, unit, values, sentence):
    assert sentence in act(agent, unit, "sale", **values).content.decode()
    assert not Event.objects.exists()


def test_retiring_a_unit(agent, unit):
    assert act(agent, unit, "retire", day="2026-03-01", status="recycled").status_code == 302
    unit.refresh_from_db()
    assert (unit.status, unit.retired_on) == ("recycled", dt.date(2026, 3, 1))
    assert (
        "ended already" in act(agent, unit, "retire", day="2026-03-02", status="destroyed").content.decode()
    )


@pytest.mark.parametrize("flag", ["recall", "stolen", "lost"])
def test_a_flag_is_raised_with_a_reason_shown_and_lowered(agent, client, unit, flag):
    assert act(agent, unit, f"raise-{flag}", reason="").status_code == 200, "a reason is needed"
    act(agent, unit, f"raise-{flag}", reason="Ticket 12")
    assert getattr(UnitFacts.objects.get(unit=unit), flag)
    assert "Ticket 12" in page_of(agent, unit)
    assert f"lower-{flag}" in page_of(agent, unit)
    assert flag in client.get(f"/q/{unit.public_code}").content.decode()
    act(agent, unit, f"lower-{flag}", reason="Found")
    assert not getattr(UnitFacts.objects.get(unit=unit), flag)


def test_a_chip_is_withdrawn_and_proves_nothing_any_more(agent, client, unit, chip, profile):
    """The unit can take another chip then, which an encoding station's result binds to it."""
    assert 'data-authenticity="genuine"' in client.get(chip.tap()).content.decode()
    assert act(agent, unit, "withdraw", chip=chip.tag.pk, reason="").status_code == 200, "a reason is needed"
    stranger = factories.put_chip_on(factories.UnitFactory(product=unit.product), profile)
    assert act(agent, unit, "withdraw", chip=stranger.tag.pk, reason="x").status_code == 200
    assert act(agent, unit, "withdraw", chip=chip.tag.pk, reason="Antenna broken").status_code == 302
    states = dict(Tag.objects.values_list("pk", "state"))
    assert states == {chip.tag.pk: "withdrawn", stranger.tag.pk: "active"}
    assert 'data-authenticity="identified"' in client.get(chip.tap()).content.decode()
    event = Event.objects.get(kind="tag.withdrawn")
    assert (event.unit_id, event.data) == (unit.pk, {"tag": chip.tag.pk, "reason": "Antenna broken"})
    page = page_of(agent, unit)
    assert "Antenna broken" in page
    assert "act/withdraw/" not in page


@pytest.mark.parametrize("slug", ["sale", "retire", "raise-lost", "lower-lost", "withdraw"])
@pytest.mark.parametrize("role", ["analyst", "commerce", "compliance"])
def test_roles_that_may_not_act_are_refused(slug, role, acme, unit):
    client = console(factories.staff(acme, "other", role))
    answer = act(client, unit, slug, day="2026-02-01", status="recycled", reason="x")
    assert answer.status_code == 403
    assert not Event.objects.exists()


@pytest.mark.parametrize("slug", ["sale", "retire", "raise-lost", "withdraw"])
def test_a_rivals_agent_changes_nothing(slug, globex, unit):
    client = console(factories.staff(globex, "rival", "support_agent"))
    answer = act(client, unit, slug, day="2026-02-01", status="recycled", reason="x")
    assert answer.status_code == 302
    assert answer.url == reverse("admin:index")
    assert not Event.objects.exists()


def test_an_act_that_does_not_exist_is_not_found(agent, unit):
    assert act(agent, unit, "explode").status_code == 404


def test_a_return_is_asked_for_done_and_told_in_the_history(agent, unit, alice):
    """C12, G1: the page before says what will happen; the annulled ownership stays in sight."""
    Unit.objects.filter(pk=unit.pk).update(sold_on=PAST.date(), market="FR")
    factories.own(unit, alice, PAST)
    with translation.override("en"):
        before = agent.get(reverse("admin:products_unit_act", args=[unit.pk, "return"])).content.decode()
        assert "first owner" in before
        assert "in the future" in act(agent, unit, "return", resold_on="2999-01-01").content.decode()
        assert act(agent, unit, "return", resold_on="").status_code == 302
        text = page_of(agent, unit)
        assert "never counted" in text
        assert "The unit was returned to the shop" in text
        assert "sold on 2026-01-10 until then" in text
        refused = act(agent, unit, "return", resold_on="").content.decode()
    assert "nothing to undo" in refused
    assert Unit.objects.get(pk=unit.pk).sold_on is None


def test_the_page_names_owners_so_far_by_number_and_links_what_is_open(agent, unit, alice, bob):
    """G1: an open offer and an open case are one step away."""
    factories.own(unit, alice, PAST)
    offer = Transfer.objects.create(
        brand=unit.brand, unit=unit, ownership=Ownership.objects.get(unit=unit), kind="sale",
        started_at=timezone.now(), expires_at=timezone.now() + dt.timedelta(days=14),
    )  # fmt: skip
    text = page_of(agent, unit)
    assert f">#{alice.pk}</a>" in text
    assert reverse("admin:ownership_transfer_change", args=[offer.pk]) in text
