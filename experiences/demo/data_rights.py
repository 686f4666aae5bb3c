"""What the demo's owners agreed to beyond news, and asked about their data."""

import datetime as dt
from typing import Any

from django.db import transaction

from analytics.kinds import EventKind
from analytics.services import NewEvent, record_events
from experiences.demo.spec import BrandSpec
from experiences.models import DemoLoad
from ownership.models import Consent, ConsentChannel, ConsentWording, DataRequest, Owner, Purpose
from ownership.models.data_rights import DataRequestKind, DataRequestState
from products.models import Brand

SERVICE = {
    "corvane": {
        "en": "Remind me by mail when a piece of mine is due for conditioning or a service.",
        "fr": "Rappelez-moi par courriel quand l’une de mes pièces demande un soin ou une révision.",
    },
    "ysolde": {
        "en": "Tell me by mail before something of mine passes its best date.",
        "fr": "Prévenez-moi par courriel avant la date limite d’utilisation de l’un de mes produits.",
    },
    "kronfeldt": {
        "en": "Remind me by mail when a machine of mine is due for service.",
        "fr": "Rappelez-moi par courriel quand l’une de mes machines doit être entretenue.",
    },
}
LOCATION = {
    "en": "Remember my town, to name the nearest workshop first.",
    "fr": "Retenez ma ville, pour nommer d’abord l’atelier le plus proche.",
}
SERVICE_SINCE, LOCATION_SINCE = 500, 200  # days before the history's end
FEW = 5  # owners who agreed to reminders


@transaction.atomic
def load_data_rights(house: BrandSpec, load: DemoLoad) -> None:
    """Add the words, a few yeses, an archive that was fetched and an erasure that was called off; once."""
    brand = Brand.objects.get(slug=house.slug)
    wording, made = ConsentWording.objects.get_or_create(
        brand=brand, purpose=Purpose.SERVICE, version=1, defaults={"texts": SERVICE[house.slug]}
    )
    if not made:
        return
    place = ConsentWording.objects.create(brand=brand, purpose=Purpose.LOCATION, version=1, texts=LOCATION)
    midnight = dt.datetime.combine(load.anchor, dt.time(9), dt.UTC)
    for row, days in ((wording, SERVICE_SINCE), (place, LOCATION_SINCE)):
        ConsentWording.objects.filter(pk=row.pk).update(created_at=midnight - dt.timedelta(days=days))
    people = Owner.objects.filter(brand=brand, person__isnull=False).exclude(email="").order_by("pk")
    owners = list(people.filter(created_at__lt=midnight - dt.timedelta(days=120))[:FEW])
    for number, owner in enumerate(owners):
        _agree(owner, wording, midnight - dt.timedelta(days=90 - 7 * number))
    states = (DataRequestState.DONE, DataRequestState.CANCELLED)
    for owner, kind, state in zip(owners, DataRequestKind, states, strict=False):
        _ask(owner, kind, state, midnight)


def _agree(owner: Owner, wording: ConsentWording, at: dt.datetime) -> None:
    Consent.objects.create(
        owner=owner, wording=wording, locale=owner.locale or "en", channel=ConsentChannel.ME, given_at=at,
        confirmed_at=at, proof=f"code:{owner.person_id}",
    )  # fmt: skip
    data: dict[str, Any] = {"purpose": wording.purpose, "version": 1, "locale": owner.locale or "en"}
    _tell(EventKind.CONSENT_GIVEN, owner, at, data)


def _ask(owner: Owner, kind: DataRequestKind, state: DataRequestState, midnight: dt.datetime) -> None:
    """Write down a request of two months ago; its archive is gone by now."""
    at = midnight - dt.timedelta(days=60)
    is_export = kind == DataRequestKind.EXPORT
    request = DataRequest.objects.create(
        brand_id=owner.brand_id, owner=owner, kind=kind, state=state, asked_by_id=owner.person_id, asked_at=at,
        due_at=at if is_export else at + dt.timedelta(days=14), ended_at=at + dt.timedelta(minutes=1),
    )  # fmt: skip
    kinds = [EventKind.DATA_EXPORTED] if is_export else [EventKind.ERASURE_ASKED, EventKind.ERASURE_CANCELLED]
    for event in kinds:
        _tell(event, owner, at, {"request": request.pk})


def _tell(kind: EventKind, owner: Owner, at: dt.datetime, data: dict[str, Any]) -> None:
    record_events([NewEvent(kind, owner.brand_id, at, owner_id=owner.pk, data=data)], now=at)
