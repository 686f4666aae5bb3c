"""One row of every model that the console shows, at any brand; every test over all of them uses this table."""

import datetime as dt
from collections.abc import Callable

from django.utils import timezone

from analytics.models import Doubt, DoubtRules, Event, ForgedLinkCount, Scan
from experiences.models import ContentBlock, Message
from ownership.models import (
    BulkRequest,
    ConsentChannel,
    ConsentWording,
    DataRequest,
    IdentityRequest,
    OwnershipPolicy,
    Registration,
    ReleaseRequest,
    Tombstone,
)
from ownership.models.transfers import TransferKind
from ownership.services.consents import give_consent
from ownership.services.transfers import start_transfer
from products.models import (
    AuditRow,
    EncodingOrder,
    IdentificationKey,
    Job,
    Material,
    PrivateFile,
    ResolverLink,
    Tag,
)
from tests import factories
from tests.ownership import points
from warranty.models import CoveragePlan
from warranty.services import activate_coverage

NOW = dt.datetime(2026, 6, 1, 12, tzinfo=dt.UTC)


def _product(brand):
    return factories.ProductFactory(
        brand=brand, category__brand=brand, names={"en": f"Thing of {brand.name}"}
    )


def _unit(brand):
    return factories.UnitFactory(product=_product(brand))


def _chip(brand):
    profile = factories.ChipProfileFactory(brand=brand)
    return factories.put_chip_on(_unit(brand), profile).tag


def _encoding_order(brand):
    return EncodingOrder.objects.create(
        brand=brand,
        profile=factories.ChipProfileFactory(brand=brand),
        base_url="https://links.example/t/a",
        created_at=NOW,
    )


def _owner(brand):
    return factories.OwnerFactory(brand=brand, name=f"Owner at {brand.name}")


def _scan(brand):
    return Scan.objects.create(
        at=timezone.now(), brand=brand, unit=_unit(brand), verdict="genuine", stage="discovery", visitor="v"
    )


def _event(brand):
    now = timezone.now()
    person = factories.staff(brand, f"actor-{Event.objects.count()}-{brand.slug}", "support_agent")
    return Event.objects.create(
        at=now, recorded_at=now, kind="unit.sold", brand=brand, unit=_unit(brand), actor_id=person.pk
    )


def _doubt(brand):
    return Doubt.objects.create(
        brand=brand, unit=_unit(brand), kind="far_apart", first_seen_at=NOW, last_seen_at=NOW, country="JP",
        evidence=[
            {"scan": 1, "at": NOW.isoformat(), "country": "JP", "verdict": "genuine", "counter": 2, "visitor": "0a1b2c3d"}
        ],
    )  # fmt: skip


def _doubt_rules(brand):
    return DoubtRules.objects.get_or_create(brand=brand)[0]


def _forged(brand):
    number = ForgedLinkCount.objects.count()
    return ForgedLinkCount.objects.create(
        brand=brand, profile=f"p-{number}", day=NOW.date(), reason="mac_mismatch", links=1
    )


def _audit(brand):
    person = factories.staff(brand, f"reader-{AuditRow.objects.count()}-{brand.slug}", "auditor")
    return AuditRow.objects.create(
        brand=brand, actor_id=person.pk, action="read", object_type="ownership.owner", object_id="1", at=NOW
    )


def _file(brand):
    return PrivateFile.objects.create(
        brand=brand, purpose="import", original_name=f"file of {brand.name}", content_type="text/csv", size=1
    )


def _person(brand):
    number = factories.Person.objects.count()
    return factories.staff(brand, f"colleague-{number}-{brand.slug}", "analyst")


def _material(brand):
    return Material.objects.create(brand=brand, slug=f"m-{Material.objects.count()}", names={"en": "Oak"})


def _key(brand):
    number = IdentificationKey.objects.count()
    return IdentificationKey.objects.create(
        brand=brand, ai="8004", value=f"9520{number:08d}", name=f"Press of {brand.name}"
    )


def _link(brand):
    return ResolverLink.objects.create(
        brand=brand, product=_product(brand), link_type="gs1:faqs", title="Questions",
        href="https://questions.example/",
    )  # fmt: skip


def _block(brand):
    return ContentBlock.objects.create(brand=brand, kind="tip", product=_product(brand), titles={"en": "Tip"})


def _plan(brand):
    return CoveragePlan.objects.create(brand=brand, names={"en": "Two years"}, months=24)


def _coverage(brand):
    _plan(brand)
    return activate_coverage(unit_id=_unit(brand).pk, now=timezone.now())


def _transfer(brand):
    unit = _unit(brand)
    owner = _owner(brand)
    factories.own(unit, owner, NOW)
    return start_transfer(unit_id=unit.pk, owner_id=owner.pk, kind=TransferKind.SALE, now=timezone.now())


