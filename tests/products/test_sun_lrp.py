"""LRP mode: NXP's published values of the primitive, and published links of chips that work in it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from products.sun import MacFrom, SunError, SunProfile, decrypt_picc_data, mac_input, verify
from products.sun.lrp import Lrp, secret_plaintexts, updated_keys

VECTORS = json.loads((Path(__file__).parents[1] / "vectors" / "sun.json").read_text())
LINKS = [vector for vector in VECTORS["sdm"] if vector["mode"] == "LRP"]
each_link = pytest.mark.parametrize("vector", LINKS, ids=lambda vector: vector["id"])
ZERO_KEY = bytes(16)


def profile_of(vector: dict[str, Any]) -> SunProfile:
    return SunProfile(
        meta_read_key=bytes.fromhex(vector["sdm_meta_read_key"]) if "picc_data" in vector["params"] else None,
        file_read_key=bytes.fromhex(vector["sdm_file_read_key"]),
        mac_from=MacFrom.ENC if vector["mac_input_ascii"] else MacFrom.CMAC,
        mode="lrp",
    )


def link_of(params: dict[str, str]) -> str:
    return "example.com/t/a?" + "&".join(f"{name}={value}" for name, value in params.items())


# The primitive (NXP AN12304)


@pytest.mark.parametrize("vector", VECTORS["lrp_primitives"], ids=lambda vector: vector["op"])
def test_plaintexts_and_updated_keys_are_the_published_ones(vector: dict[str, str]) -> None:
    what, place = vector["op"].removesuffix("]").split("[")
    key = bytes.fromhex(vector["key"])
    values = secret_plaintexts(key) if what == "plaintext" else updated_keys(key, 4)
    assert values[int(place)].hex() == vector["expect"]


@pytest.mark.parametrize(
    ("key", "nibbles", "final", "updated_key", "expected"),
    [
        ("567826b8da8e768432a9548dbe4aa3a0", "1359", True, 2, "1ba2c0c578996bc497dd181c6885a9dd"),
        ("9aff3ef56ffec3153b1cadb48b445409", "4b073b247cd48f7e0a", False, 3, "909415e5c8be77563050f2227e17c0e4"),
        ("99b1647a76cd170ea07997043e1e7919", "f", True, 1, "ba5f895e8b57f7753ee5c7276e60b37f"),
    ],
    ids=["even", "not final", "one nibble"],
)  # fmt: skip
def test_walks_end_where_nxps_do(
    key: str, nibbles: str, final: bool, updated_key: int, expected: str
) -> None:
    assert Lrp(bytes.fromhex(key), updated_key).evaluate(nibbles, final=final).hex() == expected


@pytest.mark.parametrize(
    ("key", "message", "expected"),
    [
        ("63a0169b4d9fe42c72b2784c806eac21", "", "0e07c601970814a4176fda633c6fc3de"),
        ("8195088ce6c393708ebbe6c7914ecb0b", "bbd5b85772c7", "ad8595e0b49c5c0db18e77355f5aaff6"),
        (
            "5aa9f6c6de5138113df5d6b6c77d5d52",
            "a4434d740c2cb665fe5396959189383f",
            "8b43adf767e46b692e8f24e837cb5efc",
        ),
        (
            "651312d289f4de957c208d35827c07e4",
            "d39e4b336c46fcdcfdf803a49eb3a603851cfcfa72b3a5f843768ebdedeb939891059275c79f1dade2b97e288a91e3",
            "9b1530f1ad35213eb8903d5610bfd7c4",
        ),
    ],
    ids=["empty", "part of a block", "a whole block", "three blocks"],
)
def test_macs_are_the_published_ones(key: str, message: str, expected: str) -> None:
    assert Lrp(bytes.fromhex(key)).cmac(bytes.fromhex(message)).hex() == expected


def test_lricb_is_the_published_one_and_counts_over_the_edge() -> None:
    lrp = Lrp(bytes.fromhex("e0c4935ff0c254cd2cef8fddc32460cf"))
    counter = bytes.fromhex("c3315dbf")
    plain = bytes.fromhex("012d7f1653caf6503c6ab0c1010e8cb0") + b"\x80".ljust(16, b"\0")
    cipher = bytes.fromhex("fcbbacaa4f29182464f99de41085266f480e863e487baaf687b43ed1ece0d623")
    assert lrp.encrypt(counter, plain) == cipher
    assert lrp.decrypt(counter, cipher) == plain
    assert lrp.encrypt(b"\xff\xff", plain)[16:] == lrp.encrypt(b"\0\0", plain[16:])


# Links


@each_link
def test_every_published_link_verifies(vector: dict[str, Any]) -> None:
    message = verify(link_of(vector["params"]), profile_of(vector))

    expect = vector["expect"]
    assert (message.uid, message.read_ctr) == (bytes.fromhex(expect["uid"]), expect["read_ctr"])
    assert message.encrypted_picc is ("picc_data" in vector["params"])
    assert (message.file_data or b"").hex() == expect.get("file_data", "")


@each_link
def test_mac_input_is_the_published_one(vector: dict[str, Any]) -> None:
    assert mac_input(link_of(vector["params"]), profile_of(vector)) == vector["mac_input_ascii"].encode()


@each_link
def test_a_flipped_digit_is_refused_wherever_it_stands(vector: dict[str, Any]) -> None:
    profile = profile_of(vector)
    for name, value in vector["params"].items():
        for at, digit in enumerate(value):
            flipped = f"{value[:at]}{int(digit, 16) ^ 1:X}{value[at + 1 :]}"
            with pytest.raises(SunError) as caught:
                verify(link_of(vector["params"] | {name: flipped}), profile)
            assert caught.value.code in ("mac_mismatch", "bad_picc_data")


@pytest.mark.parametrize("length", [16, 23, 25, 32])
def test_picc_data_is_eight_random_bytes_and_a_block(length: int) -> None:
    with pytest.raises(SunError) as caught:
        decrypt_picc_data(ZERO_KEY, bytes(length), "lrp")
    assert caught.value.code == "wrong_length"
    vector = next(vector for vector in LINKS if "picc_data" in vector["params"])
    with pytest.raises(SunError) as caught:
        verify(link_of(vector["params"] | {"picc_data": "0" * 2 * length}), profile_of(vector))
    assert caught.value.code == "wrong_length"


@each_link
def test_one_modes_link_is_refused_by_the_other(vector: dict[str, Any]) -> None:
    profile = profile_of(vector)
    aes = SunProfile(profile.meta_read_key, profile.file_read_key, profile.mac_from)
    with pytest.raises(SunError) as caught:
        verify(link_of(vector["params"]), aes)
    assert caught.value.code in ("wrong_length", "mac_mismatch")


def test_a_chip_works_in_one_of_two_modes() -> None:
    with pytest.raises(ValueError, match=r"not in 'des'\.$"):
        SunProfile(None, ZERO_KEY, MacFrom.CMAC, mode="des")


@settings(deadline=None, max_examples=30)
@given(
    key=st.binary(min_size=16, max_size=16),
    counter=st.binary(min_size=1, max_size=8),
    blocks=st.integers(min_value=1, max_value=3).flatmap(
        lambda n: st.binary(min_size=16 * n, max_size=16 * n)
    ),
)
def test_decrypting_undoes_encrypting(key: bytes, counter: bytes, blocks: bytes) -> None:
    assert Lrp(key, 1).decrypt(counter, Lrp(key, 1).encrypt(counter, blocks)) == blocks
