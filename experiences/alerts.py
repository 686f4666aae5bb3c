"""Telling a brand's staff of new doubts: one mail for all of them, at most one an hour.

The doubts are marked as told before anything leaves, so a crash leaves them untold by mail and never told twice;
the console's home counts them in any case.
"""

import datetime as dt
import logging
import smtplib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils import translation

from analytics.doubts.services import claim_alert, release_alert
from analytics.models import Doubt
from experiences.cards import BrandCard, card_of
from experiences.mail import SEND_ERRORS, Letter, brand_look, compose_mail
from products.fields import in_language
from products.models import Brand, Person, Role, StaffMembership

logger = logging.getLogger(__name__)

TOLD: frozenset[str] = frozenset({Role.BRAND_ADMIN, Role.COMPLIANCE})
MOST_LINES = 10  # doubts named in a mail; the rest are a number


@dataclass(frozen=True, slots=True)
class DoubtLine:
    """A doubt in a mail to staff."""

    signal: str
    product: str
    serial: str
    country: str
    url: str


def tell_staff(*, brand_id: int, now: dt.datetime) -> int:
    """Write to the brand's staff where there are new doubts and the last mail is an hour old; return how many mails."""
    claimed = claim_alert(brand_id=brand_id, now=now)
    if not claimed:
        return 0
    brand = Brand.objects.get(pk=brand_id)
    card = card_of(brand)
    doubts = list(Doubt.objects.filter(pk__in=claimed).select_related("unit__product"))
    sent, may_try_again = 0, False
    for person in staff_to_tell(brand):
        letter = doubts_letter(card, doubts, person.locale or brand.default_locale)
        try:
            sent += compose_mail(letter, person.email).send()
        except SEND_ERRORS as error:
            logger.warning("A mail on doubts of %s was not sent: %s", brand.slug, error)
            may_try_again |= _was_not_taken(error)
    if may_try_again and not sent:
        release_alert(brand_id=brand_id, doubt_ids=claimed, claimed_at=now)
    return sent


def staff_to_tell(brand: Brand) -> list[Person]:
    """Return each person once who has a fitting role there, an address, and did not opt out."""
    memberships = (
        StaffMembership.objects.for_brand(brand)
        .filter(role__in=TOLD, gets_alerts=True, person__is_active=True)
        .exclude(person__email="")
        .select_related("person")
        .order_by("person")
    )
    return list({membership.person_id: membership.person for membership in memberships}.values())


def doubts_letter(brand: BrandCard, doubts: Sequence[Doubt], locale: str) -> Letter:
    """Return the letter that names the newest doubts, with a link to each and to all."""
    newest = sorted(doubts, key=lambda doubt: doubt.last_seen_at, reverse=True)
    with translation.override(locale):
        lines = [_line(doubt, locale) for doubt in newest[:MOST_LINES]]
    content: dict[str, Any] = {
        "count": len(doubts),
        "lines": lines,
        "more": len(doubts) - len(lines),
        "queue_url": f"{settings.PUBLIC_BASE_URL}{reverse('admin:analytics_doubt_changelist')}",
    }
    # It is for colleagues: how customers reach the brand does not belong below it.
    look = replace(brand_look(brand), care_email="", care_phone="", care_hours={})
    return Letter("doubts", look, locale, content)


def _line(doubt: Doubt, locale: str) -> DoubtLine:
    return DoubtLine(
        signal=doubt.get_kind_display(),
        product=in_language(doubt.unit.product.names, locale),
        serial=doubt.unit.serial,
        country=doubt.country,
        url=f"{settings.PUBLIC_BASE_URL}{reverse('admin:analytics_doubt_change', args=[doubt.pk or 0])}",
    )


def _was_not_taken(error: Exception) -> bool:
    """Whether the server certainly has not got it and may take it later (RFC 5321, 4.2.1: 4yz)."""
    code = getattr(error, "smtp_code", 0)
    refused = error.recipients.values() if isinstance(error, smtplib.SMTPRecipientsRefused) else ()
    return (
        isinstance(error, ConnectionRefusedError)
        or 400 <= code < 500
        or any(400 <= status < 500 for status, _answer in refused)
    )
