"""Units, read by staff of their brand."""

from typing import Any

import django_filters
from rest_framework import serializers, viewsets

from products.console import UNIT_READERS, access_of
from products.models import Unit


class UnitSerializer(serializers.ModelSerializer[Unit]):
    gtin = serializers.CharField(source="trade_item.gtin", read_only=True)
    brand = serializers.SlugRelatedField[Any](slug_field="slug", read_only=True)
    product = serializers.SlugRelatedField[Any](slug_field="slug", read_only=True)
    batch = serializers.SlugRelatedField[Any](slug_field="code", read_only=True)

    class Meta:
        model = Unit
        fields = [
            "id", "brand", "product", "gtin", "serial", "public_code", "batch", "status", "made_on", "made_in",
            "origin", "sold_on", "market", "attributes",
        ]  # fmt: skip


class UnitFilter(django_filters.FilterSet):
    gtin = django_filters.CharFilter(field_name="trade_item__gtin")
    product = django_filters.CharFilter(field_name="product__slug")
    sold_on = django_filters.DateFromToRangeFilter()

    class Meta:
        model = Unit
        fields = ["serial", "status", "market"]


class UnitViewSet(viewsets.ReadOnlyModelViewSet[Unit]):
    """The units of the brands where the caller works."""

    serializer_class = UnitSerializer
    filterset_class = UnitFilter
    queryset = Unit.objects.none()

    def get_queryset(self) -> Any:
        units = Unit.objects.with_page_parts()
        return access_of(self.request.user).limit(units, "brand", UNIT_READERS)
