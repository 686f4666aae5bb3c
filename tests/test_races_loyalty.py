"""C10 under concurrency: no milestone awarded twice, no last code handed out twice, no balance below nothing."""

from collections import Counter

import pytest
from django.core.management import call_command

from analytics.models import Event
from ownership.errors import OwnershipError
from ownership.models import LoyaltyAccount, LoyaltyEntry, Redemption, RewardCode
from ownership.services.loyalty import redeem_reward, reverse_entry, run_loyalty
from tests import factories
from tests.ownership.points import NOW, ago, confirmed, give, key, reward, rule
from tests.test_races import at_once

postgres = pytest.mark.postgres


@pytest.fixture
def brand(transactional_db):
    """A brand with ten confirmed owners, each of one unit for two months."""
    made = factories.BrandFactory(slug="acme", name="Acme")
    product = factories.ProductFactory(brand=made)
    for _number in range(10):
        owner = confirmed(factories.OwnerFactory(brand=made))
        factories.own(factories.UnitFactory(product=product), owner, ago(61))
    return made


def owners(brand):
    return list(brand.owners.order_by("pk"))


def outcomes(results) -> Counter:
    """Count what came of it: how often it was done, and each refusal; anything else fails the test."""
    failed = [one for one in results if isinstance(one, Exception) and not isinstance(one, OwnershipError)]
    assert not failed, failed
    return Counter(one.code if isinstance(one, OwnershipError) else "done" for one in results)


@postgres
def test_fifty_milestone_runs_at_once_leave_one_award_per_owner(brand):
    rule(brand, "tenure", months=1)
    results = at_once([lambda: run_loyalty(brand_id=brand.pk, now=NOW).awards] * 50)
    assert sum(results) == 10, results
    assert Counter(LoyaltyEntry.objects.values_list("owner", flat=True)).most_common(1)[0][1] == 1
    assert set(LoyaltyAccount.objects.values_list("balance", flat=True)) == {200}
    assert Event.objects.filter(kind="points.awarded").count() == 10
    call_command("check_loyalty")


@postgres
def test_a_cap_holds_in_fifty_runs_at_once_while_awards_are_taken_back(brand):
    made = rule(brand, "event", event_kind="ownership.started", repeats=True, cap_per_year=450)
    owner = owners(brand)[0]
    for _number in range(6):
        factories.own(factories.UnitFactory(product=brand.products.get()), owner, ago(9))
    runs = [lambda: run_loyalty(brand_id=brand.pk, now=NOW).awards] * 25
    assert sum(at_once(runs)) == 9 + 2, "one for each of the others"
    hers = LoyaltyEntry.objects.of_rule(made).filter(owner=owner)
    line = hers.earliest("pk")
    back = [lambda: reverse_entry(entry_id=line.pk, reason="A mistake", actor_id=1, now=NOW)] * 3
    outcomes(at_once([*runs, *back]))
    run_loyalty(brand_id=brand.pk, now=NOW)
    assert LoyaltyAccount.objects.get(owner=owner).balance == 400
    assert hers.count() == 3
    call_command("check_loyalty")


@postgres
def test_fifty_redemptions_of_the_last_code_leave_one(brand):
    prize = reward(brand, "LAST")
    for owner in owners(brand):
        give(owner, 1000)
    results = at_once(
        [
            lambda owner=owner: redeem_reward(
                owner_id=owner.pk, reward_id=prize.pk, submission_key=key(), actor_id=None, now=NOW
            )
            for owner in owners(brand) * 5
        ]
    )
    assert outcomes(results) == {"done": 1, "sold_out": 49}
    assert Redemption.objects.count() == 1
    assert RewardCode.objects.get().redemption == Redemption.objects.get()
    assert sorted(LoyaltyAccount.objects.values_list("balance", flat=True)) == [900] + [1000] * 9
    call_command("check_loyalty")


@postgres
def test_fifty_redemptions_by_one_owner_spend_no_more_than_there_is(brand):
    owner = owners(brand)[0]
    prize = reward(brand, *(f"C-{number}" for number in range(50)))
    give(owner, 350)
    results = at_once(
        [
            lambda: redeem_reward(
                owner_id=owner.pk, reward_id=prize.pk, submission_key=key(), actor_id=None, now=NOW
            )
        ]
        * 50
    )
    assert outcomes(results) == {"done": 3, "too_few": 47}
    assert LoyaltyAccount.objects.get(owner=owner).balance == 50
    assert RewardCode.objects.exclude(used_at=None).count() == 3


@postgres
def test_one_form_sent_fifty_times_at_once_is_one_exchange(brand):
    owner, once = owners(brand)[0], key()
    prize = reward(brand, "C-1", "C-2")
    give(owner, 1000)
    results = at_once(
        [
            lambda: redeem_reward(
                owner_id=owner.pk, reward_id=prize.pk, submission_key=once, actor_id=None, now=NOW
            )
        ]
        * 50
    )
    assert outcomes(results) == {"done": 50}
    assert Redemption.objects.count() == 1
    assert LoyaltyAccount.objects.get(owner=owner).balance == 900


@postgres
def test_an_award_taken_back_while_it_is_spent_leaves_nothing_below_zero(brand):
    owner = owners(brand)[0]
    prize = reward(brand, *(f"C-{number}" for number in range(10)))
    line = give(owner, 150)
    redeeming = [
        lambda: redeem_reward(
            owner_id=owner.pk, reward_id=prize.pk, submission_key=key(), actor_id=None, now=NOW
        )
    ] * 5
    reversing = [lambda: reverse_entry(entry_id=line.pk, reason="A mistake", actor_id=1, now=NOW)] * 5
    came = outcomes(at_once([*redeeming, *reversing]))
    assert came["done"] in (1, 2)
    assert LoyaltyAccount.objects.get(owner=owner).balance == 0
    assert LoyaltyEntry.objects.filter(kind="reversal").count() == 1
    call_command("check_loyalty")


@postgres
def test_points_expire_once_in_twenty_rounds_at_once(brand):
    for owner in owners(brand):
        give(owner, 100, now=ago(40), expires_at=ago(1))
    results = at_once([lambda: run_loyalty(brand_id=brand.pk, now=NOW).expiries] * 20)
    assert sum(results) == 10, results
    assert set(LoyaltyAccount.objects.values_list("balance", flat=True)) == {0}
    call_command("check_loyalty")
