"""How ownerships are read."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import TYPE_CHECKING, Self

from django.db import connection
from django.db.models import Exists, OuterRef, Q, Subquery

from products.querysets import BrandOwnedQuerySet

if TYPE_CHECKING:
    from ownership.models import LoyaltyRule
    from products.models import Person, Product, Unit


class OwnerQuerySet(BrandOwnedQuerySet):
    def of_people(self, people: Iterable[Person]) -> Self:
        """What these people act for: themselves, and the households and organisations they are members of."""
        ids = [person.pk for person in people]
        return self.filter(Q(person__in=ids) | Q(members__person__in=ids)).distinct()

    def hold(self, owner_id: int) -> bool:
        """Keep this row from being deleted or emptied until the commit; False where it is gone.

        Any number may hold it at once, so that one owner is given several units side by side; merging and erasing
        lock the row itself, and wait. Django knows no shared locks.
        """
        if connection.vendor != "postgresql":  # one writer at a time
            return self.filter(pk=owner_id).exists()
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1 FROM ownership_owner WHERE id = %s FOR KEY SHARE", [owner_id])
            return cursor.fetchone() is not None

    def taking_part(self) -> Self:
        """Who gets points: a confirmed address, and a yes to the programme where the brand has words for one."""
        from allauth.account.models import EmailAddress

        from ownership.models import Consent, ConsentWording, LoyaltyProgramme
        from products.models import PhoneNumber

        theirs = Q(user=OuterRef("person")) | Q(user__memberships_of_owners__owner=OuterRef("pk"))
        of_theirs = Q(person=OuterRef("person")) | Q(person__memberships_of_owners__owner=OuterRef("pk"))
        confirmed = Exists(EmailAddress.objects.filter(theirs, verified=True)) | Exists(
            PhoneNumber.objects.filter(of_theirs, verified_at__isnull=False)
        )
        words = ConsentWording.objects.filter(brand=OuterRef("brand"), purpose="loyalty")
        agreed = Consent.objects.filter(owner=OuterRef("pk"), wording__purpose="loyalty").in_force()
        programme = LoyaltyProgramme.objects.filter(brand=OuterRef("brand"))
        return self.filter(Exists(programme), confirmed, ~Exists(words) | Exists(agreed))


class MemberQuerySet(BrandOwnedQuerySet):
    brand_path = "owner__brand"


class InvitationQuerySet(BrandOwnedQuerySet):
    brand_path = "owner__brand"

    def standing(self, now: dt.datetime) -> Self:
        return self.filter(expires_at__gt=now)


class BulkRequestQuerySet(BrandOwnedQuerySet):
    def waiting(self) -> Self:
        return self.filter(state="waiting")


class PurchaseQuerySet(BrandOwnedQuerySet):
    brand_path = "ownership__unit__brand"


class TransferQuerySet(BrandOwnedQuerySet):
    def open(self) -> Self:
        return self.filter(state="open")

    def of_unit(self, unit: Unit) -> Self:
        return self.filter(unit=unit)

    def at_desk(self) -> Self:
        """Those of which staff look at who takes the unit over."""
        return self.open().filter(_is_at_desk())

    def overdue(self, now: dt.datetime) -> Self:
        """Those that nobody accepted in time; what is at the desk waits for as long as staff need."""
        return self.open().filter(~_is_at_desk(), expires_at__lte=now)

    def standing(self, now: dt.datetime) -> Self:
        """Those that somebody can accept now."""
        return self.open().filter(expires_at__gt=now)

    def untold(self) -> Self:
        """Those that came to nothing, and of which whoever was sent the link may not know yet."""
        return self.filter(state__in=("cancelled", "expired")).exclude(recipient="")

    def with_code(self, code: str) -> Self:
        """The one with this code, or all that were started together under it; the empty text is nobody's code."""
        return self.filter(Q(code=code) | Q(bundle=code)) if code else self.none()


def _is_at_desk() -> Exists:
    from ownership.models import ReleaseRequest

    return Exists(ReleaseRequest.objects.open().filter(transfer=OuterRef("pk")))


