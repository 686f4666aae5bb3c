"""The settings of a chip's NDEF file, as the command ChangeFileSettings takes them (data sheet table 69)."""

from __future__ import annotations

from products.encoding.template import Template
from products.sun import SunProfile

FILE_NUMBER = 0x02  # the NDEF file, the only one that mirrors (data sheet table 71)
# As in the example of NXP AN12196 sec. 6.9: key 1 makes MACs and encrypts file data, key 2 encrypts PICC data.
FILE_READ_KEY_NUMBER, META_READ_KEY_NUMBER = 1, 2

_MIRRORING, _PLAIN_COMMUNICATION = 0x40, 0x00
_ACCESS = 0xE000  # read by anybody; written, read and written, changed with key 0
_FREE, _NOBODY = 0xE, 0xF
_UID, _CTR, _ENC, _TAMPER, _ASCII = 0x80, 0x40, 0x10, 0x08, 0x01


def file_settings(profile: SunProfile, template: Template) -> bytes:
    """Return the data of ChangeFileSettings after the file number: options, rights and offsets, all LSB first."""
    data = bytes([_MIRRORING | _PLAIN_COMMUNICATION]) + _ACCESS.to_bytes(2, "little")
    data += bytes([sdm_options(profile, template)]) + _sdm_access(profile).to_bytes(2, "little")
    lengths = (template.enc, template.enc_length) if template.enc is not None else ()
    for offset in (
        template.uid,
        template.ctr,
        template.picc_data,
        template.tamper,
        template.mac_input,
        *lengths,
        template.mac,
    ):
        if offset is not None:
            data += offset.to_bytes(3, "little")
    return data


def sdm_options(profile: SunProfile, template: Template) -> int:
    """Return SDMOptions: what is mirrored, as ASCII."""
    options = _ASCII
    options |= _UID if profile.names.uid else 0
    options |= _CTR if profile.names.ctr else 0
    options |= _ENC if template.enc is not None else 0
    return options | (_TAMPER if template.tamper is not None else 0)


def _sdm_access(profile: SunProfile) -> int:
    """Return SDMAccessRights: SDMMetaRead, SDMFileRead, reserved, SDMCtrRet, four bits each."""
    meta = _FREE if profile.meta_read_key is None else META_READ_KEY_NUMBER
    counter = FILE_READ_KEY_NUMBER if profile.names.ctr else _NOBODY
    return meta << 12 | FILE_READ_KEY_NUMBER << 8 | 0xF << 4 | counter
