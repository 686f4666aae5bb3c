"""Plausible lives: most units sold, many registered, some passed on, a few lost or recycled."""

import datetime as dt
from dataclasses import replace

from analytics.kinds import Verdict
from experiences.demo.lives import OLDEST, Life, Tenure, Visit, batch_age_for, serial_of
from experiences.demo.people import UNCONFIRMED
from experiences.demo.seeds import dice, visitor_id
from experiences.demo.spec import BrandSpec, ProductSpec

DAY = dt.timedelta(days=1)
OLDEST_SALE = OLDEST - 150  # days before the anchor


class Narrator:
    """Tells one unit's life, day by day, from the dice of this unit."""

    def __init__(self, seed: str, brand: BrandSpec, number: int, anchor: dt.date) -> None:
        self.seed, self.brand, self.number, self.anchor = seed, brand, number, anchor
        self.dice = dice(seed, "life", brand.slug, number)

    def begin(self, product: ProductSpec, *, age: int, sold: bool = True, chip: bool = True) -> Life:
        """Make the unit and sell it `age` days before the anchor, or leave it in the shop since then."""
        life = Life(
            number=self.number,
            brand=self.brand,
            product=product,
            serial=serial_of(self.brand, product, self.number),
            market=self.dice.choices(list(self.brand.markets), self.brand.market_weights)[0],
            variant=self.dice.choice(product.variants)[0] if product.variants else "",
            batch_age=batch_age_for(age),
            has_chip=chip,
        )
        life.made_on = self.day(life.batch_age) + DAY * self.dice.randrange(12)
        life.sold_on = self.day(age) if sold else None
        if product.makers:
            life.attributes["artisan"] = self.dice.choice(product.makers)
        if product.recalled_batch is not None and life.batch_age == product.recalled_batch:
            life.flags["recall"] = self.instant(25)
        return life

    def day(self, ago: int) -> dt.date:
        return self.anchor - DAY * ago

    def instant(self, ago: float) -> dt.datetime:
        """Return a moment of that day between 10:00 and 19:00 UTC: the same day in all of the demo's markets."""
        seconds = 36_000 + self.dice.randrange(9 * 3600)
        return dt.datetime.combine(self.day(int(ago)), dt.time(), dt.UTC) + dt.timedelta(seconds=seconds)

    def visit(self, life: Life, at: dt.datetime, who: str) -> None:
        """Open the unit's link; `who` stands for a browser. Now and then it is reloaded or passed around."""
        visitor = visitor_id(self.seed, self.brand.slug, who)
        chance = self.dice.random()
        if not life.has_chip or chance < 0.1:
            life.visits.append(Visit(at, visitor))
            return
        life.visits.append(Visit(at, visitor, self.dice.choice((1, 1, 1, 2)), Verdict.GENUINE))
        soon = at + dt.timedelta(seconds=20 + self.dice.randrange(400))
        if chance > 0.94:
            life.visits.append(Visit(soon, visitor, 0, Verdict.REFRESHED))
        elif chance > 0.92:
            other = visitor_id(self.seed, self.brand.slug, who, "friend")
            life.visits.append(Visit(soon, other, 0, Verdict.REPLAYED))

    def register(self, life: Life, owner: str, ago: int) -> None:
        """A tap, and eight minutes later the registration; a few never confirm their address."""
        at = self.instant(ago)
        known = len(life.visits)
        self.visit(life, at, owner)
        held = life.visits[known].steps is not None
        since = at + dt.timedelta(minutes=8)
        confirmed_at: dt.datetime | None = since + dt.timedelta(minutes=4) if held else since
        if held and owner.startswith(UNCONFIRMED):
            confirmed_at = None
        agreed, stopped_at = self._news(owner, since)
        life.tenures.append(Tenure(owner, since, None, held, confirmed_at, agreed, stopped_at))

    def _news(self, owner: str, since: dt.datetime) -> tuple[bool, dt.datetime | None]:
        """Return whether this owner agrees to news with this unit, and when that was taken back.

        Each key is asked once: with the unit of its own number.
        """
        roll = dice(self.seed, "news", self.brand.slug, owner)
        if owner.split("-")[1] != str(self.number) or roll.random() > 0.45:
            return False, None
        stop = since + DAY * roll.randrange(20, 400)
        stops = roll.random() < 0.15 and stop.date() < self.anchor
        return True, stop if stops else None

    def pass_on(self, life: Life, owner: str, *, ended: int, began: int | None) -> None:
        """End the current ownership and, where `began` says when, start the next one."""
        last = life.tenures[-1]
        life.tenures[-1] = replace(last, until=self.instant(ended))
        if began is not None:
            self.register(life, owner, began)

    def use(self, life: Life, who: str, start: int, end: int, every: int) -> None:
        """Come back every so many days, from `start` days ago until `end` days ago."""
        ago = start
        while ago > end:
            self.visit(life, self.instant(ago), who)
            ago -= max(1, int(every * (0.5 + self.dice.random())))

    def owner_key(self, *, organisation: bool = False) -> str:
        """Return the key of a new owner, or of one who has another unit of this brand already."""
        if organisation:
            return f"organisation-{self.dice.randrange(len(self.brand.organisations))}"
        known = self.number and self.dice.random() < 0.25
        return f"person-{self.dice.randrange(self.number) if known else self.number}"


