"""C10: an append-only ledger whose balance is its sum: exchanged, expired, taken back, forgotten."""

import contextlib
import datetime as dt
import random

import pytest
from django.core.management import CommandError, call_command

from analytics.models import Event
from ownership.errors import OwnershipError
from ownership.models import LoyaltyAccount, LoyaltyEntry, Redemption, RewardCode
from ownership.services.loyalty import (
    add_codes,
    award_by_hand,
    expire_points,
    forget_loyalty,
    read_codes,
    redeem_reward,
    reverse_entry,
)
from ownership.services.loyalty.lots import lots_left
from tests import factories
from tests.ownership.points import NOW, ago, balance, give, key, programme, reading, reward

pytestmark = pytest.mark.django_db

SOON, LATER = NOW + dt.timedelta(days=10), NOW + dt.timedelta(days=100)


def redeem(owner, prize, *, now=NOW, submission_key=None):
    return redeem_reward(
        owner_id=owner.pk, reward_id=prize.pk, submission_key=submission_key or key(), actor_id=None, now=now
    )


def reverse(line, *, now=NOW, reason="A mistake"):
    return reverse_entry(entry_id=line.pk, reason=reason, actor_id=7, now=now)


def left(owner):
    return [(lot.points, lot.expires_at) for lot in lots_left(owner.loyalty_entries.all())]


def refused(code, call, *args, **kwargs):
    before = list(LoyaltyEntry.objects.values_list("pk", "points"))
    with pytest.raises(OwnershipError) as refusal:
        call(*args, **kwargs)
    assert refusal.value.code == code
    assert list(LoyaltyEntry.objects.values_list("pk", "points")) == before


def test_points_are_exchanged_for_a_code_of_the_pool(acme, alice):
    prize = reward(acme, "BELT-1", "BELT-2")
    give(alice, 250)
    first = redeem(alice, prize)
    assert first.code.code == "BELT-1"
    assert first.code.used_at == NOW
    assert balance(alice) == 150
    assert redeem(alice, prize).code.code == "BELT-2"
    event = Event.objects.filter(kind="points.redeemed").earliest("pk")
    assert event.data == {
        "entry": first.entry_id,
        "points": -100,
        "reward": prize.pk,
        "redemption": first.pk,
    }


def test_codes_are_encrypted_in_the_database(acme):
    from django.db import connection

    reward(acme, "BELT-1")
    with connection.cursor() as cursor:
        cursor.execute("SELECT code FROM ownership_rewardcode")
        assert "BELT-1" not in cursor.fetchone()[0]


def test_the_same_form_twice_is_one_exchange(acme, alice):
    prize, once = reward(acme, "BELT-1", "BELT-2"), key()
    give(alice, 250)
    assert redeem(alice, prize, submission_key=once) == redeem(alice, prize, submission_key=once)
    assert balance(alice) == 150


def test_the_form_of_another_owner_exchanges_nothing(acme, alice, bob):
    prize, once = reward(acme, "BELT-1", "BELT-2"), key()
    for owner in (alice, bob):
        give(owner, 250)
    redeem(alice, prize, submission_key=once)
    refused("sent", redeem, bob, prize, submission_key=once)
    assert balance(bob) == 250


def test_refusals_cost_nothing(acme, globex, alice):
    sold_out, dear = reward(acme), reward(acme, "C-1", cost=1000)
    off, foreign = reward(acme, "C-2", is_active=False), reward(globex, "C-3")
    give(alice, 250)
    for code, prize in (("sold_out", sold_out), ("too_few", dear), ("gone", off), ("gone", foreign)):
        refused(code, redeem, alice, prize)
    assert balance(alice) == 250
    assert not RewardCode.objects.exclude(used_at=None).exists()
    assert not Redemption.objects.exists()


def test_something_to_read_is_exchanged_once(acme, alice):
    prize = reading(acme)
    give(alice, 250)
    redeem(alice, prize)
    refused("have_it", redeem, alice, prize)


def test_what_expires_first_is_spent_first(acme, alice):
    give(alice, 100)
    give(alice, 60, expires_at=LATER)
    give(alice, 60, expires_at=SOON)
    assert left(alice) == [(60, SOON), (60, LATER), (100, None)]
    redeem(alice, reward(acme, "C-1", cost=100))
    assert left(alice) == [(20, LATER), (100, None)]
    assert expire_points(brand_id=acme.pk, now=SOON) == 0, "what was spent does not expire"
    assert expire_points(brand_id=acme.pk, now=LATER) == 1
    assert expire_points(brand_id=acme.pk, now=LATER) == 0
    assert balance(alice) == 100
    assert left(alice) == [(100, None)]
    assert Event.objects.filter(kind="points.expired").count() == 1


def test_points_that_are_over_are_not_spent_even_before_beat_came_by(acme, alice):
    prize = reward(acme, "C-1")
    give(alice, 100, expires_at=SOON)
    refused("too_few", redeem, alice, prize, now=SOON)


