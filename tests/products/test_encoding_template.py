"""Link templates and file settings: the published example, and chips that do what the settings say."""

import datetime as dt
import itertools

import pytest

from products.codes import new_public_code
from products.encoding.document import OrderContent, compose, offsets
from products.encoding.settings import file_settings
from products.encoding.template import TemplateError, build_template, enc_blocks
from products.sun import MacFrom, MasterKey, ParameterNames, SunProfile, VirtualChip, verify

META, FILE = bytes(range(16)), bytes(range(16, 32))
UID = bytes.fromhex("04de5f1eacc040")
BASE = "https://care.acme.example/t/acme-a"


def profile(mac_from="cmac", *, meta=META, file=FILE, mode="aes", tamper_at=None, **names):
    return SunProfile(meta, file, MacFrom(mac_from), ParameterNames(**names), mode, 0, (), tamper_at)


def test_the_published_example_comes_out_byte_for_byte():
    """NXP AN12196 rev. 1.8, tables 17 and 18: the NDEF file, and ChangeFileSettings for it."""
    sun = profile(picc_data="e", cmac="c")
    template = build_template(sun, "https://choose.url.com/ntag424")
    assert template.url == f"https://choose.url.com/ntag424?e={'0' * 32}&c={'0' * 16}"
    assert template.file.hex().upper() == (
        "0051D1014D550463686F6F73652E75726C2E636F6D2F6E7461673432343F653D"
        "303030303030303030303030303030303030303030303030303030303030303026633D30303030303030303030303030303030"
    )
    assert file_settings(sun, template).hex().upper() == "4000E0C1F121200000430000430000"
    assert offsets(template) == {"PICCDataOffset": 0x20, "SDMMACInputOffset": 0x43, "SDMMACOffset": 0x43}


PROFILES = {
    "aes": profile(),
    "lrp": profile(mode="lrp"),
    "plain": profile(meta=None),
    "plain, uid only": profile("picc_data", meta=None, ctr=""),
    "plain, counter only": profile("url", meta=None, uid=""),
    "uid only": profile(ctr=""),
    "counter only": profile(uid=""),
    "file data": profile("enc"),
    "file data, mac from picc data": profile("picc_data", tamper_at=30),
    "file data, lrp": profile("enc", mode="lrp"),
    "tamper in file data": profile("enc", tamper_at=0),
    "tamper at the end of a block": profile("enc", tamper_at=14),
    "tamper across two blocks": profile("enc", tamper_at=15),
    "tamper parameter": profile("picc_data", tt="tt"),
    "tamper parameter, lrp, from the url": profile("url", mode="lrp", tt="tt"),
    "bulk": profile(bulk="e"),
    "bulk, from picc data": profile("picc_data", bulk="e"),
    "bulk with tamper": profile("enc", bulk="e", tamper_at=1),
    "bulk, lrp, tamper parameter": profile("url", mode="lrp", bulk="e", tt="tt"),
    "own keys": profile(file=MasterKey(FILE, system_id=b"acme")),
    "short names": profile("enc", picc_data="p", enc="x", cmac="m"),
}
every_profile = pytest.mark.parametrize("name", PROFILES)


@every_profile
def test_a_chip_that_follows_the_settings_makes_links_that_verify(name):
    """Written into the template where the settings say, the parts of a real link are that link."""
    sun = PROFILES[name]
    template, code = build_template(sun, BASE), new_public_code()
    base = BASE if sun.names.uid else f"{BASE}/{code}"
    data = b"0" * 16 * enc_blocks(sun) or None
    link = VirtualChip(UID, sun, file_data=data, tamper="CC").link(base, 7)
    said = as_chip(file_settings(sun, template))
    written = bytearray(template.file)
    if template.code is not None:
        written[template.code : template.code + 20] = code.encode()
    assert len(link) == len(template.url)
    for start, length in said["rooms"]:
        at = start - 7 + len("https://")
        assert set(template.file[start : start + length]) <= set(b"0")
        written[start : start + length] = link[at : at + length].encode()
    assert "https://" + written[7:].decode() == link
    raw = link.removeprefix("https://")
    assert said["mac_input"] == template.mac_input
    assert verify(raw, sun, uid=UID).read_ctr == (7 if sun.names.ctr else None)


