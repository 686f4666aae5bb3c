"""Loading the demo: once and for all by seed; a second run adds only what is missing, and keeps its dates fresh."""

import datetime as dt
from collections.abc import Iterator
from itertools import islice

from django.db import transaction

from analytics.doubts.services import claim_alert
from analytics.doubts.sweep import sweep_brand
from analytics.partitions import ensure_partitions
from experiences.demo.catalogue import load_brand, load_pictures
from experiences.demo.data_rights import load_data_rights
from experiences.demo.groups import load_fleet, load_household
from experiences.demo.history import ordinary_life
from experiences.demo.houses import HOUSES
from experiences.demo.lives import OLDEST, Life
from experiences.demo.losses import load_losses
from experiences.demo.loyalty import load_loyalty
from experiences.demo.older_pieces import load_requests
from experiences.demo.releases import load_releases
from experiences.demo.renew import shift_demo
from experiences.demo.seeds import public_code
from experiences.demo.showcase import SHOWCASE, showcase_life
from experiences.demo.spec import BrandSpec
from experiences.demo.staff import load_staff
from experiences.demo.transfers import load_transfers
from experiences.demo.write import brand_rows, write_lives
from experiences.models import DemoLoad
from products.models import Brand, Unit

DEFAULT_SEED = "heirloom"
DEFAULT_UNITS = 150
FRESH_DAYS = 7
CHUNK = 500  # units per transaction


class DemoError(Exception):
    """Why the demo can't be loaded here; the sentence is for people."""


def load_demo(
    *, units: int = DEFAULT_UNITS, seed: str | None = None, as_of: dt.date | None = None, now: dt.datetime
) -> DemoLoad:
    """Make sure that the demo is here with at least `units` units, and that its history runs to a recent day.

    The same call again changes nothing. Without `as_of`, dates are renewed once they are more than
    seven days old. Raises DemoError: another seed was loaded, or a brand of that name exists.
    """
    load = _found_load(seed) or _first_load(seed or DEFAULT_SEED, as_of or now.date(), now)
    _keep_fresh(load, as_of, now)
    load_staff(load.seed)
    for house, count in zip(HOUSES, shares(units), strict=True):
        load_pictures(house)
        _load_units(house, count, load, now)
        load_requests(house, load)
        load_data_rights(house, load)
        load_losses(house, load, now)
        load_releases(house, load)
        load_household(house, load, now)
        load_transfers(house, load)
        if units >= DEFAULT_UNITS:
            load_fleet(house, load, now)
        load_loyalty(house, load, now)
        _look_for_doubts(house, load, now)
    return load


def shares(units: int) -> list[int]:
    """Return how many units each brand has: the showcase, and an equal part of the rest."""
    extra = max(0, units - len(HOUSES) * len(SHOWCASE))
    return [
        len(SHOWCASE) + extra // len(HOUSES) + (place < extra % len(HOUSES)) for place in range(len(HOUSES))
    ]


def _found_load(seed: str | None) -> DemoLoad | None:
    load = DemoLoad.objects.first()
    if load and seed is not None and seed != load.seed:
        raise DemoError(
            f"The demo is loaded with the seed “{load.seed}”. For another seed, start with an empty database."
        )
    return load


@transaction.atomic
def _first_load(seed: str, anchor: dt.date, now: dt.datetime) -> DemoLoad:
    taken = Brand.objects.filter(slug__in=[house.slug for house in HOUSES]).values_list("slug", flat=True)
    if taken:
        raise DemoError(
            f"A brand with the short name “{taken[0]}” exists already; the demo would mix with it."
        )
    for house in HOUSES:
        load_brand(house, seed=seed, anchor=anchor)
    return DemoLoad.objects.create(seed=seed, anchor=anchor, loaded_at=now)


def _keep_fresh(load: DemoLoad, as_of: dt.date | None, now: dt.datetime) -> None:
    ensure_partitions(min(load.anchor, as_of or load.anchor) - dt.timedelta(days=OLDEST), now.date())
    target = as_of or now.date()
    if as_of is None and (target - load.anchor).days <= FRESH_DAYS:
        return
    if target != load.anchor:
        shift_demo(load, target, now=now)


def _load_units(house: BrandSpec, count: int, load: DemoLoad, now: dt.datetime) -> None:
    missing = _missing_lives(house, count, load)
    rows = None
    while chunk := list(islice(missing, CHUNK)):
        rows = rows or brand_rows(house)
        write_lives(chunk, rows, seed=load.seed, now=now)


def _look_for_doubts(house: BrandSpec, load: DemoLoad, now: dt.datetime) -> None:
    """Look at the scans as beat does, up to the history's last midnight; staff have had their mail by then."""
    midnight = min(dt.datetime.combine(load.anchor, dt.time(), dt.UTC), now)
    brand = Brand.objects.get(slug=house.slug)
    if sweep_brand(brand_id=brand.pk, now=midnight):
        claim_alert(brand_id=brand.pk, now=midnight)


def _missing_lives(house: BrandSpec, count: int, load: DemoLoad) -> Iterator[Life]:
    there = set(Unit.objects.filter(brand__slug=house.slug).values_list("public_code", flat=True))
    for number in range(count):
        if public_code(load.seed, house.slug, number) in there:
            continue
        tell = showcase_life if number < len(SHOWCASE) else ordinary_life
        yield tell(load.seed, house, number, load.anchor)
