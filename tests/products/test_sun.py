"""NTAG 424 DNA SUN messages: published vectors, malformed links, and a virtual chip that agrees with them."""

from __future__ import annotations

import json
import random
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from hypothesis import given, settings
from hypothesis import strategies as st

from products.sun import (
    MacFrom,
    ParameterNames,
    PiccData,
    SunError,
    SunMessage,
    SunProfile,
    VirtualChip,
    decrypt_picc_data,
    mac_input,
    parse_query,
    verify,
)
from products.sun.aes import Session, decrypt_file_data, sdm_mac
from products.sun.messages import mirrored


def session_keys(key: bytes, uid: bytes | None, read_ctr: int | None) -> tuple[bytes, bytes]:
    session = Session(key, mirrored(uid, read_ctr))
    return session.enc_key(), session.mac_key()


VECTORS = json.loads((Path(__file__).parents[1] / "vectors" / "sun.json").read_text())
AES_VECTORS = [vector for vector in VECTORS["sdm"] if vector["mode"] == "AES"]
LRP_VECTORS = [vector for vector in VECTORS["sdm"] if vector["mode"] == "LRP"]
BASE = "example.com/t/acme-a"
ZERO_KEY = bytes(16)
NAMES = ParameterNames()
UID = bytes.fromhex("04de5f1eacc040")

each_aes_vector = pytest.mark.parametrize("vector", AES_VECTORS, ids=lambda vector: vector["id"])


def profile_of(vector: dict[str, Any]) -> SunProfile:
    return SunProfile(
        meta_read_key=bytes.fromhex(vector["sdm_meta_read_key"]) if "picc_data" in vector["params"] else None,
        file_read_key=bytes.fromhex(vector["sdm_file_read_key"]),
        mac_from=MacFrom.ENC if vector["mac_input_ascii"] else MacFrom.CMAC,
        mode=vector["mode"].lower(),
    )


def link_of(params: dict[str, str], base: str = BASE) -> str:
    return base + "?" + "&".join(f"{name}={value}" for name, value in params.items())


def code_of(raw_url: str, profile: SunProfile) -> str:
    with pytest.raises(SunError) as caught:
        verify(raw_url, profile)
    assert str(caught.value) == caught.value.message
    assert caught.value.message.endswith(".")
    return caught.value.code


def a_vector(vector_id: str) -> dict[str, Any]:
    return next(vector for vector in VECTORS["sdm"] if vector["id"] == vector_id)


PLAIN = a_vector("aes_plain_uid_ctr")
PICC = a_vector("aes_picc_sun1")
ENC = a_vector("aes_enc_sun2")
SHAPES = pytest.mark.parametrize("vector", [PLAIN, PICC, ENC], ids=["plain", "picc_data", "enc"])


# What NXP and others published


@each_aes_vector
def test_every_published_aes_link_verifies(vector: dict[str, Any]) -> None:
    message = verify(link_of(vector["params"]), profile_of(vector))

    expect = vector["expect"]
    assert message.encrypted_picc is ("picc_data" in vector["params"])
    assert (message.file_data is not None) is ("enc" in vector["params"])
    if "uid" in expect:
        assert message.uid == bytes.fromhex(expect["uid"])
        assert message.read_ctr == expect["read_ctr"]
    if "file_data" in expect:
        assert message.file_data == bytes.fromhex(expect["file_data"])


@each_aes_vector
def test_mac_input_is_the_published_one(vector: dict[str, Any]) -> None:
    assert mac_input(link_of(vector["params"]), profile_of(vector)) == vector["mac_input_ascii"].encode()


