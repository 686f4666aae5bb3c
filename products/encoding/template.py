"""The NDEF file of a profile's chips: the link with room for what a chip mirrors, and where each part stands.

Offsets count bytes of the file, as the chip does. Sources: NFC Forum, NDEF 1.0 and URI RTD 1.0; NXP NT4H2421Gx
and NT4H2421Tx data sheets sec. 9.3 and 10.7.1 ("data sheet"); NXP AN12196 rev. 1.8 sec. 5.8.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from products.codes import LENGTH as CODE_LENGTH
from products.sun import MacFrom, SunProfile

FILE_SIZE = 256  # bytes of file 02h (data sheet sec. 8.2.3)
_URI_PREFIXES = {"https://": 0x04, "http://": 0x03}  # URI RTD, table 3
_HEADER = 7  # bytes before the link: NLEN, record header, type length, payload length, type U, URI prefix
_UID, _CTR, _MAC, _TAMPER, _BLOCK = 14, 6, 16, 2, 16  # characters; _BLOCK: bytes
_PLACEHOLDER = "0"


class TemplateError(ValueError):
    """What no chip can be configured as, in an English sentence."""


@dataclass(frozen=True, slots=True)
class Template:
    """An NDEF file, ready to be written, and the offsets in it; None where the chip mirrors no such part."""

    url: str
    file: bytes
    picc_data: int | None
    uid: int | None
    ctr: int | None
    tamper: int | None
    mac_input: int
    enc: int | None
    enc_length: int  # characters; the first half of them is the room of the file data in clear
    mac: int
    code: int | None = None  # where the unit's public code is to be written, of CODE_LENGTH characters


def build_template(profile: SunProfile, base_url: str) -> Template:
    """Lay out the link of a profile's chips, `base_url` being e.g. "https://example.com/t/acme-a".

    The order is the one in which `products.sun` reads links: mirrors, file data, tamper status, MAC. Chips that
    don't mirror their UID name their unit in the path. Raises TemplateError.
    """
    scheme = next((prefix for prefix in _URI_PREFIXES if base_url.startswith(prefix)), None)
    if scheme is None:
        raise TemplateError("A link begins with https:// or http://.")
    writer = _Writer(base_url.removeprefix(scheme))
    code = None if profile.names.uid else writer.room("/", CODE_LENGTH)
    places = (_bulk if profile.names.bulk else _separate)(writer, profile)
    if places["mac_input"] is None:
        raise TemplateError("The MAC begins at a part that the link does not have.")
    if profile.tamper_at is not None:
        # The chip writes the status into the clear half of the room and encrypts it from there (sec. 9.4).
        places["tamper"] = places["enc"] + profile.tamper_at
    file = _ndef(writer.text, _URI_PREFIXES[scheme])
    return Template(url=scheme + writer.text, file=file, code=code, **places)


def enc_blocks(profile: SunProfile) -> int:
    """Return how many blocks of 16 bytes of its file a profile's chips mirror encrypted."""
    if profile.tamper_at is not None:
        return 1 + (profile.tamper_at + _TAMPER - 1) // _BLOCK
    return 1 if profile.mac_from is MacFrom.ENC and not profile.names.bulk else 0


class _Writer:
    """A link that grows, and tells at which byte of the file each room begins."""

    def __init__(self, text: str) -> None:
        self.text = text

    @property
    def at(self) -> int:
        return _HEADER + len(self.text)

    def room(self, before: str, length: int) -> int:
        self.text += before
        start = self.at
        self.text += _PLACEHOLDER * length
        return start

    def parameter(self, name: str, length: int) -> int:
        return self.room(f"{'&' if '?' in self.text else '?'}{name}=", length)


def _separate(writer: _Writer, profile: SunProfile) -> dict[str, Any]:
    """Lay out a parameter for each part."""
    names, enc_length = profile.names, 2 * _BLOCK * enc_blocks(profile)
    places: dict[str, Any] = dict.fromkeys(("picc_data", "uid", "ctr"))
    if profile.meta_read_key is not None:
        places["picc_data"] = writer.parameter(names.picc_data, 2 * profile.suite.picc_data_length)
    else:
        places["uid"] = writer.parameter(names.uid, _UID) if names.uid else None
        places["ctr"] = writer.parameter(names.ctr, _CTR) if names.ctr else None
    first_mirror = next((at for at in places.values() if at is not None), None)
    places |= {
        "enc": writer.parameter(names.enc, enc_length) if enc_length else None,
        "enc_length": enc_length,
    }
    places["tamper"] = writer.parameter(names.tt, _TAMPER) if names.tt else None
    places["mac"] = writer.parameter(names.cmac, _MAC)
    begins = {
        MacFrom.CMAC: places["mac"],
        MacFrom.ENC: places["enc"],
        MacFrom.PICC_DATA: first_mirror,
        MacFrom.URL: _HEADER,
    }
    return places | {"mac_input": begins[profile.mac_from]}


def _bulk(writer: _Writer, profile: SunProfile) -> dict[str, Any]:
    """Lay out one parameter that holds PICC data, file data and MAC, one after the other."""
    names, enc_length = profile.names, 2 * _BLOCK * enc_blocks(profile)
    tamper = writer.parameter(names.tt, _TAMPER) if names.tt else None
    picc_data = writer.parameter(names.bulk, 2 * profile.suite.picc_data_length)
    enc, mac = writer.room("", enc_length), writer.room("", _MAC)
    begins = {MacFrom.CMAC: mac, MacFrom.ENC: enc, MacFrom.PICC_DATA: picc_data, MacFrom.URL: _HEADER}
    return {
        "picc_data": picc_data,
        "uid": None,
        "ctr": None,
        "tamper": tamper,
        "mac_input": begins[profile.mac_from],
        "enc": enc if enc_length else None,
        "enc_length": enc_length,
        "mac": mac,
    }


def _ndef(text: str, prefix: int) -> bytes:
    """Wrap the link in one short URI record (D1h: first, last, short, well known), after its length."""
    payload = bytes([prefix]) + text.encode("ascii")
    if len(payload) + _HEADER - 1 > FILE_SIZE:
        most = FILE_SIZE - _HEADER
        raise TemplateError(f"The link has {len(text)} characters after its scheme; a chip holds {most}.")
    record = bytes([0xD1, 0x01, len(payload), 0x55]) + payload
    return len(record).to_bytes(2, "big") + record
