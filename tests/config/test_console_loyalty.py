"""C10: rules, rewards, codes and points in the console: who may do what, and that no line is ever changed."""

import pytest
from django.contrib import admin
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from ownership.models import LoyaltyAccount, LoyaltyEntry, LoyaltyRule, RewardCode
from ownership.services.loyalty import redeem_reward
from products.models import AuditRow
from tests import factories
from tests.config.test_console_tenancy import console
from tests.ownership.points import NOW, balance, give, key, programme, reading, reward, rule
from tests.reading import text_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def boss(acme):
    return console(factories.staff(acme, "boss", "brand_admin"))


@pytest.fixture
def agent(sam):
    return console(sam)


def rule_form(acme, **values):
    return {
        "brand": acme.pk, "names_en": "A year together", "basis": "tenure", "months": "12", "points": "50",
        "starts_at_0": "2026-01-01", "starts_at_1": "00:00:00", "is_active": "on", **values,
    }  # fmt: skip


def add_rule(client, acme, **values):
    values = {name: value for name, value in rule_form(acme, **values).items() if value is not None}
    return client.post(reverse("admin:ownership_loyaltyrule_add"), values)


def test_a_brand_admin_writes_a_rule_and_an_agent_does_not(boss, agent, acme):
    assert add_rule(agent, acme).status_code == 403
    assert add_rule(boss, acme).status_code == 302
    made = LoyaltyRule.objects.get()
    assert (made.basis, made.months, made.points) == ("tenure", 12, 50)


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"months": None}, "months"),
        ({"use_days": "60"}, "use_days"),
        ({"basis": "use", "months": None, "use_days": "60"}, "use_taps"),
        ({"basis": "event", "months": None}, "event_kind"),
        ({"repeats": "on"}, "repeats"),
        (
            {"basis": "event", "months": None, "event_kind": "consent.given", "repeats": "on"},
            "repeats",
        ),
        ({"points": "0"}, "points"),
        ({"points": "1000001"}, "points"),
        ({"cap_per_year": "49"}, "cap_per_year"),
        ({"names_en": ""}, "names"),
        ({"names_en": "A\x00B"}, "names"),
    ],
)
def test_what_does_not_go_together_is_said_beside_its_field(boss, acme, values, field):
    answer = add_rule(boss, acme, **values)
    assert answer.status_code == 200
    assert field in answer.context["adminform"].form.errors
    assert not LoyaltyRule.objects.exists()


def test_a_rule_that_gave_points_keeps_what_it_is_for(boss, acme, alice):
    made = rule(acme)
    LoyaltyEntry.objects.create(owner=alice, kind="award", points=200, rule=made, dedupe_key="a", at=NOW)
    page = reverse("admin:ownership_loyaltyrule_change", args=[made.pk])
    values = rule_form(acme, names_en="Twelve months", months="1", points="75")
    assert boss.post(page, values).status_code == 302
    made.refresh_from_db()
    assert (made.months, made.points, made.names["en"]) == (12, 75, "Twelve months")


def test_no_line_of_the_ledger_is_changed_or_removed_by_anybody(acme, alice):
    """Append-only: neither the operator nor an action of the list touches a line or a balance."""
    line = give(alice, 50)
    client = console(factories.operator())
    for model in (LoyaltyEntry, LoyaltyAccount):
        model_admin, label = admin.site.get_model_admin(model), model._meta.model_name
        row = model.objects.get()
        for page in ("change", "delete"):
            path = reverse(f"admin:ownership_{label}_{page}", args=[row.pk])
            assert client.post(path, {"points": "5000", "balance": "5000", "post": "yes"}).status_code == 403
        assert client.get(reverse(f"admin:ownership_{label}_add")).status_code == 403
        request = client.get(reverse(f"admin:ownership_{label}_changelist")).wsgi_request
        assert not model_admin.get_actions(request)
    line.refresh_from_db()
    assert (line.points, balance(alice)) == (50, 50)


