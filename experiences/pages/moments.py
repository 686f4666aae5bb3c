"""What an owner is thanked for on their thing's own page: points that it earned them lately."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.urls import reverse

from experiences.loyalty import amount
from experiences.tap import Tap
from ownership.models import LoyaltyEntry
from products.fields import in_language

SHOWN_FOR = dt.timedelta(days=14)
MOST = 3


@dataclass(frozen=True, slots=True)
class Thanks:
    """What for, the brand's words of thanks, and how many points."""

    what: str
    words: str
    points: str


def build_moments(tap: Tap) -> dict[str, Any] | None:
    """Return the thanks; only for the owner, and only at a brand with a programme is anything asked."""
    if not tap.row.viewer_is_owner or not tap.brand.points_words:
        return None
    since = dt.datetime.combine(tap.facts.today - SHOWN_FOR, dt.time(), dt.UTC)
    lines = LoyaltyEntry.objects.awards().filter(
        owner=tap.row.viewer_owner_id, unit=tap.row.unit_id, at__gte=since, reversal=None
    )
    thanks = [_thanks(line, tap) for line in lines.select_related("rule").order_by("-pk")[:MOST] if line.rule]
    return {"thanks": thanks, "url": reverse("me_points")} if thanks else None


def _thanks(line: LoyaltyEntry, tap: Tap) -> Thanks:
    fallback = tap.brand.locales[0]
    rule: Any = line.rule
    return Thanks(
        what=in_language(rule.names, tap.locale, fallback),
        words=in_language(rule.thanks, tap.locale, fallback),
        points=amount(line.points, tap.brand.points_words, tap.locale, fallback),
    )
