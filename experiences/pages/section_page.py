"""A unit's further pages: one matter each, with the way back."""

from dataclasses import dataclass
from typing import Literal, get_args

from django.urls import reverse
from django.utils.translation import gettext as _

from analytics.kinds import Flag
from experiences.pages.identity import Line, identity_lines
from experiences.pages.modules import Module, build_module
from experiences.pages.unit_frame import UnitFrame, unit_frame
from experiences.pages.unit_page import Language, languages_of
from experiences.tap import Tap

SectionName = Literal["setup", "care", "help", "service", "recycle", "provenance", "story"]
SECTION_NAMES: tuple[SectionName, ...] = get_args(SectionName)


@dataclass(frozen=True, slots=True, kw_only=True)
class SectionPage(UnitFrame):
    """What `experiences/section.html` shows."""

    section: str
    template: str
    module: Module | None
    flag_modules: list[Module]
    mine_url: str
    languages: list[Language]
    lines: list[Line]  # its identity, where the page is one to keep on paper


def build_section_page(tap: Tap, section: SectionName) -> SectionPage:
    """Return the page for one matter of the unit, in the active language."""
    code = tap.row.public_code
    return SectionPage(
        **unit_frame(tap, section_title(section)),
        section=section,
        template=f"experiences/sections/{section}.html",
        module=None if section in tap.row.flags else build_module(section, tap),
        flag_modules=[module for flag in tap.row.flags if (module := build_module(Flag(flag).value, tap))],
        mine_url=reverse("its_mine", args=[code]),
        lines=identity_lines(tap) if section == "provenance" else [],
        languages=languages_of(tap, reverse("unit_section", args=[code, section])),
    )


def section_title(section: SectionName) -> str:
    return {
        "setup": _("Set it up"),
        "care": _("Care"),
        "help": _("Help"),
        "service": _("Service and repair"),
        "recycle": _("At the end of its life"),
        "provenance": _("Its history"),
        "story": _("What it is"),
    }[section]