def test_an_agent_gives_points_once_with_a_reason_and_it_is_noted(agent, acme, alice, sam):
    programme(acme)
    page = reverse("admin:ownership_points_give", args=[alice.pk])
    form = {"points": "120", "reason": "The clasp came late", "submission_key": key()}
    assert "submission_key" in agent.get(page).content.decode()
    for _time in range(2):
        assert agent.post(page, form).status_code == 302
    line = LoyaltyEntry.objects.get()
    assert (line.points, line.reason, line.actor_id) == (120, "The clasp came late", sam.pk)
    row = AuditRow.objects.filter(action="give_points").first()
    assert row.data == {"entry": line.pk, "points": 120}


@pytest.mark.parametrize(
    "wrong",
    [{"points": "0"}, {"points": "many"}, {"points": "9" * 30}, {"reason": " "}, {"reason": "a\x00"},
     {"reason": "a" * 201}, {"submission_key": "x"}],
)  # fmt: skip
def test_points_given_badly_are_said_so_and_nothing_is_lost(agent, acme, alice, wrong):
    programme(acme)
    form = {"points": "120", "reason": "The clasp came late", "submission_key": key(), **wrong}
    answer = agent.post(reverse("admin:ownership_points_give", args=[alice.pk]), form)
    assert answer.status_code == 200
    assert answer.context["form"].errors
    assert not LoyaltyEntry.objects.exists()


def test_without_a_programme_the_form_says_so(agent, alice):
    form = {"points": "120", "reason": "A kindness", "submission_key": key()}
    answer = agent.post(reverse("admin:ownership_points_give", args=[alice.pk]), form)
    assert "no loyalty programme" in text_of(answer)


def test_an_award_that_was_partly_spent_is_taken_back_as_far_as_it_goes(agent, acme, alice):
    line = give(alice, 150)
    redeem_reward(
        owner_id=alice.pk, reward_id=reward(acme, "C").pk, submission_key=key(), actor_id=None, now=NOW
    )
    page = reverse("admin:ownership_points_reverse", args=[line.pk])
    asked = text_of(agent.get(page))
    assert "loses 50 of these 150 points" in asked
    assert "a balance never falls below nothing" in asked
    assert agent.post(page, {"reason": ""}).context["form"].errors
    said = text_of(agent.post(page, {"reason": "Given by mistake"}, follow=True))
    assert "50 taken back; 100 were spent" in said
    assert "already" in text_of(agent.post(page, {"reason": "Again"}))
    assert balance(alice) == 0
    assert AuditRow.objects.filter(action="reverse_points").count() == 1


def test_an_exchange_taken_back_says_what_only_the_shop_knows(agent, acme, alice):
    give(alice, 150)
    taken = redeem_reward(
        owner_id=alice.pk, reward_id=reward(acme, "C").pk, submission_key=key(), actor_id=None, now=NOW
    )
    page = reverse("admin:ownership_points_reverse", args=[taken.entry_id])
    asked = text_of(agent.get(page))
    assert "gets 100 of 100 points back" in asked
    assert "only the shop knows" in asked
    assert "Ask the shop" in text_of(agent.post(page, {"reason": "Out of stock"}, follow=True))
    assert balance(alice) == 150


def test_an_exchange_paid_in_part_by_a_mistake_says_what_comes_back(agent, acme, alice):
    give(alice, 80)
    mistake = give(alice, 70)
    taken = redeem_reward(
        owner_id=alice.pk, reward_id=reward(acme, "C").pk, submission_key=key(), actor_id=None, now=NOW
    )
    award, exchange = (
        reverse("admin:ownership_points_reverse", args=[number]) for number in (mistake.pk, taken.entry_id)
    )
    assert "50 taken back; 20 were spent" in text_of(agent.post(award, {"reason": "A mistake"}, follow=True))
    assert "gets 80 of 100 points back" in text_of(agent.get(exchange))
    said = text_of(agent.post(exchange, {"reason": "Out of stock"}, follow=True))
    assert "80 came back; 20 were of points that had been taken back before." in said
    assert balance(alice) == 80


