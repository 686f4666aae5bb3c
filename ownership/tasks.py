"""Beat's rounds over what nobody confirmed, and over requests whose time is over."""

import datetime as dt
from importlib import import_module

from celery import shared_task
from django.conf import settings
from django.utils import timezone

from ownership.models import LoyaltyProgramme
from ownership.services import finders, identities, loyalty, members, purchases, recovering, sweeping
from ownership.services.data_rights import retention
from ownership.services.releases import evidence


@shared_task
def sweep_registrations() -> int:
    """Forget invitations and registrations that nobody answered, then people of whom nothing is left."""
    now, kept_for = timezone.now(), dt.timedelta(days=settings.UNCONFIRMED_DAYS)
    members.forget_invitations(now=now)
    lapsed = sweeping.sweep_registrations(now=now, kept_for=kept_for)
    return lapsed + sweeping.forget_people(now=now, kept_for=kept_for)


@shared_task
def forget_old_requests() -> int:
    return identities.forget_old_requests(now=timezone.now())


@shared_task
def let_go() -> int:
    """Blank visitors' numbers, delete what came to nothing, people without things, and sessions that are over."""
    now, kept_for = timezone.now(), dt.timedelta(days=settings.UNCONFIRMED_DAYS)
    import_module(settings.SESSION_ENGINE).SessionStore.clear_expired()
    return (
        retention.blank_visitors(now=now)
        + retention.forget_superseded(now=now, kept_for=kept_for)
        + retention.forget_loss_words(now=now)
        + recovering.forget_recoveries(now=now)
        + retention.forget_people_without_things(now=now, kept_for=kept_for)
    )


@shared_task
def give_points() -> int:
    """Give at every brand what its rules promise, and take off what is over; return how many awards were given."""
    now = timezone.now()
    brands = list(LoyaltyProgramme.objects.order_by("brand").values_list("brand", flat=True))
    return sum(loyalty.run_loyalty(brand_id=brand_id, now=now).awards for brand_id in brands)


@shared_task
def forget_old_releases() -> int:
    """Take people's words out of requests for release that ended long ago."""
    return evidence.forget_old_releases(now=timezone.now())


@shared_task
def forget_finders_and_presents() -> int:
    """Delete what finders wrote and givers left once it has done its service, and give proofs their last day."""
    now = timezone.now()
    proofs = purchases.let_proofs_go(now=now)
    return proofs + finders.forget_finders(now=now) + purchases.forget_gifts(now=now)
