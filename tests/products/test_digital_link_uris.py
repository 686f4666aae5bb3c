"""GS1 Digital Link URIs of every key: the whole published file, check digits, canonical form, and worse."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from products.digital_link import (
    PRIMARY_KEYS,
    DigitalLink,
    IdentifierError,
    check_key,
    parse_attributes,
    parse_path,
    parse_uri,
)
from products.digital_link.keys import check_characters

VECTORS = json.loads((Path(__file__).parents[1] / "vectors" / "gs1_digital_link.json").read_text())
GTIN = "04006381333931"
# A right value of each key, made of the ranges that GS1 keeps for examples.
RIGHT = {
    "00": "952012345678912345", "01": GTIN, "253": "9526064000028000001", "255": "9520123456788123",
    "401": "9520123ABC", "402": "95201234567891235", "414": "9520123456788", "417": "9520123456788",
    "8003": "09520123456788ABC", "8004": "9520614141234567", "8006": "095201234567880102",
    "8010": "9520123PART-1", "8013": "1987654Ad4X4bL5ttr2310c2K", "8017": "952012345678912345",
    "8018": "952012345678912345",
}  # fmt: skip
QUALIFIER = {
    "21": "S1", "10": "L1", "22": "V1", "235": "T", "254": "E1", "7040": "1ABC", "8011": "12", "8019": "7",
}  # fmt: skip


def refused(uri: str) -> IdentifierError:
    with pytest.raises(IdentifierError) as caught:
        parse_uri(uri)
    assert caught.value.message.endswith(".")
    return caught.value


@pytest.mark.parametrize(
    "case", VECTORS["uri_cases"], ids=[case["uri"] or "empty" for case in VECTORS["uri_cases"]]
)
def test_every_published_uri(case: dict[str, Any]) -> None:
    """Zero-suppressed GTINs are always permitted here, convenience alphas never: both are options of the file."""
    allowed = case["options"] or {}
    if allowed.get("permit_convenience_alphas"):
        refused(case["uri"])
    elif case["valid"] or "416000336108" in case["uri"] or "02345673" in case["uri"]:
        link = parse_uri(case["uri"])
        pairs = [(link.key, link.value), *link.qualifiers, *link.attributes]
        if case["valid"]:
            assert "".join(ai + value for ai, value in pairs) == case["element_string"].replace("^", "")
    else:
        refused(case["uri"])


@pytest.mark.parametrize("case", VECTORS["generate_cases"], ids=lambda case: case["ai_data"])
def test_every_published_generated_uri_is_read_and_written_again(case: dict[str, Any]) -> None:
    if case["ok"]:
        link = parse_uri(case["uri"])
        stem = (case["stem"] or "https://id.gs1.org").rstrip("/")
        query = "&".join(f"{ai}={quote(value, safe='')}" for ai, value in link.attributes)
        assert stem + link.path + (f"?{query}" if query else "") == case["uri"]
    elif "8200" in case["ai_data"]:
        assert refused(f"https://a/01/{GTIN}?8200=http%3A%2F%2Fexample.com").code == "bad_attribute"
    else:
        assert refused(f"https://a/01/{GTIN}?89=XXX").code == "bad_attribute"


@pytest.mark.parametrize("sequence", VECTORS["valid_path_ai_sequences"], ids="/".join)
def test_every_published_sequence_and_no_other(sequence: list[str]) -> None:
    path = "".join(f"/{ai}/{quote((RIGHT | QUALIFIER)[ai], safe='')}" for ai in sequence)
    link = parse_path(path)
    assert [link.key, *(ai for ai, _value in link.qualifiers)] == sequence
    assert link.path == path
    if len(sequence) > 2:
        head, first, second, *rest = sequence
        turned = [head, second, first, *rest]
        with pytest.raises(IdentifierError):
            parse_path("".join(f"/{ai}/{(RIGHT | QUALIFIER)[ai]}" for ai in turned))


def test_every_key_of_the_standard_is_read() -> None:
    assert set(RIGHT) == set(PRIMARY_KEYS)
    for ai, value in RIGHT.items():
        assert parse_path(f"/{ai}/{quote(value, safe='')}/") == DigitalLink(ai, value)


@pytest.mark.parametrize("ai", ["00", "253", "255", "402", "414", "417", "8003", "8006", "8017", "8018"])
def test_a_wrong_check_digit_is_refused_and_the_right_one_named(ai: str) -> None:
    at = {"00": 17, "253": 12, "255": 12, "402": 16, "414": 12, "417": 12, "8003": 13, "8006": 13}.get(ai, 17)
    right = RIGHT[ai]
    for digit in set("0123456789") - {right[at]}:
        error = refused(f"https://a/{ai}/{right[:at]}{digit}{right[at + 1 :]}")
        assert error.code == "wrong_check_digit"
        assert f"should be {right[at]}" in error.message


def test_the_check_characters_of_a_model_number_are_those_of_the_standards_example() -> None:
    assert check_characters("1987654Ad4X4bL5ttr2310c") == "2K"
    assert refused("https://a/8013/1987654Ad4X4bL5ttr2310c2J").code == "wrong_check_digit"


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("/8006/095201234567880302", "bad_value"),  # piece 3 of 2
        ("/8006/095201234567880001", "bad_value"),
        ("/8004/ABCD12", "bad_value"),
        ("/8010/abcd12345", "bad_value"),
        ("/401/x", "bad_value"),
        ("/8003/19520123456788ABC", "bad_value"),
        ("/414/9520123456788/254/" + "x" * 21, "bad_value"),
        ("/414/9520123456788/254/a/7040/1ABC", "not_a_link"),
        ("/414/9520123456788/21/a", "not_a_link"),
        ("/00/952012345678912345/21/a", "not_a_link"),
        ("/410/9520123456788", "not_a_link"),
        ("/21/abc", "not_a_link"),
        ("/99/abc", "not_a_link"),
        (f"/01/{GTIN}/01/{GTIN}", "not_a_link"),
        (f"/01/{GTIN}/8006/095201234567880102", "not_a_link"),
        (f"/01/{GTIN}/foo", "not_a_link"),
        (f"//01/{GTIN}", "not_a_link"),
        ("/414/٩٥٢٠١٢٣٤٥٦٧٨٨", "bad_value"),
        ("/414/%D9%A9520123456788", "bad_value"),
        (f"/01/{GTIN}/10/%2500", None),  # decoded once: a lot that is called %00
        (f"/01/{GTIN}/10/%00", "bad_value"),
        (f"/01/{GTIN}/10/%C0%AF", "bad_value"),
        (f"/%30%31/{GTIN}", "not_a_link"),
    ],
)
def test_worse_than_published(path: str, code: str | None) -> None:
    if code is None:
        assert parse_path(path).qualifier("10") == "%00"
        return
    with pytest.raises(IdentifierError) as caught:
        parse_path(path)
    assert caught.value.code == code


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("21=abc", "belongs into the path"),
        ("10=abc", "belongs into the path"),
        (f"01={GTIN}", "twice"),
        ("99=a&99=a", "twice"),
        ("89=a", "not something"),
        ("8200=http://example.com", "not something"),
        ("17=abc", "not a value of (17)"),
        ("99=", "is empty"),
        ("99=a%", "without two hexadecimal digits"),
        ("99=a+b", "not a value of (99)"),
        ("x=" + "y" * 5000, "longer than"),
    ],
)
def test_what_a_query_can_not_say_of_a_thing(query: str, said: str) -> None:
    with pytest.raises(IdentifierError) as caught:
        parse_attributes(parse_path(f"/01/{GTIN}"), query)
    assert said in caught.value.message


def test_parameters_that_are_not_gs1s_are_left_alone() -> None:
    link = parse_attributes(
        parse_path(f"/01/{GTIN}"), "linkType=gs1:pip&utm=1&1=a&12345=b&&=&17=261231&singleton"
    )
    assert link.attributes == (("17", "261231"),)


def test_a_link_knows_what_is_less_particular_than_itself() -> None:
    link = parse_path(f"/01/{GTIN}/22/V1/10/L1/21/S%2F1")
    assert link.path == f"/01/{GTIN}/22/V1/10/L1/21/S%2F1"
    assert link.up_to("10").path == f"/01/{GTIN}/22/V1/10/L1"
    assert link.root.path == f"/01/{GTIN}"
    assert link.unit is not None
    assert (link.unit.serial, link.root.unit) == ("S/1", None)
    assert parse_path("/8006/095201234567880102/21/S1").unit is None


@settings(deadline=None)
@given(st.text(max_size=60), st.sampled_from(sorted(PRIMARY_KEYS)))
def test_whatever_the_value_it_survives_its_own_link_or_is_refused(text: str, ai: str) -> None:
    try:
        value = check_key(ai, text)
    except IdentifierError:
        return
    assert parse_path(DigitalLink(ai, value).path) == DigitalLink(ai, value)


@settings(deadline=None)
@given(st.text(max_size=200), st.text(max_size=80))
def test_whatever_the_wire_only_a_link_or_an_identifier_error_comes_out(path: str, query: str) -> None:
    for uri in (
        path,
        f"https://a/{path}",
        f"https://a/01/{GTIN}/{path}?{query}",
        f"https://a/01/{GTIN}?99={query}",
    ):
        try:
            parse_uri(uri)
        except IdentifierError as error:
            said = error.message
        else:
            said = ""
        assert len(said) < 200
