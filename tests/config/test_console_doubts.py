"""The queue of doubts over HTTP: who sees it, what it says, deciding, and that owners learn nothing of it."""

import datetime as dt

import pytest
from django.test import Client
from django.utils import timezone

from analytics.kinds import DoubtKind, EventKind
from analytics.models import Doubt, DoubtRules, Event
from config.console.doubt_words import MEANINGS
from products.models import Role
from tests import factories
from tests.config.console_rows import ROWS
from tests.config.test_console_budgets import statements
from tests.config.test_console_tenancy import console
from tests.reading import text_of

pytestmark = pytest.mark.django_db

QUEUE = "/console/analytics/doubt/"
NOW = dt.datetime(2026, 6, 15, 12, tzinfo=dt.UTC)
SCANS = [
    {
        "scan": number, "at": f"2026-06-15T11:{minute}:00+00:00", "country": country, "verdict": "genuine",
        "counter": number, "visitor": visitor,
    }
    for number, minute, country, visitor in ((1, 10, "FR", "aaaa1111"), (2, 55, "JP", "bbbb2222"))
]  # fmt: skip


def raise_doubt(unit, **values):
    return Doubt.objects.create(
        **{
            "brand": unit.brand, "unit": unit, "kind": "far_apart", "evidence": SCANS, "country": "JP",
            "first_seen_at": NOW, "last_seen_at": NOW, **values,
        }
    )  # fmt: skip


@pytest.fixture
def doubt(unit):
    return raise_doubt(unit)


@pytest.fixture
def agent(sam):
    return console(sam)


def page_of(client, doubt):
    return client.get(f"{QUEUE}{doubt.pk}/change/")


def decide(client, doubt, state, reason="A fair in Tokyo"):
    return client.post(f"{QUEUE}{doubt.pk}/decide/", {"state": state, "reason": reason})


# --- Reading ---------------------------------------------------------------------------------------
def test_the_page_shows_evidence_meaning_and_the_way_to_the_unit(agent, doubt, unit):
    answer = page_of(agent, doubt)
    text = text_of(answer)
    for words in (
        "2026-06-15 13:55", "2026-06-15 13:10", "JP", "FR", "bbbb2222", "Genuine", unit.serial,
        str(MEANINGS[DoubtKind.FAR_APART].seen), str(MEANINGS[DoubtKind.FAR_APART].or_else),
    ):  # fmt: skip
        assert words in text, words
    assert f"/console/products/unit/{unit.pk}/change/" in answer.content.decode()
    assert text.index("bbbb2222") < text.index("aaaa1111")  # the newest first


@pytest.mark.parametrize("kind", DoubtKind.values)
def test_every_kind_says_what_it_may_mean(agent, unit, kind):
    text = text_of(page_of(agent, raise_doubt(unit, kind=kind)))
    assert str(MEANINGS[DoubtKind(kind)].may_be) in text


def test_the_queue_begins_with_what_waits_and_filters(agent, unit, bag):
    waiting = raise_doubt(unit)
    watched = raise_doubt(unit, kind="retired", state="watched", country="")
    over = raise_doubt(unit, kind="other_market", state="dismissed", decided_at=NOW, reason="Moved")

    def listed(query=""):
        return set(agent.get(f"{QUEUE}?{query}").context["cl"].result_list)

    assert listed() == {waiting, watched}
    assert listed("state=all") == {waiting, watched, over}
    assert listed("state=dismissed") == {over}
    assert listed("kind__exact=retired") == {watched}
    assert listed("country=JP") == {waiting}
    assert listed(f"unit__product__id__exact={bag.pk}") == {waiting, watched}
    assert listed(f"q={unit.serial}") == {waiting, watched}
    assert listed("first_seen_at__gte=2026-06-16+00%3A00%3A00%2B00%3A00") == set()


def test_home_counts_the_open_ones_of_the_own_brand(agent, doubt, globex):
    ROWS["analytics.doubt"](globex)
    raise_doubt(doubt.unit, kind="retired", state="watched")
    tasks = {task.sentence: task.url for task in agent.get("/console/").context["tasks"]}
    assert tasks["1 doubt waits for a decision"] == "analytics/doubt/?state=open"
    assert list(agent.get(f"{QUEUE}?state=open").context["cl"].result_list) == [doubt]


