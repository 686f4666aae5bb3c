"""Writing lives to the database in bulk, consistent with what the services would have written."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from django.db import transaction

from analytics.kinds import EventKind, Stage, Verdict
from analytics.models import Scan, UnitActivity, UnitFacts
from analytics.services import NewEvent, record_events, visitor_mark
from experiences.cards import BrandCard, card_of, product_card
from experiences.demo.catalogue import batch_code
from experiences.demo.lives import Life
from experiences.demo.people import DemoOwner, email_of, owner_of, persons_for
from experiences.demo.promises import Promises
from experiences.demo.registrations import Signing, sign_for
from experiences.demo.seeds import chip_uid, dice, public_code
from experiences.demo.spec import BrandSpec
from experiences.stages import StageFacts, StagePolicy, choose_stage
from ownership.models import Consent, Member, Owner, Ownership, Registration
from ownership.models.owners import MemberRole, OwnerKind
from products.days import day_in
from products.models import Batch, Brand, ChipProfile, Person, Product, Tag, TradeItem, Unit
from products.models.thresholds import VISITORS_REMEMBERED
from products.models.units import TamperLoop
from warranty.models import Coverage


@dataclass(frozen=True, slots=True)
class ProductRows:
    """A product's rows, by what a life names them with."""

    product: Product
    policy: StagePolicy
    trade_items: dict[str, TradeItem]  # by variant code, "" where there are no variants
    batches: dict[str, Batch]
    profile: ChipProfile


@dataclass(frozen=True, slots=True)
class BrandRows:
    brand: Brand
    card: BrandCard
    products: dict[str, ProductRows]
    promises: Promises


def brand_rows(spec: BrandSpec) -> BrandRows:
    """Read what the units of this brand refer to."""
    brand = Brand.objects.get(slug=spec.slug)
    profiles = {profile.slug: profile for profile in ChipProfile.objects.for_brand(brand)}
    products = {
        product.slug: _product_rows(brand, product, profiles[spec.product(product.slug).profile])
        for product in Product.objects.for_brand(brand).filter(slug__in=[p.slug for p in spec.products])
    }
    card = card_of(brand)
    return BrandRows(brand, card, products, Promises(brand))


def _product_rows(brand: Brand, product: Product, profile: ChipProfile) -> ProductRows:
    items = TradeItem.objects.for_brand(brand).filter(product=product).select_related("variant")
    return ProductRows(
        product=product,
        policy=product_card(product.pk, brand.content_version, brand.default_locale).policy,
        trade_items={item.variant.code if item.variant else "": item for item in items},
        batches={batch.code: batch for batch in Batch.objects.filter(product=product)},
        profile=profile,
    )


@transaction.atomic
def write_lives(lives: list[Life], rows: BrandRows, *, seed: str, now: dt.datetime) -> None:
    """Write these lives of one brand: units, tags, owners, ownerships, facts, activity, scans, events."""
    units = _write_units(lives, rows, seed)
    owners = _owners_for(lives, rows.brand, seed)
    tellings = [
        Telling(life, unit, rows.products[life.product.slug], rows, owners, seed)
        for life, unit in zip(lives, units, strict=True)
    ]
    Tag.objects.bulk_create([telling.qr for telling in tellings])
    Tag.objects.bulk_create([telling.chip for telling in tellings if telling.chip])
    for telling in tellings:
        telling.tell()
    Tag.objects.bulk_update(
        [telling.chip for telling in tellings if telling.chip and telling.chip.last_counter],
        ["last_counter", "last_visitor"],
        batch_size=500,
    )
    Ownership.objects.bulk_create(_all(telling.ownerships for telling in tellings))
    Registration.objects.bulk_create(_all(telling.signing.registrations for telling in tellings))
    Consent.objects.bulk_create(_all(telling.signing.consents for telling in tellings))
    Coverage.objects.bulk_create(_all(telling.signing.coverages for telling in tellings))
    UnitFacts.objects.bulk_create([telling.facts for telling in tellings if telling.facts])
    UnitActivity.objects.bulk_create([telling.activity for telling in tellings if telling.activity])
    Scan.objects.bulk_create(_all(telling.scans for telling in tellings), batch_size=1000)
    events = _all(telling.events for telling in tellings)
    record_events(sorted(events, key=lambda event: event.at), now=now)


def _all(groups: Iterable[list[Any]]) -> list[Any]:
    return [item for group in groups for item in group]


