"""C10 and B3: what points are given for, once, within their cap, to whom."""

import datetime as dt

import pytest

from analytics.models import Event, Scan
from ownership.models import ConsentChannel, ConsentWording, LoyaltyEntry, LoyaltyProgramme, Owner
from ownership.models.owners import Acquired, Annulled
from ownership.services import end_ownership
from ownership.services.consents import give_consent, withdraw_consent
from ownership.services.loyalty import redeem_reward, reverse_entry, run_loyalty
from ownership.services.ownerships import annul_ownership, hand_over
from products.models import Category, Market
from tests import factories
from tests.ownership.points import NOW, ago, balance, confirmed, give, key, programme, reward, rule

pytestmark = pytest.mark.django_db


def run(brand, now=NOW):
    return run_loyalty(brand_id=brand.pk, now=now)


def taps(unit, days, verdict="genuine"):
    Scan.objects.bulk_create(
        Scan(at=ago(day), brand=unit.brand, unit=unit, verdict=verdict, stage="ownership", visitor="v")
        for day in days
    )


@pytest.fixture
def owned(unit, alice):
    """Alice, confirmed, has owned the bag for sixty-one days."""
    factories.own(unit, confirmed(alice), ago(61))
    return unit


def test_use_on_enough_days_earns_points_once(acme, owned, alice):
    """B3: on day 60, tapped on at least five days: 200 points, once only."""
    rule(acme, "use")
    taps(owned, [50, 40, 30, 20])
    assert run(acme).awards == 0
    taps(owned, [20.1, 20.2], "identified")
    assert run(acme).awards == 0, "several taps on one day are one day of use"
    taps(owned, [10], "refreshed")
    assert run(acme).awards == 1
    assert balance(alice) == 200
    assert [run(acme).awards for _time in range(3)] == [0, 0, 0]
    event = Event.objects.get(kind="points.awarded")
    line = LoyaltyEntry.objects.get()
    assert event.data == {"entry": line.pk, "points": 200, "rule": line.rule_id}
    assert (event.owner_id, event.unit_id) == (alice.pk, None)


def test_use_before_day_sixty_earns_nothing_yet(acme, unit, alice):
    rule(acme, "use")
    factories.own(unit, confirmed(alice), ago(59))
    taps(unit, range(1, 20))
    assert run(acme).awards == 0
    assert run(acme, NOW + dt.timedelta(days=1)).awards == 1


def test_taps_of_an_owner_before_and_old_links_are_no_use(acme, owned, alice):
    rule(acme, "use")
    taps(owned, range(70, 90))
    taps(owned, range(1, 20), "replayed")
    assert run(acme).awards == 0


def test_days_of_use_are_days_of_the_units_market(acme, bag, alice):
    """Five taps within one UTC day, but on two days in Tokyo, are two days of use there."""
    Market.objects.create(brand=acme, country="JP", time_zone="Asia/Tokyo")
    unit = factories.UnitFactory(product=bag, market="JP")
    factories.own(unit, confirmed(alice), ago(61))
    rule(acme, "use", use_taps=2)
    taps(unit, [10.2, 9.8])  # 07:12 and 16:48 UTC: 16:12 and 01:48 of the next day in Tokyo
    assert run(acme).awards == 1


def test_a_year_is_over_on_its_day_where_the_unit_is(acme, unit, alice):
    rule(acme, "tenure")
    since = dt.datetime(2025, 6, 15, 21, 30, tzinfo=dt.UTC)  # 23:30 on 15 June in Paris
    factories.own(unit, confirmed(alice), since)
    assert run(acme, dt.datetime(2026, 6, 14, 21, 0, tzinfo=dt.UTC)).awards == 0
    assert run(acme, dt.datetime(2026, 6, 14, 22, 30, tzinfo=dt.UTC)).awards == 1


def test_a_year_from_the_leap_day_is_over_at_the_end_of_february(acme, unit, alice):
    rule(acme, "tenure")
    factories.own(unit, confirmed(alice), dt.datetime(2024, 2, 29, 12, tzinfo=dt.UTC))
    assert run(acme, dt.datetime(2025, 2, 27, 12, tzinfo=dt.UTC)).awards == 0
    assert run(acme, dt.datetime(2025, 2, 28, 12, tzinfo=dt.UTC)).awards == 1


def test_a_milestone_passed_before_the_rule_counts_earns_nothing(acme, unit, alice):
    rule(acme, "tenure", starts_at=ago(10))
    factories.own(unit, confirmed(alice), ago(3 * 365))
    assert run(acme).awards == 0


def registered(unit, owner, days=1):
    factories.own(unit, owner, ago(days))
    Event.objects.create(
        at=ago(days), recorded_at=ago(days), kind="registration.confirmed", brand=unit.brand, unit=unit, owner_id=owner.pk
    )  # fmt: skip


def test_a_welcome_is_given_once_however_many_things_follow(acme, bag, alice):
    rule(acme, "event")
    confirmed(alice)
    for _number in range(3):
        registered(factories.UnitFactory(product=bag), alice)
    assert run(acme).awards == 1
    assert run(acme).awards == 0