@each_aes_vector
def test_intermediate_values_are_the_published_ones(vector: dict[str, Any]) -> None:
    expect, params = vector["expect"], vector["params"]
    file_read_key = bytes.fromhex(vector["sdm_file_read_key"])
    if "picc_data" in params:
        picc = decrypt_picc_data(
            bytes.fromhex(vector["sdm_meta_read_key"]), bytes.fromhex(params["picc_data"])
        )
    else:
        picc = PiccData(bytes.fromhex(params["uid"]), int(params["ctr"], 16))
    assert picc.uid is not None
    assert picc.read_ctr is not None
    k_ses_enc, k_ses_mac = session_keys(file_read_key, picc.uid, picc.read_ctr)

    assert k_ses_enc.hex() == expect.get("k_ses_enc", k_ses_enc.hex())
    assert k_ses_mac.hex() == expect.get("k_ses_mac", k_ses_mac.hex())
    assert sdm_mac(k_ses_mac, vector["mac_input_ascii"].encode()).hex().upper() == params["cmac"]
    if "file_data" in expect:
        plain = decrypt_file_data(k_ses_enc, picc.read_ctr, bytes.fromhex(params["enc"]))
        assert plain.hex() == expect["file_data"]


@pytest.mark.parametrize("vector", VECTORS["session_keys"], ids=lambda vector: vector["source"])
def test_session_keys_are_the_published_ones(vector: dict[str, str]) -> None:
    read_ctr = int.from_bytes(bytes.fromhex(vector["ctr_lsb"]), "little")
    keys = session_keys(bytes.fromhex(vector["key"]), bytes.fromhex(vector["uid"]), read_ctr)
    assert [key.hex() for key in keys] == [vector["k_ses_enc"], vector["k_ses_mac"]]


@pytest.mark.parametrize("vector", VECTORS["negative"], ids=lambda vector: vector["id"])
def test_published_forgery_is_refused(vector: dict[str, Any]) -> None:
    assert code_of(link_of(vector["params"]), profile_of(vector)) == "mac_mismatch"


def test_mac_is_eight_odd_bytes_of_the_cmac() -> None:
    full_mac = bytes.fromhex(ENC["expect"]["full_mac"])
    mac = sdm_mac(bytes.fromhex(ENC["expect"]["k_ses_mac"]), ENC["mac_input_ascii"].encode())
    assert mac == bytes(full_mac[at] for at in (1, 3, 5, 7, 9, 11, 13, 15))


@each_aes_vector
def test_any_single_flipped_hex_digit_is_refused(vector: dict[str, Any]) -> None:
    profile = profile_of(vector)
    for name, value in vector["params"].items():
        for at, digit in enumerate(value):
            for bit in (1, 2, 4, 8):
                flipped = f"{value[:at]}{int(digit, 16) ^ bit:X}{value[at + 1 :]}"
                link = link_of(vector["params"] | {name: flipped})
                assert code_of(link, profile) in ("mac_mismatch", "bad_picc_data"), link


def test_other_keys_do_not_verify() -> None:
    link = link_of(ENC["params"])
    assert code_of(link, replace(profile_of(ENC), file_read_key=b"\x01" * 16)) == "mac_mismatch"
    assert code_of(link, replace(profile_of(ENC), meta_read_key=b"\x01" * 16)) == "bad_picc_data"


def test_lower_case_hex_verifies_where_the_mac_does_not_cover_it() -> None:
    params = {name: value.lower() for name, value in PICC["params"].items()}
    assert verify(link_of(params), profile_of(PICC)).read_ctr == 61


def test_case_of_the_wire_counts_inside_the_mac_range() -> None:
    params = ENC["params"] | {"enc": ENC["params"]["enc"].lower()}
    assert code_of(link_of(params), profile_of(ENC)) == "mac_mismatch"


# Malformed links, each with its own code


def without(params: dict[str, str], name: str) -> dict[str, str]:
    return {key: value for key, value in params.items() if key != name}


