"""The links that a brand's staff have declared, by the level that they are for.

Those of a product, a key and the brand are kept in the process under the brand's content version, as
all shared parts are (`experiences/cards.py`); those of a batch and a unit are read when asked for.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from django.db.models import Q

from experiences.resolver.links import Link
from products.models import ResolverLink, Unit


@dataclass(frozen=True, slots=True)
class Declared:
    """Declared links of each level, in the order of their list."""

    unit: tuple[Link, ...] = ()
    batch: tuple[Link, ...] = ()
    product: tuple[Link, ...] = ()
    key: tuple[Link, ...] = ()
    brand: tuple[Link, ...] = ()


@lru_cache(maxsize=4096)
def links_of_product(brand_id: int, product_id: int, content_version: int) -> Declared:
    """Return the links of a product and of its brand; `content_version` is what the caller just read."""
    return _read(brand_id, Q(product_id=product_id) | _OF_THE_BRAND)


@lru_cache(maxsize=1024)
def links_of_key(brand_id: int, key_id: int, content_version: int) -> Declared:
    """Return the links of a GS1 key and of its brand; `content_version` is what the caller just read."""
    return _read(brand_id, Q(key_id=key_id) | _OF_THE_BRAND)


def links_of_batch(brand_id: int, product_id: int, code: str) -> Declared:
    """Return the links of a batch of the product, which need not be known."""
    return _read(brand_id, Q(batch__product_id=product_id, batch__code=code))


def links_of_unit(brand_id: int, unit_id: int) -> Declared:
    """Return the links of one unit and of the batch that it was made in."""
    batch = Unit.objects.filter(pk=unit_id, batch__isnull=False).values("batch")
    return _read(brand_id, Q(unit_id=unit_id) | Q(batch__in=batch))


_OF_THE_BRAND = Q(product=None, batch=None, unit=None, key=None)


def _read(brand_id: int, wanted: Q) -> Declared:
    levels: dict[str, list[Link]] = defaultdict(list)
    for row in ResolverLink.objects.filter(wanted, brand_id=brand_id):
        levels[_level_of(row)].append(_link(row))
    return Declared(**{level: tuple(links) for level, links in levels.items()})


def _level_of(row: ResolverLink) -> str:
    return next(
        (level for level in ("unit", "batch", "product", "key") if getattr(row, f"{level}_id")), "brand"
    )


def _link(row: ResolverLink) -> Link:
    return Link(
        link_type=row.link_type,
        href=row.href,
        title=row.title,
        languages=(row.language,) if row.language else (),
        media_type=row.media_type,
        market=row.market,
        is_default=row.is_default,
        forwards_query=row.forwards_query,
        is_public=row.is_public,
    )


def types_of(*groups: Iterable[Link]) -> frozenset[str]:
    """Return the link types that somebody has declared."""
    return frozenset(link.link_type for group in groups for link in group)
