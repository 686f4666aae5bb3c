"""GTINs and the link path of one unit: the relevant published cases, kind sentences, and hostile input."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from products.digital_link import (
    IdentifierError,
    UnitKey,
    check_serial,
    gtin_check_digit,
    normalise_gtin,
    parse_unit_path,
    unit_path,
)

VECTORS = json.loads((Path(__file__).parents[1] / "vectors" / "gs1_digital_link.json").read_text())
GTIN = "04006381333931"
CSET82 = "!\"%&'()*+,-./0123456789:;<=>?ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz"


def error_of(function: Callable[..., Any], *arguments: str) -> IdentifierError:
    with pytest.raises(IdentifierError) as caught:
        function(*arguments)
    assert str(caught.value) == caught.value.message
    assert caught.value.message.endswith(".")
    return caught.value


# GTIN


@pytest.mark.parametrize("case", VECTORS["gtin_cases"], ids=lambda case: case["input"] or "empty")
def test_published_gtin_cases(case: dict[str, Any]) -> None:
    if case["gtin14"]:
        assert normalise_gtin(case["input"]) == case["gtin14"]
    else:
        error_of(normalise_gtin, case["input"])


@pytest.mark.parametrize(
    ("typed", "gtin14"),
    [
        ("02345673", "00000002345673"),
        ("416000336108", "00416000336108"),
        ("4006381333931", GTIN),
        (GTIN, GTIN),
        (" 4 006381-333931 ", GTIN),
        ("4006381\u2013333931\u00a0\n", GTIN),
    ],
)
def test_gtin_of_every_length_however_typed(typed: str, gtin14: str) -> None:
    assert normalise_gtin(typed) == gtin14


@pytest.mark.parametrize(
    ("typed", "code", "sentence"),
    [
        ("", "missing_gtin", "The GTIN is empty."),
        (" - ", "missing_gtin", "The GTIN is empty."),
        ("4006381333932", "wrong_check_digit", "4006381333932 is not a GTIN: the check digit should be 1."),
        ("400638133393", "wrong_check_digit", "400638133393 is not a GTIN: the check digit should be 0."),
        (
            "40063813339",
            "wrong_length",
            "40063813339 is not a GTIN: a GTIN has 8, 12, 13 or 14 digits, this has 11.",
        ),
        ("1", "wrong_length", "1 is not a GTIN: a GTIN has 8, 12, 13 or 14 digits, this has 1."),
        ("4.00638E+12", "not_digits", "4.00638E+12 is not a GTIN: a GTIN has only digits."),
        ("٤006381333931", "not_digits", "٤006381333931 is not a GTIN: a GTIN has only digits."),
    ],
)
def test_what_is_wrong_with_a_gtin_is_said(typed: str, code: str, sentence: str) -> None:
    error = error_of(normalise_gtin, typed)
    assert (error.code, error.message) == (code, sentence)


def test_long_rubbish_is_not_repeated_in_full() -> None:
    assert len(error_of(normalise_gtin, "9" * 100_000).message) < 140
    assert "\n" not in error_of(check_serial, "a\nb").message


@pytest.mark.parametrize(("digits", "expected"), [("400638133393", 1), ("0234567", 3), ("1231231231233", 3)])
def test_check_digit(digits: str, expected: int) -> None:
    assert gtin_check_digit(digits) == expected


@given(st.sampled_from([7, 11, 12, 13]).flatmap(lambda n: st.text("0123456789", min_size=n, max_size=n)))
@settings(deadline=None)
def test_only_the_right_check_digit_makes_a_gtin(digits: str) -> None:
    right = gtin_check_digit(digits)
    assert normalise_gtin(f"{digits}{right}") == f"{digits}{right}".zfill(14)
    for wrong in set(range(10)) - {right}:
        assert error_of(normalise_gtin, f"{digits}{wrong}").code == "wrong_check_digit"


# The path of a unit


@pytest.mark.parametrize(
    ("raw_path", "serial"),
    [
        (f"/01/{GTIN}/21/abc123", "abc123"),
        (f"/01/{GTIN}/21/abc123/", "abc123"),
        (f"/01/{GTIN}/22/2A/21/abc123", "abc123"),
        (f"/01/{GTIN}/10/L1/21/abc123", "abc123"),
        (f"/01/{GTIN}/22/2A/10/L1/21/abc123/", "abc123"),
        (f"/01/{GTIN}/21/A%2FB%2f1", "A/B/1"),
        (f"/01/{GTIN}/21/100%25", "100%"),
        (f"/01/{GTIN}/21/a+b", "a+b"),
        (f"/01/{GTIN}/21/%61%62", "ab"),
        (f"/01/{GTIN}/21/%2561", "%61"),
        (f"/01/{GTIN}/21/{'x' * 20}", "x" * 20),
        (f"/01/{GTIN.lstrip('0')}/21/abc123", "abc123"),
    ],
)
def test_unit_path_is_read(raw_path: str, serial: str) -> None:
    assert parse_unit_path(raw_path) == UnitKey(GTIN, serial)


@pytest.mark.parametrize(
    ("raw_path", "code"),
    [
        ("", "not_a_link"),
        ("/", "not_a_link"),
        ("/01", "not_a_link"),
        (f"/01/{GTIN}", "not_a_unit_path"),
        (f"/01/{GTIN}/21", "not_a_link"),
        (f"/01/{GTIN}/21/", "not_a_link"),
        (f"/01/{GTIN}/21//", "bad_value"),
        (f"/01/{GTIN}/21/a//", "not_a_link"),
        (f"/01/{GTIN}/10/L1", "not_a_unit_path"),
        (f"/01/{GTIN}/10/L1/22/2A/21/a", "not_a_link"),
        (f"/01/{GTIN}/21/a/10/L1", "not_a_link"),
        (f"/01/{GTIN}/21/a/21/b", "not_a_link"),
        (f"/01/{GTIN}/235/T/21/a", "not_a_link"),
        (f"01/{GTIN}/21/a", "not_a_link"),
        (f"example.com/01/{GTIN}/21/a", "not_a_link"),
        (f"/shop/01/{GTIN}/21/a", "not_a_link"),
        (f"/gtin/{GTIN}/ser/a", "not_a_link"),
        (f"/01/{GTIN}/21/a%", "not_a_link"),
        (f"/01/{GTIN}/21/a%ZZ", "not_a_link"),
        (f"/01/{GTIN}/21/{'a' * 600}", "not_a_link"),
        ("/01//21/a", "missing_gtin"),
        ("/01/04006381333932/21/a", "wrong_check_digit"),
        ("/01/1/21/a", "wrong_length"),
        ("/01/1231231231233%003/21/a", "not_digits"),
        ("/01/4-006381-333931/21/a", "not_digits"),
        (f"/01/{GTIN}/21/{'a' * 21}", "bad_value"),
        (f"/01/{GTIN}/21/a%20b", "bad_value"),
        (f"/01/{GTIN}/21/a%00", "bad_value"),
        (f"/01/{GTIN}/21/a%0A", "bad_value"),
        (f"/01/{GTIN}/21/%C3%A9", "bad_value"),
        (f"/01/{GTIN}/21/%FF", "bad_value"),
        (f"/01/{GTIN}/21/a%5Eb", "bad_value"),
        (f"/01/{GTIN}/21/..", "bad_value"),
        (f"/01/{GTIN}/10/{'b' * 21}/21/a", "bad_value"),
        (f"/01/{GTIN}/22/%20/21/a", "bad_value"),
    ],
)
def test_path_that_names_no_unit_is_refused_with_its_reason(raw_path: str, code: str) -> None:
    assert error_of(parse_unit_path, raw_path).code == code


def test_what_is_wrong_with_a_serial_is_said() -> None:
    assert error_of(check_serial, "").message == "The serial is empty."
    assert error_of(check_serial, "A" * 21).message == f"The serial {'A' * 21} is longer than 20 characters."
    assert error_of(check_serial, "A 1").message.startswith("The serial A 1 has characters that GS1 does not")


PATHS = [
    (case, urlsplit(case["uri"]).path)
    for case in VECTORS["uri_cases"]
    if urlsplit(case["uri"]).path.startswith("/01/")
]


@pytest.mark.parametrize(("case", "path"), PATHS, ids=[case["uri"] for case, _ in PATHS])
def test_published_links_that_name_a_product_are_not_units(case: dict[str, Any], path: str) -> None:
    """None of these carries a serial; with one added, the well-formed GTINs and batches name a unit."""
    error_of(parse_unit_path, path)
    if case["valid"] and "/235/" not in path:
        gtin = normalise_gtin(path.split("/")[2])
        assert parse_unit_path(f"{path}/21/a").gtin14 == gtin
        assert gtin in (case["element_string"] or "")


@pytest.mark.parametrize("sequence", VECTORS["valid_path_ai_sequences"], ids="/".join)
def test_only_sequences_with_gtin_and_serial_name_a_unit(sequence: list[str]) -> None:
    values = {"01": GTIN, "21": "a"}
    path = "".join(f"/{ai}/{values.get(ai, 'b')}" for ai in sequence)
    if sequence[0] == "01" and sequence[-1] == "21":
        assert parse_unit_path(path) == UnitKey(GTIN, "a")
    else:
        error_of(parse_unit_path, path)


@pytest.mark.parametrize("case", VECTORS["generate_cases"], ids=lambda case: case["ai_data"])
def test_published_generated_links_of_units_are_read(case: dict[str, Any]) -> None:
    path = urlsplit(case["uri"] or "").path
    if "(21)" in case["ai_data"]:
        serial = case["ai_data"].split("(21)")[1].split("(")[0]
        assert parse_unit_path(path) == UnitKey("12312312312326", serial)
    else:
        error_of(parse_unit_path, path)


# The canonical path


@pytest.mark.parametrize(
    ("gtin", "serial", "expected"),
    [
        ("4006381333931", "abc123", f"/01/{GTIN}/21/abc123"),
        ("4 006381 333931", "A/B", f"/01/{GTIN}/21/A%2FB"),
        (GTIN, "100%+?", f"/01/{GTIN}/21/100%25%2B%3F"),
        ("12312312312326", "0123456789-._", "/01/12312312312326/21/0123456789-._"),
    ],
)
def test_canonical_path(gtin: str, serial: str, expected: str) -> None:
    assert unit_path(gtin, serial) == expected


@pytest.mark.parametrize("case", VECTORS["escape_cases"], ids=lambda case: case["raw"])
def test_escapes_are_the_published_ones_for_characters_that_a_serial_has(case: dict[str, str]) -> None:
    raw = case["raw"][:20]
    if set(raw) <= set(CSET82):
        assert unit_path(GTIN, raw) == f"/01/{GTIN}/21/{case['path'][:20]}"
    else:
        error_of(unit_path, GTIN, raw)


@pytest.mark.parametrize(
    ("gtin", "serial", "code"),
    [("4006381333932", "a", "wrong_check_digit"), (GTIN, "", "bad_value"), (GTIN, "a b", "bad_value")],
)
def test_wrong_identifiers_make_no_path(gtin: str, serial: str, code: str) -> None:
    assert error_of(unit_path, gtin, serial).code == code


serials = st.text(CSET82, min_size=1, max_size=20).filter(lambda serial: serial not in (".", ".."))


@settings(deadline=None)
@given(serial=serials)
def test_every_serial_of_the_character_set_survives_its_link(serial: str) -> None:
    path = unit_path(GTIN, serial)
    assert parse_unit_path(path) == UnitKey(GTIN, serial)
    assert path.count("/") == 4
    assert urlsplit(f"https://example.com{path}").path == path


# Attacks: only a result or an IdentifierError ever comes out

segments = st.sampled_from(["01", "21", "10", "22", GTIN, "", "%2F", "%", "a", "é"]) | st.text(max_size=25)
paths = st.text() | st.lists(segments, max_size=9).map(lambda parts: "/" + "/".join(parts))


@settings(deadline=None)
@given(
    raw_path=paths | st.text(max_size=30).map(lambda text: f"/01/{GTIN}/21/{quote(text, errors='replace')}")
)
def test_whatever_the_path_only_a_unit_or_an_identifier_error_comes_out(raw_path: str) -> None:
    try:
        key = parse_unit_path(raw_path)
    except IdentifierError:
        return
    assert parse_unit_path(unit_path(key.gtin14, key.serial)) == key
    assert len(key.gtin14) == 14
    assert set(key.serial) <= set(CSET82)


@settings(deadline=None)
@given(text=st.text() | st.text("0123456789 -", max_size=20))
def test_whatever_the_text_only_a_gtin_or_an_identifier_error_comes_out(text: str) -> None:
    try:
        gtin14 = normalise_gtin(text)
    except IdentifierError:
        return
    assert normalise_gtin(gtin14) == gtin14