@pytest.mark.parametrize(
    ("vector", "name"),
    [(PLAIN, "cmac"), (PICC, "cmac"), (PICC, "picc_data"), (ENC, "picc_data"), (ENC, "enc"), (ENC, "cmac")],
)
def test_missing_parameter(vector: dict[str, Any], name: str) -> None:
    link = link_of(without(vector["params"], name))
    assert code_of(link, profile_of(vector)) == "missing_parameter"
    with pytest.raises(SunError, match=f"Parameter {name} is missing"):
        verify(link, profile_of(vector))


def test_plain_link_without_uid_and_counter_says_nothing() -> None:
    assert code_of(f"{BASE}?cmac=4B00064004B0B3D3", profile_of(PLAIN)) == "missing_parameter"


@pytest.mark.parametrize("link", ["", BASE, f"{BASE}?", f"{BASE}?&&&", "?", "??"])
def test_link_without_parameters(link: str) -> None:
    assert code_of(link, profile_of(PICC)) == "missing_parameter"


@SHAPES
def test_repeated_parameter(vector: dict[str, Any]) -> None:
    for name, value in vector["params"].items():
        for again in (f"&{name}={value}", f"&{name}=", f"&{name}"):
            assert code_of(link_of(vector["params"]) + again, profile_of(vector)) == "repeated_parameter"


@SHAPES
def test_wrong_length(vector: dict[str, Any]) -> None:
    for name, value in vector["params"].items():
        for wrong in ("", value[:-1], value[:-2], value + "0", value + "00"):
            link = link_of(vector["params"] | {name: wrong})
            assert code_of(link, profile_of(vector)) == "wrong_length", link


@pytest.mark.parametrize("length", [0, 16, 31, 33, 48, 288])
def test_file_data_of_a_length_that_no_chip_emits(length: int) -> None:
    assert code_of(link_of(ENC["params"] | {"enc": "A" * length}), profile_of(ENC)) == "wrong_length"


@SHAPES
@pytest.mark.parametrize("character", ["G", " ", "+", "-", "_", "é", "٣", "\n", "/", "?", "\ud800"])
def test_not_hex(vector: dict[str, Any], character: str) -> None:
    for name, value in vector["params"].items():
        link = link_of(vector["params"] | {name: value[:2] + character + value[3:]})
        assert code_of(link, profile_of(vector)) == "not_hex", link


@SHAPES
def test_blanks_do_not_shorten_a_value(vector: dict[str, Any]) -> None:
    params = vector["params"] | {"cmac": vector["params"]["cmac"][:-2] + "  "}
    assert code_of(link_of(params), profile_of(vector)) == "not_hex"


@pytest.mark.parametrize("nul", ["\0", "%00"])
def test_nul_is_refused_anywhere_in_the_query(nul: str) -> None:
    assert code_of(link_of(PICC["params"]) + f"&utm={nul}", profile_of(PICC)) == "not_hex"


def test_oversized_value() -> None:
    for name in (*PICC["params"], "unknown"):
        assert code_of(link_of(PICC["params"] | {name: "A" * 513}), profile_of(PICC)) == "oversized"


def test_oversized_query() -> None:
    padding = "&".join(f"x{number}={'A' * 100}" for number in range(30))
    assert code_of(link_of(PICC["params"]) + f"&{padding}", profile_of(PICC)) == "oversized"


@pytest.mark.parametrize("tag", [0x00, 0x07, 0x80, 0xC0, 0xC4, 0xCA, 0xD7, 0xE7, 0xF7, 0x4A, 0xFF])
def test_picc_data_of_a_layout_that_no_chip_emits(tag: int) -> None:
    block = bytes((tag,)) + UID + bytes((61, 0, 0)) + bytes(5)
    params = PICC["params"] | {"picc_data": encrypt_block(ZERO_KEY, block).hex()}
    assert code_of(link_of(params), profile_of(PICC)) == "bad_picc_data"


def encrypt_block(key: bytes, block: bytes) -> bytes:
    return Cipher(algorithms.AES(key), modes.CBC(bytes(16))).encryptor().update(block)


