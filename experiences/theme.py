"""The style of consumer pages: one inlined sheet per brand, allowed by its hash.

Inlined because the first screen then needs one round trip; the content policy names the hash of
exactly this text, so no other style can run.
"""

import base64
import hashlib
import re
from dataclasses import dataclass
from functools import lru_cache

from django.conf import settings
from django.http import HttpResponse
from django.utils.safestring import SafeString, mark_safe

from experiences.cards import BrandCard

SHEETS = ("tokens.css", "base.css", "components.css", "print.css")

STACKS = {
    "serif": "'Iowan Old Style','Palatino Linotype',Palatino,'Book Antiqua',Georgia,serif",
    "humanist": "Seravek,'Gill Sans Nova',Ubuntu,Calibri,'DejaVu Sans',source-sans-pro,sans-serif",
    "grotesk": "'Helvetica Neue',Helvetica,'Arial Nova','Liberation Sans',Arial,sans-serif",
}
CORNERS = {"square": "0px", "soft": "6px", "round": "18px"}
DENSITIES = {"tight": "0.85", "calm": "1", "airy": "1.2"}


@dataclass(frozen=True, slots=True)
class Style:
    """CSS to stand between <style> tags, and its CSP source."""

    css: SafeString
    source: str


@lru_cache(maxsize=512)
def style_for(accent: str, paper: str, typeface: str, corner: str, density: str) -> Style:
    """Return the sheet for a look; all five values are checked against a list or pattern when they are saved."""
    root = (
        f":root{{--accent:{accent};--paper:{paper};--face:{STACKS[typeface]};"
        f"--corner:{CORNERS[corner]};--density:{DENSITIES[density]}}}"
    )
    css = root + _shared_css()
    digest = base64.b64encode(hashlib.sha256(css.encode()).digest()).decode()
    return Style(mark_safe(css), f"'sha256-{digest}'")  # noqa: S308 - our sheets and checked tokens


def brand_style(brand: BrandCard) -> Style:
    return style_for(brand.accent, brand.paper, brand.typeface, brand.corner, brand.density)


def house_style() -> Style:
    """The look of pages that belong to no brand."""
    return style_for("#3d4f5c", "#f6f6f4", "humanist", "soft", "calm")


def allow_style(response: HttpResponse, style: Style) -> None:
    """Let the content policy of this response allow this sheet, and no other inlined one."""
    response._csp_replace = {"style-src": [style.source]}  # type: ignore[attr-defined]


@lru_cache(maxsize=1)
def _shared_css() -> str:
    folder = settings.BASE_DIR / "static" / "css"
    return "".join(minify((folder / name).read_text()) for name in SHEETS if (folder / name).exists())


def minify(css: str) -> str:
    """Drop comments and the white space that means nothing; strings are left alone by not touching spaces inside lines."""
    css = re.sub(r"/\*.*?\*/", "", css, flags=re.DOTALL)
    css = re.sub(r"\s+", " ", css)
    return re.sub(r" ?([{};,]) ?", r"\1", css).strip()
