"""Whether a page offers the way to the import."""

from typing import Any

from django import template

from config.console.files import IMPORTERS
from products.console import access_of

register = template.Library()


@register.simple_tag(takes_context=True)
def may_import_units(context: Any) -> bool:
    """Return whether the person may import units at any of their brands."""
    return access_of(context["request"].user).allows(IMPORTERS)
