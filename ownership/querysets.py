"""How ownerships are read."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Self

from django.db.models import Q

from products.querysets import BrandOwnedQuerySet

if TYPE_CHECKING:
    from products.models import Product, Unit


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
