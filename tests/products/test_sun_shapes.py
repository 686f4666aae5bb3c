"""Every kind of link that a chip can be configured to make: it verifies, and no edit makes it say more."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from products.sun import (
    MacFrom,
    MasterKey,
    ParameterNames,
    SunError,
    SunMessage,
    SunProfile,
    TamperState,
    VirtualChip,
    tamper_state,
    verify,
)

BASE = "https://example.com/t/acme-a/CODE"
UID = bytes.fromhex("04de5f1eacc040")
META, FILE = b"\x11" * 16, b"\x22" * 16
MASTER = MasterKey(b"\x33" * 16, system_id=b"hl", aid=b"\x30\x42\xf5")
STATUSES = {
    "CC": TamperState.CLOSED,
    "OO": TamperState.OPEN,
    "CO": TamperState.OPEN,
    "OC": TamperState.OPENED_ONCE,
    "OI": TamperState.OPENED_ONCE,
    "II": TamperState.UNREADABLE,
    "NT": TamperState.UNREADABLE,
    "CI": TamperState.UNREADABLE,
}


def raw(link: str) -> str:
    return link.removeprefix("https://")


def code_of(link: str, profile: SunProfile, **known: Any) -> str:
    with pytest.raises(SunError) as caught:
        verify(raw(link), profile, **known)
    return caught.value.code


keys = st.binary(min_size=16, max_size=16)
masters = st.builds(
    MasterKey, keys, system_id=st.binary(max_size=12), aid=st.sampled_from([b"", b"\x30\x42\xf5"])
)
names = st.builds(
    ParameterNames,
    uid=st.sampled_from(["uid", "u", ""]),
    ctr=st.sampled_from(["ctr", ""]),
    bulk=st.sampled_from(["", "e"]),
    tt=st.sampled_from(["", "tt"]),
)
profiles = st.builds(
    SunProfile,
    meta_read_key=st.none() | keys,
    file_read_key=keys | masters,
    mac_from=st.sampled_from(MacFrom),
    names=names,
    mode=st.sampled_from(["aes", "lrp"]),
    key_version=st.integers(min_value=2, max_value=255),
    older_keys=st.sampled_from([(), ((1, FILE),), ((1, MASTER), (0, FILE))]),
    tamper_at=st.none() | st.integers(min_value=0, max_value=14),
)
texts = st.sampled_from([None, b"x" * 16, b"0123456789abcdef" * 2])


@settings(deadline=None, max_examples=150, suppress_health_check=[HealthCheck.filter_too_much])
@given(
    profile=profiles,
    data=texts,
    read_ctr=st.integers(min_value=0, max_value=0xFFFFFF),
    status=st.sampled_from(list(STATUSES)),
)
def test_whatever_a_chip_can_be_configured_as_verifies(
    profile: SunProfile, data: bytes | None, read_ctr: int, status: str
) -> None:
    try:
        link = VirtualChip(UID, profile, data, tamper=status).link(BASE, read_ctr)
    except ValueError:
        assume(False)
    message = verify(raw(link), profile, uid=UID)

    own_names = profile.names
    mirrors_uid, mirrors_ctr = bool(own_names.uid), bool(own_names.ctr)
    assert message.uid == (UID if mirrors_uid else None)
    assert message.read_ctr == (read_ctr if mirrors_ctr else None)
    assert message.key_version == profile.key_version
    assert message.encrypted_picc is (profile.meta_read_key is not None)
    is_own = isinstance(profile.file_read_key, MasterKey)
    assert message.is_bound is (mirrors_uid or is_own or profile.mac_from is MacFrom.URL)
    if data is not None and profile.tamper_at is None:
        assert message.file_data == data
    if profile.tamper_at is not None or (own_names.tt and profile.mac_from is MacFrom.URL):
        assert message.tamper is STATUSES[status]


@settings(deadline=None, max_examples=80, suppress_health_check=[HealthCheck.filter_too_much])
@given(profile=profiles, data=texts, edit=st.data())
def test_no_edit_makes_a_link_say_something_else(
    profile: SunProfile, data: bytes | None, edit: st.DataObject
) -> None:
    try:
        link = raw(VirtualChip(UID, profile, data).link(BASE, 7))
    except ValueError:
        assume(False)
    start = edit.draw(st.integers(min_value=0, max_value=len(link)))
    end = edit.draw(st.integers(min_value=start, max_value=min(len(link), start + 40)))
    other = edit.draw(st.text(alphabet="0123456789ABCDEFabcdef&=?%cmaceuidtO", max_size=40))
    genuine = verify(link, profile, uid=UID)
    try:
        edited = verify(link[:start] + other + link[end:], profile, uid=UID)
    except SunError:
        return
    # What the MAC does not cover may be cut off; what is left says nothing else, and vouches for no more.
    assert replace(edited, tamper=None) == replace(genuine, tamper=None)
    assert edited.tamper in (genuine.tamper, TamperState.UNREADABLE)


# One value for all


def bulk(mac_from: MacFrom, mode: str = "aes", **more: Any) -> SunProfile:
    return SunProfile(META, FILE, mac_from, names=ParameterNames(bulk="e"), mode=mode, **more)


@pytest.mark.parametrize("mode", ["aes", "lrp"])
@pytest.mark.parametrize("data", [None, b"*" * 32])
def test_a_bulk_link_is_picc_data_file_data_and_mac_in_one_value(mode: str, data: bytes | None) -> None:
    profile = bulk(MacFrom.ENC, mode)
    link = VirtualChip(UID, profile, data).link(BASE, 9)
    value = link.partition("?e=")[2]
    assert len(value) // 2 == (16 if mode == "aes" else 24) + len(data or b"") + 8
    assert verify(raw(link), profile) == SunMessage(UID, 9, data, encrypted_picc=True)


@pytest.mark.parametrize("mode", ["aes", "lrp"])
def test_the_parts_of_a_bulk_link_are_those_of_a_link_in_pieces(mode: str) -> None:
    """Without file data both MACs are over nothing, so that the pieces verify by themselves."""
    link = VirtualChip(UID, bulk(MacFrom.ENC, mode)).link(BASE, 9)
    value = link.partition("?e=")[2]
    pieces = f"{raw(BASE)}?picc_data={value[:-16]}&cmac={value[-16:]}"
    assert verify(pieces, replace(bulk(MacFrom.CMAC, mode), names=ParameterNames())).read_ctr == 9


def test_the_mac_of_a_bulk_link_begins_where_the_profile_says() -> None:
    from products.sun import mac_input

    picc, enc, mac = "AA" * 16, "BB" * 32, "CC" * 8
    link = f"example.com/t/a?x=1&e={picc}{enc}{mac}&utm=1"
    expected = {
        MacFrom.CMAC: "",
        MacFrom.ENC: enc,
        MacFrom.PICC_DATA: picc + enc,
        MacFrom.URL: f"example.com/t/a?x=1&e={picc}{enc}",
    }
    for mac_from, covered in expected.items():
        assert mac_input(link, bulk(mac_from)) == covered.encode()
    assert mac_input(f"example.com/t/a?e={picc}{mac}", bulk(MacFrom.ENC)) == b""


@pytest.mark.parametrize("digits", [0, 1, 16, 47, 46, 49, 50, 62, 320])
def test_a_bulk_value_of_a_length_that_no_chip_writes(digits: int) -> None:
    assert code_of(f"{BASE}?e={'A' * digits}", bulk(MacFrom.ENC)) == "wrong_length"


def test_a_bulk_link_is_refused_like_any_other() -> None:
    profile = bulk(MacFrom.ENC)
    link = VirtualChip(UID, profile, b"*" * 16).link(BASE, 9)
    other = VirtualChip(UID, profile, b"!" * 16).link(BASE, 9)
    assert code_of(f"{link}&e=00", profile) == "repeated_parameter"
    assert code_of(link[:-1] + "G", profile) == "not_hex"
    assert code_of(link, replace(profile, meta_read_key=None)) == "bad_picc_data"
    start = link.index("?e=") + 3 + 32
    swapped = link[:start] + other[start : start + 32] + link[start + 32 :]
    assert code_of(swapped, profile) == "mac_mismatch"
    shortened = link[:start] + link[start + 32 :]
    assert code_of(shortened, profile) == "mac_mismatch"


def test_a_chip_in_pieces_needs_no_bulk_value_beside_one_that_has_it() -> None:
    link = VirtualChip(UID, replace(bulk(MacFrom.CMAC), names=ParameterNames())).link(BASE, 9)
    assert verify(raw(link), bulk(MacFrom.CMAC)).read_ctr == 9


# Only what one chip alone can have made


@pytest.mark.parametrize("mode", ["aes", "lrp"])
def test_a_counter_alone_binds_only_where_the_mac_covers_the_address(mode: str) -> None:
    anonymous = ParameterNames(uid="")
    for mac_from in (MacFrom.CMAC, MacFrom.PICC_DATA):
        profile = SunProfile(META, FILE, mac_from, names=anonymous, mode=mode)
        link = VirtualChip(UID, profile).link(BASE, 7)
        assert not verify(raw(link), profile).is_bound
        assert not verify(raw(link.replace("CODE", "OTHER")), profile).is_bound
    profile = SunProfile(META, FILE, MacFrom.URL, names=anonymous, mode=mode)
    link = VirtualChip(UID, profile).link(BASE, 7)
    assert verify(raw(link), profile).is_bound
    assert code_of(link.replace("CODE", "OTHER"), profile) == "mac_mismatch"


# Versions of the key


@pytest.mark.parametrize("mode", ["aes", "lrp"])
def test_a_link_says_under_which_version_it_was_made(mode: str) -> None:
    first = SunProfile(META, FILE, MacFrom.CMAC, mode=mode)
    both = replace(first, file_read_key=MASTER, key_version=3, older_keys=((0, FILE),))
    assert verify(raw(VirtualChip(UID, first).link(BASE, 7)), both).key_version == 0
    assert verify(raw(VirtualChip(UID, both).link(BASE, 7)), both).key_version == 3
    assert verify(raw(VirtualChip(UID, both.under_version(0)).link(BASE, 7)), first).key_version == 0
    assert code_of(VirtualChip(UID, both).link(BASE, 7), first) == "mac_mismatch"
    with pytest.raises(KeyError):
        both.under_version(1)


# The tamper status


@pytest.mark.parametrize("status", STATUSES)
def test_a_tamper_status_is_read(status: str) -> None:
    assert tamper_state(status) is STATUSES[status]


@pytest.mark.parametrize("status", ["", "C", "CCC", "cc", "??", "\xff\xff"])
def test_what_is_no_tamper_status_says_nothing(status: str) -> None:
    assert tamper_state(status) is TamperState.UNREADABLE


def test_a_chip_without_loop_says_nothing_of_it() -> None:
    profile = SunProfile(META, FILE, MacFrom.ENC)
    assert verify(raw(VirtualChip(UID, profile, b"OO" * 8).link(BASE, 1)), profile).tamper is None


def test_a_status_beyond_the_file_data_says_nothing() -> None:
    made = SunProfile(META, FILE, MacFrom.ENC)
    link = VirtualChip(UID, made, b"OO" * 8).link(BASE, 1)
    for at, state in (
        (0, TamperState.OPEN),
        (14, TamperState.OPEN),
        (15, TamperState.UNREADABLE),
        (40, TamperState.UNREADABLE),
    ):
        assert verify(raw(link), replace(made, tamper_at=at)).tamper is state


@pytest.mark.parametrize("mac_from", [MacFrom.URL, MacFrom.PICC_DATA])
def test_a_status_in_clear_counts_only_inside_the_mac(mac_from: MacFrom) -> None:
    profile = SunProfile(META, FILE, mac_from, names=ParameterNames(tt="tt"))
    link = VirtualChip(UID, profile, tamper="OO").link(BASE, 1)
    assert verify(raw(link), profile).tamper is TamperState.OPEN
    assert code_of(link.replace("tt=OO", "tt=CC"), profile) == "mac_mismatch"
    assert code_of(link.replace("tt=OO&", ""), profile) == "mac_mismatch"
    moved = link.replace("tt=OO&", "") + "&tt=CC"
    assert code_of(moved, profile) == "mac_mismatch"
    assert code_of(link + "&tt=CC", profile) == "repeated_parameter"


def test_a_status_that_anybody_wrote_is_not_believed() -> None:
    """A chip whose MAC covers nothing: `tt` may be added, cut or changed, and says nothing either way."""
    profile = SunProfile(META, FILE, MacFrom.CMAC, names=ParameterNames(tt="tt"))
    link = VirtualChip(UID, profile, tamper="CC").link(BASE, 1)
    for changed in (
        link,
        link.replace("tt=CC", "tt=OO"),
        link.replace("tt=CC&", ""),
        link.replace("tt=CC&", "") + "&tt=OO",
    ):
        assert verify(raw(changed), profile).tamper is TamperState.UNREADABLE


@pytest.mark.parametrize(
    ("profile", "uid", "data"),
    [
        (SunProfile(None, MASTER, MacFrom.CMAC), None, None),
        (SunProfile(None, FILE, MacFrom.CMAC, names=ParameterNames(bulk="e")), UID, None),
        (SunProfile(META, FILE, MacFrom.ENC, names=ParameterNames(uid="")), UID, bytes(16)),
        (SunProfile(META, FILE, MacFrom.ENC, tamper_at=15), UID, bytes(16)),
        (SunProfile(META, FILE, MacFrom.URL, tamper_at=0), UID, None),
    ],
)
def test_chip_that_cannot_be_configured(profile: SunProfile, uid: bytes | None, data: bytes | None) -> None:
    with pytest.raises(ValueError, match=r"\.$"):
        VirtualChip(uid, profile, data)


def test_a_chip_mirrors_something() -> None:
    with pytest.raises(ValueError, match="UID, its counter or both"):
        VirtualChip(UID, SunProfile(META, FILE, MacFrom.CMAC, names=ParameterNames(uid="", ctr=""))).link(
            BASE, 1
        )
    with pytest.raises(ValueError, match="mirrored counter"):
        VirtualChip(UID, SunProfile(META, FILE, MacFrom.ENC, names=ParameterNames(ctr="")), bytes(16)).link(
            BASE, 1
        )