def test_a_rule_that_repeats_gives_points_for_each_thing_up_to_its_cap(acme, bag, alice):
    rule(acme, "event", repeats=True, cap_per_year=450)
    confirmed(alice)
    for _number in range(3):
        registered(factories.UnitFactory(product=bag), alice)
    assert run(acme).awards == 2
    assert balance(alice) == 400
    assert run(acme).awards == 0
    new_year = dt.datetime(2026, 12, 31, 23, 30, tzinfo=dt.UTC)  # 2027 in Paris
    assert run(acme, new_year).awards == 1, "what went beyond the cap waits for the next year"


def welcome_with_a_cap(brand, cap=450):
    return rule(brand, "event", repeats=True, cap_per_year=cap)


def test_what_was_taken_back_leaves_its_room_under_the_cap(acme, bag, alice):
    welcome_with_a_cap(acme)
    confirmed(alice)
    for _number in range(4):
        registered(factories.UnitFactory(product=bag), alice)
    assert run(acme).awards == 2
    mistake = LoyaltyEntry.objects.awards().earliest("pk")
    reverse_entry(entry_id=mistake.pk, reason="A mistake", actor_id=1, now=NOW)
    assert run(acme).awards == 1
    assert balance(alice) == 400
    assert run(acme).awards == 0, "and what was taken back is not given once more"
    assert LoyaltyEntry.objects.awards().filter(unit=mistake.unit_id).count() == 1


def test_what_could_not_be_taken_back_counts_for_the_cap(acme, bag, alice):
    welcome_with_a_cap(acme, cap=400)
    confirmed(alice)
    for _number in range(3):
        registered(factories.UnitFactory(product=bag), alice)
    assert run(acme).awards == 2
    redeem_reward(
        owner_id=alice.pk, reward_id=reward(acme, "C-1").pk, submission_key=key(), actor_id=None, now=NOW
    )
    mistake = LoyaltyEntry.objects.awards().earliest("pk")
    assert reverse_entry(entry_id=mistake.pk, reason="A mistake", actor_id=1, now=NOW).rest == 100
    assert run(acme).awards == 0, "a hundred of it were spent and stay"


def test_a_year_of_the_cap_begins_and_ends_at_midnight_where_the_brand_is(acme, bag, alice):
    welcome_with_a_cap(acme, cap=200)
    confirmed(alice)
    for _number in range(3):
        registered(factories.UnitFactory(product=bag), alice, days=400)
    last_second = dt.datetime(2026, 12, 31, 22, 59, 59, tzinfo=dt.UTC)  # of 2026 in Paris
    new_year = last_second + dt.timedelta(seconds=1)
    assert run(acme, new_year).awards == 1
    assert run(acme, last_second).awards == 1, "a worker whose clock is behind counts 2026 alone"
    assert [run(acme, at).awards for at in (last_second, new_year)] == [0, 0]
    assert run(acme, dt.datetime(2027, 12, 31, 22, 59, 59, tzinfo=dt.UTC)).awards == 0
    assert run(acme, dt.datetime(2027, 12, 31, 23, tzinfo=dt.UTC)).awards == 1


def test_handing_a_thing_to_and_fro_earns_nothing_more(acme, unit, alice, bob):
    rule(acme, "event", event_kind="ownership.started", repeats=True)
    for owner in (alice, bob):
        confirmed(owner)
    factories.own(unit, alice, ago(9))
    assert run(acme).awards == 1
    for day, owner in ((8, bob), (7, alice), (6, bob)):
        hand_over(unit=unit, owner=owner, acquired=Acquired.TRANSFER, now=ago(day))
        run(acme)
    assert (balance(alice), balance(bob)) == (200, 200)


def test_an_annulled_ownership_earns_nothing(acme, unit, alice):
    rule(acme, "event")
    registered(unit, confirmed(alice))
    annul_ownership(unit=unit, reason=Annulled.RETURNED, now=NOW)
    assert run(acme).awards == 0


def test_points_stay_with_the_person_when_the_thing_goes(acme, unit, alice, bob):
    """C4: personal data, messages and loyalty don't go along."""
    rule(acme, "tenure", months=1)
    factories.own(unit, confirmed(alice), ago(61))
    confirmed(bob)
    run(acme)
    hand_over(unit=unit, owner=bob, acquired=Acquired.TRANSFER, now=NOW)
    run(acme, NOW + dt.timedelta(days=2))
    assert (balance(alice), balance(bob)) == (200, 0)


def test_a_thing_that_is_no_longer_owned_earns_no_tenure(acme, unit, alice):
    rule(acme, "tenure", months=1)
    factories.own(unit, confirmed(alice), ago(61))
    end_ownership(unit=unit, until=ago(40), now=NOW)
    assert run(acme).awards == 0


def test_a_rule_for_a_category_holds_for_those_below_it_and_no_other(acme, owned, alice):
    above = factories.CategoryFactory(brand=acme)
    other = factories.CategoryFactory(brand=acme)
    rule(acme, "tenure", months=1, category=other)
    assert run(acme).awards == 0
    Category.objects.filter(pk=owned.product.category_id).update(parent=above)
    rule(acme, "tenure", months=1, category=above)
    assert run(acme).awards == 1