def test_reading_an_owners_points_is_noted(agent, acme, alice):
    line = give(alice, 50)
    said = text_of(
        agent.get(reverse("admin:ownership_loyaltyaccount_change", args=[alice.loyalty_account.pk]))
    )
    assert "+50" in said
    agent.get(reverse("admin:ownership_loyaltyentry_change", args=[line.pk]))
    rows = AuditRow.objects.filter(action="read_points")
    assert [row.data for row in rows] == [{"owner": alice.pk}] * 2


def test_a_rivals_staff_neither_give_nor_take_nor_add_codes(acme, globex, alice):
    """G4."""
    line, prize = give(alice, 50), reward(acme)
    rival = console(factories.staff(globex, "rival", "brand_admin"))
    for name, number in (("points_give", alice.pk), ("points_reverse", line.pk), ("reward_codes", prize.pk)):
        page = reverse(f"admin:ownership_{name}", args=[number])
        form = {"points": "5", "reason": "Mine", "submission_key": key()}
        assert rival.get(page).status_code == 404, name
        assert rival.post(page, form).status_code == 404, name
    assert balance(alice) == 50
    assert not RewardCode.objects.exists()


def test_who_may_only_read_gives_and_takes_nothing(acme, alice):
    line = give(alice, 50)
    reader = console(factories.staff(acme, "reader", "compliance"))
    editor = console(factories.staff(acme, "editor", "content_editor"))
    for page in (
        reverse("admin:ownership_points_give", args=[alice.pk]),
        reverse("admin:ownership_points_reverse", args=[line.pk]),
    ):
        assert reader.post(page, {"reason": "Mine", "points": "5"}).status_code == 403
        assert editor.post(page, {"reason": "Mine", "points": "5"}).status_code in (403, 404)
    assert LoyaltyEntry.objects.count() == 1


def send(client, prize, content: bytes, follow: bool = True):
    page = reverse("admin:ownership_reward_codes", args=[prize.pk])
    return client.post(page, {"file": SimpleUploadedFile("codes.txt", content)}, follow=follow)


def test_a_file_of_codes_is_added_and_what_was_there_is_told_by_line(boss, acme):
    prize = reward(acme, "A-1")
    said = text_of(send(boss, prize, b"A-0\nA-1\nA-2\n"))
    assert "2 codes were added." in said
    assert "These lines were there before: 2." in said
    assert "A-2" not in said
    assert prize.codes.count() == 3
    assert AuditRow.objects.get(action="add_codes").data == {"added": 2, "known": 1}


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"A-1\nA-1\n", "Line 2: the same code as in line 1."),
        (b"\xff\xfeA\x00", "no text file"),
        (b"\n\n", "holds no code"),
        (b"", "empty"),
        (b"A" * 101, "longer than 100"),
        (b"A\n" * 1_300_000, "too large"),
    ],
    ids=["twice", "utf-16", "blank", "empty", "long", "large"],
)
def test_a_wrong_file_adds_nothing_and_says_why(boss, acme, content, words):
    prize = reward(acme)
    answer = send(boss, prize, content, follow=False)
    assert answer.status_code == 200
    assert words in text_of(answer)
    assert not RewardCode.objects.exists()


def test_codes_are_for_rewards_with_codes_and_added_by_brand_admins(boss, agent, acme):
    assert send(boss, reading(acme), b"A-1").status_code == 404
    assert send(agent, reward(acme), b"A-1").status_code == 403
    assert not RewardCode.objects.exists()


def test_a_reward_to_read_needs_something_to_read(boss, acme):
    form = {
        "brand": acme.pk,
        "kind": "content",
        "names_en": "A walk",
        "cost": "10",
        "position": "0",
        "is_active": "on",
    }
    answer = boss.post(reverse("admin:ownership_reward_add"), form)
    assert "content" in answer.context["adminform"].form.errors
    form["content_en"] = "Through the workshop."
    assert boss.post(reverse("admin:ownership_reward_add"), form).status_code == 302