def test_expiry_at_one_brand_leaves_the_others_alone(acme, globex, alice):
    stranger = factories.OwnerFactory(brand=globex)
    give(stranger, 100, expires_at=SOON)
    assert expire_points(brand_id=acme.pk, now=LATER) == 0
    assert balance(stranger) == 100


def test_an_award_is_taken_back_with_its_reason(acme, alice):
    line = give(alice, 100)
    done = reverse(line, reason="Given to the wrong person")
    assert (done.entry.points, done.rest) == (-100, 0)
    assert (done.entry.reason, done.entry.actor_id) == ("Given to the wrong person", 7)
    assert balance(alice) == 0
    refused("reversed", reverse, line)
    refused("fixed", reverse, done.entry)
    event = Event.objects.get(kind="points.reversed")
    assert "wrong" not in str(event.data)


def test_of_an_award_that_was_partly_spent_only_the_rest_is_taken_back(acme, alice):
    line = give(alice, 150)
    redeem(alice, reward(acme, "C-1"))
    done = reverse(line)
    assert (done.entry.points, done.rest) == (-50, 100)
    assert balance(alice) == 0
    assert left(alice) == []


def test_an_award_that_was_wholly_spent_or_has_expired_stays(acme, alice):
    line = give(alice, 100)
    redeem(alice, reward(acme, "C-1"))
    refused("spent", reverse, line)
    over = give(alice, 100, expires_at=SOON)
    refused("over", reverse, over, now=SOON)
    refused("no_reason", reverse, over, reason="  ")


def test_an_exchange_taken_back_gives_the_points_back_and_shuts_what_was_to_be_read(acme, alice):
    prize = reading(acme)
    give(alice, 100, expires_at=LATER)
    taken = redeem(alice, prize)
    assert left(alice) == []
    done = reverse(taken.entry)
    taken.refresh_from_db()
    assert (done.entry.points, taken.reversed_at) == (100, NOW)
    assert left(alice) == [(100, LATER)], "with the days they had"
    call_command("check_loyalty")
    assert redeem(alice, prize).pk != taken.pk


def test_an_award_taken_back_leaves_the_points_of_others(acme, alice):
    """The one that expires first is spent first; a mistake among the others takes no more than what is its own."""
    mistake, other = give(alice, 100, expires_at=SOON), give(alice, 100)
    redeem(alice, reward(acme, "C-1", cost=60))
    assert left(alice) == [(40, SOON), (100, None)]
    done = reverse(mistake)
    assert (done.entry.points, done.rest) == (-40, 60)
    assert left(alice) == [(100, None)]
    assert balance(alice) == 100
    assert (reverse(other).entry.points, balance(alice)) == (-100, 0)


def test_an_award_that_was_spent_is_not_taken_back_from_later_ones(acme, alice):
    spent = give(alice, 100)
    redeem(alice, reward(acme, "C-1"))
    give(alice, 100, expires_at=SOON)
    refused("spent", reverse, spent)
    assert balance(alice) == 100


def test_an_exchange_spends_only_points_that_were_there(acme, alice):
    """Points that were given after an exchange expire on their day, though they would have gone first."""
    give(alice, 100)
    redeem(alice, reward(acme, "C-1"))
    give(alice, 100, expires_at=SOON)
    assert left(alice) == [(100, SOON)]
    assert expire_points(brand_id=acme.pk, now=SOON) == 1
    assert balance(alice) == 0


def test_points_of_an_award_that_was_taken_back_do_not_return_with_an_exchange(acme, alice):
    mistake = give(alice, 80, expires_at=SOON)
    kept = give(alice, 70)
    taken = redeem(alice, reward(acme, "C-1"))
    refused("spent", reverse, mistake)
    assert reverse(kept).entry.points == -50
    done = reverse(taken.entry)
    assert (done.entry.points, done.rest) == (80, 20), "the twenty were of what was taken back"
    assert left(alice) == [(80, dt.datetime(2026, 7, 15, 21, 59, 59, tzinfo=dt.UTC))]
    assert balance(alice) == 80


def test_an_exchange_that_a_mistake_paid_for_gives_nothing_back(acme, alice):
    mistake = give(alice, 110)
    taken = redeem(alice, reward(acme, "C-1"))
    assert reverse(mistake).entry.points == -10
    refused("paid_by_mistake", reverse, taken.entry)
    taken.refresh_from_db()
    assert taken.reversed_at is None
    assert balance(alice) == 0


def test_points_that_come_back_can_be_spent_for_a_month_at_least(acme, alice):
    give(alice, 100, expires_at=SOON)
    taken = redeem(alice, reward(acme, "C-1"))
    reverse(taken.entry, now=LATER)
    assert expire_points(brand_id=acme.pk, now=LATER) == 0
    month = LATER + dt.timedelta(days=30)
    assert expire_points(brand_id=acme.pk, now=month - dt.timedelta(days=1)) == 0
    assert expire_points(brand_id=acme.pk, now=month + dt.timedelta(days=1)) == 1
    assert balance(alice) == 0


