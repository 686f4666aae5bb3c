"""How ownerships are read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from products.querysets import BrandOwnedQuerySet

if TYPE_CHECKING:
    from products.models import Unit


class OwnershipQuerySet(BrandOwnedQuerySet):
    brand_path = "unit__brand"

    def of_unit(self, unit: Unit) -> Self:
        return self.filter(unit=unit)

    def current(self) -> Self:
        return self.filter(until__isnull=True)
