"""The texts of a unit's page: who may read them, at which stage, filled in with what this very unit is."""

import datetime as dt
import logging
from collections.abc import Mapping

from django.utils.safestring import SafeString
from liquid import BoundTemplate

from experiences.liquid import Attributes, Day, render_body, render_line
from experiences.models import Audience, BlockKind
from experiences.tap import Tap
from experiences.texts import CardText, Text

log = logging.getLogger(__name__)


def texts_for(tap: Tap, kind: BlockKind) -> tuple[Text, ...]:
    """Return the texts of a kind that this reader may see at this stage, from the nearest level that has any."""
    stage, audiences = tap.decision.stage.value, audiences_of(tap)
    fitting = [text for text in tap.product.of_kind(kind) if text.is_for(stage, audiences)]
    nearest = [text for text in fitting if text.level == fitting[0].level]
    return tuple(shown for text in nearest if (shown := _fill(text, tap)))


def audiences_of(tap: Tap) -> frozenset[str]:
    """Return whom the texts may be for: what is for the owner is for the owner's own browser alone."""
    if tap.row.viewer_is_owner:
        return frozenset(Audience.values)
    if tap.possession is not None:
        return frozenset((Audience.EVERYONE.value, Audience.HOLDER.value))
    return frozenset((Audience.EVERYONE.value,))


def _fill(text: CardText, tap: Tap) -> Text | None:
    if isinstance(text.title, str) and isinstance(text.body, str):
        return Text(text.title, text.body)
    try:
        return fill(text, variables_of(tap))
    except Exception as error:  # one text that fails must not take the page with it
        log.error("content block %s can't be filled in: %s", text.block_id, type(error).__name__)
        return None


def fill(text: CardText, variables: Mapping[str, object]) -> Text | None:
    """Return the text with its variables filled in; None where nothing is left of its title or its body.

    Dates are written in the active language. Raises what the text does wrong, mostly `LiquidError`.
    """
    title = render_line(text.title, variables) if isinstance(text.title, BoundTemplate) else text.title
    if isinstance(text.body, BoundTemplate):
        body = render_body(text.body, variables)
        return Text(title, body) if title and body else None
    return Text(title, SafeString(text.body)) if title else None


def variables_of(tap: Tap) -> dict[str, object]:
    """Return the variables of a text (`experiences.block_check.VARIABLES`) for this unit; unknown ones are None."""
    row, facts = tap.row, tap.facts
    return {
        "unit": {
            "serial": row.serial,
            "made_on": _day(row.made_on),
            "made_in": row.made_in or None,
            "origin": row.origin or None,
            "batch": row.batch,
            "age_months": months_between(facts.age_from, facts.today) if facts.age_from else 0,
            "attributes": Attributes(row.attributes or {}),
        },
        "product": {"name": tap.product.name, "model_number": tap.product.model_number or None},
        "brand": {"name": tap.brand.name},
        "owner": {"since": _day(facts.owned_since_on)},
        "coverage": {"until": _day(row.covered_until)},
        "stage": tap.decision.stage.value,
        "today": _day(facts.today),
    }


def months_between(start: dt.date, today: dt.date) -> int:
    """Return the whole months from one day to another; 0 where `start` is yet to come."""
    months = (today.year - start.year) * 12 + today.month - start.month
    return max(0, months - (today.day < start.day))


def _day(day: dt.date | None) -> Day | None:
    return Day(day.year, day.month, day.day) if day else None
