"""Colours derived from any accent and any paper can be read."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from products.colours import (
    BODY,
    SHAPE,
    TEXT,
    contrast,
    derive_palette,
    is_dark,
    night_paper,
    to_hex,
    to_oklch,
)

HOUSES = [("#7a4a21", "#f7f1e6"), ("#3f6f5a", "#f4f8f3"), ("#ff6a13", "#16181a")]
colours = st.integers(0, 0xFFFFFF).map(lambda number: f"#{number:06x}")


def assert_readable(accent: str, paper: str) -> None:
    palette = derive_palette(accent, paper)
    for ground in (palette.paper, palette.card, palette.tint):
        assert contrast(palette.ink, ground) >= BODY
        for text in (palette.quiet, palette.link, palette.good, palette.ask, palette.doubt):
            assert contrast(text, ground) >= TEXT
    assert contrast(palette.on_accent, palette.accent) >= TEXT
    assert contrast(palette.accent, palette.paper) >= SHAPE


@given(accent=colours, paper=colours)
def test_any_accent_on_any_paper_can_be_read_by_day_and_by_night(accent, paper):
    assert_readable(accent, paper)
    assert_readable(accent, night_paper(paper))


@pytest.mark.parametrize(("accent", "paper"), HOUSES)
def test_a_good_look_is_left_as_the_brand_gave_it(accent, paper):
    palette = derive_palette(accent, paper)
    assert (palette.paper, palette.accent) == (paper, accent)


def test_a_dark_house_stays_dark_and_a_light_one_darkens_at_night():
    assert is_dark(night_paper("#f7f1e6"))
    assert is_dark("#16181a")
    assert is_dark(night_paper("#16181a"))


def test_contrast_is_that_of_the_standard():
    """WCAG 2.2: black on white is 21; #767676 is the lightest grey that reads on white."""
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#767676", "#ffffff") == pytest.approx(4.54, abs=0.01)


@given(colours)
def test_a_colour_survives_the_way_to_oklch_and_back(colour):
    back = to_hex(*to_oklch(colour))
    assert all(abs(int(colour[i : i + 2], 16) - int(back[i : i + 2], 16)) <= 4 for i in (1, 3, 5))