@pytest.mark.parametrize("length", [0, 15, 17, 24, 32])
def test_picc_data_is_one_block(length: int) -> None:
    with pytest.raises(SunError) as caught:
        decrypt_picc_data(ZERO_KEY, bytes(length))
    assert caught.value.code == "wrong_length"


@pytest.mark.parametrize(
    ("tag", "expected"),
    [(0xC7, (UID, 0x030201)), (0x87, (UID, None)), (0x40, (None, 0x030201)), (0x47, (None, 0x030201))],
)
def test_picc_data_tells_what_is_mirrored(tag: int, expected: tuple[bytes | None, int | None]) -> None:
    elements = (UID if tag & 0x80 else b"") + (b"\x01\x02\x03" if tag & 0x40 else b"")
    block = (bytes((tag,)) + elements).ljust(16, b"\xee")
    assert decrypt_picc_data(ZERO_KEY, encrypt_block(ZERO_KEY, block)) == expected


# Parameters around the message


def test_unknown_parameters_are_tolerated_outside_the_mac_range() -> None:
    for link in (link_of(ENC["params"]) + "&utm_source=x&flag", link_of({"lang": "fr"} | ENC["params"])):
        assert verify(link, profile_of(ENC)).read_ctr == 8


def test_unknown_parameter_inside_the_mac_range_is_a_change() -> None:
    params = ENC["params"]
    link = link_of({"picc_data": params["picc_data"], "enc": params["enc"], "x": "1", "cmac": params["cmac"]})
    assert code_of(link, profile_of(ENC)) == "mac_mismatch"


def test_mac_that_stands_before_what_it_covers_is_refused() -> None:
    params = ENC["params"]
    link = link_of({"cmac": params["cmac"], "picc_data": params["picc_data"], "enc": params["enc"]})
    assert code_of(link, profile_of(ENC)) == "mac_mismatch"
    # The right MAC of an empty input: refused too, this profile's chips sign their PICC data.
    reordered = link_of({name: PICC["params"][name] for name in ("cmac", "picc_data")})
    assert verify(reordered, profile_of(PICC)).read_ctr == 61
    assert code_of(reordered, replace(profile_of(PICC), mac_from=MacFrom.PICC_DATA)) == "mac_mismatch"


@pytest.mark.parametrize("vector", [PLAIN, PICC], ids=["plain", "picc_data"])
def test_file_data_that_the_mac_does_not_cover_is_refused(vector: dict[str, Any]) -> None:
    genuine = link_of(vector["params"])
    assert verify(genuine, profile_of(vector)).file_data is None
    assert code_of(f"{genuine}&enc={'A' * 32}", profile_of(vector)) == "mac_mismatch"


def test_parameter_names_are_the_profiles() -> None:
    names = ParameterNames(picc_data="p", enc="e", cmac="m", uid="u", ctr="n")
    params = {
        {"picc_data": "p", "enc": "e", "cmac": "m"}[name]: value for name, value in ENC["params"].items()
    }
    profile = replace(profile_of(ENC), names=names)
    assert code_of(link_of(ENC["params"]), profile) == "missing_parameter"
    # AN12196's MAC covers "&cmac=", so another name is another input: a chip of that name signs it itself.
    assert mac_input(link_of(params), profile) == f"{params['e']}&m=".encode()
    chip = VirtualChip(UID, profile, file_data=b"*" * 16)
    assert verify(on_the_wire(chip.link(f"https://{BASE}", 3)), profile).file_data == b"*" * 16


def test_path_that_looks_like_a_query_is_not_one() -> None:
    base = "example.com/t/a&enc=00&cmac=11"
    assert verify(link_of(ENC["params"], base), profile_of(ENC)).read_ctr == 8


def test_parse_query_returns_raw_values_of_known_names_only() -> None:
    found = parse_query("uid=%41&ctr=0=1&other=2&cmac&=&a", NAMES)
    assert found == {"uid": "%41", "ctr": "0=1", "cmac": ""}


