"""How the ledger is read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from django.db.models import Q

from products.querysets import BrandOwnedQuerySet

if TYPE_CHECKING:
    from products.models import Unit


class ScanQuerySet(BrandOwnedQuerySet):
    def of_unit(self, unit: Unit) -> Self:
        return self.filter(unit=unit)


class EventQuerySet(BrandOwnedQuerySet):
    def of_unit(self, unit: Unit) -> Self:
        return self.filter(unit=unit)


class FactsQuerySet(BrandOwnedQuerySet):
    brand_path = "unit__brand"

    def flagged(self, *flags: str) -> Self:
        """Units on which at least one of the flags is raised."""
        condition = Q()
        for flag in flags:
            condition |= Q(**{flag: True})
        return self.filter(condition)
