"""The style of consumer pages: one inlined sheet per brand, allowed by its hash.

Inlined because the first screen then needs one round trip; the content policy names the hash of
exactly this text, so no other style can run.
"""

import base64
import hashlib
import re
from dataclasses import dataclass, fields
from functools import lru_cache
from typing import Literal

from django.conf import settings
from django.http import HttpResponse
from django.utils.safestring import SafeString, mark_safe

from experiences.cards import BrandCard
from products.colours import Palette, derive_palette, is_dark, night_paper

SHEETS = ("tokens.css", "base.css", "components.css")  # of every look; its typeface and corners add theirs

STACKS = {
    "serif": "'Iowan Old Style','Palatino Linotype',Palatino,'Book Antiqua',Georgia,serif",
    "humanist": "Seravek,'Gill Sans Nova',Ubuntu,Calibri,'DejaVu Sans',source-sans-pro,sans-serif",
    "grotesk": "'Helvetica Neue',Helvetica,'Arial Nova','Liberation Sans',Arial,sans-serif",
}
CORNERS = {"square": "0px", "soft": "6px", "round": "18px"}
# Accent, paper, typeface, corner and density of what belongs to no brand.
HOUSE_LOOK = ("#3d4f5c", "#f6f6f4", "humanist", "soft", "calm")
Scheme = Literal["both", "day", "night"]
DENSITIES = {"tight": "0.85", "calm": "1", "airy": "1.2"}


@dataclass(frozen=True, slots=True)
class Style:
    """CSS to stand between <style> tags, its CSP source, and the papers for the browser's own frame."""

    css: SafeString
    source: str
    day: str
    night: str


@lru_cache(maxsize=512)
def style_for(
    accent: str,
    paper: str,
    typeface: str,
    corner: str,
    density: str,
    more: tuple[str, ...] = (),
    scheme: Scheme = "both",
) -> Style:
    """Return the sheet for a look; all five values are checked against a list or pattern when they are saved.

    `more` names sheets that only some pages need; `scheme` keeps a page to its day or its night.
    """
    day, night = derive_palette(accent, paper), derive_palette(accent, night_paper(paper))
    if scheme != "both":
        day = night = {"day": day, "night": night}[scheme]
    css = _look(day, night, typeface, corner, density) + shared_css(typeface, corner, more)
    digest = base64.b64encode(hashlib.sha256(css.encode()).digest()).decode()
    return Style(mark_safe(css), f"'sha256-{digest}'", day.paper, night.paper)  # noqa: S308 - our sheets and checked tokens


def _look(day: Palette, night: Palette, typeface: str, corner: str, density: str) -> str:
    scheme = "dark" if is_dark(day.paper) else "light" if day == night else "light dark"
    return (
        f":root{{color-scheme:{scheme};--face:{STACKS[typeface]};--corner:{CORNERS[corner]};"
        f"--density:{DENSITIES[density]};{_properties(day)}}}"
        f"@media screen and (prefers-color-scheme:dark){{:root{{{_properties(night)}}}}}"
    )


def _properties(palette: Palette) -> str:
    return ";".join(
        f"--{field.name.replace('_', '-')}:{getattr(palette, field.name)}" for field in fields(palette)
    )


def brand_style(brand: BrandCard, *more: str) -> Style:
    """The look of a brand's pages; `more` names sheets beyond those of every page."""
    return style_for(brand.accent, brand.paper, brand.typeface, brand.corner, brand.density, more)


def house_style() -> Style:
    """The look of pages that belong to no brand."""
    return style_for(*HOUSE_LOOK)


def allow_style(response: HttpResponse, style: Style) -> None:
    """Let the content policy of this response allow this sheet, and no other inlined one."""
    response._csp_replace = {"style-src": [style.source]}  # type: ignore[attr-defined]


@lru_cache(maxsize=36)
def shared_css(typeface: str, corner: str, more: tuple[str, ...] = ()) -> str:
    """Return what looks with this typeface and these corners share; print comes last, so that it wins."""
    folder = settings.BASE_DIR / "static" / "css"
    names = (*SHEETS, f"corner-{corner}.css", f"face-{typeface}.css", *more, "print.css")
    return "".join(minify((folder / name).read_text()) for name in names)


def minify(css: str) -> str:
    """Drop comments and the white space that means nothing; strings are left alone by not touching spaces inside lines."""
    css = re.sub(r"/\*.*?\*/", "", css, flags=re.DOTALL)
    css = re.sub(r"\s+", " ", css)
    return re.sub(r" ?([{};,]) ?", r"\1", css).strip()
