"""Owners of the demo whom one can be: each has something open that the owner's pages show."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass

from allauth.account.models import EmailAddress
from django.db.models import Count

from experiences.demo.houses import HOUSES
from ownership.models import LossReport, LoyaltyAccount, Member, Ownership, ReleaseRequest, Transfer
from ownership.models.owners import MemberRole, OwnerKind
from products.models import Brand, Person


@dataclass(frozen=True, slots=True)
class ListedOwner:
    """An address that `/me/enter/` takes; the code comes to `/outbox/`."""

    brand: str
    address: str
    shows: str

    def as_json(self) -> dict[str, str]:
        return asdict(self)


def list_owners() -> Iterator[ListedOwner]:
    """Return of each house one owner per matter, with a confirmed address."""
    for brand in Brand.objects.filter(slug__in=[house.slug for house in HOUSES]).order_by("slug"):
        for shows, person in _people(brand):
            address = _address_of(person)
            if address:
                yield ListedOwner(brand.slug, address, shows)


def _people(brand: Brand) -> Iterator[tuple[str, Person | None]]:
    offer = Transfer.objects.for_brand(brand).open().order_by("pk").first()
    case = ReleaseRequest.objects.for_brand(brand).open().order_by("pk").first()
    loss = LossReport.objects.filter(unit__brand=brand, kind="lost", ended_at=None).order_by("pk").first()
    points = LoyaltyAccount.objects.filter(owner__brand=brand).order_by("pk").first()
    yield "passes a piece on", _owner_of(offer and offer.ownership)
    yield "is asked to release a piece", _owner_of(case and case.ownership)
    yield "looks for a lost piece, and a finder wrote", _owner_of(loss and loss.ownership)
    yield "collects points", points and points.owner.person
    for kind, shows in (
        (OwnerKind.HOUSEHOLD, "shares in a household"),
        (OwnerKind.ORGANISATION, "runs a fleet"),
    ):
        admins = Member.objects.filter(owner__brand=brand, owner__kind=kind, role=MemberRole.ADMIN)
        # Whose group has the most things.
        first = admins.annotate(things=Count("owner__ownerships")).order_by("-things", "pk").first()
        yield shows, first and first.person


def _owner_of(ownership: Ownership | None) -> Person | None:
    return ownership.owner.person if ownership else None


def _address_of(person: Person | None) -> str:
    found = EmailAddress.objects.filter(user=person, verified=True).order_by("pk").first() if person else None
    return found.email if found else ""
