"""Arguments that several commands share."""

from argparse import ArgumentParser

from django.core.management.base import CommandError

from products.models import Brand


def add_brand_argument(parser: ArgumentParser) -> None:
    parser.add_argument("--brand", required=True, metavar="BRAND", help="the brand's short name, like acme")


def find_brand(slug: str) -> Brand:
    """Return the brand; raises CommandError with a sentence."""
    brand = Brand.objects.filter(slug=slug).first()
    if brand is None:
        raise CommandError(f"There is no brand with the short name “{slug}”.")
    return brand
