"""Deriving a page's colours from a brand's accent and paper, so that every text on it can be read.

Contrast after WCAG 2.2 (relative luminance, contrast ratio); lightness, chroma and hue after OKLCH
(B. Ottosson, "A perceptual color space for image processing", 2020). Colours are `#rrggbb`.
"""

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass

BODY = 7.0  # contrast of running text (WCAG 1.4.6, enhanced)
TEXT = 4.5  # of links, labels and button texts (WCAG 1.4.3)
SHAPE = 3.0  # of what is seen and not read: a button's edge (WCAG 1.4.11)
PAPER = BODY + 2.5  # of black or white on the paper: its cards and tints then still carry running text
STEP = 0.01  # of OKLCH lightness, which runs from 0 to 1


@dataclass(frozen=True, slots=True)
class Palette:
    """The colours of one scheme of one look."""

    paper: str
    card: str  # a surface on the paper
    tint: str  # the paper with some accent
    table: str  # what the sheet lies on, on a wide screen
    ink: str
    quiet: str
    accent: str
    on_accent: str
    link: str
    good: str
    ask: str
    doubt: str


def derive_palette(accent: str, paper: str) -> Palette:
    """Return the palette for a paper; it is dark or light as the paper is."""
    dark = is_dark(paper)
    paper = _settle(paper, PAPER, dark=dark)
    light, chroma, hue = to_oklch(paper)
    card = to_hex(_card_light(light, dark), chroma, hue)
    tint = mix(paper, readable(accent, (paper,), BODY), 0.2) if dark else mix(paper, accent, 0.1)
    card, tint = _settle(card, BODY + 0.5, dark=dark), _settle(tint, BODY + 0.5, dark=dark)
    grounds = (paper, card, tint)
    ink_light, quiet_light = (0.95, 0.76) if dark else (0.22, 0.46)
    state_light = 0.78 if dark else 0.48
    button = readable(accent, (paper, card), SHAPE)
    return Palette(
        paper=paper,
        card=card,
        tint=tint,
        table=to_hex(light - (0.06 if dark else 0.055), chroma * 1.2, hue),
        ink=readable(to_hex(ink_light, min(0.03, chroma + 0.008), hue), grounds, BODY),
        quiet=readable(to_hex(quiet_light, min(0.03, chroma + 0.012), hue), grounds, TEXT + 0.3),
        accent=button,
        on_accent=text_on(button),
        link=readable(accent, grounds, TEXT),
        good=readable(to_hex(state_light, 0.11, 155), grounds, TEXT),
        ask=readable(to_hex(state_light, 0.11, 70), grounds, TEXT),
        doubt=readable(to_hex(state_light, 0.17, 28), grounds, TEXT),
    )


@dataclass(frozen=True, slots=True)
class Shortfall:
    """A colour that can't be read as it is: its contrast, the one it needs, and the nearest shade that has it."""

    measured: float
    needed: float
    nearest: str


def paper_shortfall(paper: str) -> Shortfall | None:
    """Return why text is unreadable on this paper (mid-greys, deep blues); None where it is not."""
    dark = is_dark(paper)
    measured = contrast(paper, "#ffffff" if dark else "#000000")
    if measured >= PAPER:
        return None
    return Shortfall(measured, PAPER, _settle(paper, PAPER, dark=dark))


def accent_shortfall(accent: str, paper: str) -> Shortfall | None:
    """Return why a button in this accent is not seen on the paper and on the cards that lie on it; None where it is."""
    light, chroma, hue = to_oklch(paper)
    grounds = (paper, to_hex(_card_light(light, is_dark(paper)), chroma, hue))
    measured = min(contrast(accent, ground) for ground in grounds)
    if measured >= SHAPE:
        return None
    return Shortfall(measured, SHAPE, readable(accent, grounds, SHAPE))


def _card_light(light: float, dark: bool) -> float:
    """Return a surface's lightness: it stands out from its paper, downwards where that is white already."""
    if dark:
        return light + 0.045
    return light + 0.6 * (1 - light) if light < 0.985 else light - 0.025


def night_paper(paper: str) -> str:
    """Return the paper of the dark scheme: the same hue at night; a dark paper only grows deeper."""
    light, chroma, hue = to_oklch(paper)
    if is_dark(paper):
        return to_hex(max(0.12, light - 0.05), chroma, hue)
    return to_hex(0.2, min(0.018, chroma * 1.1 + 0.004), hue)


