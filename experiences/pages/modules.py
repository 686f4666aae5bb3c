"""The modules of a unit's page: what each one says of this very unit, ready for its template.

A builder returns None where there is nothing true to say, and the module is left out.
"""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.translation import ngettext

from analytics.kinds import Flag, Stage
from experiences.models import BlockKind
from experiences.pages.flag_words import desk_words, flag_words, own_flag_words
from experiences.pages.identity import history, identity_lines, line_of_its_own
from experiences.pages.moments import build_moments
from experiences.pages.promises import registering_label, warranty_until
from experiences.pages.texts import texts_for
from experiences.pages.verdicts import view_verdict
from experiences.pages.yours import build_yours
from experiences.registration_form import blank_form
from experiences.tap import Tap
from experiences.texts import Text
from products.fields import in_language

REGISTER_FORM = "registering"  # the form's id on the page


@dataclass(frozen=True, slots=True)
class Module:
    """A section of the page: its name in `data-module`, its template and what that shows."""

    name: str
    template: str
    content: Any


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
class Promise:
    """What stands around the registration form."""

    form_id: str
    label: str
    holding: bool
    wording: str
    privacy_url: str


def section_url(tap: Tap, section: str) -> str:
    return reverse("unit_section", args=[tap.row.public_code, section])


def contact_of(tap: Tap) -> Contact:
    hours = in_language(tap.brand.care_hours, tap.locale, tap.brand.locales[0])
    return Contact(tap.brand.name, tap.brand.care_email, tap.brand.care_phone, hours)


def build_authenticity(tap: Tap) -> dict[str, Any]:
    return {"verdict": view_verdict(tap.verdict, shade=tap.shade, holding=tap.possession is not None)}


def build_identity(tap: Tap) -> dict[str, Any]:
    return {
        "lines": identity_lines(tap),
        "line_of_its_own": line_of_its_own(tap),
        "materials": tap.product.materials,
    }


def build_register(tap: Tap) -> dict[str, Any] | None:
    if tap.facts.is_owned or tap.row.status != "active":
        return None
    return {
        "stage": tap.decision.stage.value,
        "spoke_up": tap.facts.spoke_up_on is not None,
        "was_registered": tap.facts.was_registered,
        "url": reverse("register", args=[tap.row.public_code]),
        "mine_url": reverse("its_mine", args=[tap.row.public_code]),
        "may": may_register(tap),
        "form": blank_form(tap.brand.marketing_version),
        "until": warranty_until(tap),
        "promise": promise_of(tap),
        "brand": tap.brand,
        "contact": contact_of(tap),
    }


def may_register(tap: Tap) -> bool:
    """Whether the registration form is offered: nobody owns the unit, and nobody is looking for it."""
    return not (tap.row.lost or tap.row.stolen or tap.row.dispute)


def promise_of(tap: Tap) -> Promise:
    """Return what stands around the form: its button's words, and what becomes of the address."""
    return Promise(
        form_id=REGISTER_FORM,
        label=registering_label(tap),
        holding=tap.possession is not None,
        wording=marketing_wording(tap),
        privacy_url=privacy_url(tap),
    )


def privacy_url(tap: Tap) -> str:
    """Return where the brand says how it treats personal data; '' where it has not written that."""
    return reverse("privacy", args=[tap.row.public_code]) if any(tap.brand.privacy.values()) else ""


def marketing_wording(tap: Tap) -> str:
    """Return the words of the box that is not ticked; '' where the brand asks for nothing."""
    return in_language(tap.brand.marketing_wording, tap.locale, tap.brand.locales[0])


def build_coverage(tap: Tap) -> dict[str, Any] | None:
    row = tap.row
    if row.covered_from is None or row.covered_until is None:
        return None
    return {
        **coverage_bar(row.covered_from, row.covered_until, tap.facts.today),
        "certificate_url": reverse("certificate", args=[row.certificate_code]),
    }


def coverage_bar(starts_on: dt.date, ends_on: dt.date, today: dt.date) -> dict[str, Any]:
    """Return a term as its bar shows it; `share_gone` is in percent, the last day is covered whole."""
    whole = (ends_on - starts_on).days + 1
    left = min(whole, max(0, (ends_on - today).days + 1))
    return {
        "starts_on": starts_on,
        "ends_on": ends_on,
        "state": "ahead" if today < starts_on else "over" if today > ends_on else "active",
        "days_left": left,
        "share_gone": round(100 * (whole - left) / whole),
    }


def build_setup(tap: Tap) -> dict[str, Any] | None:
    steps = texts_for(tap, BlockKind.SETUP)
    return {"steps": steps, "url": section_url(tap, "setup")} if steps else None


def build_tips(tap: Tap) -> dict[str, Any] | None:
    return _texts(texts_for(tap, BlockKind.TIP))


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
    texts = texts_for(tap, BlockKind.STORY)
    return {"texts": texts, "url": section_url(tap, "story")} if texts else None


def build_help(tap: Tap) -> dict[str, Any] | None:
    topics = texts_for(tap, BlockKind.HELP)
    contact = contact_of(tap)
    if not topics and not contact.exists:
        return None
    return {"topics": topics, "contact": contact, "url": section_url(tap, "help")}


def build_service(tap: Tap) -> dict[str, Any] | None:
    texts = texts_for(tap, BlockKind.SERVICE)
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
    texts = texts_for(tap, BlockKind.RECYCLE)
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


def build_flag(flag: Flag) -> Callable[[Tap], dict[str, Any]]:
    def build(tap: Tap) -> dict[str, Any]:
        own = own_flag_words(flag) if tap.row.viewer_is_owner else None
        if flag is Flag.TRANSFER and tap.row.offered == "desk":
            own = desk_words(tap.brand.name)
        headline, sentence = own or flag_words(flag, tap.brand.name)
        return {"flag": flag.value, "headline": headline, "sentence": sentence, "contact": contact_of(tap)}

    return build


def build_gift(tap: Tap) -> dict[str, Any] | None:
    """Return a giver's words: for whoever unpacks it, and for its first owner afterwards."""
    unpacked_by_owner = tap.row.viewer_is_owner and tap.row.ownerships == 1
    if not tap.row.gift_words or (tap.row.ownerships and not unpacked_by_owner):
        return None
    return {"words": tap.row.gift_words}


def _texts(texts: tuple[Text, ...]) -> dict[str, Any] | None:
    return {"texts": texts} if texts else None


BUILDERS: dict[str, Callable[[Tap], Any]] = {
    "authenticity": build_authenticity,
    "identity": build_identity,
    "register": build_register,
    "setup": build_setup,
    "tips": build_tips,
    "care": build_care,
    "coverage": build_coverage,
    "story": build_story,
    "help": build_help,
    "service": build_service,
    "recycle": build_recycle,
    "gift": build_gift,
    "moments": build_moments,
    "yours": build_yours,
    "provenance": build_provenance,
}


def build_module(name: str, tap: Tap) -> Module | None:
    """Return the module, or None where there is nothing true to say."""
    if name in tap.row.flags:
        return Module(name, "experiences/modules/flag.html", build_flag(Flag(name))(tap))
    content = BUILDERS[name](tap)
    return Module(name, f"experiences/modules/{name}.html", content) if content is not None else None
