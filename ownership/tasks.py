"""Beat's rounds over what nobody confirmed, and over requests whose time is over."""

import datetime as dt

from celery import shared_task
from django.conf import settings
from django.utils import timezone

from ownership.services import identities, sweeping


@shared_task
def sweep_registrations() -> int:
    """Forget registrations that were never confirmed, then people of whom nothing is left."""
    now, kept_for = timezone.now(), dt.timedelta(days=settings.UNCONFIRMED_DAYS)
    lapsed = sweeping.sweep_registrations(now=now, kept_for=kept_for)
    return lapsed + sweeping.forget_people(now=now, kept_for=kept_for)


@shared_task
def forget_old_requests() -> int:
    return identities.forget_old_requests(now=timezone.now())