@pytest.mark.parametrize(
    ("mac_from", "expected"),
    [
        (MacFrom.CMAC, ""),
        (MacFrom.ENC, "EE&cmac="),
        (MacFrom.PICC_DATA, "DD&enc=EE&cmac="),
        (MacFrom.URL, "Example.com:8000/t/a%2F?lang=fr&picc_data=DD&enc=EE&cmac="),
    ],
)
def test_mac_input_of_an_encrypted_mirror(mac_from: MacFrom, expected: str) -> None:
    link = "Example.com:8000/t/a%2F?lang=fr&picc_data=DD&enc=EE&cmac=CC&after=1"
    assert mac_input(link, SunProfile(ZERO_KEY, ZERO_KEY, mac_from)) == expected.encode()


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("uid=AA&ctr=BB&cmac=CC", "AA&ctr=BB&cmac="),
        ("ctr=BB&uid=AA&cmac=CC", "BB&uid=AA&cmac="),
        ("x=1&ctr=BB&cmac=CC", "BB&cmac="),
    ],
)
def test_mac_from_picc_data_of_a_plain_mirror_begins_at_its_first_value(query: str, expected: str) -> None:
    profile = SunProfile(None, ZERO_KEY, MacFrom.PICC_DATA)
    assert mac_input(f"{BASE}?{query}", profile) == expected.encode()


@pytest.mark.parametrize("mac_from", list(MacFrom))
def test_mac_input_without_mac_is_an_error(mac_from: MacFrom) -> None:
    with pytest.raises(SunError) as caught:
        mac_input(f"{BASE}?uid=AA&enc=EE", SunProfile(None, ZERO_KEY, mac_from))
    assert caught.value.code == "missing_parameter"


def test_mac_input_with_characters_that_no_chip_emits_is_a_mismatch() -> None:
    profile = SunProfile(ZERO_KEY, ZERO_KEY, MacFrom.URL)
    link = on_the_wire(VirtualChip(UID, profile).link(f"https://{BASE}", 3))
    assert code_of(link.replace("acme", "acm\u20ac"), profile) == "mac_mismatch"


def test_encrypted_file_data_takes_a_mirrored_uid_and_counter() -> None:
    """No chip emits this; made by hand with a MAC that is right."""
    profile = SunProfile(None, ZERO_KEY, MacFrom.ENC)
    link = f"{BASE}?uid={UID.hex()}&enc={'A' * 32}&cmac="
    mac = sdm_mac(session_keys(ZERO_KEY, UID, None)[1], mac_input(link, profile))
    assert code_of(link + mac.hex(), profile) == "bad_picc_data"


def test_profile_of_an_encrypted_mirror_also_reads_a_plain_one() -> None:
    profile = replace(profile_of(PLAIN), meta_read_key=b"\x07" * 16)
    message = verify(link_of(PLAIN["params"]), profile)
    assert message == SunMessage(bytes.fromhex("041e3c8a2d6b80"), 6, None, encrypted_picc=False)


@pytest.mark.parametrize("key", [b"", bytes(15), bytes(24), bytes(32)])
def test_keys_are_aes_128(key: bytes) -> None:
    with pytest.raises(ValueError, match="16 bytes"):
        SunProfile(None, key, MacFrom.CMAC)
    with pytest.raises(ValueError, match="16 bytes"):
        SunProfile(key, ZERO_KEY, MacFrom.CMAC)


def test_keys_never_show_in_a_repr() -> None:
    profile = SunProfile(b"meta-read-secret", b"file-read-secret", MacFrom.CMAC)
    assert "secret" not in repr(profile)
    assert "secret" not in repr(VirtualChip(UID, profile))


# The virtual chip


def on_the_wire(link: str) -> str:
    scheme, _, raw_url = link.partition("://")
    assert scheme == "https"
    return raw_url


