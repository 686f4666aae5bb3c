"""The units to show first: every stage of every brand, in the middle of its window; with and without a chip."""

import datetime as dt
from collections.abc import Callable

from experiences.demo.doubtful import (
    after_its_end,
    in_many_hands,
    in_two_countries_at_once,
    outside_its_market,
)
from experiences.demo.history import Narrator
from experiences.demo.lives import Life
from experiences.demo.spec import BrandSpec, ProductSpec

Story = Callable[[Narrator, ProductSpec, bool], Life]


def _discovery(narrator: Narrator, product: ProductSpec, chip: bool) -> Life:
    life = narrator.begin(product, age=20, sold=False, chip=chip)
    for shopper, ago in enumerate((10, 6, 2)):
        narrator.visit(life, narrator.instant(ago), f"shopper-{life.number}-{shopper}")
    return life


def _unboxing(narrator: Narrator, product: ProductSpec, chip: bool) -> Life:
    """The holder said "it's mine", so no number of curious visitors makes a display piece of it."""
    life = narrator.begin(product, age=4, chip=chip)
    narrator.visit(life, narrator.instant(3), f"holder-{life.number}")
    life.spoke_up_at = life.visits[-1].at + dt.timedelta(minutes=9)
    return life


def _just_sold(narrator: Narrator, product: ProductSpec, chip: bool) -> Life:
    return narrator.begin(product, age=3, chip=chip)


def _onboarding(day: int) -> Story:
    def story(narrator: Narrator, product: ProductSpec, chip: bool) -> Life:
        life = narrator.begin(product, age=day + 2, chip=chip)
        owner = f"person-{life.number}"
        narrator.register(life, owner, day)
        narrator.use(life, owner, day - 1, 0, 5)
        return life

    return story


def _month_six(narrator: Narrator, product: ProductSpec, chip: bool) -> Life:
    life = narrator.begin(product, age=184, chip=chip)
    owner = f"person-{life.number}"
    narrator.register(life, owner, 180)
    narrator.use(life, owner, 178, 4, 40)
    return life


def _month_six_unregistered(narrator: Narrator, product: ProductSpec, chip: bool) -> Life:
    life = narrator.begin(product, age=184, chip=chip)
    narrator.use(life, f"holder-{life.number}", 180, 4, 70)
    return life


def _year_five(narrator: Narrator, product: ProductSpec, chip: bool) -> Life:
    life = narrator.begin(product, age=1950, chip=chip)
    owner = f"person-{life.number}"
    narrator.register(life, owner, 1945)
    narrator.use(life, owner, 1930, 5, 210)
    return life


def _resale(narrator: Narrator, product: ProductSpec, chip: bool) -> Life:
    life = narrator.begin(product, age=430, chip=chip)
    owner = f"person-{life.number}"
    narrator.register(life, owner, 425)
    narrator.use(life, owner, 400, 40, 120)
    narrator.pass_on(life, f"{owner}-heir", ended=12, began=8)
    return life


def _retired(narrator: Narrator, product: ProductSpec, chip: bool) -> Life:
    life = narrator.begin(product, age=1500, chip=chip)
    owner = f"person-{life.number}"
    narrator.register(life, owner, 1496)
    narrator.use(life, owner, 1400, 70, 260)
    life.status, life.retired_on = "recycled", narrator.day(40)
    return life


def _flagged(flag: str) -> Story:
    def story(narrator: Narrator, product: ProductSpec, chip: bool) -> Life:
        life = _month_six(narrator, product, chip)
        life.flags[flag] = narrator.instant(2)
        return life

    return story


def _then(story: Story, happening: Callable[[Narrator, Life], None]) -> Story:
    """The story, and what gave staff a doubt in the end."""

    def doubtful(narrator: Narrator, product: ProductSpec, chip: bool) -> Life:
        life = story(narrator, product, chip)
        happening(narrator, life)
        return life

    return doubtful


# What each is there to show, the story, whether it has a chip. New ones go to the end: the place is the number.
SHOWCASE: tuple[tuple[str, Story, bool], ...] = (
    ("discovery", _discovery, True),
    ("unboxing", _unboxing, True),
    ("onboarding, day 3", _onboarding(3), True),
    ("onboarding, day 14", _onboarding(14), True),
    ("ownership, month six", _month_six, True),
    ("ownership, month six, never registered", _month_six_unregistered, True),
    ("maturity", _year_five, True),
    ("resale, a second owner", _resale, True),
    ("retired", _retired, True),
    ("just sold, never tapped", _just_sold, True),
    ("reported lost", _flagged("lost"), True),
    ("reported stolen", _flagged("stolen"), True),
    ("recalled", _flagged("recall"), True),
    ("discovery, printed code only", _discovery, False),
    ("unboxing, printed code only", _unboxing, False),
    ("onboarding, printed code only", _onboarding(9), False),
    ("ownership, printed code only", _month_six, False),
    ("maturity, printed code only", _year_five, False),
    ("resale, printed code only", _resale, False),
    ("retired, printed code only", _retired, False),
    ("tapped in two countries at once", _then(_month_six, in_two_countries_at_once), True),
    ("a printed code in many hands", _then(_month_six, in_many_hands), False),
    ("tapped outside its market", _then(_month_six_unregistered, outside_its_market), True),
    ("tapped after its end", _then(_retired, after_its_end), True),
)


def showcase_life(seed: str, brand: BrandSpec, number: int, anchor: dt.date) -> Life:
    """Return the life of the brand's unit `number`, which is below `len(SHOWCASE)`."""
    role, story, chip = SHOWCASE[number]
    narrator = Narrator(seed, brand, number, anchor)
    life = story(narrator, brand.product(_product_for(role, brand, number)), chip)
    if not role.startswith("recalled"):
        life.flags.pop("recall", None)
    life.visits.sort(key=lambda visit: visit.at)
    return life


def _product_for(role: str, brand: BrandSpec, number: int) -> str:
    chosen = brand.showcase.get(role.split(",", 1)[0])
    return chosen or brand.products[number % len(brand.products)].slug
