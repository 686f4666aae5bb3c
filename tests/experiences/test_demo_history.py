"""The demo's history, written in bulk, agrees with itself as if the services had written it."""

import datetime as dt
from itertools import pairwise

import pytest
from allauth.account.models import EmailAddress
from django.db import transaction
from django.utils import timezone

from analytics.kinds import Flag
from analytics.models import Doubt, Event, Scan, UnitActivity, UnitFacts
from analytics.services import visitor_mark
from experiences.demo.load import load_demo
from ownership.models import (
    Consent,
    ConsentWording,
    Member,
    Owner,
    Ownership,
    Registration,
    ReleaseRequest,
    Transfer,
)
from products.days import last_day
from products.models import Brand, Tag, Unit
from warranty.models import Coverage
from warranty.services import choose_plan


@pytest.fixture(scope="module")
def _history(django_db_setup, django_db_blocker):
    """Load once for the whole module, and take it back afterwards."""
    now = timezone.now()
    with django_db_blocker.unblock(), transaction.atomic(), pytest.MonkeyPatch.context() as patch:
        patch.setattr("experiences.demo.load.load_pictures", lambda _house: 0)
        load_demo(units=400, now=now)
        yield now
        transaction.set_rollback(True)


@pytest.fixture
def loaded(_history, db):
    """The moment of loading."""
    return _history


def test_activity_sums_up_the_scans(loaded):
    activities = {activity.unit_id: activity for activity in UnitActivity.objects.all()}
    for unit in Unit.objects.all():
        scans = list(Scan.objects.of_unit(unit).order_by("at", "id"))
        activity = activities.pop(unit.pk, None)
        assert (activity is None) == (not scans)
        if activity is None:
            continue
        marks = list(dict.fromkeys(visitor_mark(scan.visitor) for scan in scans))[:8]
        assert activity.scans == len(scans)
        assert (activity.first_scan_at, activity.last_scan_at) == (scans[0].at, scans[-1].at)
        assert activity.visitors == "".join(marks)
    assert not activities


def test_the_last_counter_of_a_chip_is_its_highest_and_counters_move_on_in_time(loaded):
    for tag in Tag.objects.all():
        scans = list(Scan.objects.filter(tag=tag.pk).order_by("at", "id"))
        assert all(scan.unit_id == tag.unit_id for scan in scans)
        if tag.kind == "qr":
            assert tag.last_counter is None
            assert {(scan.verdict, scan.counter) for scan in scans} <= {("identified", None)}
            continue
        assert tag.last_counter == max((scan.counter for scan in scans), default=None)
        genuine = [scan for scan in scans if scan.verdict == "genuine"]
        assert len({scan.counter for scan in genuine}) == len(genuine)
        assert [scan.counter for scan in genuine] == sorted(scan.counter for scan in genuine)
        if genuine:
            assert tag.last_visitor == genuine[-1].visitor


def test_facts_agree_with_ownerships(loaded):
    facts = {row.unit_id: row for row in UnitFacts.objects.all()}
    for unit in Unit.objects.all():
        rows = list(Ownership.objects.of_unit(unit).order_by("ordinal"))
        row = facts.get(unit.pk)
        assert [own.ordinal for own in rows] == list(range(1, len(rows) + 1))
        if row is None:
            assert not rows
            continue
        current = rows[-1] if rows and rows[-1].until is None else None
        assert row.ownerships == len(rows)
        assert row.owner_id == (current.owner_id if current else None)
        assert row.owned_since == (current.since if current else None)
        assert row.first_owned_at == (rows[0].since if rows else None)
        for earlier, later in pairwise(rows):
            assert earlier.until <= later.since


def told(kind: str) -> set:
    return set(Event.objects.filter(kind=kind).values_list("unit_id", "owner_id", "at"))


def first_owner_of(ownership: Ownership) -> int:
    """Whose it was before it was shared with a household, which is no change of hands."""
    if ownership.owner.kind != "household":
        return ownership.owner_id
    return Registration.objects.get(ownership=ownership).owner_id


def test_events_tell_what_the_rows_say(loaded):
    owned = {
        (own.unit_id, first_owner_of(own), own.since) for own in Ownership.objects.select_related("owner")
    }
    ended = set(Ownership.objects.exclude(until=None).values_list("unit_id", "owner_id", "until"))
    assert told("ownership.started") == owned
    assert told("ownership.ended") == ended
    assert len(ended) > 3
    assert {row[0] for row in told("unit.sold")} == set(
        Unit.objects.exclude(sold_on=None).values_list("pk", flat=True)
    )
    retired = Unit.objects.exclude(status="active")
    assert {row[0] for row in told("unit.retired")} == set(retired.values_list("pk", flat=True))
    spoke = UnitFacts.objects.exclude(holder_spoke_up_at=None).values_list("unit_id", "holder_spoke_up_at")
    assert {(unit, at) for unit, _owner, at in told("holder.spoke_up")} == set(spoke)


