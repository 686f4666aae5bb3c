"""Choosing the stage: the truth table of the product's definition, every rule and every boundary day."""

import datetime as dt
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.kinds import Stage
from experiences.reasons import SENTENCES, sentence
from experiences.stages import RULES, StageFacts, StagePolicy, choose_stage
from products.days import add_months

TODAY = dt.date(2026, 6, 15)
DEFAULTS = StagePolicy()


def ago(days: int) -> dt.date:
    return TODAY - dt.timedelta(days=days)


def stage_of(policy: StagePolicy = DEFAULTS, **facts) -> str:
    facts.setdefault("today", TODAY)
    facts.setdefault("first_scan_on", facts["today"])
    return choose_stage(StageFacts(**facts), policy).stage.value


def owned(days: int, ordinal: int = 1, **facts) -> dict:
    first = days if ordinal == 1 else days + 400
    return {"ownerships": ordinal, "owned_since_on": ago(days), "first_owned_on": ago(first), **facts}


TABLE = [
    # Retired: whatever else is true
    ("retired", {"status": "recycled"}),
    ("retired", {"status": "destroyed", "transfer": True, **owned(2)}),
    ("retired", {"status": "replaced", "sold_on": ago(1)}),
    ("retired", {"status": "written_off", **owned(3, 2)}),
    # Resale: a transfer or release is open, or a later owner's first 30 days
    ("resale", {"transfer": True}),
    ("resale", {"transfer": True, **owned(3)}),
    ("resale", {"transfer": True, **owned(1000)}),
    ("resale", owned(0, 2)),
    ("resale", owned(29, 2)),
    ("resale", owned(29, 7)),
    ("ownership", owned(30, 2)),
    ("maturity", owned(30, 2, sold_on=ago(900))),
    ("ownership", owned(31, 3)),
    # Discovery: never registered, first scanned less than 30 days ago, and not sold or seen by many
    ("discovery", {"first_scan_on": None}),
    ("discovery", {}),
    ("discovery", {"first_scan_on": ago(29)}),
    ("ownership", {"first_scan_on": ago(30)}),
    ("discovery", {"first_scan_on": ago(29), "visitors": 8}),
    ("unboxing", {"sold_on": ago(1), "visitors": 1}),
    ("unboxing", {"sold_on": ago(1), "visitors": 2}),
    ("discovery", {"sold_on": ago(1), "visitors": 3}),
    ("discovery", {"sold_on": ago(500), "visitors": 3, "first_scan_on": ago(29)}),
    ("ownership", {"sold_on": ago(500), "visitors": 3, "first_scan_on": ago(30)}),
    ("unboxing", {"sold_on": ago(1), "visitors": 3, "spoke_up_on": ago(0)}),
    ("ownership", owned(40, first_scan_on=ago(2))),
    # Unboxing: never registered, the holder's first 14 days
    ("unboxing", {"sold_on": TODAY}),
    ("unboxing", {"sold_on": ago(13)}),
    ("ownership", {"sold_on": ago(14)}),
    ("unboxing", {"sold_on": TODAY + dt.timedelta(days=2)}),
    ("unboxing", {"opened_on": ago(13)}),
    ("ownership", {"opened_on": ago(14)}),
    ("unboxing", {"spoke_up_on": ago(13)}),
    ("ownership", {"spoke_up_on": ago(14)}),
    ("unboxing", {"spoke_up_on": ago(13), "sold_on": ago(400)}),
    ("ownership", {"sold_on": ago(20), "opened_on": ago(2)}),
    ("unboxing", {"first_scan_on": ago(300), "sold_on": ago(5)}),
    ("unboxing", {"first_scan_on": ago(300), "sold_on": ago(5), "visitors": 8}),
    # Onboarding: the first ownership's first 30 days
    ("onboarding", owned(0)),
    ("onboarding", owned(3)),
    ("onboarding", owned(29)),
    ("ownership", owned(30)),
    ("onboarding", owned(5, sold_on=ago(2000))),
    # A unit that was registered and given back has no first days again
    ("ownership", {"ownerships": 1, "first_owned_on": ago(10)}),
    ("ownership", {"ownerships": 2, "first_owned_on": ago(10), "sold_on": ago(2), "visitors": 4}),
    # Ownership: an unregistered unit that comes back after its first days
    ("ownership", {"sold_on": ago(180), "first_scan_on": ago(180)}),
    ("ownership", {"first_scan_on": ago(180)}),
    # Maturity: age runs from the sale, else the first ownership, else the first scan
    ("maturity", {"sold_on": dt.date(2024, 6, 15), "first_scan_on": ago(60)}),
    ("ownership", {"sold_on": dt.date(2024, 6, 16), "first_scan_on": ago(60)}),
    ("maturity", owned((TODAY - dt.date(2024, 6, 15)).days)),
    ("ownership", owned((TODAY - dt.date(2024, 6, 16)).days)),
    ("maturity", {"first_scan_on": dt.date(2024, 6, 15)}),
    ("ownership", {"first_scan_on": dt.date(2024, 6, 16)}),
    ("ownership", owned(1500, sold_on=dt.date(2025, 1, 1))),
    ("maturity", {"sold_on": dt.date(2020, 1, 1), "first_scan_on": TODAY}),
]


@pytest.mark.parametrize(("stage", "facts"), TABLE)
def test_the_truth_table(stage, facts):
    facts = {"first_scan_on": TODAY, **facts}
    decision = choose_stage(StageFacts(today=TODAY, **facts), DEFAULTS)
    assert decision.stage.value == stage
    assert decision.reasons[-1].holds
    assert not any(reason.holds for reason in decision.reasons[:-1])


