"""The modules of a unit's page: what each one says of this very unit, ready for its template.

A builder returns None where there is nothing true to say, and the module is left out.
"""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from analytics.kinds import Flag, Stage
from experiences.cards import Text
from experiences.models import BlockKind
from experiences.pages.layouts import DOUBTFUL
from experiences.pages.verdicts import view_verdict
from experiences.tap import Tap
from products.fields import in_language


@dataclass(frozen=True, slots=True)
class Module:
    """A section of the page: its name in `data-module`, its template and what that shows."""

    name: str
    template: str
    content: Any


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
class Due:
    """A treatment and the day on which it is due next."""

    what: str
    on: dt.date
    every_months: int


@dataclass(frozen=True, slots=True)
class Contact:
    """How to reach a person at the brand."""

    brand: str
    email: str
    phone: str
    hours: str

    @property
    def exists(self) -> bool:
        return bool(self.email or self.phone)


@dataclass(frozen=True, slots=True)
class Moment:
    """A dated line of the unit's history."""

    on: dt.date | None
    what: str


def section_url(tap: Tap, section: str) -> str:
    return reverse("unit_section", args=[tap.row.public_code, section])


def contact_of(tap: Tap) -> Contact:
    hours = in_language(tap.brand.care_hours, tap.locale, tap.brand.locales[0])
    return Contact(tap.brand.name, tap.brand.care_email, tap.brand.care_phone, hours)


def build_authenticity(tap: Tap) -> dict[str, Any]:
    return {
        "verdict": view_verdict(
            tap.verdict, own_old_link=tap.own_old_link, holding=tap.possession is not None
        )
    }


def build_identity(tap: Tap) -> dict[str, Any]:
    return {
        "lines": identity_lines(tap),
        "line_of_its_own": line_of_its_own(tap),
        "materials": tap.product.materials,
    }


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
        return ngettext("%(count)s owner before this one.", "%(count)s owners before this one.", before) % {
            "count": before
        }
    if tap.facts.first_owned_on is None:
        return ""
    return _("With its first owner since %(date)s.") % {"date": date_format(tap.facts.first_owned_on)}


def build_register(tap: Tap) -> dict[str, Any] | None:
    if tap.facts.is_owned or tap.row.status != "active":
        return None
    return {
        "stage": tap.decision.stage.value,
        "spoke_up": tap.facts.spoke_up_on is not None,
        "was_registered": tap.facts.was_registered,
        "url": section_url(tap, "register"),
        "contact": contact_of(tap),
    }


def build_setup(tap: Tap) -> dict[str, Any] | None:
    steps = tap.product.of_kind(BlockKind.SETUP)
    return {"steps": steps, "url": section_url(tap, "setup")} if steps else None


def build_tips(tap: Tap) -> dict[str, Any] | None:
    return _texts(tap.product.of_kind(BlockKind.TIP))


def build_care(tap: Tap) -> dict[str, Any] | None:
    materials = [material for material in tap.product.materials if material.cleaning or material.avoid]
    if not materials and not tap.product.treatments:
        return None
    return {"materials": materials, "due": due_treatments(tap), "url": section_url(tap, "care")}


def due_treatments(tap: Tap) -> list[Due]:
    """Return each regular treatment with its next due date, the nearest first; on the shelf nothing is due."""
    if tap.decision.stage is Stage.DISCOVERY:
        return []
    start = tap.facts.age_from or tap.facts.today
    dues = [
        Due(material.treatment, on, material.treatment_every_months or 0)
        for material in tap.product.treatments
        if (on := material.due_on(start, tap.facts.today))
    ]
    return sorted(dues, key=lambda due: due.on)


def build_story(tap: Tap) -> dict[str, Any] | None:
    texts = tap.product.of_kind(BlockKind.STORY)
    return {"texts": texts, "url": section_url(tap, "story")} if texts else None


def build_help(tap: Tap) -> dict[str, Any] | None:
    topics = tap.product.of_kind(BlockKind.HELP)
    contact = contact_of(tap)
    if not topics and not contact.exists:
        return None
    return {"topics": topics, "contact": contact, "url": section_url(tap, "help")}


