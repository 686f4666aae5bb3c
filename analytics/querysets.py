"""How the ledger is read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from django.db.models import Q

from analytics.kinds import DoubtState
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


class DoubtQuerySet(BrandOwnedQuerySet):
    def of_unit(self, unit: Unit) -> Self:
        return self.filter(unit=unit)

    def standing(self) -> Self:
        """Doubts that nobody dismissed."""
        return self.exclude(state=DoubtState.DISMISSED)

    def not_told_yet(self) -> Self:
        """Open doubts of which no mail went out."""
        return self.filter(state=DoubtState.OPEN, alerted_at=None)