keys = st.binary(min_size=16, max_size=16)
uids = st.binary(min_size=7, max_size=7)
counters = st.integers(min_value=0, max_value=0xFFFFFF)
file_datas = st.integers(min_value=1, max_value=8).flatmap(
    lambda n: st.binary(min_size=16 * n, max_size=16 * n)
)


@pytest.mark.parametrize("mac_from", list(MacFrom))
@settings(deadline=None)
@given(data=st.data(), meta_read_key=st.none() | keys, file_read_key=keys, uid=uids, read_ctr=counters)
def test_virtual_chip_round_trips(
    mac_from: MacFrom,
    data: st.DataObject,
    meta_read_key: bytes | None,
    file_read_key: bytes,
    uid: bytes,
    read_ctr: int,
) -> None:
    allowed = {MacFrom.CMAC: st.none(), MacFrom.ENC: file_datas}.get(mac_from, st.none() | file_datas)
    file_data = data.draw(allowed)
    profile = SunProfile(meta_read_key, file_read_key, mac_from)
    chip = VirtualChip(uid, profile, file_data, random.Random(1).randbytes)

    message = verify(on_the_wire(chip.link("https://example.com/t/acme-a", read_ctr)), profile)

    assert message == SunMessage(uid, read_ctr, file_data, encrypted_picc=meta_read_key is not None)


@pytest.mark.parametrize("meta_read_key", [None, ZERO_KEY], ids=["plain", "encrypted"])
@pytest.mark.parametrize(("uid", "read_ctr"), [(None, 7), (UID, None)], ids=["no_uid", "no_counter"])
def test_chip_that_mirrors_only_one_element(
    meta_read_key: bytes | None, uid: bytes | None, read_ctr: int | None
) -> None:
    profile = SunProfile(meta_read_key, ZERO_KEY, MacFrom.PICC_DATA)
    link = on_the_wire(VirtualChip(uid, profile).link("https://example.com/t/acme-a/code", read_ctr))
    message = verify(link, profile)
    assert (message.uid, message.read_ctr) == (uid, read_ctr)


def test_counter_stripped_from_a_plain_link_is_refused() -> None:
    assert code_of(link_of(without(PLAIN["params"], "ctr")), profile_of(PLAIN)) == "mac_mismatch"


def test_link_looks_as_a_tag_emits_it() -> None:
    profile = SunProfile(None, ZERO_KEY, MacFrom.CMAC)
    chip = VirtualChip(bytes.fromhex("041e3c8a2d6b80"), profile)
    link = chip.link("https://example.com/t/acme-a", 6)
    assert link == f"https://example.com/t/acme-a?{link_of(PLAIN['params'], '')[1:]}"


def test_links_repeat_with_the_same_random_bytes_and_differ_without() -> None:
    profile = SunProfile(ZERO_KEY, ZERO_KEY, MacFrom.CMAC)

    def seeded() -> VirtualChip:
        return VirtualChip(UID, profile, random_bytes=random.Random(4).randbytes)

    unseeded = VirtualChip(UID, profile)
    assert seeded().link("https://a/t/b", 1) == seeded().link("https://a/t/b", 1)
    assert unseeded.link("https://a/t/b", 1) != unseeded.link("https://a/t/b", 1)


@pytest.mark.parametrize(
    ("uid", "mac_from", "file_data", "mode"),
    [
        (UID[:4], MacFrom.CMAC, None, "aes"),
        (UID, MacFrom.CMAC, bytes(16), "aes"),
        (UID, MacFrom.ENC, None, "aes"),
        (UID, MacFrom.ENC, bytes(15), "aes"),
        (UID, MacFrom.ENC, b"", "aes"),
        (UID, MacFrom.ENC, bytes(144), "aes"),
        (None, MacFrom.ENC, bytes(16), "aes"),
        (UID, MacFrom.ENC, bytes(8), "lrp"),
    ],
)
def test_chip_that_cannot_be_configured(
    uid: bytes | None, mac_from: MacFrom, file_data: bytes | None, mode: str
) -> None:
    profile = SunProfile(None, ZERO_KEY, mac_from, mode=mode)
    with pytest.raises(ValueError, match=r"\.$"):
        VirtualChip(uid, profile, file_data)


