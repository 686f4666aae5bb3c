"""The rules of doubt, each pure: a unit's story up to one opening in, the evidence out.

Every rule leaves room for what honest people do: a traveller, a phone that hides its country, a bookmark, a link
sent to a friend, a page opened again.
"""

import datetime as dt
from collections.abc import Iterator, Sequence

from analytics.distances import distance_between
from analytics.doubts.story import Limits, Opening, Rule, Sighting, Story, UnitPast
from analytics.kinds import DoubtKind, Verdict

HALF_WAY_ROUND = 20_038  # km: no two places are further apart
MARKET_SPAN = dt.timedelta(days=30)


def far_apart(story: Story) -> tuple[Opening, ...]:
    """Two visitors scanned the unit in two countries, sooner than an airliner flies from one to the other.

    One visitor in two countries is one browser behind a network that moved it; neighbours have common networks.
    """
    here, limits = story.opening, story.limits
    if not here.is_scanned or not here.country:
        return ()
    longest_flight = dt.timedelta(hours=HALF_WAY_ROUND / limits.flight_kmh)
    for other in reversed(story.recent(longest_flight)[:-1]):
        if not other.is_scanned or not other.country or other.visitor == here.visitor:
            continue
        distance = distance_between(other.country, here.country)
        flown = limits.flight_kmh * _hours(here.at - other.at)
        if distance >= limits.far_apart_km and distance > flown:
            return (other, here)
    return ()


def counter_jump(story: Story) -> tuple[Opening, ...]:
    """The chip answered far more often between two taps than people tap."""
    here, limits = story.opening, story.limits
    if not here.is_proven or here.counter is None:
        return ()
    last = _last_proven(story)
    if last is None or last.counter is None:
        return ()
    is_soon = here.at - last.at <= dt.timedelta(hours=limits.counter_jump_hours)
    return (last, here) if is_soon and here.counter - last.counter > limits.counter_jump else ()


def counter_regression(story: Story) -> tuple[Opening, ...]:
    """Several visitors opened links that are older than the chip's last tap, none of them whoever made the link.

    A lone replay is no signal, and neither is a link as old as the last tap: that is one that was passed on.
    """
    here, limits = story.opening, story.limits
    last = _last_proven(story)
    if not here.is_copy or last is None or last.counter is None:
        return ()
    last_counter = last.counter
    made = {(opening.counter, opening.visitor) for opening in story.earlier if opening.is_proven}

    def is_strangers(opening: Opening) -> bool:
        return (
            opening.is_copy
            and opening.tag_id == here.tag_id
            and opening.counter is not None
            and opening.counter < last_counter
            and (opening.counter, opening.visitor) not in made
        )

    if not is_strangers(here):
        return ()
    copies = _one_each(filter(is_strangers, story.recent(dt.timedelta(days=limits.replay_days))))
    return copies if len(copies) >= limits.replay_visitors else ()


def many_visitors(story: Story) -> tuple[Opening, ...]:
    """More visitors opened one printed code, or one and the same link of a chip, than stand before one unit.

    Counted when a visitor comes who was not among them in that time.
    """
    here, limits = story.opening, story.limits
    if not (here.is_copy or here.verdict == Verdict.IDENTIFIED):
        return ()
    recent = story.recent(dt.timedelta(days=limits.code_days))
    same = [opening for opening in recent if (opening.tag_id, opening.counter) == (here.tag_id, here.counter)]
    if any(opening.visitor == here.visitor for opening in same[:-1]):
        return ()
    visitors = _one_each(same)
    return visitors if len(visitors) >= limits.code_visitors else ()


def never_shipped(story: Story) -> tuple[Opening, ...]:
    """Scanned before it left the house, at a brand that records when each unit does.

    Days are compared with one day's grace, for scans know no time zone.
    """
    past, here = story.past, story.opening
    if not past.shipping_is_recorded or not here.is_scanned:
        return ()
    if past.shipped_on is None:
        return () if past.sold_on else (here,)
    return (here,) if here.at.date() < past.shipped_on - dt.timedelta(days=1) else ()


def other_market(story: Story) -> tuple[Opening, ...]:
    """Scanned mostly outside its market, by several visitors, on several days.

    A traveller is one visitor, or was also seen at home.
    """
    here, limits, market = story.opening, story.limits, story.past.market
    placed = [opening for opening in story.recent(MARKET_SPAN) if opening.is_scanned and opening.country]
    at_home = {opening.visitor for opening in placed if opening.country == market}
    abroad = [opening for opening in placed if opening.country != market and opening.visitor not in at_home]
    if not market or here not in abroad:
        return ()
    visitors = {opening.visitor for opening in abroad}
    days = {opening.at.date() for opening in abroad}
    is_several = len(visitors) >= limits.market_visitors and len(days) >= limits.market_days
    return tuple(abroad) if is_several and len(visitors) > len(at_home) else ()


def retired(story: Story) -> tuple[Opening, ...]:
    """The chip answered after the unit's life had ended; the day itself does not count, wherever it is."""
    here, retired_on = story.opening, story.past.retired_on
    if retired_on is None or not here.is_proven:
        return ()
    return (here,) if here.at >= _over_everywhere(retired_on) else ()


def reported_lost(story: Story) -> tuple[Opening, ...]:
    """Scanned while it is reported lost or stolen."""
    here, since = story.opening, story.past.reported_at
    return (here,) if since is not None and here.is_scanned and here.at > since else ()


RULES: dict[DoubtKind, Rule] = {
    DoubtKind.FAR_APART: far_apart,
    DoubtKind.COUNTER_JUMP: counter_jump,
    DoubtKind.COUNTER_REGRESSION: counter_regression,
    DoubtKind.MANY_VISITORS: many_visitors,
    DoubtKind.NEVER_SHIPPED: never_shipped,
    DoubtKind.OTHER_MARKET: other_market,
    DoubtKind.RETIRED: retired,
    DoubtKind.REPORTED_LOST: reported_lost,
}


def sightings(
    kind: DoubtKind, past: UnitPast, limits: Limits, openings: Sequence[Opening], *, since: dt.datetime
) -> Iterator[Sighting]:
    """Yield a sighting for every opening after `since` that gives this signal; openings are oldest first."""
    for place, opening in enumerate(openings):
        if opening.at <= since:
            continue
        if evidence := RULES[kind](Story(past, limits, openings[:place], opening)):
            yield Sighting(kind, evidence)


def _last_proven(story: Story) -> Opening | None:
    """Return the last tap of this tag that the chip itself proved."""
    tag_id = story.opening.tag_id
    return next(
        (earlier for earlier in reversed(story.earlier) if earlier.is_proven and earlier.tag_id == tag_id),
        None,
    )


def _one_each(openings: Iterator[Opening] | Sequence[Opening]) -> tuple[Opening, ...]:
    """Return the last opening of each visitor, oldest first."""
    last = {opening.visitor: opening for opening in openings}
    return tuple(sorted(last.values(), key=lambda opening: (opening.at, opening.scan_id)))


def _hours(span: dt.timedelta) -> float:
    return span.total_seconds() / 3600


def _over_everywhere(day: dt.date) -> dt.datetime:
    """Return when that day has ended in every time zone: noon UTC of the next (UTC-12)."""
    return dt.datetime.combine(day + dt.timedelta(days=1), dt.time(12), dt.UTC)