def _write_units(lives: list[Life], rows: BrandRows, seed: str) -> list[Unit]:
    units = []
    for life in lives:
        known = rows.products[life.product.slug]
        item = known.trade_items[life.variant]
        units.append(
            Unit(
                brand=rows.brand,
                product=known.product,
                variant=item.variant,
                trade_item=item,
                batch=known.batches[batch_code(life.product, life.batch_age)],
                serial=life.serial,
                public_code=public_code(seed, life.brand.slug, life.number),
                status=life.status,
                retired_on=life.retired_on,
                made_on=life.made_on,
                sold_on=life.sold_on,
                market=life.market if life.sold_on else "",
                attributes=life.attributes,
            )
        )
    return list(Unit.objects.bulk_create(units))


def _owners_for(lives: list[Life], brand: Brand, seed: str) -> dict[str, Owner]:
    """Return the owners of these lives by key, making those who are new, known since their first ownership."""
    since: dict[str, dt.datetime] = {}
    for life in lives:
        for tenure in life.tenures:
            since[tenure.owner] = min(tenure.sent_at, since.get(tenure.owner, tenure.sent_at))
    spec = lives[0].brand
    keys = {email_of(spec, key): key for key in since}
    owners = {
        keys[owner.email]: owner for owner in Owner.objects.for_brand(brand).filter(email__in=list(keys))
    }
    new = {key: owner_of(seed, spec, key) for key in since if key not in owners}
    confirmed = {tenure.owner for life in lives for tenure in life.tenures if tenure.confirmed_at}
    persons = persons_for(seed, spec, new, since, confirmed)
    made = {key: _new_owner(brand, told, persons[key]) for key, told in new.items()}
    Owner.objects.bulk_create(made.values())
    Member.objects.bulk_create(
        Member(owner=owner, person=persons[key], role=MemberRole.ADMIN, since=since[key])
        for key, owner in made.items()
        if owner.kind == OwnerKind.ORGANISATION
    )
    owners |= made
    changed = [owner for key, owner in owners.items() if key in made or since[key] < owner.created_at]
    for key, owner in owners.items():
        owner.created_at = min(since[key], owner.created_at)
    Owner.objects.bulk_update(changed, ["created_at"], batch_size=500)
    return owners


def _new_owner(brand: Brand, owner: DemoOwner, person: Person) -> Owner:
    return Owner(
        brand=brand,
        person=person if owner.kind == OwnerKind.PERSON else None,
        kind=owner.kind,
        name=owner.name,
        email=owner.email,
        phone=owner.phone,
        locale=owner.locale,
    )


