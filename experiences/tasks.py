"""Messages in the background, and beat's round over them."""

from celery import shared_task
from django.utils import timezone

from analytics.models import Doubt
from experiences import alerts, messages, outbox


@shared_task
def send_message(message_id: int) -> str:
    return messages.send_message(message_id=message_id, now=timezone.now())


@shared_task
def sweep_messages() -> int:
    """Send what a lost task left waiting; name uncertain what a crash left half sent."""
    message_ids = messages.sweep_messages(now=timezone.now())
    for message_id in message_ids:
        send_message.delay(message_id)
    return len(message_ids)


@shared_task
def prune_outbox() -> int:
    return outbox.prune_outbox()


@shared_task
def tell_staff_of_doubts() -> None:
    """Write to the staff of every brand that has doubts of which nobody was told."""
    for brand_id in Doubt.objects.not_told_yet().order_by().values_list("brand_id", flat=True).distinct():
        tell_staff_of_brand.delay(brand_id)


@shared_task
def tell_staff_of_brand(brand_id: int) -> int:
    return alerts.tell_staff(brand_id=brand_id, now=timezone.now())