def test_raised_flags_have_their_events_and_only_those(loaded):
    told_of = {
        kind: {(e.unit_id, e.data["flag"]) for e in Event.objects.filter(kind=kind)}
        for kind in ("flag.raised", "flag.lowered")
    }
    flagged = {
        (row.unit_id, flag.value)
        for row in UnitFacts.objects.all()
        for flag in Flag
        if getattr(row, flag.value)
    }
    assert told_of["flag.raised"] - told_of["flag.lowered"] == flagged
    assert {flag for _unit, flag in told_of["flag.lowered"]} == {"transfer"}  # of what was sold
    assert {"lost", "stolen", "recall"} <= {flag for _unit, flag in flagged}


def test_nothing_happens_before_a_unit_was_made_or_after_now(loaded):
    made = dict(Unit.objects.values_list("pk", "made_on"))
    for model in (Scan, Event):
        for unit, at in model.objects.exclude(unit_id=None).values_list("unit_id", "at"):
            assert dt.datetime.combine(made[unit], dt.time(), dt.UTC) <= at < loaded
    for unit in Unit.objects.select_related("batch"):
        assert unit.batch.made_on <= unit.made_on
        assert unit.sold_on is None or unit.made_on < unit.sold_on < loaded.date()


def test_a_retired_unit_is_neither_opened_nor_sold_afterwards(loaded):
    retired = Unit.objects.exclude(status="active").exclude(doubts__kind="retired")
    assert retired.count() >= 6
    for unit in retired:
        assert all(scan.at.date() <= unit.retired_on for scan in Scan.objects.of_unit(unit))
        assert not Ownership.objects.of_unit(unit).filter(since__date__gt=unit.retired_on).exists()


def person_of(owner):
    """Who acts for the owner: themselves, or the organisation's first member."""
    return owner.person or owner.members.order_by("since", "pk").first().person


def test_the_owners_are_as_various_as_life(loaded):
    owners = Owner.objects.filter(
        registrations__isnull=False
    ).distinct()  # without who only joined a household
    assert {owner.kind for owner in owners} == {"person", "organisation"}
    for household in Owner.objects.filter(kind="household"):
        assert household.ownerships.count() == 1
        assert household.members.count() == 2
    assert Owner.objects.filter(kind="household").exists()
    assert max(owner.ownerships.count() for owner in owners) > 1
    assert Ownership.objects.filter(ordinal=2).exists()
    assert all(owner.email.endswith(".example") for owner in owners)
    assert {scan.stage for scan in Scan.objects.all()} >= {
        "discovery", "unboxing", "onboarding", "ownership", "maturity", "resale"
    }  # fmt: skip
    for owner in owners:
        assert owner.created_at == min(sent.created_at for sent in owner.registrations.all())
        assert person_of(owner).date_joined == owner.created_at


def test_every_ownership_began_with_a_registration_or_an_accepted_offer(loaded):
    registrations = list(Registration.objects.select_related("ownership", "owner"))
    taken_over = set(Transfer.objects.exclude(taken_over=None).values_list("taken_over", flat=True))
    began = set(Ownership.objects.values_list("pk", flat=True)) - taken_over
    assert {row.ownership_id for row in registrations} == began
    for row in registrations:
        own = row.ownership
        assert (row.unit_id, row.owner_id, row.contact) == (own.unit_id, first_owner_of(own), row.owner.email)
        assert row.person == person_of(row.owner)
        if row.proof == "holding":
            assert row.created_at == own.since
        else:
            assert (row.state, row.confirmed_at) == ("confirmed", own.since)
            assert row.created_at < own.since
    assert {row.state for row in registrations} == {"owned", "confirmed"}
    assert {row.proof for row in registrations} == {"holding", "code"}
    sent = {(row.unit_id, row.owner_id, row.created_at) for row in registrations}
    assert told("registration.sent") == sent
    confirmed = {(row.unit_id, row.owner_id, row.confirmed_at) for row in registrations if row.confirmed_at}
    assert told("registration.confirmed") == confirmed


def test_holding_needs_a_verified_tap_ten_minutes_before_at_most(loaded):
    for row in Registration.objects.filter(proof="holding"):
        taps = Scan.objects.of_unit(row.unit).filter(verdict="genuine", at__lt=row.created_at)
        assert row.created_at - taps.latest("at", "id").at < dt.timedelta(minutes=10)


