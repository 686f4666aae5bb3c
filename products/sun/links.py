"""Reading a tapped link: its parameters, undecrypted, and the part of it that the MAC covers."""

from __future__ import annotations

from binascii import unhexlify
from typing import NamedTuple

from products.sun.blocks import BLOCK
from products.sun.errors import SunError
from products.sun.profile import MacFrom, ParameterNames, SunProfile

UID_LENGTH = 7  # bytes
CTR_LENGTH = 3  # bytes
MAC_LENGTH = 8  # bytes, truncated
MAX_ENC_LENGTH = 128  # bytes, 256 hex digits: what a 256-byte NDEF file can hold
MAX_QUERY_LENGTH = 2048  # characters
MAX_VALUE_LENGTH = 512  # characters


class SunLink(NamedTuple):
    """What stands in a link. Either PICC data, or UID and counter as far as they are mirrored in clear."""

    picc_data: bytes | None
    uid: bytes | None  # 7 bytes
    read_ctr: int | None  # SDMReadCtr, 0..0xFFFFFF
    enc: bytes | None  # SDMENCFileData
    tamper: str | None  # the tamper status in clear, where the MAC covers it
    mac: bytes  # 8 bytes
    mac_input: bytes


def read_link(raw_url: str, profile: SunProfile) -> SunLink:
    """Take a link apart. `raw_url` is "host[:port]/path?query" without scheme, exactly as received.

    The link itself tells which mirror it carries: the bulk parameter, else PICC data where the profile can
    decrypt it, else `uid` and `ctr` in clear. Raises SunError, whatever the link holds.
    """
    params = parse_query(raw_url.partition("?")[2], profile.names)
    if profile.names.bulk in params:
        return _bulk_link(params, raw_url, profile)
    return _separate_link(params, raw_url, profile)


def mac_input(raw_url: str, profile: SunProfile) -> bytes:
    """Cut the MAC input out of a link, raw and in the case of the wire, as `profile.mac_from` says.

    `raw_url` is "host[:port]/path?query" as received. A plain mirror has no PICC data: with `picc_data` its
    MAC input begins at the first of the values of `uid` and `ctr`. With `enc` every link must carry `enc`.
    In a bulk parameter `enc` begins after the PICC data; without file data its MAC input is empty.
    Raises SunError: missing_parameter, or mac_mismatch when the MAC stands before what it should cover.
    """
    start, end = _mac_range(raw_url, profile)
    try:
        # Servers hand over the bytes of the request line as Latin-1 text.
        return raw_url[start:end].encode("latin-1")
    except UnicodeEncodeError:
        raise SunError("mac_mismatch", "The MAC input contains characters that no chip emits.") from None


def parse_query(raw_query: str, names: ParameterNames) -> dict[str, str]:
    """Pick the known parameters out of a raw query: their raw values by their name on the wire.

    Unknown parameters are tolerated (other systems append theirs) and left out; nothing is percent-decoded.
    Raises SunError: oversized (2048 characters, 512 in a value), repeated_parameter, not_hex (a NUL).
    """
    if len(raw_query) > MAX_QUERY_LENGTH:
        raise SunError("oversized", f"The query is longer than {MAX_QUERY_LENGTH} characters.")
    if "\0" in raw_query or "%00" in raw_query:
        raise SunError("not_hex", "The query contains a NUL.")
    known = (names.picc_data, names.enc, names.cmac, names.uid, names.ctr, names.bulk, names.tt)
    found: dict[str, str] = {}
    for pair in raw_query.split("&"):
        name, _, value = pair.partition("=")
        if len(value) > MAX_VALUE_LENGTH:
            raise SunError("oversized", f"A value of the query is longer than {MAX_VALUE_LENGTH} characters.")
        if name and name in known:
            if name in found:
                raise SunError("repeated_parameter", f"Parameter {name} stands in the link twice.")
            found[name] = value
    return found


def _separate_link(params: dict[str, str], raw_url: str, profile: SunProfile) -> SunLink:
    names = profile.names
    mac = _unhex(params, names.cmac, MAC_LENGTH)
    picc_data, uid, read_ctr = None, None, None
    if profile.meta_read_key is not None and names.picc_data in params:
        picc_data = _unhex(params, names.picc_data, profile.suite.picc_data_length)
    else:
        uid, read_ctr = _plain_mirror(params, profile)
    enc = _enc(params, raw_url, profile) if names.enc in params else None
    tamper = _tamper(params, raw_url, profile)
    return SunLink(picc_data, uid, read_ctr, enc, tamper, mac, mac_input(raw_url, profile))


def _bulk_link(params: dict[str, str], raw_url: str, profile: SunProfile) -> SunLink:
    name, picc_length = profile.names.bulk, profile.suite.picc_data_length
    if profile.meta_read_key is None:
        raise SunError(
            "bad_picc_data", f"Parameter {name} holds PICC data, and the profile has no key for it."
        )
    around = picc_length + MAC_LENGTH
    value = _unhex(params, name, around + MAX_ENC_LENGTH, step=BLOCK, beside=around)
    return SunLink(
        picc_data=value[:picc_length],
        uid=None,
        read_ctr=None,
        enc=value[picc_length:-MAC_LENGTH] or None,
        tamper=_tamper(params, raw_url, profile),
        mac=value[-MAC_LENGTH:],
        mac_input=mac_input(raw_url, profile),
    )


