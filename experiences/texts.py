"""The texts that staff wrote, as a product's card keeps them: ready to show, or ready to be filled in.

A text without variables is HTML once and for all. One with variables is compiled here and filled in
per tap (`experiences/pages/texts.py`).
"""

import logging
from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Q
from django.utils.safestring import SafeString
from liquid import BoundTemplate
from liquid.exceptions import LiquidError

from experiences.liquid import compile_text, has_variables
from experiences.markdown import render_markdown
from experiences.models import Audience, ContentBlock
from products.fields import in_language
from products.models import Category, Product

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Text:
    """A text that staff wrote, in one language, as this reader may see it now."""

    title: str
    body: SafeString


@dataclass(frozen=True, slots=True)
class CardText:
    """A text as the card keeps it: for whom and when it is, and words or what makes them.

    `level` is its distance from the product: 0 for the product itself, then its categories upwards,
    then the brand.
    """

    block_id: int
    level: int
    stages: frozenset[str]
    audience: str
    title: str | BoundTemplate
    body: SafeString | BoundTemplate

    @property
    def is_for_all(self) -> bool:
        """Whether everyone sees it at every stage, so that nothing farther away ever shows."""
        return not self.stages and self.audience == Audience.EVERYONE

    def is_for(self, stage: str, audiences: frozenset[str]) -> bool:
        return (not self.stages or stage in self.stages) and self.audience in audiences


def texts_of(product: Product, categories: list[Category], locale: str) -> dict[str, tuple[CardText, ...]]:
    """Return the active texts of each kind, the nearest level first: product, categories, brand."""
    order = [category.pk for category in categories]

    def level(block: ContentBlock) -> int:
        if block.product_id:
            return 0
        return 1 + order.index(block.category_id) if block.category_id else len(order) + 1

    blocks = ContentBlock.objects.for_brand(product.brand).filter(
        Q(product=product) | Q(category__in=categories) | Q(product=None, category=None), is_active=True
    )
    texts: dict[str, list[CardText]] = {}
    for block in sorted(blocks, key=level):
        if text := card_text(block, level(block), locale, product.brand.default_locale):
            texts.setdefault(block.kind, []).append(text)
    return {kind: _up_to_the_last_that_can_show(found) for kind, found in texts.items()}


def card_text(block: ContentBlock, level: int, locale: str, fallback: str) -> CardText | None:
    """Return the block in a language, or None, logged, where it can't be read at all."""
    title = in_language(block.titles, locale, fallback)
    body = in_language(block.bodies, locale, fallback)
    try:
        return CardText(
            block_id=block.pk,
            level=level,
            stages=frozenset(block.stages),
            audience=block.audience,
            title=compile_text(title) if has_variables(title) else title,
            body=compile_text(body) if has_variables(body) else render_markdown(body),
        )
    except LiquidError as error:
        log.error("content block %s can't be read: %s", block.pk, error.message)
        return None


def _up_to_the_last_that_can_show(texts: Iterable[CardText]) -> tuple[CardText, ...]:
    """Leave out the levels beyond the first that has a text for everyone at every stage."""
    kept: list[CardText] = []
    last: int | None = None
    for text in texts:
        if last is not None and text.level > last:
            break
        kept.append(text)
        if text.is_for_all:
            last = text.level
    return tuple(kept)
