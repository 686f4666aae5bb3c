"""Making an edit of a brand's content visible."""

from django.db.models import F

from products.models import Brand
from products.profiles import forget_profiles


def touch_content(brand_id: int) -> None:
    """Make every worker rebuild what it keeps of the brand: call it in the transaction of any edit that pages show."""
    Brand.objects.filter(pk=brand_id).update(content_version=F("content_version") + 1)
    forget_profiles()