def _settle(ground: str, ratio: float, *, dark: bool) -> str:
    """Move a ground on which nothing reads well (mid-grey, deep blue) as far as running text needs it."""
    light, chroma, hue = to_oklch(ground)
    extreme = "#ffffff" if dark else "#000000"
    while contrast(ground, extreme) < ratio and 0 <= light <= 1:
        light += -STEP if dark else STEP
        ground = to_hex(light, chroma, hue)
    return ground


def is_colour(text: str) -> bool:
    """Return whether it is written as `#rrggbb`."""
    return re.fullmatch(r"#[0-9a-fA-F]{6}", text) is not None


def is_dark(colour: str) -> bool:
    """Return whether white reads better on it than black."""
    return contrast(colour, "#ffffff") > contrast(colour, "#000000")


def text_on(colour: str) -> str:
    """Return white where it reads on the colour, else near-black, else black: one always does."""
    for text in ("#ffffff", "#111111"):
        if contrast(text, colour) >= TEXT:
            return text
    return "#000000"


def readable(colour: str, grounds: Sequence[str], ratio: float) -> str:
    """Return the colour, made darker or lighter until it has the contrast on every ground."""
    light, chroma, hue = to_oklch(colour)
    step = STEP if is_dark(grounds[0]) else -STEP
    while min(contrast(colour, ground) for ground in grounds) < ratio and 0 <= light <= 1:
        light += step
        colour = to_hex(light, chroma, hue)
    return colour


def contrast(one: str, other: str) -> float:
    """Return the contrast ratio of WCAG 2.2, from 1 to 21."""
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def luminance(colour: str) -> float:
    """Return the relative luminance of WCAG 2.2, from 0 to 1."""
    red, green, blue = _linear(colour)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def mix(one: str, other: str, share: float) -> str:
    """Return `one` with that share (0 to 1) of `other`, mixed in OKLAB."""
    blend = [a + (b - a) * share for a, b in zip(_to_oklab(one), _to_oklab(other), strict=True)]
    return _from_oklab(*blend)


def to_oklch(colour: str) -> tuple[float, float, float]:
    """Return lightness (0 to 1), chroma and hue (degrees)."""
    light, a, b = _to_oklab(colour)
    return light, math.hypot(a, b), math.degrees(math.atan2(b, a)) % 360


def to_hex(light: float, chroma: float, hue: float) -> str:
    """Return the colour; one that a screen can't show loses chroma, not lightness."""
    light = min(1.0, max(0.0, light))
    angle = math.radians(hue)
    while chroma > 0.001 and not _shown(light, chroma * math.cos(angle), chroma * math.sin(angle)):
        chroma -= 0.004
    chroma = max(0.0, chroma)
    return _from_oklab(light, chroma * math.cos(angle), chroma * math.sin(angle))


def _linear(colour: str) -> list[float]:
    channels = (int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5))
    return [value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4 for value in channels]


def _to_oklab(colour: str) -> tuple[float, float, float]:
    r, g, b = _linear(colour)
    long = (0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b) ** (1 / 3)
    middle = (0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b) ** (1 / 3)
    short = (0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b) ** (1 / 3)
    return (
        0.2104542553 * long + 0.7936177850 * middle - 0.0040720468 * short,
        1.9779984951 * long - 2.4285922050 * middle + 0.4505937099 * short,
        0.0259040371 * long + 0.7827717662 * middle - 0.8086757660 * short,
    )


def _linear_from_oklab(light: float, a: float, b: float) -> tuple[float, float, float]:
    long = (light + 0.3963377774 * a + 0.2158037573 * b) ** 3
    middle = (light - 0.1055613458 * a - 0.0638541728 * b) ** 3
    short = (light - 0.0894841775 * a - 1.2914855480 * b) ** 3
    return (
        4.0767416621 * long - 3.3077115913 * middle + 0.2309699292 * short,
        -1.2684380046 * long + 2.6097574011 * middle - 0.3413193965 * short,
        -0.0041960863 * long - 0.7034186147 * middle + 1.7076147010 * short,
    )


def _shown(light: float, a: float, b: float) -> bool:
    return all(-0.0005 <= value <= 1.0005 for value in _linear_from_oklab(light, a, b))


def _from_oklab(light: float, a: float, b: float) -> str:
    return "#" + "".join(f"{_encode(value):02x}" for value in _linear_from_oklab(light, a, b))


def _encode(value: float) -> int:
    value = min(1.0, max(0.0, value))
    return round(255 * (12.92 * value if value <= 0.0031308 else 1.055 * value ** (1 / 2.4) - 0.055))