class Telling:
    """One life on its way to rows; `tell` needs the primary keys of unit, tags and owners."""

    def __init__(
        self, life: Life, unit: Unit, known: ProductRows, rows: BrandRows, owners: dict[str, Owner], seed: str
    ) -> None:
        self.life, self.unit, self.policy, self.owners = life, unit, known.policy, owners
        self.promises, self.seed = rows.promises, seed
        self.zone: ZoneInfo = rows.card.zone(unit.market)
        self.dice = dice(seed, "scans", life.brand.slug, life.number)
        self.qr = Tag(brand=rows.brand, unit=unit, kind="qr")
        self.chip = (
            Tag(
                brand=rows.brand,
                unit=unit,
                kind="chip",
                profile=known.profile,
                uid=chip_uid(seed, life.brand.slug, life.number),
            )
            if life.has_chip
            else None
        )
        self.opened_at = self._first_seen_open() if known.profile.tamper_loop == TamperLoop.SEAL else None
        self.scans: list[Scan] = []
        self.events: list[NewEvent] = []
        self.ownerships: list[Ownership] = []
        self.signing = Signing()
        self.facts: UnitFacts | None = None
        self.activity: UnitActivity | None = None

    def tell(self) -> None:
        self._tell_ownerships()
        self.signing = sign_for(
            self.life, self.unit, self.ownerships, self.promises, seed=self.seed, zone=self.zone
        )
        self._tell_events()
        self._tell_facts()
        self._tell_scans()

    def _first_seen_open(self) -> dt.datetime | None:
        """Return when the chip first said that its seal is open: at the holder's first tap after the sale."""
        sold_on = self.life.sold_on
        if self.chip is None or sold_on is None:
            return None
        taps = (visit.at for visit in self.life.visits if visit.steps)
        return next((at for at in taps if self._day(at) >= sold_on), None)

    def _tell_ownerships(self) -> None:
        self.ownerships = [
            Ownership(
                unit=self.unit,
                owner=self.owners[tenure.owner],
                ordinal=ordinal,
                since=tenure.since,
                until=tenure.until,
            )
            for ordinal, tenure in enumerate(self.life.tenures, start=1)
        ]

    def _tell_events(self) -> None:
        life = self.life
        if life.sold_on:
            self._event(
                EventKind.UNIT_SOLD,
                _at_hour(9, life.sold_on),
                data={"sold_on": life.sold_on.isoformat(), "market": life.market},
            )
        if self.opened_at:
            self._event(EventKind.SEAL_OPENED, self.opened_at)
        if life.spoke_up_at:
            self._event(EventKind.HOLDER_SPOKE_UP, life.spoke_up_at)
        sent, followed = self.signing.in_order()
        self.events += sent
        for own in self.ownerships:
            ordinal = {"ordinal": own.ordinal}
            self._event(EventKind.OWNERSHIP_STARTED, own.since, owner_id=own.owner_id, data=ordinal)
            if own.until:
                self._event(EventKind.OWNERSHIP_ENDED, own.until, owner_id=own.owner_id, data=ordinal)
        self.events += followed
        for flag, at in life.flags.items():
            self._event(EventKind.FLAG_RAISED, at, data={"flag": flag, "reason": ""})
        if life.retired_on:
            data = {"status": life.status, "retired_on": life.retired_on.isoformat()}
            self._event(EventKind.UNIT_RETIRED, _at_hour(20, life.retired_on), data=data)

    def _event(self, kind: EventKind, at: dt.datetime, **rest: Any) -> None:
        self.events.append(NewEvent(kind, self.unit.brand_id, at, unit_id=self.unit.pk, **rest))

    def _tell_facts(self) -> None:
        life = self.life
        if not (self.ownerships or life.flags or life.spoke_up_at or self.opened_at):
            return
        current = self.ownerships[-1] if life.owner else None
        self.facts = UnitFacts(
            unit=self.unit,
            owner_id=current.owner_id if current else None,
            owned_since=current.since if current else None,
            ownerships=len(self.ownerships),
            first_owned_at=self.ownerships[0].since if self.ownerships else None,
            opened_at=self.opened_at,
            holder_spoke_up_at=life.spoke_up_at,
            **dict.fromkeys(life.flags, True),
        )

    def _tell_scans(self) -> None:
        locale = self.dice.choice(("fr", "fr", "en")) if self.life.market in ("FR", "BE", "") else "en"
        counter, last_visitor = 0, ""
        marks: list[str] = []
        for visit in self.life.visits:
            mark = visitor_mark(visit.visitor)
            if mark not in marks and len(marks) < VISITORS_REMEMBERED:
                marks.append(mark)
            verdict = visit.verdict
            if visit.steps:
                counter, last_visitor = counter + visit.steps, visit.visitor
            elif visit.steps == 0:
                verdict = Verdict.REFRESHED if visit.visitor == last_visitor else Verdict.REPLAYED
            by_chip = visit.steps is not None and self.chip is not None
            self.scans.append(
                Scan(
                    at=visit.at,
                    brand_id=self.unit.brand_id,
                    unit_id=self.unit.pk,
                    tag_id=self.chip.pk if by_chip and self.chip else self.qr.pk,
                    counter=counter if by_chip else None,
                    verdict=verdict,
                    stage=self._stage(visit.at, len(marks)),
                    visitor=visit.visitor,
                    locale=locale,
                    country=visit.country or self.life.market,
                )
            )
        if self.chip and counter:
            self.chip.last_counter, self.chip.last_visitor = counter, last_visitor
        if self.scans:
            self.activity = UnitActivity(
                unit=self.unit,
                first_scan_at=self.scans[0].at,
                last_scan_at=self.scans[-1].at,
                scans=len(self.scans),
                visitors="".join(marks),
            )

    def _stage(self, at: dt.datetime, visitors: int) -> Stage:
        """Return the stage that the page had at that time, from what was known then."""
        life, today = self.life, self._day(at)
        begun = [tenure for tenure in life.tenures if tenure.since <= at]
        current = begun[-1] if begun and (begun[-1].until is None or begun[-1].until > at) else None
        facts = StageFacts(
            today=today,
            status=life.status if life.retired_on and life.retired_on < today else "active",
            sold_on=life.sold_on if life.sold_on and life.sold_on <= today else None,
            first_scan_on=self._day(life.visits[0].at),
            visitors=visitors,
            opened_on=self._day(self.opened_at) if self.opened_at and self.opened_at <= at else None,
            spoke_up_on=self._day(life.spoke_up_at) if life.spoke_up_at and life.spoke_up_at <= at else None,
            ownerships=len(begun),
            owned_since_on=self._day(current.since) if current else None,
            first_owned_on=self._day(begun[0].since) if begun else None,
        )
        return choose_stage(facts, self.policy).stage

    def _day(self, at: dt.datetime) -> dt.date:
        return day_in(self.zone, at)


def _at_hour(hour: int, day: dt.date) -> dt.datetime:
    """Return that hour (UTC): sales come before the day's visits (see `Narrator.instant`), ends after them."""
    return dt.datetime.combine(day, dt.time(hour), dt.UTC)
