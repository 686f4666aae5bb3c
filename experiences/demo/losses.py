"""What owners, finders and givers wrote in the demo: searches, a purchase, a shared history, a present."""

import datetime as dt

from django.db import transaction

from analytics.kinds import EventKind
from analytics.models import UnitFacts
from analytics.services import NewEvent, record_events
from experiences.demo.seeds import digest, public_code
from experiences.demo.showcase import SHOWCASE
from experiences.demo.spec import BrandSpec
from experiences.models import DemoLoad
from ownership.models import (
    FinderMessage,
    FinderThread,
    Gift,
    LossReport,
    Ownership,
    ProvenanceLink,
    Purchase,
)
from ownership.models.losses import Sender
from ownership.services.provenance import share_history
from products.models import Unit

ROLES = [role for role, _story, _chip in SHOWCASE]
WORDS = "Left on a train, I think. It was a present from my sister. Thank you for writing."
TALK = (
    (Sender.FINDER, "It was on a seat of the 8:14 this morning. It is with me and safe."),
    (Sender.OWNER, "You make my week. Could we meet at the station, at the information desk?"),
    (Sender.FINDER, "Gladly. Thursday at six?"),
)
SELLERS = {
    "corvane": "Lemaire, rue du Bac",
    "ysolde": "Pharmacie du Marché",
    "kronfeldt": "Werkzeughaus Brandt",
}
GIFT = "For your new home. May it see many evenings with friends."


def load_losses(house: BrandSpec, load: DemoLoad, now: dt.datetime) -> None:
    """Give the house's missed units their reports and the others what belongs to them, once."""
    for flag in ("lost", "stolen"):
        for facts in UnitFacts.objects.filter(unit__brand__slug=house.slug, **{flag: True}):
            _report(facts.unit_id, flag, load)
    _purchase(_unit(house, load, "ownership, month six"), house)
    _gift(_unit(house, load, "just sold, never tapped"), load)
    _share(_unit(house, load, "maturity"), load)


def _unit(house: BrandSpec, load: DemoLoad, role: str) -> Unit | None:
    found: Unit | None = Unit.objects.filter(
        public_code=public_code(load.seed, house.slug, ROLES.index(role))
    ).first()
    return found


@transaction.atomic
def _report(unit_id: int, flag: str, load: DemoLoad) -> None:
    ownership = Ownership.objects.filter(unit=unit_id, until=None).select_related("unit").first()
    if ownership is None or LossReport.objects.filter(unit=unit_id).exists():
        return
    at = _midnight(load) - dt.timedelta(days=2)
    report = LossReport.objects.create(
        brand_id=ownership.unit.brand_id, unit_id=unit_id, ownership=ownership, kind=flag,
        missed_on=(at - dt.timedelta(days=1)).date(), words=WORDS if flag == "lost" else "",
        police_reference="PV 2291-B" if flag == "stolen" else "", reported_at=at,
    )  # fmt: skip
    _record(ownership, at, EventKind.LOSS_REPORTED, report=report.pk, kind=flag)
    if flag == "lost":
        _talk(report, ownership, at, load.seed)


def _talk(report: LossReport, ownership: Ownership, at: dt.datetime, seed: str) -> None:
    key = digest(seed, "finder", ownership.unit.public_code).hex()
    thread = FinderThread.objects.create(
        report=report,
        code=key[:20],
        locale="en",
        submission_key=key[:64],
        begun_at=at + dt.timedelta(hours=10),
    )
    for number, (sender, words) in enumerate(TALK):
        said_at = thread.begun_at + dt.timedelta(hours=2 * number)
        FinderMessage.objects.create(thread=thread, sender=sender, words=words, sent_at=said_at)
        kind = EventKind.FINDER_WROTE if sender is Sender.FINDER else EventKind.FINDER_ANSWERED
        _record(ownership, said_at, kind, report=report.pk, thread=thread.pk)


def _purchase(unit: Unit | None, house: BrandSpec) -> None:
    ownership = Ownership.objects.filter(unit=unit, until=None).first() if unit else None
    if unit and ownership and unit.sold_on:
        told = {
            "bought_on": unit.sold_on,
            "seller": SELLERS.get(house.slug, ""),
            "entered_at": ownership.since,
        }
        Purchase.objects.get_or_create(ownership=ownership, defaults=told)


def _gift(unit: Unit | None, load: DemoLoad) -> None:
    if unit and not Ownership.objects.filter(unit=unit).exists():
        left_at = _midnight(load) - dt.timedelta(days=1)
        given = {"brand_id": unit.brand_id, "words": GIFT, "bought_on": unit.sold_on, "left_at": left_at}
        Gift.objects.get_or_create(unit=unit, defaults=given)


def _share(unit: Unit | None, load: DemoLoad) -> None:
    """Keep one link working on the history's last day: it is made anew once the last one is over."""
    now = _midnight(load)
    ownership = Ownership.objects.filter(unit=unit, until=None).first() if unit else None
    if unit and ownership and not ProvenanceLink.objects.of_unit(unit).working(now).exists():
        key = digest(load.seed, "shared", unit.pk, ProvenanceLink.objects.of_unit(unit).count()).hex()
        share_history(unit_id=unit.pk, owner_id=ownership.owner_id, submission_key=key, now=now)


def _midnight(load: DemoLoad) -> dt.datetime:
    return dt.datetime.combine(load.anchor, dt.time(), dt.UTC)


def _record(ownership: Ownership, at: dt.datetime, what: EventKind, **data: object) -> None:
    unit = ownership.unit
    event = NewEvent(what, unit.brand_id, at, unit_id=unit.pk, owner_id=ownership.owner_id, data=data)
    record_events([event], now=at)
