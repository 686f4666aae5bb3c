"""Colours in which a page can't be read are refused when staff save the brand's look."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from products.colours import (
    PAPER,
    SHAPE,
    accent_shortfall,
    contrast,
    derive_palette,
    is_dark,
    paper_shortfall,
)
from products.forms import BrandForm

colours = st.integers(0, 0xFFFFFF).map(lambda number: f"#{number:06x}")


def form(brand, **changed) -> BrandForm:
    """Return the console's form for a brand, as it would be sent with these changes."""
    blank = BrandForm(instance=brand)
    data = {name: blank.get_initial_for_field(field, name) for name, field in blank.fields.items()}
    data = {name: value for name, value in data.items() if value not in (None, {}, "")}
    data |= {"main_language": "en", "other_languages": ["fr"], **changed}
    return BrandForm(data, instance=brand)


def test_a_readable_look_is_saved(acme):
    checked = form(acme, accent="#7a4a21", paper="#f7f1e6")
    assert not {"accent", "paper"} & set(checked.errors), checked.errors


def test_an_accent_that_vanishes_on_its_paper_is_refused_beside_the_field_with_a_nearer_one(acme):
    checked = form(acme, accent="#f3e9d8", paper="#f7f1e6")
    (message,) = checked.errors["accent"]
    assert "contrast of 1.1 to 1" in message
    assert "3.0 to 1" in message
    nearest = re.search(r"#[0-9a-f]{6}", message).group()
    assert not form(acme, accent=nearest, paper="#f7f1e6").errors.get("accent")


def test_a_paper_on_which_no_text_reads_is_refused_with_a_nearer_one(acme):
    checked = form(acme, accent="#000000", paper="#777777")
    (message,) = checked.errors["paper"]
    assert f"needs {PAPER:.1f} to 1" in message
    nearest = re.search(r"#[0-9a-f]{6}", message).group()
    assert not form(acme, accent="#000000", paper=nearest).errors.get("paper")


@pytest.mark.parametrize("colour", ["red", "#12", "url(x)", "#12345g"])
def test_what_is_no_colour_is_refused_as_such(acme, colour):
    checked = form(acme, accent=colour)
    assert "hexadecimal" in checked.errors["accent"][0]


@given(accent=colours, paper=colours)
def test_what_is_accepted_stays_as_it_was_chosen_and_what_is_suggested_is_accepted(accent, paper):
    if short := paper_shortfall(paper):
        paper = short.nearest
        assert paper_shortfall(paper) is None
    if short := accent_shortfall(accent, paper):
        assert short.measured < SHAPE
        accent = short.nearest
        assert accent_shortfall(accent, paper) is None
    palette = derive_palette(accent, paper)
    assert palette.paper == paper
    assert is_dark(palette.paper) == is_dark(paper)
    assert contrast(accent, paper) >= SHAPE
