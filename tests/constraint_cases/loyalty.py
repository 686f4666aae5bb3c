"""Points: what a rule may say, that a balance never sinks below nothing, that nothing is given or exchanged twice."""

from ownership.models import (
    LoyaltyAccount,
    LoyaltyEntry,
    LoyaltyProgramme,
    LoyaltyRule,
    Redemption,
    Reward,
    RewardCode,
)
from tests.constraint_cases import NOW, breaks


def rule(c, **values):
    """Make a rule of Acme's: fifty points for a year of ownership."""
    return LoyaltyRule.objects.create(
        **{
            "brand": c.acme, "names": {"en": "A year together"}, "basis": "tenure", "months": 12, "points": 50,
            "starts_at": NOW, **values,
        }
    )  # fmt: skip


def entry(c, **values):
    return LoyaltyEntry.objects.create(
        **{
            "owner": c.alice, "kind": "award", "points": 50, "reason": "A kindness", "dedupe_key": "a", "at": NOW,
            **values,
        }
    )  # fmt: skip


def reward(c, **values):
    return Reward.objects.create(
        **{"brand": c.acme, "kind": "code", "names": {"en": "A belt"}, "cost": 50, **values}
    )


def redemption(c, number: int = 1, **values):
    line = entry(c, kind="redemption", points=-50, dedupe_key=f"r{number}")
    return Redemption.objects.create(
        **{
            "owner": c.alice, "reward": reward(c), "entry": line, "submission_key": f"k{number}", "at": NOW,
            **values,
        }
    )  # fmt: skip


def code(c, **values):
    values.setdefault("reward", reward(c))
    return RewardCode.objects.create(**{"code": "BELT-1", "digest": "d", "added_at": NOW, **values})


@breaks("LoyaltyProgramme.brand")
def two_programmes_of_a_brand(c):
    for _time in range(2):
        LoyaltyProgramme.objects.create(brand=c.acme, names={"en": "Circle"}, points_words={"en": "marks"})


@breaks("rule_gives_points")
def a_rule_for_nothing(c):
    rule(c, points=0)


@breaks("rule_says_what_it_is_for")
def a_rule_for_months_without_months(c):
    rule(c, months=None)


@breaks("rule_says_what_it_is_for")
def a_rule_for_an_event_without_one(c):
    rule(c, basis="event", months=None)


@breaks("rule_says_what_it_is_for")
def a_rule_for_use_that_counts_months(c):
    rule(c, basis="use", use_days=60, use_taps=5)


@breaks("rule_for_product_or_category")
def a_rule_for_both(c):
    rule(c, product=c.bag, category=c.bag.category)


@breaks("only_events_repeat")
def a_year_again_and_again(c):
    rule(c, repeats=True)


@breaks("a_yes_is_rewarded_once")
def a_yes_again_and_again(c):
    rule(c, basis="event", months=None, event_kind="consent.given", repeats=True)


@breaks("LoyaltyAccount.owner")
def two_balances_of_an_owner(c):
    LoyaltyAccount.objects.create(owner=c.alice)
    LoyaltyAccount.objects.create(owner=c.alice)


@breaks("points_never_below_zero")
def a_balance_below_nothing(c):
    LoyaltyAccount.objects.create(owner=c.alice, balance=-1)


@breaks("LoyaltyEntry.dedupe_key")
def one_award_twice(c):
    entry(c)
    entry(c)


@breaks("entry_kind_known")
def a_line_of_no_kind(c):
    entry(c, kind="gift")


@breaks("entry_points_fit_their_kind")
def an_award_that_takes(c):
    entry(c, points=-1)


@breaks("entry_points_fit_their_kind")
def an_exchange_that_gives(c):
    entry(c, kind="redemption", points=1)


@breaks("reversal_says_of_what")
def a_reversal_of_nothing(c):
    entry(c, kind="reversal", points=-1)


@breaks("reversal_says_of_what")
def an_award_that_takes_something_back(c):
    entry(c, reverses=entry(c), dedupe_key="b")


@breaks("LoyaltyEntry.reverses")
def one_line_taken_back_twice(c):
    line = entry(c)
    for number in range(2):
        entry(c, kind="reversal", points=-1, reverses=line, dedupe_key=f"b{number}")


@breaks("award_says_why")
def an_award_for_no_reason(c):
    entry(c, reason="")


@breaks("reward_costs_points")
def a_reward_for_nothing(c):
    reward(c, cost=0)


@breaks("reward_kind_known")
def a_reward_of_no_kind(c):
    reward(c, kind="kiss")


@breaks("Redemption.entry")
def one_line_for_two_rewards(c):
    first = redemption(c)
    Redemption.objects.create(
        owner=c.alice, reward=first.reward, entry=first.entry, submission_key="other", at=NOW
    )


@breaks("Redemption.submission_key")
def one_form_exchanges_twice(c):
    redemption(c)
    redemption(c, 2, submission_key="k1")


@breaks("redemption_reversed_after_it_was_made")
def an_exchange_taken_back_before_it_was_made(c):
    redemption(c, reversed_at=NOW.replace(year=2020))


@breaks("one_row_per_reward_code")
def one_code_twice(c):
    first = code(c)
    code(c, reward=first.reward)


@breaks("RewardCode.redemption")
def two_codes_for_one_exchange(c):
    made = redemption(c)
    code(c, redemption=made, used_at=NOW)
    code(c, redemption=made, used_at=NOW, digest="e")


@breaks("handed_out_at_a_time")
def a_code_handed_out_at_no_time(c):
    code(c, redemption=redemption(c))