def test_an_address_is_confirmed_exactly_where_a_registration_says_so(loaded):
    of_owners = EmailAddress.objects.filter(user__is_staff=False)
    verified = set(of_owners.filter(verified=True).values_list("user_id", flat=True))
    confirmed = set(Registration.objects.filter(state="confirmed").values_list("person_id", flat=True))
    owners = {person_of(owner).pk for owner in Owner.objects.all()}
    invited = set(Member.objects.values_list("person_id", flat=True)) - confirmed
    claimants = set(ReleaseRequest.objects.values_list("claimant__person", flat=True))
    assert verified == confirmed | invited | claimants
    assert owners - confirmed


def test_coverage_runs_in_every_unit_that_had_an_owner_and_has_a_plan(loaded):
    covered = {coverage.unit_id: coverage for coverage in Coverage.objects.select_related("plan")}
    without = 0
    firsts = Ownership.objects.filter(ordinal=1).select_related("unit__product", "unit__brand")
    for own in firsts:
        coverage, plan = covered.pop(own.unit_id, None), choose_plan(own.unit)
        without += plan is None
        assert (coverage.plan if coverage else None) == plan
        if coverage is None:
            continue
        assert coverage.activated_at == own.since
        assert coverage.ends_on == last_day(coverage.starts_on, plan.months)
        sale = own.unit.sold_on if plan.starts_from == "sale" else None
        assert coverage.starts_on == (sale or own.since.date())
    assert not covered
    assert without > 10
    said = Event.objects.filter(kind="coverage.activated").values_list("unit_id", "at", "data")
    rows = Coverage.objects.all()
    assert sorted((unit, at, data["ends_on"]) for unit, at, data in said) == sorted(
        (row.unit_id, row.activated_at, row.ends_on.isoformat()) for row in rows
    )


def test_consents_name_the_words_that_were_in_use(loaded):
    consents = list(Consent.objects.select_related("owner", "wording"))
    assert {consent.wording.version for consent in consents} == {1, 2}
    for consent in consents:
        brand = consent.owner.brand_id
        purpose = consent.wording.purpose
        in_use = ConsentWording.objects.filter(brand=brand, purpose=purpose, created_at__lte=consent.given_at)
        assert consent.wording == in_use.latest("created_at")
        if purpose == "marketing":
            assert consent.owner.registrations.filter(marketing=True).count() == 1
    given = {(consent.owner_id, consent.given_at) for consent in consents}
    assert {(owner, at) for _unit, owner, at in told("consent.given")} == given
    withdrawn = {(c.owner_id, c.withdrawn_at) for c in consents if c.withdrawn_at}
    assert {(owner, at) for _unit, owner, at in told("consent.withdrawn")} == withdrawn
    assert withdrawn


def test_each_house_has_doubts_that_follow_from_its_scans(loaded):
    kinds = {"far_apart", "many_visitors", "other_market", "retired"}
    for brand in Brand.objects.all():
        doubts = Doubt.objects.for_brand(brand)
        assert kinds <= set(doubts.values_list("kind", flat=True))
        for doubt in doubts:
            scans = Scan.objects.of_unit(doubt.unit).in_bulk([scan["scan"] for scan in doubt.evidence])
            assert len(scans) == len(doubt.evidence)
            for scan in doubt.evidence:
                row = scans[scan["scan"]]
                assert (row.at.isoformat(), row.country) == (scan["at"], scan["country"])
            assert Event.objects.of_unit(doubt.unit).filter(kind="doubt.raised").exists()
        # Most of a house's units live quietly.
        assert doubts.values("unit").distinct().count() <= Unit.objects.for_brand(brand).count() // 4
    assert not Doubt.objects.not_told_yet().exists()  # an outbox that nobody asked to fill


def test_each_house_has_a_piece_on_offer_and_one_that_was_sold(loaded):
    """C4, B6: a newcomer sees both sides of a sale, before and after."""
    for brand in Brand.objects.all():
        transfers = Transfer.objects.for_brand(brand)
        offer, sale = transfers.open().get(), transfers.get(state="accepted")
        assert offer.expires_at > loaded
        assert UnitFacts.objects.get(unit=offer.unit_id).transfer
        owners = Ownership.objects.of_unit(sale.unit).order_by("ordinal")
        assert list(owners)[-2:] == [sale.ownership, sale.taken_over]
        assert sale.taken_over.until is None
        assert sale.taken_over.since == sale.ownership.until == sale.settled_at
        assert UnitFacts.objects.get(unit=sale.unit_id).owner_id == sale.taken_over.owner_id
