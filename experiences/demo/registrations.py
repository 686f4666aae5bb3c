"""What begins an ownership, as rows and events: the registration, the coverage, the yes to news."""

import datetime as dt
from dataclasses import dataclass, field
from typing import Any
from zoneinfo import ZoneInfo

from analytics.kinds import EventKind
from analytics.services import NewEvent
from experiences.demo.lives import Life, Tenure
from experiences.demo.promises import Promises
from experiences.demo.seeds import dice, digest
from ownership.models import Consent, ConsentChannel, ConsentWording, Ownership, Registration
from ownership.models.registrations import ContactKind, Proof, RegistrationState
from products.codes import new_public_code
from products.days import day_in, last_day
from products.models import Unit
from warranty.models import Coverage
from warranty.services import first_day


@dataclass(slots=True)
class Signing:
    """The rows of one unit, not saved yet, and their events."""

    registrations: list[Registration] = field(default_factory=list)
    consents: list[Consent] = field(default_factory=list)
    coverages: list[Coverage] = field(default_factory=list)
    events: list[NewEvent] = field(default_factory=list)

    def in_order(self) -> tuple[list[NewEvent], list[NewEvent]]:
        """Return the events before and after the ownership's start, where they share its moment."""
        sent = [event for event in self.events if event.kind == EventKind.REGISTRATION_SENT]
        return sent, [event for event in self.events if event not in sent]


def sign_for(
    life: Life, unit: Unit, ownerships: list[Ownership], promises: Promises, *, seed: str, zone: ZoneInfo
) -> Signing:
    """Return how each of the life's ownerships (saved owners, ownerships still unsaved) came about."""
    signing = Signing()
    for tenure, ownership in zip(life.tenures, ownerships, strict=True):
        wording = promises.wording_at(tenure.sent_at) if tenure.agreed_to_news else None
        _register(signing, tenure, ownership, wording, seed)
        if wording:
            _agree(signing, tenure, ownership, wording)
    if ownerships:
        _cover(signing, unit, ownerships[0].since, promises, seed=seed, zone=zone)
    return signing


def _register(
    signing: Signing, tenure: Tenure, ownership: Ownership, wording: ConsentWording | None, seed: str
) -> None:
    unit, owner = ownership.unit, ownership.owner
    proof = Proof.HOLDING if tenure.held else Proof.CODE
    signing.registrations.append(
        Registration(
            brand_id=unit.brand_id,
            unit=unit,
            person_id=owner.person_id or owner.members.values_list("person_id", flat=True).first(),
            owner=owner,
            ownership=ownership,
            submission_key=digest(seed, "form", unit.public_code, ownership.ordinal).hex()[:32],
            proof=proof,
            state=RegistrationState.CONFIRMED if tenure.confirmed_at else RegistrationState.OWNED,
            name=owner.name,
            contact_kind=ContactKind.EMAIL,
            contact=owner.email,
            locale=owner.locale,
            marketing=wording is not None,
            wording=wording,
            created_at=tenure.sent_at,
            confirmed_at=tenure.confirmed_at,
        )
    )
    data = {"proof": proof.value, "contact": ContactKind.EMAIL.value}
    _event(signing, EventKind.REGISTRATION_SENT, ownership, tenure.sent_at, data)
    if tenure.confirmed_at:
        _event(signing, EventKind.REGISTRATION_CONFIRMED, ownership, tenure.confirmed_at, {})


def _agree(signing: Signing, tenure: Tenure, ownership: Ownership, wording: ConsentWording) -> None:
    locale, stopped_at = ownership.owner.locale, tenure.stopped_news_at
    signing.consents.append(
        Consent(
            owner=ownership.owner,
            wording=wording,
            locale=locale,
            channel=ConsentChannel.TAP_PAGE,
            given_at=tenure.since,
            confirmed_at=tenure.confirmed_at,
            withdrawn_at=stopped_at,
        )
    )
    data = {"purpose": wording.purpose, "version": wording.version, "locale": locale}
    _event(signing, EventKind.CONSENT_GIVEN, ownership, tenure.since, data)
    if stopped_at:
        owner = ownership.owner
        signing.events.append(
            NewEvent(EventKind.CONSENT_WITHDRAWN, owner.brand_id, stopped_at, owner_id=owner.pk, data=data)
        )


def _cover(
    signing: Signing, unit: Unit, at: dt.datetime, promises: Promises, *, seed: str, zone: ZoneInfo
) -> None:
    plan = promises.plan_for(unit)
    if plan is None:
        return
    starts_on = first_day(plan.starts_from, sold_on=unit.sold_on, today=day_in(zone, at))
    if starts_on is None:
        return
    ends_on = last_day(starts_on, plan.months)
    signing.coverages.append(
        Coverage(
            brand_id=unit.brand_id,
            unit=unit,
            plan=plan,
            market=unit.market,
            starts_on=starts_on,
            ends_on=ends_on,
            activated_at=at,
            certificate_code=new_public_code(dice(seed, "certificate", unit.public_code).choice),
        )
    )
    data = {"plan": plan.pk, "starts_on": starts_on.isoformat(), "ends_on": ends_on.isoformat()}
    signing.events.append(
        NewEvent(EventKind.COVERAGE_ACTIVATED, unit.brand_id, at, unit_id=unit.pk, data=data)
    )


def _event(
    signing: Signing, kind: EventKind, ownership: Ownership, at: dt.datetime, data: dict[str, Any]
) -> None:
    unit = ownership.unit
    signing.events.append(
        NewEvent(kind, unit.brand_id, at, unit_id=unit.pk, owner_id=ownership.owner_id, data=data)
    )