@pytest.mark.parametrize(
    ("from_day", "months", "mature_on"),
    [
        (dt.date(2024, 2, 29), 24, dt.date(2026, 2, 28)),
        (dt.date(2024, 2, 29), 48, dt.date(2028, 2, 29)),
        (dt.date(2024, 8, 31), 18, dt.date(2026, 2, 28)),
        (dt.date(2024, 12, 31), 2, dt.date(2025, 2, 28)),
        (dt.date(2023, 10, 31), 1, dt.date(2023, 11, 30)),
        (dt.date(2024, 1, 31), 1, dt.date(2024, 2, 29)),
    ],
)
def test_months_of_age_end_with_a_short_month_and_know_leap_days(from_day, months, mature_on):
    policy = replace(DEFAULTS, maturity_months=months)
    facts = {"sold_on": from_day, "first_scan_on": from_day - dt.timedelta(days=90), "ownerships": 1}
    assert stage_of(policy, today=mature_on - dt.timedelta(days=1), **facts) == "ownership"
    assert stage_of(policy, today=mature_on, **facts) == "maturity"


@pytest.mark.parametrize(
    ("threshold", "value", "facts", "before", "after"),
    [
        ("discovery_days", 5, {"first_scan_on": ago(5)}, "discovery", "ownership"),
        ("unboxing_days", 5, {"sold_on": ago(5)}, "unboxing", "ownership"),
        ("onboarding_days", 5, owned(5), "onboarding", "ownership"),
        ("resale_days", 5, owned(5, 2), "resale", "ownership"),
        ("maturity_months", 5, {"sold_on": add_months(TODAY, -5)}, "ownership", "maturity"),
        ("display_visitors", 2, {"sold_on": ago(5), "visitors": 2}, "unboxing", "discovery"),
    ],
)
def test_each_threshold_is_the_policys(threshold, value, facts, before, after):
    assert stage_of(**facts) == before
    assert stage_of(replace(DEFAULTS, **{threshold: value}), **facts) == after


def test_a_sale_at_the_end_of_the_calendar_is_survived():
    """Some systems write 9999-12-31 for a day that they don't know."""
    assert stage_of(sold_on=dt.date.max, first_scan_on=ago(40), ownerships=1) == "ownership"


days = st.dates(dt.date(2015, 1, 1), dt.date(2035, 12, 31))
any_facts = st.builds(
    StageFacts,
    today=days,
    status=st.sampled_from(
        ["active", "active", "active", "recycled", "destroyed", "replaced", "written_off"]
    ),
    sold_on=st.none() | days,
    first_scan_on=st.none() | days,
    visitors=st.integers(0, 8),
    opened_on=st.none() | days,
    spoke_up_on=st.none() | days,
    ownerships=st.integers(0, 4),
    owned_since_on=st.none() | days,
    first_owned_on=st.none() | days,
    transfer=st.booleans(),
)
few = st.integers(1, 60)
any_policy = st.builds(StagePolicy, few, few, few, few, few, st.integers(2, 8))


@given(facts=any_facts, policy=any_policy)
def test_there_is_always_exactly_one_stage_with_its_reasons_in_order(facts, policy):
    decision = choose_stage(facts, policy)
    considered = [reason.stage for reason in decision.reasons]
    assert considered == [stage for stage, _rule in RULES][: len(considered)]
    assert [reason.holds for reason in decision.reasons] == [False] * (len(considered) - 1) + [True]
    assert decision.stage is considered[-1]
    for reason in decision.reasons:
        assert reason.code in SENTENCES
        words = sentence(reason)
        assert words
        assert "%(" not in words


@given(facts=any_facts, policy=any_policy)
def test_a_retired_unit_is_retired_and_no_other_is(facts, policy):
    assert (choose_stage(facts, policy).stage is Stage.RETIRED) is (facts.status != "active")


@given(facts=any_facts, policy=any_policy)
def test_a_registered_unit_is_never_new_again(facts, policy):
    stage = choose_stage(facts, policy).stage
    if facts.ownerships:
        assert stage not in (Stage.DISCOVERY, Stage.UNBOXING)
    else:
        assert stage is not Stage.ONBOARDING


@given(facts=any_facts, policy=any_policy)
def test_an_open_transfer_leads_while_the_unit_lives(facts, policy):
    if facts.transfer and facts.status == "active":
        assert choose_stage(facts, policy).stage is Stage.RESALE


@given(facts=any_facts, policy=any_policy)
def test_maturity_needs_age_and_nothing_mature_is_in_plain_ownership(facts, policy):
    stage = choose_stage(facts, policy).stage
    if stage in (Stage.MATURITY, Stage.OWNERSHIP):
        old = facts.age_from is not None and facts.today >= add_months(facts.age_from, policy.maturity_months)
        assert old is (stage is Stage.MATURITY)


def test_every_stage_has_one_rule():
    assert {stage for stage, _rule in RULES} == set(Stage)
    assert len(RULES) == len(Stage)


def test_every_sentence_can_be_reached():
    """The sentences are exactly the codes that the rules of `experiences/stages.py` give."""
    import inspect
    import re

    from experiences import stages

    codes = set(re.findall(r'(?:True|False), "([a-z_]+)"', inspect.getsource(stages)))
    assert codes == set(SENTENCES)