def test_the_units_page_shows_its_standing_doubts(agent, doubt, unit):
    raise_doubt(unit, kind="retired", state="dismissed", decided_at=NOW, reason="No")
    page = agent.get(f"/console/products/unit/{unit.pk}/change/").content.decode()
    assert f"{QUEUE}{doubt.pk}/change/" in page
    assert "Tapped after it was retired" not in page


def test_roles_that_do_not_read_the_ledger_see_no_doubt_on_a_units_page(acme, doubt, unit):
    partner = console(factories.staff(acme, "partner", "service_partner"))
    page = partner.get(f"/console/products/unit/{unit.pk}/change/")
    assert page.status_code == 200
    assert "Far apart" not in page.content.decode().partition("h-timeline")[0]


def test_the_page_costs_the_same_however_much_speaks_for_the_doubt(agent, doubt, unit):
    crowd = raise_doubt(unit, kind="many_visitors", evidence=SCANS * 10)
    page_of(agent, doubt)
    assert statements(agent, f"{QUEUE}{doubt.pk}/change/") == statements(agent, f"{QUEUE}{crowd.pk}/change/")
    assert statements(agent, f"{QUEUE}{crowd.pk}/change/") <= 8


# --- Deciding --------------------------------------------------------------------------------------
def test_an_agent_watches_then_confirms_with_a_reason(agent, doubt, sam):
    assert decide(agent, doubt, "watched", "").status_code == 302
    answer = decide(agent, doubt, "confirmed", "Seen on a market stall")
    assert answer.url == f"{QUEUE}{doubt.pk}/change/"
    text = text_of(agent.get(answer.url))
    for words in ("The doubt is “Confirmed” now.", "Seen on a market stall", "by sam"):
        assert words in text
    doubt.refresh_from_db()
    assert (doubt.state, doubt.decided_by_id) == ("confirmed", sam.pk)
    assert Event.objects.filter(kind=EventKind.DOUBT_DECIDED, actor_id=sam.pk).count() == 2
    story = text_of(agent.get(f"/console/products/unit/{doubt.unit_id}/change/"))
    assert "Far apart in a short time: Confirmed: Seen on a market stall" in story


@pytest.mark.parametrize(
    ("form", "sentence"),
    [
        ({"state": "dismissed", "reason": " "}, "Give the reason in a few words."),
        ({"state": "confirmed"}, "Give the reason in a few words."),
        ({"state": "dismissed", "reason": "x" * 301}, "at most 300 characters"),
        ({"state": "open", "reason": "why"}, "open is not one of the available choices"),
        ({"state": "<b>", "reason": "why"}, "is not one of the available choices"),
        ({}, "This field is required."),
    ],
)
def test_a_bad_decision_gets_its_sentence_and_keeps_what_was_typed(agent, doubt, form, sentence):
    answer = agent.post(f"{QUEUE}{doubt.pk}/decide/", form)
    assert answer.status_code == 200
    assert sentence in text_of(answer)
    assert form.get("reason", "").strip() in answer.content.decode()
    doubt.refresh_from_db()
    assert doubt.state == "open"


def test_who_comes_second_is_told_so(agent, doubt):
    decide(agent, doubt, "dismissed")
    answer = decide(agent, doubt, "confirmed", "Surely a copy")
    assert "This doubt is “Dismissed” by now. Look at it again." in text_of(answer)
    doubt.refresh_from_db()
    assert doubt.reason == "A fair in Tokyo"


def test_the_address_of_deciding_shows_the_page_when_it_is_only_read(agent, doubt):
    assert "Evidence" in text_of(agent.get(f"{QUEUE}{doubt.pk}/decide/"))
    assert agent.get(f"{QUEUE}999999/decide/").status_code == 404


@pytest.mark.parametrize("role", sorted(Role.values))
def test_only_fitting_roles_decide(acme, doubt, role):
    client = console(factories.staff(acme, f"person-{role}", role))
    answer = decide(client, doubt, "dismissed")
    doubt.refresh_from_db()
    if role in ("brand_admin", "compliance", "support_agent", "service_manager"):
        assert (answer.status_code, doubt.state) == (302, "dismissed")
        return
    assert answer.status_code in (403, 404)
    assert doubt.state == "open"
    if role in ("analyst", "auditor"):
        assert 'name="reason"' not in page_of(client, doubt).content.decode()