def ordinary_life(seed: str, brand: BrandSpec, number: int, anchor: dt.date) -> Life:
    """Return the life of the brand's unit `number`."""
    narrator = Narrator(seed, brand, number, anchor)
    roll = narrator.dice
    product = roll.choices(brand.products, [product.weight for product in brand.products])[0]
    chip = roll.random() < 0.85
    if roll.random() < 0.08:
        return _in_the_shop(narrator, product, chip)
    age = 2 + int(OLDEST_SALE * roll.random() ** 1.7)
    life = narrator.begin(product, age=age, chip=chip)
    if roll.random() < 0.3:
        narrator.use(life, f"shopper-{number}", min(age + 12, OLDEST), age, 5)
    if roll.random() < 0.62:
        _registered(narrator, life, age)
    else:
        _unregistered(narrator, life, age)
    _mishaps(narrator, life, age)
    life.visits.sort(key=lambda visit: visit.at)
    return life


def _in_the_shop(narrator: Narrator, product: ProductSpec, chip: bool) -> Life:
    age = 3 + narrator.dice.randrange(120)
    life = narrator.begin(product, age=age, sold=False, chip=chip)
    for shopper in range(narrator.dice.randrange(4)):
        narrator.visit(
            life, narrator.instant(1 + narrator.dice.randrange(age)), f"shopper-{life.number}-{shopper}"
        )
    life.visits.sort(key=lambda visit: visit.at)
    return life


def _registered(narrator: Narrator, life: Life, age: int) -> None:
    roll = narrator.dice
    start = max(1, age - int(60 * roll.random() ** 3))
    owner = narrator.owner_key(organisation=bool(life.brand.organisations) and roll.random() < 0.12)
    if life.has_chip and dice(narrator.seed, "address", life.brand.slug, life.number).random() < 0.08:
        owner = f"{UNCONFIRMED}{life.number}"
    narrator.register(life, owner, start)
    narrator.use(life, owner, start - 1, max(1, start - 25), 6)
    if start > 500 and roll.random() < 0.18:
        _resold(narrator, life, owner, start)
    else:
        _settled(narrator, life, owner, start)


def _settled(narrator: Narrator, life: Life, owner: str, start: int) -> None:
    dormant = narrator.dice.random() < 0.25
    end = start - (start - 30) // 3 if dormant else 1
    narrator.use(life, owner, start - 40, max(1, end), 45 + narrator.dice.randrange(160))


def _resold(narrator: Narrator, life: Life, owner: str, start: int) -> None:
    ended = 20 + narrator.dice.randrange(start - 300)
    narrator.use(life, owner, start - 40, ended + 5, 110)
    began = max(1, ended - 2 - narrator.dice.randrange(30)) if narrator.dice.random() < 0.75 else None
    heir = f"person-{narrator.number}-heir"
    narrator.pass_on(life, heir, ended=ended, began=began)
    if began and began > 45:
        narrator.use(life, heir, began - 20, 1, 90)


def _unregistered(narrator: Narrator, life: Life, age: int) -> None:
    roll = narrator.dice
    if roll.random() < 0.25:
        return  # sold, and never tapped
    first = max(1, age - roll.randrange(10))
    who = f"holder-{life.number}"
    narrator.visit(life, narrator.instant(first), who)
    if roll.random() < 0.2:
        life.spoke_up_at = life.visits[-1].at + dt.timedelta(minutes=9)
    if roll.random() < 0.6:
        narrator.use(life, who, first - 20, 1, 150)


def _mishaps(narrator: Narrator, life: Life, age: int) -> None:
    roll = narrator.dice
    if age > 800 and roll.random() < 0.06:
        _retire(narrator, life, 1 + roll.randrange(age // 3))
    elif life.owner and age > 90 and roll.random() < 0.02:
        flag = "stolen" if roll.random() < 0.3 else "lost"
        since = (narrator.anchor - life.owner.since.date()).days
        if since > 3:
            life.flags[flag] = narrator.instant(1 + roll.randrange(min(60, since - 1)))


def _retire(narrator: Narrator, life: Life, ago: int) -> None:
    """End the unit's life, which then has no later visits and no later owners."""
    at = narrator.instant(ago)
    if any((tenure.until or tenure.since) >= at for tenure in life.tenures):
        return
    life.status = narrator.dice.choice(("recycled", "recycled", "written_off", "destroyed", "replaced"))
    life.retired_on = at.date()
    life.flags = {flag: since for flag, since in life.flags.items() if since < at}
    life.visits = [visit for visit in life.visits if visit.at < at]