def test_a_rule_for_a_product_holds_for_no_other(acme, owned, alice):
    rule(acme, "tenure", months=1, product=factories.ProductFactory(brand=acme))
    assert run(acme).awards == 0
    rule(acme, "tenure", months=1, product=owned.product)
    assert run(acme).awards == 1


def test_an_address_that_nobody_confirmed_earns_nothing(acme, unit, alice):
    rule(acme, "tenure", months=1)
    factories.own(unit, alice, ago(61))
    assert run(acme).awards == 0
    confirmed(alice)
    assert run(acme).awards == 1


def test_where_the_brand_has_words_for_it_only_who_agreed_takes_part(acme, owned, alice):
    rule(acme, "tenure", months=1)
    words = ConsentWording.objects.create(
        brand=acme, purpose="loyalty", version=1, texts={"en": "I take part."}
    )
    assert run(acme).awards == 0
    how = {"locale": "en", "channel": ConsentChannel.ME, "now": ago(1)}
    give_consent(owner=alice, wording=words, **how)
    assert run(acme).awards == 0, "a yes that nobody confirmed is nobody's"
    give_consent(owner=alice, wording=words, confirmed_at=ago(1), **how)
    assert run(acme).awards == 1
    withdraw_consent(owner=alice, purpose="loyalty", now=NOW, through=ConsentChannel.ME)
    rule(acme, "tenure", months=1, names={"en": "Another"})
    assert run(acme).awards == 0
    assert balance(alice) == 200, "what was given stays"


def test_a_yes_earns_points_once(acme, alice):
    rule(acme, "event", event_kind="consent.given")
    confirmed(alice)
    words = ConsentWording.objects.create(brand=acme, purpose="marketing", version=1, texts={"en": "Write."})
    for _time in range(3):
        give_consent(
            owner=alice,
            wording=words,
            locale="en",
            channel=ConsentChannel.ME,
            now=ago(1),
            confirmed_at=ago(1),
        )
        withdraw_consent(owner=alice, purpose="marketing", now=NOW, through=ConsentChannel.ME)
    assert run(acme).awards == 1


def test_an_organisation_takes_part_only_in_rules_that_say_so(acme, unit):
    made = factories.OwnerFactory(brand=acme, kind="organisation")
    person = confirmed(factories.OwnerFactory(brand=acme)).person
    made.members.create(person=person, role="admin", since=ago(100))
    factories.own(unit, Owner.objects.get(pk=made.pk), ago(61))
    rule(acme, "tenure", months=1)
    assert run(acme).awards == 0
    rule(acme, "tenure", months=1, for_several=True)
    assert run(acme).awards == 1
    assert balance(made) == 200


def test_without_a_programme_nobody_gets_points(acme, owned):
    rule(acme, "tenure", months=1)
    LoyaltyProgramme.objects.all().delete()
    assert run(acme).awards == 0


def test_a_rule_that_is_off_or_not_yet_on_gives_nothing(acme, owned):
    rule(acme, "tenure", months=1, is_active=False)
    rule(acme, "tenure", months=1, starts_at=NOW + dt.timedelta(days=1))
    assert run(acme).awards == 0


def test_another_brands_owners_get_nothing(acme, globex, owned, alice):
    """G4: a rule of Globex gives nothing to Acme's owners."""
    rule(globex, "tenure", months=1)
    assert run(globex).awards == 0
    assert balance(alice) == 0


def test_a_round_takes_batches_and_goes_on_where_it_stopped(acme, bag, alice, monkeypatch):
    monkeypatch.setattr("ownership.services.loyalty.awarding.BATCH", 2)
    rule(acme, "tenure", months=1)
    confirmed(alice)
    for _number in range(5):
        factories.own(factories.UnitFactory(product=bag), alice, ago(61))
    assert run(acme).awards == 5
    assert balance(alice) == 1000
    assert run(acme).awards == 0


def test_a_round_costs_the_same_for_1_and_20_owners(acme, bag, django_assert_max_num_queries):
    rule(acme, "tenure", months=1)
    for _number in range(20):
        factories.own(
            factories.UnitFactory(product=bag), confirmed(factories.OwnerFactory(brand=acme)), ago(61)
        )
    with django_assert_max_num_queries(24):
        assert run(acme).awards == 20


def test_given_points_expire_at_the_end_of_their_day_where_the_brand_is(acme, owned, alice):
    rule(acme, "tenure", months=1, expires_months=6)
    run(acme)
    line = LoyaltyEntry.objects.get()
    assert line.expires_at == dt.datetime(2026, 12, 15, 22, 59, 59, tzinfo=dt.UTC)
    assert run(acme, line.expires_at - dt.timedelta(seconds=1)).expiries == 0
    later = run(acme, line.expires_at)
    assert (later.expiries, later.awards) == (1, 0)
    assert balance(alice) == 0


def test_what_was_given_by_hand_counts_for_no_rule(acme, owned, alice):
    programme(acme)
    give(alice, 50)
    rule(acme, "tenure", months=1)
    run(acme)
    assert balance(alice) == 250
