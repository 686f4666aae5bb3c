"""What is known of a very unit, in lines: its identity, one sentence of its own, and its history."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from analytics.kinds import Stage
from experiences.pages.layouts import DOUBTFUL
from experiences.tap import Tap


@dataclass(frozen=True, slots=True)
class Line:
    """A label and a value, for the table of a unit's identity."""

    label: str
    value: str
    is_code: bool = False

    @property
    def is_long(self) -> bool:
        """Whether the value needs a line of its own."""
        return len(self.value) > 44


@dataclass(frozen=True, slots=True)
class Moment:
    """A dated line of the unit's history."""

    on: dt.date | None
    what: str


def identity_lines(tap: Tap) -> list[Line]:
    """Return what is known of this very unit; what is not known is left out."""
    row = tap.row
    lines = [
        Line(_("Serial number"), row.serial, is_code=True),
        Line(
            _("Model"),
            " · ".join(
                filter(None, (tap.product.model_number, tap.product.variants.get(row.variant_id or 0, "")))
            ),
        ),
        Line(_("Batch"), row.batch or "", is_code=True),
        Line(_("Made"), made(tap)),
        Line(_("Origin"), row.origin),
        Line(_("Sold"), date_format(row.sold_on) if row.sold_on else ""),
        *(Line(attribute_label(key), str(value)) for key, value in (row.attributes or {}).items()),
        *(
            Line(attribute_label(item.get("name", "")), str(item.get("value", "")))
            for item in _composition(tap)
        ),
    ]
    return [line for line in lines if line.value and line.label]


def _composition(tap: Tap) -> list[dict[str, Any]]:
    return [item for item in tap.row.composition or [] if isinstance(item, dict)]


def attribute_label(key: str) -> str:
    """Return the label of a free attribute: those that the house knows are translated, others as written."""
    known = {
        "artisan": _("Made by"),
        "engraving": _("Engraving"),
        "edition": _("Edition"),
        "ingredients": _("Ingredients"),
    }
    return known.get(key) or key.replace("_", " ").capitalize()


def made(tap: Tap) -> str:
    row = tap.row
    if row.made_on and row.made_in:
        return _("%(date)s in %(place)s") % {"date": date_format(row.made_on), "place": row.made_in}
    return date_format(row.made_on) if row.made_on else row.made_in


def line_of_its_own(tap: Tap) -> str:
    """Return one sentence that could only be about this very unit, and is true whoever reads it."""
    row, stage = tap.row, tap.decision.stage
    if stage is Stage.RETIRED:
        return _("Its life has ended; its identity stays.")
    if row.ownerships:
        return _owners_in_words(tap)
    if stage is Stage.UNBOXING and tap.verdict not in DOUBTFUL:
        return _("You are its first owner.")
    artisan = (row.attributes or {}).get("artisan")
    if artisan:
        return _("Made by %(artisan)s.") % {"artisan": artisan}
    return ""


def _owners_in_words(tap: Tap) -> str:
    count = tap.row.ownerships
    if not tap.facts.is_owned:
        return ngettext("%(count)s owner so far.", "%(count)s owners so far.", count) % {"count": count}
    if count > 1:
        before = count - 1
        if tap.row.viewer_is_owner and tap.facts.owned_since_on:
            return ngettext(
                "Yours since %(date)s. It had %(count)s owner before you.",
                "Yours since %(date)s. It had %(count)s owners before you.",
                before,
            ) % {"date": date_format(tap.facts.owned_since_on), "count": before}
        return ngettext("%(count)s owner before this one.", "%(count)s owners before this one.", before) % {
            "count": before
        }
    if tap.facts.first_owned_on is None:
        return ""
    since = {"date": date_format(tap.facts.first_owned_on)}
    if tap.row.viewer_is_owner:
        return _("You are its first owner, since %(date)s.") % since
    return _("With its first owner since %(date)s.") % since


def history(tap: Tap) -> list[Moment]:
    """Return the unit's life in dated lines; owners are counted, never named."""
    row, facts = tap.row, tap.facts
    where = _("Made in %(place)s") % {"place": row.made_in} if row.made_in else _("Made")
    moments = [
        Moment(row.made_on, where) if row.made_on or row.made_in else None,
        Moment(row.sold_on, _("Sold")) if row.sold_on else None,
        Moment(facts.first_owned_on, _("First owner")) if facts.first_owned_on else None,
    ]
    if row.ownerships > 1 and facts.owned_since_on:
        moments.append(
            Moment(facts.owned_since_on, _("Owner number %(number)s") % {"number": row.ownerships})
        )
    if row.retired_on:
        moments.append(Moment(row.retired_on, retirement_in_words(row.status)))
    return [moment for moment in moments if moment]


def retirement_in_words(status: str) -> str:
    return {
        "recycled": _("Recycled"),
        "destroyed": _("Destroyed"),
        "replaced": _("Replaced by another unit"),
        "written_off": _("Taken out of use"),
    }[status]