def as_chip(data: bytes) -> dict:
    """Read the settings as a chip would (data sheet table 69); rooms are (offset, length) of what it mirrors."""
    assert data[:3].hex() == "4000e0"
    options, access = data[3], int.from_bytes(data[4:6], "little")
    meta, file_read, reserved, counter = (access >> shift & 0xF for shift in (12, 8, 4, 0))
    assert (file_read, reserved, options & 0b111) == (1, 0xF, 1)
    assert counter == (1 if options & 0x40 else 0xF)
    values = iter(int.from_bytes(data[at : at + 3], "little") for at in range(6, len(data), 3))
    rooms = []
    if meta == 0xE:
        rooms += [(next(values), 14)] if options & 0x80 else []
        rooms += [(next(values), 6)] if options & 0x40 else []
    picc = next(values) if meta == 2 else None
    tamper = next(values) if options & 0x08 else None
    mac_input = next(values)
    enc = (next(values), next(values)) if options & 0x10 else None
    mac = next(values)
    assert next(values, None) is None
    if picc is not None:
        room_after = min(at for at in (tamper or mac, enc[0] if enc else mac, mac) if at > picc)
        rooms.append((picc, 48 if room_after - picc >= 48 else 32))
    if enc:
        assert enc[1] % 32 == 0
        assert mac_input <= enc[0] <= enc[0] + enc[1] <= mac
        rooms.append(enc)
    if tamper is not None and not (enc and enc[0] <= tamper < enc[0] + enc[1]):
        rooms.append((tamper, 2))
    elif tamper is not None:
        assert tamper + 2 <= enc[0] + enc[1] // 2  # in the clear half of the room
    rooms.append((mac, 16))
    for (start, length), (other, _length) in itertools.pairwise(sorted(rooms)):
        assert start + length <= other
    assert mac_input <= mac
    return {"rooms": rooms, "mac_input": mac_input}


def test_the_tamper_status_lands_on_its_byte_of_the_file_data():
    sun = PROFILES["tamper across two blocks"]
    template = build_template(sun, BASE)
    assert (template.enc_length, template.tamper) == (64, template.enc + 15)


def test_the_mac_input_begins_after_the_scheme_or_at_the_data():
    assert build_template(profile("url"), BASE).mac_input == 7
    template = build_template(profile("enc"), BASE)
    assert template.mac_input == template.enc


@pytest.mark.parametrize(
    ("sun", "base", "words"),
    [
        (profile(), "ftp://acme.example/t/a", "begins with"),
        (profile(), "https://" + "a" * 200, "a chip holds 249"),
        (profile("enc", tamper_at=126), BASE, "a chip holds"),
    ],
)
def test_what_no_chip_can_hold_is_refused(sun, base, words):
    with pytest.raises(TemplateError, match=words):
        build_template(sun, base)


def content(sun, **values):
    given = {
        "number": 1, "brand": "acme", "profile": "acme-a", "sun": sun, "template": build_template(sun, BASE),
        "uids": [UID], "units": [], "made_at": dt.datetime(2026, 6, 1, tzinfo=dt.UTC),
    }  # fmt: skip
    return OrderContent(**{**given, **values})


def test_a_master_key_is_never_told_only_the_keys_of_named_chips():
    """Test vector of NXP AN10922 rev. 2.2 sec. 2.2.1, whose UID, AID and system identifier these are."""
    master = MasterKey(
        bytes.fromhex("00112233445566778899AABBCCDDEEFF"),
        system_id=bytes.fromhex("4E585020416275"),
        aid=bytes.fromhex("3042F5"),
    )
    document = compose(content(profile(file=master), uids=[bytes.fromhex("04782E21801D80")]))
    assert document["chips"] == [
        {"uid": "04782e21801d80", "file_read_key": "a8dd63a3b89d54b37ca802473fda9175"}
    ]
    assert "00112233445566778899aabbccddeeff" not in str(document)
    shared, meta = document["keys"]
    assert (shared["number"], shared["value"], shared["of_each_chip"]) == (1, None, True)
    assert (meta["number"], meta["value"]) == (2, META.hex())


def test_a_shared_key_is_told_once_and_chips_are_only_named():
    document = compose(content(profile()))
    assert document["keys"][0]["value"] == FILE.hex()
    assert document["chips"] == [{"uid": UID.hex()}]


def test_a_plain_mirror_needs_no_meta_read_key():
    assert [key["number"] for key in compose(content(profile(meta=None)))["keys"]] == [1]
