"""What an owner is thanked for on their thing's own page: points that it earned them lately, and what comes next."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.urls import reverse

from experiences.loyalty import amount
from experiences.next_products import NextCard, first_not_owned
from experiences.tap import Tap
from ownership.models import LoyaltyEntry
from ownership.models.loyalty import RuleBasis
from products.fields import in_language

SHOWN_FOR = dt.timedelta(days=14)
MOST = 3
MILESTONES = (RuleBasis.USE, RuleBasis.TENURE)


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
    lines = list(_earned_lately(tap))
    if not lines:
        return None
    return {
        "thanks": [_thanks(line, tap) for line in lines],
        "next": _what_comes_next(lines, tap),
        "url": reverse("me_points"),
    }


def _earned_lately(tap: Tap) -> Any:
    """Return the newest points of rules, with what comes next for this owner: all of it one statement."""
    since = dt.datetime.combine(tap.facts.today - SHOWN_FOR, dt.time(), dt.UTC)
    owner_id: Any = tap.row.viewer_owner_id
    lines = LoyaltyEntry.objects.awards().filter(
        owner=owner_id, unit=tap.row.unit_id, at__gte=since, reversal=None, rule__isnull=False
    )
    if tap.product.next_products:
        lines = lines.annotate(comes_next=first_not_owned(tap.product.next_products, owner_id))
    return lines.select_related("rule").order_by("-pk")[:MOST]


def _what_comes_next(lines: list[Any], tap: Tap) -> NextCard | None:
    """Return the product to show with a milestone; nothing is recommended where something is wrong, or for a welcome."""
    reached = [line for line in lines if line.rule.basis in MILESTONES]
    if not reached or tap.row.flags:
        return None
    number = getattr(reached[0], "comes_next", None)
    return next((card for card in tap.product.next_products if card.pk == number), None)


def _thanks(line: LoyaltyEntry, tap: Tap) -> Thanks:
    fallback = tap.brand.locales[0]
    rule: Any = line.rule
    return Thanks(
        what=in_language(rule.names, tap.locale, fallback),
        words=in_language(rule.thanks, tap.locale, fallback),
        points=amount(line.points, tap.brand.points_words, tap.locale, fallback),
    )
