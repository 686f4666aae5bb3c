"""A dispute in each house of the demo: somebody bought a unit that is registered to somebody else; staff decide."""

import datetime as dt

from django.db import transaction

from experiences.demo.seeds import digest, public_code
from experiences.demo.showcase import SHOWCASE
from experiences.demo.spec import BrandSpec
from experiences.models import DemoLoad
from ownership.models import ReleaseRequest
from ownership.models.registrations import ContactKind, Proof
from ownership.models.releases import ReleaseGround, ReleaseState
from ownership.services.releases import (
    ReleaseForm,
    ask_for_release,
    bring_to_desk,
    confirm_release,
    refuse_release,
)
from products.models import Unit

STATEMENT = "I bought it at the estate sale in Villeneuve last month and have the auctioneer's receipt."
ANSWER = "It was stored with my late aunt's things and should never have been sold."
HOUR = dt.timedelta(hours=1)


@transaction.atomic
def load_releases(house: BrandSpec, load: DemoLoad) -> None:
    """Bring one ordinary unit of the house to the desk of disputes, once; the showcase stays as it is."""
    unit = _ordinary_unit(house, load)
    if unit is None or ReleaseRequest.objects.filter(brand__slug=house.slug).exists():
        return
    key = digest(load.seed, "release", unit.public_code).hex()
    at = dt.datetime.combine(load.anchor, dt.time(9), dt.UTC) - dt.timedelta(days=4)
    form = ReleaseForm(
        submission_key=key[:32],
        ground=ReleaseGround.BOUGHT_USED,
        contact_kind=ContactKind.EMAIL,
        contact=f"quentin.moreau-{house.slug}@mail.example",
        name="Quentin Moreau",
        statement=STATEMENT,
        locale="en",
    )
    release = ask_for_release(unit_id=unit.pk, form=form, proof=Proof.HOLDING, pieces=[], now=at)
    ReleaseRequest.objects.filter(pk=release.pk).update(code=key[:20], owner_code=key[20:40])
    release = confirm_release(release_id=release.pk, now=at + HOUR)
    owner_id = release.ownership.owner.person_id
    refused = refuse_release(release_id=release.pk, answer=ANSWER, now=at + 30 * HOUR, actor_id=owner_id)
    if refused.state == ReleaseState.REFUSED:
        bring_to_desk(release_id=release.pk, now=at + 40 * HOUR, actor_id=None)


def _ordinary_unit(house: BrandSpec, load: DemoLoad) -> Unit | None:
    shown = [public_code(load.seed, house.slug, number) for number in range(len(SHOWCASE))]
    settled = dt.datetime.combine(load.anchor, dt.time(), dt.UTC) - dt.timedelta(days=60)
    found: Unit | None = (
        Unit.objects.filter(
            brand__slug=house.slug, status="active", facts__owner_id__isnull=False,
            facts__owned_since__lt=settled, facts__lost=False, facts__stolen=False, facts__transfer=False,
            tags__kind="chip",
        )
        .exclude(public_code__in=shown)
        .order_by("pk")
        .first()
    )  # fmt: skip
    return found
