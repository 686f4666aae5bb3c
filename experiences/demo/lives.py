"""The life of one demo unit, as plain data relative to the anchor day. Nothing here touches the database."""

import datetime as dt
from dataclasses import dataclass, field
from zlib import crc32

from analytics.kinds import Verdict
from experiences.demo.spec import BrandSpec, ProductSpec

# Batches were made this many days before the anchor.
BATCH_AGES = (45, 200, 420, 700, 1000, 1400, 1800, 2150, 2500)
OLDEST = BATCH_AGES[-1]  # days before the anchor at which the history begins


@dataclass(frozen=True, slots=True)
class Visit:
    """One opened link. Chip visits carry `steps`, by how much the counter moved; 0 is a link used again."""

    at: dt.datetime
    visitor: str
    steps: int | None = None  # None: the printed code
    verdict: Verdict = Verdict.IDENTIFIED
    country: str = ""  # where it is not the unit's market


@dataclass(frozen=True, slots=True)
class Tenure:
    """An ownership, and the registration that began it."""

    owner: str  # the owner's key, see `people.py`
    since: dt.datetime
    until: dt.datetime | None = None
    held: bool = True  # by a verified tap; otherwise by the printed code
    confirmed_at: dt.datetime | None = None  # when the address was confirmed
    agreed_to_news: bool = False
    stopped_news_at: dt.datetime | None = None

    @property
    def sent_at(self) -> dt.datetime:
        """When the form was sent: a printed code makes an owner only once the address is confirmed."""
        return self.since if self.held else self.since - dt.timedelta(minutes=3)


@dataclass(slots=True)
class Life:
    """A unit from the factory to the anchor day."""

    number: int
    brand: BrandSpec
    product: ProductSpec
    serial: str
    market: str = ""
    variant: str = ""
    batch_age: int = BATCH_AGES[0]  # days before the anchor
    made_on: dt.date | None = None
    sold_on: dt.date | None = None
    has_chip: bool = True
    spoke_up_at: dt.datetime | None = None
    tenures: list[Tenure] = field(default_factory=list)
    flags: dict[str, dt.datetime] = field(default_factory=dict)
    status: str = "active"
    retired_on: dt.date | None = None
    visits: list[Visit] = field(default_factory=list)
    attributes: dict[str, str] = field(default_factory=dict)

    @property
    def owner(self) -> Tenure | None:
        """The current ownership."""
        return self.tenures[-1] if self.tenures and self.tenures[-1].until is None else None


def batch_age_for(age: int) -> int:
    """Return the age in days of the youngest batch that was made a month before a unit was `age` days old."""
    return next((made for made in BATCH_AGES if made >= age + 30), OLDEST)


def serial_of(brand: BrandSpec, product: ProductSpec, number: int) -> str:
    """Return the serial of the brand's unit `number` (below a million); it does not show how many were made."""
    start = crc32(f"{brand.slug}/{product.slug}".encode())
    return f"{product.prefix}{(number * 761_837 + start) % 1_000_000:06d}"
