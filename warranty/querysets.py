"""How plans and coverages are read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from django.db.models import Q

from products.querysets import BrandOwnedQuerySet

if TYPE_CHECKING:
    from products.models import Product


class PlanQuerySet(BrandOwnedQuerySet):
    def offered_for(self, product: Product, categories: list[int]) -> Self:
        """Active plans of the brand that fit the product or its categories, whatever the market."""
        return self.filter(brand_id=product.brand_id, is_active=True).filter(
            Q(product=product.pk) | Q(category__in=categories) | Q(product=None, category=None)
        )
