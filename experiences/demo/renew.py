"""Moving the demo's history through time, so that its units stay in the middle of their stages."""

import datetime as dt
from typing import Any

from django.db import models, transaction
from django.db.models import Case, DateField, DateTimeField, ExpressionWrapper, F, Value, When
from django.db.models.functions import Cast, Least

from analytics.kinds import EventKind
from analytics.models import Event, Scan, UnitActivity, UnitFacts
from experiences.demo.houses import HOUSES
from experiences.models import DemoLoad
from ownership.models import Owner, Ownership
from products.models import Batch, Brand, Unit

# Every dated row of the demo's brands: the model, the way to its brand, its instants and its days.
DATED: tuple[tuple[type[models.Model], str, tuple[str, ...], tuple[str, ...]], ...] = (
    (Batch, "brand", (), ("made_on",)),
    (Unit, "brand", (), ("made_on", "sold_on", "retired_on")),
    (Owner, "brand", ("created_at",), ()),
    (Ownership, "unit__brand", ("since", "until"), ()),
    (UnitFacts, "unit__brand", ("owned_since", "first_owned_at", "opened_at", "holder_spoke_up_at"), ()),
    (UnitActivity, "unit__brand", ("first_scan_at", "last_scan_at"), ()),
    (Scan, "brand", ("at",), ()),
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
    _rewrite_days_in_events(delta, brands, now.date())
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


def _rewrite_days_in_events(delta: dt.timedelta, brands: list[int], today: dt.date) -> None:
    """Move the days that events of sale and retirement carry in their data."""
    for kind, name in ((EventKind.UNIT_SOLD, "sold_on"), (EventKind.UNIT_RETIRED, "retired_on")):
        events = list(Event.objects.filter(brand_id__in=brands, kind=kind).only("id", "data"))
        for event in events:
            day = min(dt.date.fromisoformat(event.data[name]) + delta, today)
            event.data = {**event.data, name: day.isoformat()}
        Event.objects.bulk_update(events, ["data"], batch_size=500)
