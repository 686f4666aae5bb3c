"""Beat's work on the ledger."""

from celery import shared_task
from django.utils import timezone

from analytics import forged, partitions


@shared_task
def flush_forged_links() -> int:
    return forged.flush_forged_links(now=timezone.now())


@shared_task
def create_partitions() -> list[str]:
    return partitions.ensure_partitions_ahead(timezone.now().date())