def build_service(tap: Tap) -> dict[str, Any] | None:
    texts = tap.product.of_kind(BlockKind.SERVICE)
    contact = contact_of(tap)
    if not texts and not contact.exists:
        return None
    return {"texts": texts, "contact": contact, "url": section_url(tap, "service"), "age": age_in_words(tap)}


def age_in_words(tap: Tap) -> str:
    start = tap.facts.age_from
    if start is None:
        return ""
    years = (tap.facts.today - start).days // 365
    if years < 1:
        return ""
    return ngettext("%(count)s year in use", "%(count)s years in use", years) % {"count": years}


def build_recycle(tap: Tap) -> dict[str, Any] | None:
    texts = tap.product.of_kind(BlockKind.RECYCLE)
    contact = contact_of(tap)
    if not texts and not contact.exists:
        return None
    return {
        "texts": texts,
        "contact": contact,
        "url": section_url(tap, "recycle"),
        "materials": tap.product.materials,
    }


def build_provenance(tap: Tap) -> dict[str, Any]:
    return {
        "moments": history(tap),
        "url": section_url(tap, "provenance"),
        "previous_owners": max(0, tap.row.ownerships - 1),
    }


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


def build_flag(flag: Flag) -> Callable[[Tap], dict[str, Any]]:
    def build(tap: Tap) -> dict[str, Any]:
        headline, sentence = flag_words(flag, tap.brand.name)
        return {"flag": flag.value, "headline": headline, "sentence": sentence, "contact": contact_of(tap)}

    return build


def flag_words(flag: Flag, brand: str) -> tuple[str, str]:
    """Return what an open matter means to whoever holds the unit, and what to do now."""
    return {
        Flag.RECALL: (
            _("Safety notice: stop using it for now"),
            _("%(brand)s has recalled this very unit. Ask for the remedy; it costs you nothing.")
            % {"brand": brand},
        ),
        Flag.STOLEN: (
            _("Reported stolen, not for sale"),
            _(
                "Its owner reported it stolen. If it was offered to you, do not buy it; %(brand)s passes your message on."
            )
            % {"brand": brand},
        ),
        Flag.LOST: (
            _("Its owner is looking for it"),
            _(
                "Have you found it? Thank you. Tell %(brand)s; your message reaches the owner and neither of you is named."
            )
            % {"brand": brand},
        ),
        Flag.DISPUTE: (
            _("Its ownership is being clarified"),
            _("Two parties say that it is theirs. Until %(brand)s has decided, it can't be passed on.")
            % {"brand": brand},
        ),
        Flag.CLAIM: (
            _("A claim is open"),
            _("%(brand)s is working on it. Ask for the state of things at any time.") % {"brand": brand},
        ),
        Flag.SERVICE: (
            _("Service is booked"),
            _("An appointment for this unit is booked with %(brand)s.") % {"brand": brand},
        ),
        Flag.TRANSFER: (
            _("A change of owner is open"),
            _("This unit is being passed on. Until that is done it stays with its present owner."),
        ),
    }[flag]


def _texts(texts: tuple[Text, ...]) -> dict[str, Any] | None:
    return {"texts": texts} if texts else None


BUILDERS: dict[str, Callable[[Tap], Any]] = {
    "authenticity": build_authenticity,
    "identity": build_identity,
    "register": build_register,
    "setup": build_setup,
    "tips": build_tips,
    "care": build_care,
    "story": build_story,
    "help": build_help,
    "service": build_service,
    "recycle": build_recycle,
    "provenance": build_provenance,
}


def build_module(name: str, tap: Tap) -> Module | None:
    """Return the module, or None where there is nothing true to say."""
    if name in tap.row.flags:
        return Module(name, "experiences/modules/flag.html", build_flag(Flag(name))(tap))
    content = BUILDERS[name](tap)
    return Module(name, f"experiences/modules/{name}.html", content) if content is not None else None
