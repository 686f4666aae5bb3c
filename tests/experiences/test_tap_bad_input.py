"""What is wrong with a link is said, each thing in its own words, and nothing ends in a 500."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from analytics.kinds import Verdict
from analytics.models import Scan
from experiences.pages.refusals import build_refusal_page
from experiences.tap import Refusal
from products.models import Tag
from tests import factories

FINE = {200, 301, 302, 400, 404, 405, 429}
PICC = "EF963FF7828658A599F3041510671E88"
MAC = "94EED9EE65337086"

# What comes in, and the code, status and verdict that answer it.
LINKS = {
    "cut after the data": (f"picc_data={PICC}", "missing_parameter"),
    "without the data": (f"cmac={MAC}", "missing_parameter"),
    "no parameters": ("", "missing_parameter"),
    "other names": (f"p={PICC}&c={MAC}", "missing_parameter"),
    "twice": (f"picc_data={PICC}&picc_data={PICC}&cmac={MAC}", "repeated_parameter"),
    "two codes": (f"picc_data={PICC}&cmac={MAC}&cmac={MAC}", "repeated_parameter"),
    "oversized value": (f"picc_data={PICC}&cmac={MAC}&utm=" + "a" * 600, "oversized"),
    "oversized query": (f"picc_data={PICC}&cmac={MAC}" + "&a=b" * 600, "oversized"),
    "more parameters than a form may have": ("&" * 2046, "missing_parameter"),
    "far more parameters than that": ("&" * 4000, "oversized"),
    "not hexadecimal": (f"picc_data={'Z' * 32}&cmac={MAC}", "not_hex"),
    "percent-encoded": (f"picc_data=%45{PICC[3:]}&cmac={MAC}", "not_hex"),
    "NUL": (f"picc_data={PICC}&cmac={MAC}%00", "not_hex"),
    "too short": (f"picc_data={PICC[:-2]}&cmac={MAC}", "wrong_length"),
    "too long": (f"picc_data={PICC}00&cmac={MAC}", "wrong_length"),
    "code cut": (f"picc_data={PICC}&cmac={MAC[:-1]}", "wrong_length"),
    "empty values": ("picc_data=&cmac=", "wrong_length"),
    "another chip's data": (f"picc_data={'0' * 32}&cmac={MAC}", "bad_picc_data"),
    "plain with a wrong code": (f"uid=041E3C8A2D6B80&ctr=000006&cmac={MAC}", "mac_mismatch"),
}


@pytest.mark.django_db
@pytest.mark.parametrize("what", LINKS)
def test_a_bad_link_says_what_is_wrong_with_it(client, profile, what):
    query, code = LINKS[what]
    seen = client.get(f"/t/acme-a?{query}")
    page = seen.context["page"]
    assert (seen.status_code, page.code, page.verdict.value) == (400, code, "invalid")
    assert page.detail == build_refusal_page(Refusal(Verdict.INVALID, code), None).detail
    assert not Scan.objects.exists()


def test_each_mistake_has_its_own_sentence():
    """Two codes share one sentence on purpose: a reader can't tell a changed link from another chip's."""
    codes = [
        "missing_parameter", "repeated_parameter", "oversized", "not_hex", "wrong_length", "mac_mismatch",
        "unknown_uid", "unknown_profile", "no_such_tag", "unknown_code", "unknown_key", "bad_identifier",
    ]  # fmt: skip
    sentences = [build_refusal_page(Refusal(Verdict.UNKNOWN, code), None).detail for code in codes]
    assert len(set(sentences)) == len(codes)


def test_every_code_of_the_verifier_has_a_sentence_and_is_counted():
    from typing import get_args

    from analytics.forged import REASONS
    from products.sun import SunErrorCode

    assert set(get_args(SunErrorCode)) | {"no_such_tag"} == set(REASONS)
    for code in REASONS:
        assert build_refusal_page(Refusal(Verdict.INVALID, code), None).detail


@pytest.mark.django_db
def test_unknown_profile_tag_code_and_key_are_friendly_and_unknown(client, chip, unit):
    unbound = chip.tap()
    Tag.objects.all().delete()
    gtin = unit.trade_item.gtin
    answers = {
        "/t/nobody?" + unbound.partition("?")[2]: "unknown_profile",
        unbound: "no_such_tag",
        "/q/00000000000000000000": "unknown_code",
        "/u/00000000000000000000/": "unknown_code",
        "/u/00000000000000000000/care/": "unknown_code",
        f"/01/{gtin}/21/NOPE": "unknown_key",
        f"/01/{factories.gtin_of(999_999)}/21/{unit.serial}": "unknown_key",
    }
    for link, code in answers.items():
        seen = client.get(link)
        assert (seen.status_code, seen.context["page"].code) == (404, code), link
        assert seen.context["page"].verdict.value == "unknown"
    assert not Scan.objects.exists()


@pytest.mark.django_db
@pytest.mark.parametrize("code", ["%00", "a%00b", "%C3%A9", "%F0%9F%91%9C", "x" * 500, "..%2F..", "%20"])
def test_what_no_code_can_be_is_unknown(client, code):
    for path in (f"/q/{code}", f"/u/{code}/", f"/u/{code}/help/"):
        assert client.get(path).status_code == 404


@pytest.mark.django_db
@pytest.mark.parametrize(
    "path",
    ["1/21/X", "09520000000001/21/X", "{gtin}/21/%zz", "{gtin}/21/%C3%A9", "{gtin}/21/" + "X" * 21, "{gtin}/99/1",
     "{gtin}/21/", "{gtin}/10", "{gtin}/21/a/21/b", "{gtin}/21/%00", "x" * 4000],
)  # fmt: skip
def test_a_malformed_digital_link_is_invalid(client, unit, path):
    path = "/01/" + path.format(gtin=unit.trade_item.gtin)
    seen = client.get(path, RAW_URI=path)
    assert (seen.status_code, seen.context["page"].code) == (400, "bad_identifier")


@pytest.mark.django_db
def test_a_unit_without_a_chip_is_not_reached_by_a_chip_link(client, unit, profile):
    from products.profiles import to_sun
    from products.sun import VirtualChip

    profile.refresh_from_db()
    link = VirtualChip(bytes.fromhex("04aabbccddeeff"), to_sun(profile)).link("http://testserver/t/acme-a", 1)
    seen = client.get(link.removeprefix("http://testserver"))
    assert (seen.status_code, seen.context["page"].code) == (404, "no_such_tag")
    assert seen.context["page"].brand.name == "Acme"


@pytest.mark.django_db
@pytest.mark.parametrize(
    "host", ["care.acme.example", "[::1]:8000", "a b", "", "-", "x" * 300, "é.example", "a:b:c", "host:99999"]
)
def test_weird_hosts_never_end_in_a_500(client, chip, unit, host):
    for link in (chip.tap(), f"/q/{unit.public_code}", "/find/", "/q/x", "/"):
        assert client.get(link, headers={"host": host}).status_code in FINE


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/t/acme-a", "/q/{code}", "/q/x", "/u/{code}/", "/find/", "/nothing", "/"])
@pytest.mark.parametrize(
    "wire",
    [
        {"QUERY_STRING": "&" * 2500},
        {"QUERY_STRING": "lang=%00"},
        {"QUERY_STRING": "lang=%FF&lang=fr"},
        {"HTTP_COOKIE": "django_language=" + "x" * 3000},
        {"HTTP_COOKIE": "django_language=fr-" + "x" * 600},
        {"HTTP_COOKIE": 'visitor="\\000"; possession=a:b:c; =; ;;'},
        {"HTTP_COOKIE": "possession=.eJw:1:2; visitor=" + "0" * 32},
        {"HTTP_ACCEPT_LANGUAGE": "x" * 5000},
        {"HTTP_ACCEPT_LANGUAGE": "*;q=9,,;,fr;q=a"},
        {"HTTP_SEC_PURPOSE": "\xff"},
        {"RAW_URI": "*"},
        {"RAW_URI": "http://x"},
        {"RAW_URI": "%"},
    ],
)
def test_weird_wires_never_end_in_a_500(client, chip, unit, path, wire):
    seen = client.get(path.format(code=unit.public_code), **wire)
    assert seen.status_code in FINE


weird = st.text(max_size=60) | st.text(
    alphabet=st.sampled_from("0123456789abcdefABCDEF%&=?#/.\\\0\n:;<>'\"éß…0O1Il -_~+"), max_size=120
)
fuzz = settings(
    max_examples=120,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@pytest.mark.django_db
@fuzz
@given(query=weird)
def test_no_query_of_a_chip_link_ends_in_a_500(client, chip, query):
    query = query.encode("utf-8", "surrogatepass").decode("latin-1")
    assert client.get("/t/acme-a", QUERY_STRING=query).status_code in FINE
    head = chip.tap().partition("?")[2]
    assert client.get("/t/acme-a", QUERY_STRING=f"{head}{query}").status_code in FINE
    assert client.get("/t/acme-a", QUERY_STRING=f"picc_data={query}&cmac={query}").status_code in FINE


@pytest.mark.django_db
@fuzz
@given(text=weird)
def test_no_path_ends_in_a_500(client, unit, text):
    from urllib.parse import quote

    wire = quote(text.encode("utf-8", "surrogatepass"), safe="/%?&=:;")
    gtin = unit.trade_item.gtin
    for start in ("/q/", "/u/", "/t/", "/01/", f"/01/{gtin}/21/", f"/u/{unit.public_code}/", "/find/", "/"):
        seen = client.get(start + wire, RAW_URI=start + wire)
        assert seen.status_code in FINE, start + wire


@pytest.mark.django_db
@fuzz
@given(model=weird, serial=weird)
def test_nothing_typed_into_the_serial_form_ends_in_a_500(client, unit, model, serial):
    from django.core.cache import cache

    cache.clear()
    for brand in ("", "acme/"):
        seen = client.post(f"/find/{brand}", {"model": model, "serial": serial})
        assert seen.status_code in FINE
