"""Beat's work on the ledger."""

from celery import shared_task
from django.utils import timezone

from analytics import forged, partitions
from analytics.doubts import sweep
from products.models import Brand


@shared_task
def flush_forged_links() -> int:
    return forged.flush_forged_links(now=timezone.now())


@shared_task
def create_partitions() -> list[str]:
    return partitions.ensure_partitions_ahead(timezone.now().date())


@shared_task
def sweep_doubts() -> None:
    """Look at every brand's new scans for signals of clones; one brand's trouble holds up no other."""
    for brand_id in Brand.objects.values_list("pk", flat=True):
        sweep_doubts_of_brand.delay(brand_id)


@shared_task
def sweep_doubts_of_brand(brand_id: int) -> int:
    return sweep.sweep_brand(brand_id=brand_id, now=timezone.now())
