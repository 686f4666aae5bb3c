"""What comes next after a product, as the brand says it, and which of it an owner does not have yet."""

from collections import defaultdict, deque
from collections.abc import Iterator
from dataclasses import dataclass

from django.db.models import Case, Exists, IntegerField, Value, When
from django.urls import reverse

from ownership.models import Ownership
from products.digital_link import DigitalLink
from products.fields import in_language
from products.models import NextProduct, Product

MOST = 8  # of one chain; who has all of these is shown none


@dataclass(frozen=True, slots=True)
class NextCard:
    """A product that comes next, in one language; `url` is '' where it has no GTIN yet."""

    pk: int
    name: str
    line: str
    why: str
    picture_url: str
    url: str


def next_cards(product: Product, locale: str) -> tuple[NextCard, ...]:
    """Return what comes after the product, then what comes after each of that, without what is no longer sold."""
    chain = [_card(step, locale) for step in _chain(product) if not step.next_product.is_archived]
    return tuple(chain[:MOST])


def first_not_owned(cards: tuple[NextCard, ...], owner_id: int) -> Case:
    """Return an expression: the number of the first of these that is not this owner's; NULL where all are."""
    theirs = Ownership.objects.current().filter(owner=owner_id)
    missing = [When(~Exists(theirs.filter(unit__product=card.pk)), then=Value(card.pk)) for card in cards]
    return Case(*missing, default=None, output_field=IntegerField())


def _chain(product: Product) -> Iterator[NextProduct]:
    """Yield the steps breadth first, each product once: a brand may lead from the last to the first again."""
    steps: dict[int, list[NextProduct]] = defaultdict(list)
    of_the_brand = NextProduct.objects.filter(
        product__brand=product.brand_id, next_product__brand=product.brand_id
    )
    for step in of_the_brand.select_related("next_product__brand").prefetch_related(
        "next_product__trade_items"
    ):
        steps[step.product_id].append(step)
    seen, waiting = {product.pk}, deque([product.pk])
    while waiting:
        for step in steps[waiting.popleft()]:
            if step.next_product_id not in seen:
                seen.add(step.next_product_id)
                waiting.append(step.next_product_id)
                yield step


def _card(step: NextProduct, locale: str) -> NextCard:
    product = step.next_product

    def say(texts: dict[str, str]) -> str:
        return in_language(texts, locale, product.brand.default_locale)

    return NextCard(
        pk=product.pk,
        name=say(product.names),
        line=say(product.line),
        why=say(step.why),
        picture_url=reverse("picture", args=[product.picture]) if product.picture else "",
        url=_page_of(product),
    )


def _page_of(product: Product) -> str:
    """Return the model's GS1 link, which leads where the brand declared, else to our page of the model.

    The product's own GTIN names it, else that of its first variant.
    """
    items = sorted(product.trade_items.all(), key=lambda item: (item.variant_id is not None, item.gtin))
    return DigitalLink("01", items[0].gtin).path if items else ""
