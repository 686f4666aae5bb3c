"""Moving the demo's history through time, so that its units stay in the middle of their stages."""

import datetime as dt
from typing import Any

from django.db import models, transaction
from django.db.models import Case, DateField, DateTimeField, ExpressionWrapper, F, Value, When
from django.db.models.functions import Cast, Least

from analytics.kinds import EventKind
from analytics.models import Doubt, DoubtWatch, Event, Scan, UnitActivity, UnitFacts
from experiences.demo.houses import HOUSES
from experiences.models import DemoLoad, Message
from ownership.models import (
    Consent,
    ConsentWording,
    DataRequest,
    FinderMessage,
    FinderThread,
    Gift,
    IdentityRequest,
    LossReport,
    LoyaltyEntry,
    LoyaltyRule,
    Member,
    Owner,
    Ownership,
    Purchase,
    Redemption,
    Registration,
    ReleaseRequest,
    RewardCode,
    Transfer,
)
from products.days import last_day
from products.models import Batch, Brand, Device, Person, Unit
from warranty.models import Coverage

# Every dated row of the demo's brands: the model, the way to its brand, its instants and its days.
DATED: tuple[tuple[type[models.Model], str, tuple[str, ...], tuple[str, ...]], ...] = (
    (Batch, "brand", (), ("made_on",)),
    (Unit, "brand", (), ("made_on", "shipped_on", "sold_on", "retired_on", "identity_given_on")),
    (Person, "owners__brand", ("date_joined",), ()),
    (Person, "memberships_of_owners__owner__brand", ("date_joined",), ()),
    (Member, "owner__brand", ("since",), ()),
    (Device, "person__owners__brand", ("created_at", "last_used_at", "revoked_at"), ()),
    (Owner, "brand", ("created_at",), ()),
    (Registration, "brand", ("created_at", "confirmed_at"), ()),
    (ConsentWording, "brand", ("created_at",), ()),
    (Consent, "owner__brand", ("given_at", "confirmed_at", "withdrawn_at"), ()),
    (DataRequest, "brand", ("asked_at", "due_at", "ended_at"), ()),
    (IdentityRequest, "brand", ("sent_at", "confirmed_at", "decided_at"), ()),
    (LoyaltyRule, "brand", ("starts_at",), ()),
    (LoyaltyEntry, "owner__brand", ("at",), ()),
    (Redemption, "owner__brand", ("at", "reversed_at"), ()),
    (RewardCode, "reward__brand", ("used_at", "added_at"), ()),
    (Coverage, "brand", ("activated_at",), ()),
    (Message, "brand", ("created_at", "changed_at"), ()),
    (Ownership, "unit__brand", ("since", "until"), ()),
    (LossReport, "brand", ("reported_at", "ended_at"), ("missed_on",)),
    (
        ReleaseRequest,
        "brand",
        ("sent_at", "confirmed_at", "answer_by", "appeal_by", "ended_at"),
        (),
    ),
    (FinderThread, "report__brand", ("begun_at",), ()),
    (FinderMessage, "thread__report__brand", ("sent_at",), ()),
    (Purchase, "ownership__unit__brand", ("entered_at",), ("bought_on",)),
    (Gift, "brand", ("left_at",), ("bought_on",)),
    (UnitFacts, "unit__brand", ("owned_since", "first_owned_at", "opened_at", "holder_spoke_up_at"), ()),
    (UnitActivity, "unit__brand", ("first_scan_at", "last_scan_at"), ()),
    (Scan, "brand", ("at",), ()),
    (Doubt, "brand", ("first_seen_at", "last_seen_at", "alerted_at", "decided_at"), ()),
    (DoubtWatch, "brand", ("swept_until", "alerted_at"), ()),
    (Event, "brand", ("at", "recorded_at"), ()),
)


