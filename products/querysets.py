"""The vocabulary of reads: chainable, brand-scoped."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any, Self

from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import Upper

from products.look_alikes import look_alikes

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from products.models import Brand, ChipProfile, Person, Product


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

    def answering_at(self, host: str) -> Self:
        """Rows that may be shown at this host, a name without port: on a brand's domain, its own rows only."""
        from products.models import BrandDomain

        others = BrandDomain.objects.filter(host=host).exclude(brand=OuterRef(self.brand_path))
        return self.filter(~Exists(others))


class BrandQuerySet(BrandOwnedQuerySet):
    brand_path = "pk"

    def for_brand(self, brand: Brand) -> Self:
        return self.filter(pk=brand.pk)

    def taking_requests(self) -> Self:
        """Brands with a model whose older units may get a code."""
        from products.models import Product

        return self.filter(pk__in=Product.objects.taking_requests().values("brand"))

    def at_host(self, host: str) -> Self:
        """The brand whose domain this is; `host` without a port, any case."""
        return self.filter(domains__host=host.lower())


class PhoneNumberQuerySet(models.QuerySet[Any]):
    def confirmed(self) -> Self:
        """Those whose person entered a code that was sent to them."""
        return self.filter(verified_at__isnull=False)


class MembershipQuerySet(BrandOwnedQuerySet):
    def of(self, person: Person) -> Self:
        return self.filter(person=person)


class ProductQuerySet(BrandOwnedQuerySet):
    def taking_requests(self) -> Self:
        """Models whose older units may get a code; those that are no longer sold are among them."""
        return self.exclude(uncoded_rule="closed")

    def taking_requests_of(self, brand_id: int) -> Self:
        return self.taking_requests().filter(brand=brand_id).select_related("brand")


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

    def made_between(self, first: dt.date | None, last: dt.date | None) -> Self:
        """Units that were made from the first to the last of these days, where their batch says so else."""
        units = self
        if first is not None:
            units = units.filter(Q(made_on__gte=first) | Q(made_on=None, batch__made_on__gte=first))
        if last is not None:
            units = units.filter(Q(made_on__lte=last) | Q(made_on=None, batch__made_on__lte=last))
        return units

    def of_product(self, product: Product) -> Self:
        return self.filter(product=product)

    def spelt(self, serial: str) -> Self:
        """Units with this serial in any case."""
        return self.annotate(spelling=Upper("serial")).filter(spelling=serial.upper())

    def looking_like(self, serial: str) -> Self:
        """Units whose serial is this one, or would be with what the eye confuses (0 and O, 1 and I, 5 and S …)."""
        return self.annotate(spelling=Upper("serial")).filter(spelling__in=look_alikes(serial))

    def without_chip(self) -> Self:
        """Units that could be sold and carry no working chip."""
        from products.models import Tag

        carrying = Tag.objects.chips().active().filter(unit=models.OuterRef("pk"))
        return self.filter(~models.Exists(carrying), status="active")

    def with_page_parts(self) -> Self:
        return self.select_related("brand", "product", "variant", "batch", "trade_item")


class TagQuerySet(BrandOwnedQuerySet):
    def chips(self) -> Self:
        return self.filter(kind="chip")

    def active(self) -> Self:
        return self.filter(state="active")

    def under_key_versions(self, profile: ChipProfile, above: int, upto: int) -> Self:
        """Chips of a profile last known under one of these versions of its key."""
        return self.filter(profile=profile, key_version__gt=above, key_version__lte=upto)


class JobQuerySet(BrandOwnedQuerySet):
    def lost(self, now: dt.datetime, after: dt.timedelta) -> Self:
        """Jobs that were asked for or running, and gave no sign of life for `after`."""
        limit = now - after
        return self.filter(
            Q(state="waiting", created_at__lt=limit) | Q(state="running", heartbeat_at__lt=limit)
        )