class ReleaseQuerySet(BrandOwnedQuerySet):
    def open(self) -> Self:
        """Those in which neither side has the unit for good yet."""
        return self.filter(state__in=["asked", "refused", "desk", "decided", "appealed"])

    def of_unit(self, unit: Unit) -> Self:
        return self.filter(unit=unit)

    def for_staff(self) -> Self:
        """Those that wait for the desk."""
        return self.filter(state__in=["desk", "appealed"])

    def disputed(self) -> Self:
        """Those in which two are at odds about the unit, and staff have a say; an owner who offers it is not."""
        return self.filter(state__in=["desk", "decided", "appealed"], transfer=None)

    def offer_over(self) -> Self:
        """Those whose offer stands no longer."""
        return self.filter(transfer__isnull=False).exclude(transfer__state="open")


class EvidenceQuerySet(BrandOwnedQuerySet):
    brand_path = "request__brand"


class LossQuerySet(BrandOwnedQuerySet):
    def of_unit(self, unit: Unit) -> Self:
        return self.filter(unit=unit)

    def standing(self) -> Self:
        return self.filter(ended_at__isnull=True)


class ProvenanceLinkQuerySet(BrandOwnedQuerySet):
    def of_unit(self, unit: Unit) -> Self:
        return self.filter(unit=unit)

    def working(self, now: dt.datetime) -> Self:
        """Neither over nor taken back, and of whoever owns the unit still."""
        return self.filter(expires_at__gt=now, revoked_at__isnull=True, ownership__until__isnull=True)


class FinderQuerySet(BrandOwnedQuerySet):
    brand_path = "report__brand"


class DataRequestQuerySet(BrandOwnedQuerySet):
    def waiting(self) -> Self:
        return self.filter(state="waiting")

    def due(self, now: dt.datetime) -> Self:
        return self.waiting().filter(due_at__lte=now)


class LoyaltyQuerySet(BrandOwnedQuerySet):
    brand_path = "owner__brand"


class LoyaltyEntryQuerySet(LoyaltyQuerySet):
    def awards(self) -> Self:
        return self.filter(kind="award")

    def of_rule(self, rule: LoyaltyRule) -> Self:
        return self.awards().filter(rule=rule)


class RewardCodeQuerySet(BrandOwnedQuerySet):
    brand_path = "reward__brand"

    def unused(self) -> Self:
        return self.filter(used_at__isnull=True)


class IdentityRequestQuerySet(BrandOwnedQuerySet):
    def waiting(self) -> Self:
        return self.filter(state="waiting")

    def given_by_pattern(self, product: Product, *, since: dt.datetime) -> Self:
        """Identities that no person decided on."""
        return self.filter(
            product=product, state="approved", decided_by_id__isnull=True, decided_at__gte=since
        )

    def overdue(self, now: dt.datetime, *, unconfirmed: dt.timedelta, waiting: dt.timedelta) -> Self:
        """Requests that were confirmed or answered by nobody for so long."""
        return self.filter(
            Q(state="unconfirmed", sent_at__lte=now - unconfirmed)
            | Q(state="waiting", sent_at__lte=now - waiting)
        )


class OwnershipQuerySet(BrandOwnedQuerySet):
    brand_path = "unit__brand"

    def of_unit(self, unit: Unit) -> Self:
        return self.filter(unit=unit)

    def current(self) -> Self:
        return self.filter(until__isnull=True)

    def counted(self) -> Self:
        """Those that were not annulled: what a unit's history counts as its owners."""
        return self.filter(annulled="")


class ConsentQuerySet(BrandOwnedQuerySet):
    brand_path = "owner__brand"

    def standing(self) -> Self:
        """What was agreed to and not taken back."""
        return self.filter(withdrawn_at__isnull=True)

    def waiting(self) -> Self:
        """A standing yes from an address that may be a stranger's: nobody has entered its code yet."""
        return self.standing().filter(confirmed_at__isnull=True)

    def sendable(self) -> Self:
        """What something may be sent for: a standing yes whose owner's address is confirmed."""
        return self.standing().filter(confirmed_at__isnull=False)

    def in_force(self) -> Self:
        """What may be acted upon today: sendable, and to the newest words. New words never inherit an old yes."""
        same = self.model._meta.get_field("wording").related_model._default_manager.filter(
            brand=OuterRef("wording__brand"), purpose=OuterRef("wording__purpose")
        )
        newest = same.order_by("-version").values("version")[:1]
        return self.sendable().filter(wording__version=Subquery(newest))
