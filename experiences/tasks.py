"""Messages in the background, and beat's round over them."""

from celery import shared_task
from django.utils import timezone

from analytics.models import Doubt
from experiences import alerts, data_rights, messages, outbox, releases, transfers


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
def sweep_releases() -> int:
    """Bring to the desk what no owner answered, and carry out what nobody appealed."""
    return releases.sweep_releases(now=timezone.now())


@shared_task
def expire_transfers() -> int:
    """End the offers that nobody accepted in time, and tell both sides."""
    return transfers.expire_transfers(now=timezone.now())


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


@shared_task
def run_data_request(request_id: int) -> str:
    return data_rights.run_request(request_id=request_id, now=timezone.now())


@shared_task
def run_due_data_requests() -> int:
    """Have every export and erasure done whose time has come."""
    request_ids = data_rights.due_requests(now=timezone.now())
    for request_id in request_ids:
        run_data_request.delay(request_id)
    return len(request_ids)


@shared_task
def look_after_dormant_owners() -> int:
    """Forget owners who did not answer in time, then ask those who fell silent."""
    now = timezone.now()
    return data_rights.forget_dormant_owners(now=now) + data_rights.ask_dormant_owners(now=now)
