"""The vocabulary of reads: chainable, brand-scoped."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any, Self

from django.db import models
from django.db.models import Q

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from products.models import Brand, Person


class BrandOwnedQuerySet(models.QuerySet[Any]):
    """Rows with a `brand`; every tenant read goes through `for_brand()` or `visible_to()`."""

    brand_path = "brand"

    def for_brand(self, brand: Brand) -> Self:
        return self.filter(**{self.brand_path: brand})

    def visible_to(self, person: Person | AnonymousUser) -> Self:
        """Rows of the brands where the person works; all of them for the operator (a superuser)."""
        if person.is_superuser:
            return self.all()
        if person.pk is None:
            return self.none()
        from products.models import StaffMembership

        brands = StaffMembership.objects.filter(person=person).values("brand")
        return self.filter(**{f"{self.brand_path}__in": brands})


class BrandQuerySet(BrandOwnedQuerySet):
    brand_path = "pk"

    def for_brand(self, brand: Brand) -> Self:
        return self.filter(pk=brand.pk)

    def at_host(self, host: str) -> Self:
        """The brand whose domain this is; `host` without a port, any case."""
        return self.filter(domains__host=host.lower())


class MembershipQuerySet(BrandOwnedQuerySet):
    def of(self, person: Person) -> Self:
        return self.filter(person=person)


class UnitQuerySet(BrandOwnedQuerySet):
    def with_key(self, gtin: str, serial: str) -> Self:
        """The unit of a GS1 key: GTIN (AI 01, 14 digits) and serial (AI 21)."""
        return self.filter(trade_item__gtin=gtin, serial=serial)

    def typed(self, model: str, serial: str) -> Self:
        """Units whose serial and model somebody typed: model number, name in any language, or GTIN."""
        model, serial = model.strip(), serial.strip()
        digits = "".join(ch for ch in model if ch.isdigit())
        matches = Q(product__model_number__iexact=model) | Q(product__slug__iexact=model)
        for path in ("names__en__iexact", "names__fr__iexact"):
            matches |= Q(**{f"product__{path}": model})
        if len(digits) >= 8 and not any(ch.isalpha() for ch in model):
            matches |= Q(trade_item__gtin=digits.zfill(14))
        return self.filter(matches, serial__iexact=serial)

    def with_page_parts(self) -> Self:
        return self.select_related("brand", "product", "variant", "batch", "trade_item")


class TagQuerySet(BrandOwnedQuerySet):
    def chips(self) -> Self:
        return self.filter(kind="chip")

    def active(self) -> Self:
        return self.filter(state="active")


class JobQuerySet(BrandOwnedQuerySet):
    def lost(self, now: dt.datetime, after: dt.timedelta) -> Self:
        """Jobs that were asked for or running, and gave no sign of life for `after`."""
        limit = now - after
        return self.filter(
            Q(state="waiting", created_at__lt=limit) | Q(state="running", heartbeat_at__lt=limit)
        )