@transaction.atomic
def shift_demo(load: DemoLoad, anchor: dt.date, *, now: dt.datetime) -> None:
    """Move all dates of the demo's brands so that the history runs to `anchor`; nothing moves beyond `now`.

    What visitors did since the demo was loaded moves along; the order of things never changes.
    """
    delta = anchor - load.anchor
    slugs = [house.slug for house in HOUSES]
    brands = list(Brand.objects.filter(slug__in=slugs).values_list("pk", flat=True))
    for model, brand_path, instants, days in DATED:
        changes: dict[str, Any] = {name: _moved(name, delta, now) for name in instants}
        changes |= {name: _moved_day(name, delta, now.date()) for name in days}
        rows: Any = model._default_manager.filter(**{f"{brand_path}__in": brands})
        rows.update(**changes)
    _move_offers(delta, brands, now)
    _move_terms(delta, brands, now.date())
    _rewrite_days_in_events(delta, brands, now.date())
    _rewrite_evidence(delta, brands, now)
    DemoLoad.objects.filter(pk=load.pk).update(anchor=anchor)
    load.anchor = anchor


def _moved(name: str, delta: dt.timedelta, now: dt.datetime) -> Case:
    moved = ExpressionWrapper(F(name) + delta, output_field=DateTimeField())
    return _kept_empty(name, Least(moved, Value(now, DateTimeField())), DateTimeField())


def _moved_day(name: str, delta: dt.timedelta, today: dt.date) -> Case:
    moved = Cast(ExpressionWrapper(F(name) + delta, output_field=DateTimeField()), DateField())
    return _kept_empty(name, Least(moved, Value(today, DateField())), DateField())


def _kept_empty(name: str, moved: Least, field: models.Field) -> Case:
    """An empty date stays empty: PostgreSQL's LEAST would take the other value."""
    return Case(When(**{f"{name}__isnull": False}, then=moved), default=None, output_field=field)


def _move_offers(delta: dt.timedelta, brands: list[int], now: dt.datetime) -> None:
    """Move offers in one statement: an end that stayed behind for a moment would lie before its beginning.

    What ends in the future may do so after the move as well.
    """
    Transfer.objects.filter(brand__in=brands).update(
        started_at=_moved("started_at", delta, now),
        settled_at=_moved("settled_at", delta, now),
        expires_at=F("expires_at") + delta,
    )


def _move_terms(delta: dt.timedelta, brands: list[int], today: dt.date) -> None:
    """Move the terms of coverage, which last for months and not for days, and what their events say of them."""
    terms: dict[int, dict[str, str]] = {}
    coverages = list(Coverage.objects.filter(brand__in=brands).select_related("plan"))
    for coverage in coverages:
        is_whole = coverage.ends_on == last_day(coverage.starts_on, coverage.plan.months)
        start = min(coverage.starts_on + delta, today)
        coverage.ends_on = (
            last_day(start, coverage.plan.months)
            if is_whole
            else coverage.ends_on + (start - coverage.starts_on)
        )
        coverage.starts_on = start
        terms[coverage.unit_id] = {"starts_on": start.isoformat(), "ends_on": coverage.ends_on.isoformat()}
    Coverage.objects.bulk_update(coverages, ["starts_on", "ends_on"], batch_size=500)
    events = list(
        Event.objects.filter(brand_id__in=brands, kind=EventKind.COVERAGE_ACTIVATED).only(
            "id", "unit_id", "data"
        )
    )
    for event in events:
        event.data = {**event.data, **terms.get(event.unit_id, {})}
    Event.objects.bulk_update(events, ["data"], batch_size=500)


def _rewrite_days_in_events(delta: dt.timedelta, brands: list[int], today: dt.date) -> None:
    """Move the days that events of sale and retirement carry in their data."""
    for kind, name in ((EventKind.UNIT_SOLD, "sold_on"), (EventKind.UNIT_RETIRED, "retired_on")):
        events = list(Event.objects.filter(brand_id__in=brands, kind=kind).only("id", "data"))
        for event in events:
            day = min(dt.date.fromisoformat(event.data[name]) + delta, today)
            event.data = {**event.data, name: day.isoformat()}
        Event.objects.bulk_update(events, ["data"], batch_size=500)


def _rewrite_evidence(delta: dt.timedelta, brands: list[int], now: dt.datetime) -> None:
    """Move the scans that doubts keep as their evidence."""
    doubts = list(Doubt.objects.filter(brand__in=brands).only("id", "evidence"))
    for doubt in doubts:
        for scan in doubt.evidence:
            scan["at"] = min(dt.datetime.fromisoformat(scan["at"]) + delta, now).isoformat()
    Doubt.objects.bulk_update(doubts, ["evidence"], batch_size=500)
