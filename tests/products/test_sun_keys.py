"""Keys of each chip's own (NXP AN10922): the published value, its edges, and that none of them is ever stored."""

from __future__ import annotations

import json
import random
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.cmac import CMAC
from hypothesis import given
from hypothesis import strategies as st

from products.models import ChipProfile, Tag
from products.profiles import file_read_key, keyring, meta_read_key
from products.sun import MacFrom, MasterKey, SunError, SunProfile, VirtualChip, diversified_key, verify
from tests import factories

VECTORS = json.loads((Path(__file__).parents[1] / "vectors" / "sun.json").read_text())["key_diversification"]
UID = bytes.fromhex("04782e21801d80")
MASTER = MasterKey(b"\x31" * 16, system_id=b"heirloom")
sixteen = st.binary(min_size=16, max_size=16)


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["source"])
def test_a_published_key_is_derived(vector: dict) -> None:
    parts = {name: bytes.fromhex(value) for name, value in vector["components"].items()}
    key = diversified_key(bytes.fromhex(vector["master_key"]), parts["uid"], parts["aid"], parts["system_id"])
    assert key.hex() == vector["expect"]
    assert MasterKey(bytes.fromhex(vector["master_key"]), parts["system_id"], parts["aid"]).for_uid(
        parts["uid"]
    ) == bytes.fromhex(vector["expect"])


@given(master=sixteen, system_id=st.binary(min_size=9, max_size=24))
def test_from_a_whole_block_on_it_is_a_plain_cmac(master: bytes, system_id: bytes) -> None:
    """01 || M of 17 to 32 bytes takes two blocks anyway, so that another implementation tells the key."""
    cmac = CMAC(AES(master))
    cmac.update(b"\x01" + UID + system_id)
    assert diversified_key(master, UID, b"", system_id) == cmac.finalize()


@given(master=sixteen, system_id=st.binary(max_size=8))
def test_a_short_input_is_filled_to_two_blocks_where_a_cmac_takes_one(
    master: bytes, system_id: bytes
) -> None:
    cmac = CMAC(AES(master))
    cmac.update(b"\x01" + UID + system_id)
    assert diversified_key(master, UID, b"", system_id) != cmac.finalize()


def test_inputs_have_1_to_31_bytes_and_a_master_key_16() -> None:
    assert len(diversified_key(bytes(16), b"\1", b"", b"")) == 16
    assert len(diversified_key(bytes(16), UID, b"", bytes(24))) == 16
    for parts in ((b"", b"", b""), (UID, b"", bytes(25))):
        with pytest.raises(ValueError, match="1 to 31 bytes"):
            diversified_key(bytes(16), *parts)
    for key in (b"", bytes(15), bytes(24)):
        with pytest.raises(ValueError, match="16 bytes"):
            MasterKey(key, system_id=b"x")
    with pytest.raises(ValueError, match="1 to 31 bytes"):
        MasterKey(bytes(16), system_id=bytes(25))


@pytest.mark.parametrize("mode", ["aes", "lrp"])
def test_a_chip_with_a_key_of_its_own_verifies_and_another_chips_link_does_not(mode: str) -> None:
    profile = SunProfile(None, MASTER, MacFrom.CMAC, mode=mode)
    link = VirtualChip(UID, profile).link("https://example.com/t/a", 7).removeprefix("https://")
    assert verify(link, profile).is_bound
    with pytest.raises(SunError) as caught:
        verify(link.replace(UID.hex().upper(), "04782E21801D81"), profile)
    assert caught.value.code == "mac_mismatch"


def test_a_link_without_uid_asks_for_it_and_believes_only_the_right_one() -> None:
    from products.sun import ParameterNames

    profile = SunProfile(b"\x11" * 16, MASTER, MacFrom.CMAC, names=ParameterNames(uid=""))
    link = VirtualChip(UID, profile).link("https://example.com/t/a/code", 7).removeprefix("https://")
    for uid, code in ((None, "unknown_uid"), (bytes(7), "mac_mismatch")):
        with pytest.raises(SunError) as caught:
            verify(link, profile, uid=uid)
        assert caught.value.code == code
    message = verify(link, profile, uid=UID)
    assert (message.uid, message.read_ctr, message.is_bound) == (None, 7, True)


def test_a_master_key_never_shows() -> None:
    shown = repr(SunProfile(None, MASTER, MacFrom.CMAC, older_keys=((0, MASTER),))) + repr(MASTER)
    assert "31" * 8 not in shown
    assert "\\x31" not in shown
    assert "1111" not in shown


# No key stands beside a tag: ten million chips take what one takes.


@pytest.mark.django_db
def test_ten_million_chips_need_no_secret_of_their_own(acme, bag) -> None:
    profile = factories.ChipProfileFactory(brand=acme, slug="own-keys", keys=factories.OWN_KEYS)
    profile.refresh_from_db()
    size = len(profile.keys)
    roll = random.Random(10_000_000)
    uids = ["04" + f"{roll.randrange(1 << 48):012x}" for _chip in range(200)]
    tags = [factories.put_chip_on(factories.UnitFactory(product=bag), profile, uid).tag for uid in uids[:3]]
    keys = {file_read_key(profile, 0, bytes.fromhex(uid)) for uid in uids}
    assert len(keys) == len(uids)

    profile.refresh_from_db()
    assert len(profile.keys) == size
    assert meta_read_key(profile) == b"\x11" * 16
    stored = json.dumps([Tag.objects.filter(pk=tag.pk).values().get() for tag in tags], default=str)
    assert not any(key.hex() in stored.lower() for key in keys)
    assert {field.name for field in Tag._meta.get_fields() if "key" in field.name} == {"key_version"}
    assert [field.name for field in ChipProfile._meta.get_fields() if "key" in field.name] == ["keys"]


@pytest.mark.django_db
def test_the_older_form_of_a_keyring_is_version_0(acme) -> None:
    profile = factories.ChipProfileFactory(brand=acme)
    profile.refresh_from_db()
    assert "file_read_keys" not in profile.keys
    assert keyring(profile).versions == [0]
    assert file_read_key(profile, 0, UID) == b"\x22" * 16
    with pytest.raises(KeyError):
        file_read_key(profile, 1, UID)
