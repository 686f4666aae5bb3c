"""Patterns of serial numbers that staff write: what is refused, and that none takes long."""

import time

import pytest
from django.core.exceptions import ValidationError
from django.utils import translation

from products.serial_patterns import check_serial_pattern, spelling_that_fits


@pytest.mark.parametrize("pattern", ["K7-[0-9]{6}", "(?i)d18-[0-9]+", "(A|B)[0-9]{2}[A-Z]{3}", "[0-9]{8}"])
def test_what_a_makers_serial_numbers_have_in_common_is_a_pattern(pattern):
    check_serial_pattern(pattern)


@pytest.mark.parametrize(
    ("pattern", "words"),
    [
        (".*", "nearly any text"),
        ("[0-9]+", "nearly any text"),
        ("[A-Z0-9-]{2,20}", "nearly any text"),
        (".{5,19}", "nearly any text"),
        ("K7-[0-9]{6}|.{10}", "nearly any text"),
        ("K7-[0-9", "can be checked: missing"),
        (r"(K)\1", "can be checked"),
        ("K(?=7)", "can be checked"),
        ("(x{1000}){1000}", "can be checked"),
        ("A" * 121, "at most 120 characters"),
    ],
)
def test_a_pattern_that_says_nothing_or_can_not_be_checked_is_refused(pattern, words):
    with translation.override("en"), pytest.raises(ValidationError, match=words):
        check_serial_pattern(pattern)


def test_a_serial_is_taken_as_typed_or_in_capitals_and_only_whole():
    assert spelling_that_fits("K7-[0-9]{6}", "K7-000123") == "K7-000123"
    assert spelling_that_fits("K7-[0-9]{6}", "k7-000123") == "K7-000123"
    assert spelling_that_fits("(?i)K7-[0-9]{6}", "k7-000123") == "k7-000123"
    assert spelling_that_fits("K7-[0-9]{6}", "K7-000123\n") == ""
    assert spelling_that_fits("K7-[0-9", "K7-000123") == ""


def test_no_pattern_takes_longer_than_its_text():
    """What hangs an engine that tracks back."""
    began = time.perf_counter()
    assert spelling_that_fits("(A+)+B", "A" * 5000) == ""
    assert time.perf_counter() - began < 1