@pytest.mark.parametrize("read_ctr", [-1, 0x1000000])
def test_counter_has_three_bytes(read_ctr: int) -> None:
    with pytest.raises(ValueError, match="16777215"):
        VirtualChip(UID, SunProfile(None, ZERO_KEY, MacFrom.CMAC)).link("https://a/t/b", read_ctr)


def test_chip_cannot_emit_file_data_or_nothing_without_counter() -> None:
    with pytest.raises(ValueError, match="mirrored counter"):
        VirtualChip(UID, SunProfile(None, ZERO_KEY, MacFrom.ENC), bytes(16)).link("https://a/t/b", None)
    with pytest.raises(ValueError, match="UID, its counter or both"):
        VirtualChip(None, SunProfile(None, ZERO_KEY, MacFrom.CMAC)).link("https://a/t/b", None)


# Attacks: only a message or a SunError ever comes out

hexish = st.text(alphabet="0123456789abcdefABCDEF", max_size=70)
lengths = st.sampled_from([6, 14, 16, 32, 64])
well_formed = lengths.flatmap(lambda n: st.text(alphabet="0123456789ABCDEF", min_size=n, max_size=n))
values = st.one_of(well_formed, hexish, st.text(max_size=40), st.sampled_from(list(ENC["params"].values())))
names = st.sampled_from(["picc_data", "enc", "cmac", "uid", "ctr", "", "x"]) | st.text(max_size=5)
separators = st.sampled_from(["&", "&&", ";", "?", "="])
queries = st.lists(st.tuples(names, st.sampled_from(["=", "", "=="]), values, separators), max_size=6).map(
    lambda parts: "".join("".join(part) for part in parts)
)
profiles = st.builds(
    SunProfile,
    meta_read_key=st.none() | st.just(ZERO_KEY),
    file_read_key=keys,
    mac_from=st.sampled_from(MacFrom),
)


@settings(deadline=None)
@given(raw_url=st.one_of(st.text(), queries.map(lambda query: f"{BASE}?{query}")), profile=profiles)
def test_whatever_the_link_only_a_message_or_a_sun_error_comes_out(raw_url: str, profile: SunProfile) -> None:
    try:
        message = verify(raw_url, profile)
    except SunError:
        return
    assert isinstance(message, SunMessage)


@settings(deadline=None)
@given(raw_query=st.one_of(st.text(max_size=3000), queries))
def test_whatever_the_query_only_known_names_or_a_sun_error_come_out(raw_query: str) -> None:
    try:
        found = parse_query(raw_query, NAMES)
    except SunError:
        return
    assert set(found) <= {"picc_data", "enc", "cmac", "uid", "ctr"}
    assert all(len(value) <= 512 for value in found.values())
    assert all(f"{name}={value}" in raw_query or not value for name, value in found.items())


@settings(deadline=None)
@given(vector=st.sampled_from(AES_VECTORS), data=st.data())
def test_no_edit_of_a_genuine_link_changes_what_it_says(vector: dict[str, Any], data: st.DataObject) -> None:
    """Cut, insert or replace anywhere: the link is refused, or still says exactly what the chip said."""
    link = link_of(vector["params"])
    start = data.draw(st.integers(min_value=0, max_value=len(link)))
    end = data.draw(st.integers(min_value=start, max_value=min(len(link), start + 40)))
    edited = (
        link[:start]
        + data.draw(st.text(alphabet="0123456789ABCDEFabcdef&=?%cmacenpi_", max_size=40))
        + link[end:]
    )
    genuine = verify(link, profile_of(vector))
    try:
        assert verify(edited, profile_of(vector)) == genuine
    except SunError:
        return