def _plain_mirror(params: dict[str, str], profile: SunProfile) -> tuple[bytes | None, int | None]:
    names = profile.names
    if names.uid not in params and names.ctr not in params:
        wanted = names.uid if profile.meta_read_key is None else names.picc_data
        raise SunError("missing_parameter", f"Parameter {wanted} is missing.")
    uid = _unhex(params, names.uid, UID_LENGTH) if names.uid in params else None
    read_ctr = int.from_bytes(_unhex(params, names.ctr, CTR_LENGTH), "big") if names.ctr in params else None
    return uid, read_ctr


def _enc(params: dict[str, str], raw_url: str, profile: SunProfile) -> bytes:
    name = profile.names.enc
    enc = _unhex(params, name, MAX_ENC_LENGTH, step=BLOCK)
    # The chip insists on it too (data sheet, ChangeFileSettings): data outside the MAC is anybody's data.
    if not _is_covered(raw_url, name, profile):
        raise SunError("mac_mismatch", f"Parameter {name} stands outside what the MAC covers.")
    return enc


def _tamper(params: dict[str, str], raw_url: str, profile: SunProfile) -> str | None:
    """Return the tamper status in clear; None where the MAC does not cover it: then anybody may have written it."""
    name = profile.names.tt
    return params[name] if name in params and _is_covered(raw_url, name, profile) else None


def _is_covered(raw_url: str, name: str, profile: SunProfile) -> bool:
    start, end = _mac_range(raw_url, profile)
    return start <= _value_start(raw_url, name) < end


def _unhex(params: dict[str, str], name: str, length: int, *, step: int = 0, beside: int = 0) -> bytes:
    """Decode a value of exactly `length` bytes, or with `step` of `beside` and any multiple of it up to `length`."""
    value = params.get(name)
    if value is None:
        raise SunError("missing_parameter", f"Parameter {name} is missing.")
    digits = len(value)
    stepped = digits - 2 * beside
    fits = step and digits and 0 <= stepped <= 2 * (length - beside) and stepped % (2 * step) == 0
    if digits != 2 * length and not fits:
        around = f"{2 * beside} and " if beside else ""
        wanted = f"{around}a multiple of {2 * step} up to {2 * length}" if step else str(2 * length)
        raise SunError("wrong_length", f"Parameter {name} has {digits} characters, expected {wanted}.")
    try:
        return unhexlify(value)
    except ValueError:
        raise SunError("not_hex", f"Parameter {name} is not hexadecimal.") from None


def _mac_range(raw_url: str, profile: SunProfile) -> tuple[int, int]:
    """Find the MAC input in `raw_url`: the positions of its first character and of the one after its last."""
    bulk = _value_start(raw_url, profile.names.bulk)
    if bulk >= 0:
        return _bulk_mac_range(raw_url, bulk, profile)
    names, mac_from = profile.names, profile.mac_from
    end = _value_start(raw_url, names.cmac)
    if end < 0:
        raise SunError("missing_parameter", f"Parameter {names.cmac} is missing.")
    if mac_from is MacFrom.CMAC:
        return end, end
    if mac_from is MacFrom.URL:
        return 0, end
    wanted = names.enc if mac_from is MacFrom.ENC else names.picc_data
    start = _value_start(raw_url, wanted)
    if start < 0 and mac_from is MacFrom.PICC_DATA:
        plain = (_value_start(raw_url, names.uid), _value_start(raw_url, names.ctr))
        start = min((at for at in plain if at >= 0), default=-1)
    if start < 0:
        raise SunError("missing_parameter", f"Parameter {wanted} is missing, where the MAC input begins.")
    if start > end:
        raise SunError("mac_mismatch", f"Parameter {wanted} stands after {names.cmac}, which covers it.")
    return start, end


def _bulk_mac_range(raw_url: str, value_start: int, profile: SunProfile) -> tuple[int, int]:
    value = raw_url[value_start:].partition("&")[0]
    end = value_start + max(len(value) - 2 * MAC_LENGTH, 0)
    start = {
        MacFrom.CMAC: end,
        MacFrom.ENC: min(value_start + 2 * profile.suite.picc_data_length, end),
        MacFrom.PICC_DATA: value_start,
        MacFrom.URL: 0,
    }[profile.mac_from]
    return start, end


def _value_start(raw_url: str, name: str) -> int:
    """Return the position of a parameter's value in `raw_url`, or -1; no chip has a parameter without name."""
    if not name:
        return -1
    query = raw_url.find("?") + 1
    if raw_url.startswith(f"{name}=", query):
        return query + len(name) + 1
    at = raw_url.find(f"&{name}=", query)
    return at if at < 0 else at + len(name) + 2