def test_whatever_happens_what_is_left_of_awards_is_the_balance(acme, alice):
    """Many acts by chance: no balance below zero, lots and lines always come to the same."""
    chance, now = random.Random(5), NOW
    prizes = [reward(acme, *(f"{cost}-{number}" for number in range(50)), cost=cost) for cost in (30, 45, 80)]
    for _number in range(120):
        now += dt.timedelta(days=chance.randint(0, 4))
        with contextlib.suppress(OwnershipError):
            match chance.randint(0, 3):
                case 0 | 1:
                    give(
                        alice,
                        chance.randint(1, 60),
                        now=now,
                        expires_at=chance.choice([None, now + dt.timedelta(20)]),
                    )
                case 2:
                    redeem(alice, chance.choice(prizes), now=now)
                case _:
                    lines = list(alice.loyalty_entries.all())
                    reverse(chance.choice(lines), now=now) if lines else None
        expire_points(brand_id=acme.pk, now=now)
        assert sum(points for points, _until in left(alice)) == balance(alice) >= 0
    assert {line.kind for line in alice.loyalty_entries.all()} == {
        "award",
        "redemption",
        "expiry",
        "reversal",
    }
    call_command("check_loyalty")


def test_a_code_once_handed_out_is_never_handed_out_again(acme, alice):
    prize = reward(acme, "BELT-1")
    give(alice, 300)
    reverse(redeem(alice, prize).entry)
    refused("sold_out", redeem, alice, prize)


@pytest.mark.parametrize(
    ("points", "reason", "code"),
    [(0, "A", "no_points"), (-5, "A", "no_points"), (1_000_001, "A", "no_points"), (5, " ", "no_reason")],
)
def test_points_by_hand_need_a_number_and_a_reason(acme, alice, points, reason, code):
    programme(acme)
    refused(
        code,
        award_by_hand,
        owner_id=alice.pk,
        points=points,
        reason=reason,
        submission_key=key(),
        actor_id=1,
        now=NOW,
    )


def test_points_by_hand_are_given_once_per_form_and_not_without_a_programme(acme, alice):
    form = {
        "owner_id": alice.pk, "points": 5, "reason": "A", "submission_key": key(), "actor_id": 1, "now": NOW,
    }  # fmt: skip
    refused("no_programme", award_by_hand, **form)
    programme(acme)
    assert award_by_hand(**form) == award_by_hand(**form)
    assert balance(alice) == 5


def test_a_form_that_gave_one_owner_points_gives_another_none(acme, alice, bob):
    programme(acme)
    form = {"points": 5, "reason": "A", "submission_key": key(), "actor_id": 1, "now": NOW}
    award_by_hand(owner_id=alice.pk, **form)
    refused("sent", award_by_hand, owner_id=bob.pk, **form)
    assert balance(bob) == 0


def test_the_check_finds_a_balance_that_is_not_the_sum_of_its_lines(acme, alice, bob, capsys):
    give(alice, 100)
    give(bob, 50)
    call_command("check_loyalty")
    LoyaltyAccount.objects.filter(owner=alice).update(balance=101)
    LoyaltyAccount.objects.filter(owner=bob).delete()
    with pytest.raises(CommandError, match="2 balances"):
        call_command("check_loyalty")
    said = capsys.readouterr().out
    assert f"owner {alice.pk}: balance 101, lines 100" in said
    assert f"owner {bob.pk}: balance 0, lines 50" in said


def test_who_is_forgotten_takes_the_points_along_and_codes_stay_used(acme, alice, bob):
    prize = reward(acme, "BELT-1")
    for owner in (alice, bob):
        give(owner, 200)
    reverse(redeem(alice, prize).entry)
    assert forget_loyalty(owner_id=alice.pk) == 3
    assert forget_loyalty(owner_id=alice.pk) == 0, "run twice, it does nothing more"
    assert not Redemption.objects.exists()
    code = RewardCode.objects.get()
    assert (code.redemption_id, code.used_at) == (None, NOW)
    refused("sold_out", redeem, bob, prize)
    call_command("check_loyalty")
    assert balance(bob) == 200


def test_a_file_of_codes_is_checked_by_line():
    found = read_codes("A-1\n\nA-2\r\nA-1\nA\u0000\n".encode() + b"B" * 101)
    assert found.problems == [
        "Line 4: the same code as in line 1.",
        "Line 5: holds characters that can't be written.",
        "Line 6: longer than 100 characters.",
    ]
    assert read_codes(b"\xff\xfe\x00").problems == ["This is no text file in UTF-8."]
    assert read_codes(b" \n\n").problems == ["The file holds no code."]
    many = "\n".join(f"C-{number}" for number in range(20_001)).encode()
    assert read_codes(many).problems == ["A file holds at most 20000 codes."]


def test_codes_that_are_there_already_are_told_by_line_and_left_out(acme):
    prize = reward(acme, "A-1")
    done = add_codes(reward=prize, lines=read_codes("\ufeffA-0\nA-1\n".encode()).lines, now=ago(0))
    assert (done.added, done.known) == (1, [2])
    assert prize.codes.count() == 2
