"""A product's place among the categories: what is set on one of them holds for everything below."""

from products.models import Category, Product


def lineage(product: Product) -> list[Category]:
    """Return the product's category and those above it, nearest first; a loop ends where it closes."""
    by_id = {category.pk: category for category in Category.objects.for_brand(product.brand)}
    found: list[Category] = []
    category = by_id.get(product.category_id)
    while category is not None and category not in found:
        found.append(category)
        category = by_id.get(category.parent_id or 0)
    return found
