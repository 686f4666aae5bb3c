"""People who share things in the demo: a household, and a bakery's fleet of machines with two who run it."""

import datetime as dt

from allauth.account.models import EmailAddress
from django.db import transaction

from experiences.demo.history import Narrator
from experiences.demo.lives import Life
from experiences.demo.people import email_of
from experiences.demo.seeds import digest, public_code
from experiences.demo.showcase import SHOWCASE
from experiences.demo.spec import BrandSpec
from experiences.demo.write import brand_rows, write_lives
from experiences.models import DemoLoad
from ownership.models import Member, Owner, Ownership
from ownership.models.owners import MemberRole, OwnerKind
from ownership.services.members import found_group
from ownership.services.sharing import share_units
from products.models import Person, Unit

FLEET = 28  # units of a house's first organisation, beyond those of the demo's count
FIRST_NUMBER = 900_000  # above every unit that the demo counts
OWNER_KEY = "organisation-0"
HOUSEHOLD = "household-0"


def load_fleet(house: BrandSpec, load: DemoLoad, now: dt.datetime) -> None:
    """Give the house's first organisation a fleet and a second person, once."""
    if not house.organisations:
        return
    numbers = range(FIRST_NUMBER, FIRST_NUMBER + FLEET)
    first = public_code(load.seed, house.slug, FIRST_NUMBER)
    if not Unit.objects.filter(public_code=first).exists():
        write_lives(
            [_life(load, house, number) for number in numbers], brand_rows(house), seed=load.seed, now=now
        )
    owner = Owner.objects.get(brand__slug=house.slug, email=email_of(house, OWNER_KEY))
    _colleague(owner, house, "colleague-0", load)


def _life(load: DemoLoad, house: BrandSpec, number: int) -> Life:
    """A machine that was bought with others, registered in the shop, and held to a telephone now and then."""
    narrator = Narrator(load.seed, house, number, load.anchor)
    product = house.products[number % len(house.products)]
    age = 60 + 90 * (number % 7)
    life = narrator.begin(product, age=age)
    narrator.register(life, OWNER_KEY, age - 2)
    narrator.use(life, OWNER_KEY, age - 3, 1, 120)
    life.visits.sort(key=lambda visit: visit.at)
    return life


@transaction.atomic
def _colleague(owner: Owner, house: BrandSpec, key: str, load: DemoLoad) -> None:
    email = email_of(house, key)
    if EmailAddress.objects.filter(email=email).exists():
        return
    secret = digest(load.seed, "person", house.slug, key).hex()
    person = Person.objects.create(
        username=f"p-{secret[:32]}",
        password=f"!{secret[:40]}",
        locale=owner.locale,
        date_joined=owner.created_at,
    )
    EmailAddress.objects.create(user=person, email=email, primary=True, verified=True)
    Member.objects.create(owner=owner, person=person, role=MemberRole.MEMBER, since=owner.created_at)


@transaction.atomic
def load_household(house: BrandSpec, load: DemoLoad, now: dt.datetime) -> None:
    """Let two owners of the house share a thing of the first, once; no unit's stage changes."""
    email = email_of(house, HOUSEHOLD)
    pair = _pair(house, load)
    if house.organisations or len(pair) < 2 or Owner.objects.filter(email=email).exists():
        return
    first, second = pair
    at = max(first.since, second.since) + dt.timedelta(days=1)
    person, partner = first.owner.person, second.owner.person
    assert person is not None
    assert partner is not None
    group = found_group(
        person=person,
        brand_id=first.owner.brand_id,
        kind=OwnerKind.HOUSEHOLD,
        name="",
        locale=first.owner.locale,
        now=at,
    )
    Owner.objects.filter(pk=group.pk).update(email=email, phone="", created_at=at)
    Member.objects.create(owner=group, person=partner, role=MemberRole.MEMBER, since=at)
    share_units(unit_ids=[first.unit_id], owner_id=group.pk, person=person, now=at)


def _pair(house: BrandSpec, load: DemoLoad) -> list[Ownership]:
    """Return the ownerships of two people with confirmed addresses, of units that no stage is shown by."""
    shown = [public_code(load.seed, house.slug, number) for number in range(len(SHOWCASE))]
    settled = load.anchor - dt.timedelta(days=30)
    rows = Ownership.objects.current().filter(
        unit__brand__slug=house.slug, owner__kind=OwnerKind.PERSON, since__date__lt=settled,
        owner__person__emailaddress__verified=True, registration__state="confirmed",
        unit__facts__lost=False, unit__facts__stolen=False, unit__facts__dispute=False,
    )  # fmt: skip
    found = rows.exclude(unit__public_code__in=shown).select_related("owner__person").order_by("unit_id")
    pair = {row.owner_id: row for row in reversed(found[:20])}
    return sorted(pair.values(), key=lambda row: row.unit_id)[:2]