def _registration(brand):
    number = Registration.objects.count()
    return Registration.objects.create(
        brand=brand, unit=_unit(brand), owner=_owner(brand), submission_key=f"{number:032x}", proof="code",
        state="pending", contact_kind="email", contact=f"new-{number}@owner.example", locale="en", created_at=NOW,
    )  # fmt: skip


def _release(brand):
    unit, now = _unit(brand), timezone.now()
    held = factories.own(unit, _owner(brand), now)
    return ReleaseRequest.objects.create(
        brand=brand, unit=unit, ownership=held, ground="bought_used", proof="holding", state="desk",
        contact_kind="email", contact=f"claimant@{brand.slug}.example", statement=f"Words to {brand.name}",
        claimant=_owner(brand), locale="en", submission_key=f"{ReleaseRequest.objects.count():064x}",
        sent_at=now, confirmed_at=now,
    )  # fmt: skip


def _points(brand):
    """Give an owner of the brand points, and return the line."""
    points.programme(brand)
    return points.give(_owner(brand), 50)


def _wording(brand):
    number = ConsentWording.objects.filter(brand=brand).count() + 1
    return ConsentWording.objects.create(
        brand=brand, purpose="marketing", version=number, texts={"en": "Write to me."}
    )


def _consent(brand):
    return give_consent(
        owner=_owner(brand),
        wording=_wording(brand),
        locale="en",
        channel=ConsentChannel.TAP_PAGE,
        now=timezone.now(),
    )


def _message(brand):
    number = Message.objects.count()
    return Message.objects.create(
        brand=brand, unit=_unit(brand), kind="registered", locale="en", dedupe_key=f"registered:{number}",
        created_at=NOW, changed_at=NOW,
    )  # fmt: skip


def _identity(brand):
    number = IdentityRequest.objects.count()
    return IdentityRequest.objects.create(
        brand=brand, product=_product(brand), serial=f"OLD-{number}", email=f"old-{number}@owner.example",
        locale="en", submission_key=f"{number:064x}", state="waiting", sent_at=NOW, confirmed_at=NOW,
    )  # fmt: skip


def _data_request(brand):
    return DataRequest.objects.create(
        brand=brand, owner=_owner(brand), kind="erasure", asked_at=NOW, due_at=NOW + dt.timedelta(days=14)
    )


def _tombstone(brand):
    return Tombstone.objects.create(brand=brand, owner_id=1000 + Tombstone.objects.count(), erased_at=NOW)


def _bulk_request(brand):
    number = BulkRequest.objects.count()
    fleet = factories.OwnerFactory(brand=brand, kind="organisation", name=f"Fleet at {brand.name}")
    return BulkRequest.objects.create(
        brand=brand, owner=fleet, rows=3, submission_key=f"{number:064x}", sent_at=NOW
    )


ROWS: dict[str, Callable] = {
    "analytics.doubt": _doubt,
    "analytics.doubtrules": _doubt_rules,
    "analytics.event": _event,
    "analytics.forgedlinkcount": _forged,
    "analytics.scan": _scan,
    "experiences.contentblock": _block,
    "experiences.message": _message,
    "ownership.bulkrequest": _bulk_request,
    "ownership.consent": _consent,
    "ownership.consentwording": _wording,
    "ownership.datarequest": _data_request,
    "ownership.identityrequest": _identity,
    "ownership.loyaltyaccount": lambda brand: _points(brand).owner.loyalty_account,
    "ownership.loyaltyentry": _points,
    "ownership.loyaltyprogramme": points.programme,
    "ownership.loyaltyrule": points.rule,
    "ownership.owner": _owner,
    "ownership.ownership": lambda brand: factories.own(_unit(brand), _owner(brand), NOW),
    "ownership.ownershippolicy": lambda brand: OwnershipPolicy.objects.get_or_create(brand=brand)[0],
    "ownership.registration": _registration,
    "ownership.tombstone": _tombstone,
    "ownership.releaserequest": _release,
    "ownership.transfer": _transfer,
    "ownership.reward": points.reward,
    "products.auditrow": _audit,
    "products.batch": lambda brand: factories.BatchFactory(product=_product(brand)),
    "products.brand": lambda brand: brand,
    "products.category": lambda brand: factories.CategoryFactory(brand=brand),
    "products.chipprofile": lambda brand: factories.ChipProfileFactory(brand=brand),
    "products.encodingorder": _encoding_order,
    "products.job": lambda brand: Job.objects.create(brand=brand, kind="import_units"),
    "products.identificationkey": _key,
    "products.material": _material,
    "products.person": _person,
    "products.privatefile": _file,
    "products.product": _product,
    "products.resolverlink": _link,
    "products.tag": lambda brand: Tag.objects.get(pk=_chip(brand).pk),
    "products.tradeitem": lambda brand: factories.TradeItemFactory(product=_product(brand)),
    "products.unit": _unit,
    "warranty.coverage": _coverage,
    "warranty.coverageplan": _plan,
}
