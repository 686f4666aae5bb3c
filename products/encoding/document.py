"""What an encoding station is told, as one JSON document (docs/operations.md describes each member)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from products.codes import LENGTH as CODE_LENGTH
from products.encoding.settings import (
    FILE_NUMBER,
    FILE_READ_KEY_NUMBER,
    META_READ_KEY_NUMBER,
    file_settings,
)
from products.encoding.template import Template
from products.sun import MasterKey, SunProfile

FORMAT = "encoding-order/1"


@dataclass(frozen=True, slots=True)
class UnitToEncode:
    """A unit that waits for a chip."""

    gtin: str
    serial: str
    code: str


@dataclass(frozen=True, slots=True)
class OrderContent:
    """Everything that the document says. `uids` are those of the chips, 7 bytes each; `sun` has one key version."""

    number: int
    brand: str
    profile: str
    sun: SunProfile
    template: Template
    uids: Sequence[bytes]
    units: Iterable[UnitToEncode]
    made_at: dt.datetime


def compose(order: OrderContent) -> dict[str, Any]:
    """Return the document. It holds keys in clear: it leaves the house sealed, or once."""
    sun, template = order.sun, order.template
    return {
        "format": FORMAT,
        "order": order.number,
        "brand": order.brand,
        "profile": order.profile,
        "made_at": order.made_at.isoformat(),
        "chip": {
            "type": "NTAG 424 DNA TagTamper" if sun.reports_tampering else "NTAG 424 DNA",
            "lrp_mode": sun.mode == "lrp",
            "tag_tamper": sun.reports_tampering,
        },
        "ndef": {
            "url": template.url,
            "file": template.file.hex(),
            "code_offset": template.code,
            "code_length": None if template.code is None else CODE_LENGTH,
        },
        "file_settings": {
            "file": FILE_NUMBER,
            "command_data": file_settings(sun, template).hex(),
            "offsets": offsets(template),
        },
        "keys": list(_keys(sun)),
        "chips": _chips(order),
        "units": [{"gtin": unit.gtin, "serial": unit.serial, "code": unit.code} for unit in order.units],
    }


def offsets(template: Template) -> dict[str, int]:
    """Return the offsets that the chip is told, by the names of the data sheet (table 69)."""
    named = {
        "UIDOffset": template.uid,
        "SDMReadCtrOffset": template.ctr,
        "PICCDataOffset": template.picc_data,
        "TTStatusOffset": template.tamper,
        "SDMMACInputOffset": template.mac_input,
        "SDMENCOffset": template.enc,
        "SDMENCLength": template.enc_length or None,
        "SDMMACOffset": template.mac,
    }
    return {name: value for name, value in named.items() if value is not None}


def _keys(sun: SunProfile) -> Iterable[dict[str, Any]]:
    """Yield the keys that are the same on all chips, and name those that are not."""
    own = isinstance(sun.file_read_key, MasterKey)
    yield {
        "number": FILE_READ_KEY_NUMBER,
        "name": "SDMFileReadKey",
        "version": sun.key_version,
        "value": None if isinstance(sun.file_read_key, MasterKey) else sun.file_read_key.hex(),
        "of_each_chip": own,
    }
    if sun.meta_read_key is not None:
        yield {
            "number": META_READ_KEY_NUMBER,
            "name": "SDMMetaReadKey",
            "version": 0,
            "value": sun.meta_read_key.hex(),
            "of_each_chip": False,
        }


def _chips(order: OrderContent) -> list[dict[str, str]]:
    """Name the chips; each with its own key where keys are derived. A master key is never told to anybody."""
    key = order.sun.file_read_key
    if not isinstance(key, MasterKey):
        return [{"uid": uid.hex()} for uid in order.uids]
    return [{"uid": uid.hex(), "file_read_key": key.for_uid(uid).hex()} for uid in order.uids]