def test_a_rivals_doubt_is_neither_shown_nor_decided(agent, globex):
    rival = ROWS["analytics.doubt"](globex)
    assert page_of(agent, rival).status_code == 302
    assert decide(agent, rival, "dismissed").status_code == 404
    bulk(agent, [rival], apply="1", reason="Mine now")
    rival.refresh_from_db()
    assert rival.state == "open"


def bulk(client, doubts, **form):
    selected = {"action": "dismiss", "_selected_action": [doubt.pk for doubt in doubts], **form}
    return client.post(f"{QUEUE}?state=all", selected, follow=True)


def test_many_are_dismissed_with_one_reason(agent, unit, bag):
    doubts = [raise_doubt(unit), raise_doubt(unit, kind="retired")]
    gone = raise_doubt(unit, kind="other_market", state="dismissed", decided_at=NOW, reason="Moved")
    asked = text_of(bulk(agent, [*doubts, gone]))
    assert "2 doubts leave the queue" in asked
    assert unit.serial in asked
    again = bulk(agent, doubts, apply="1", reason="")
    assert "This field is required." in text_of(again)
    assert Doubt.objects.filter(state="open").count() == 2
    done = bulk(agent, [*doubts, gone], apply="1", reason="A display piece")
    assert "2 doubts are dismissed." in text_of(done)
    assert set(Doubt.objects.values_list("reason", flat=True)) == {"A display piece", "Moved"}
    assert "None of them is left to dismiss." in text_of(bulk(agent, doubts))


def test_an_analyst_is_not_offered_to_dismiss(acme, doubt):
    client = console(factories.staff(acme, "ana", "analyst"))
    assert 'value="dismiss"' not in client.get(QUEUE).content.decode()
    bulk(client, [doubt], apply="1", reason="Mine")
    doubt.refresh_from_db()
    assert doubt.state == "open"


# --- Rules -----------------------------------------------------------------------------------------
def test_a_brand_sets_its_own_thresholds_once(acme):
    client = console(factories.staff(acme, "boss", "brand_admin"))
    page = client.get("/console/analytics/doubtrules/add/")
    fields = page.context["adminform"].form.initial | {"far_apart_km": 800}
    values = {name: value for name, value in fields.items() if value is not None} | {"brand": acme.pk}
    defaults = {
        field.name: field.default for field in DoubtRules._meta.fields if isinstance(field.default, int)
    }
    assert client.post("/console/analytics/doubtrules/add/", defaults | values).status_code == 302
    rules = DoubtRules.objects.get(brand=acme)
    assert rules.far_apart_km == 800
    again = client.get("/console/analytics/doubtrules/add/")
    assert again.url == f"/console/analytics/doubtrules/{rules.pk}/change/"
    wrong = client.post(again.url, defaults | {"replay_visitors": 1, "code_days": 31})
    assert set(wrong.context["adminform"].form.errors) == {"replay_visitors", "code_days"}


# --- The owner never sees an accusation --------------------------------------------------------------
def test_no_public_page_changes_by_a_byte_for_a_confirmed_doubt(chip, unit, alice, client):
    factories.own(unit, alice, timezone.now() - dt.timedelta(days=300))
    addresses = [f"/u/{unit.public_code}/", f"/q/{unit.public_code}", f"/u/{unit.public_code}/provenance/"]

    def pages():
        answers = [Client().get(address) for address in addresses]
        return [(answer.status_code, answer.content) for answer in answers]

    pages()
    before = pages()
    for kind in DoubtKind.values:
        raise_doubt(unit, kind=kind, state="confirmed", decided_at=NOW, reason="A copy, surely")
    assert pages() == before
    tap = client.get(chip.tap())
    assert tap.status_code == 200
    for word in ("copy, surely", *(str(kind.label).lower() for kind in DoubtKind)):
        assert word not in tap.content.decode().lower()
    assert 'data-flags=""' in tap.content.decode()
