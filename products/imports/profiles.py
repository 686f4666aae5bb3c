"""Reading a chip profile from JSON (docs/operations.md shows one)."""

from __future__ import annotations

import json
import re
from dataclasses import asdict, dataclass, field, fields
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_slug
from django.utils.translation import gettext as _

from products.errors import ProductsError
from products.imports.problems import shown
from products.keyring import AN10922
from products.models import ChipProfile
from products.models.encoding import MAX_KEY_VERSION
from products.models.units import MAX_TAMPER_AT, ChipMode, MacInput, TamperLoop
from products.sun import FileReadKey, MasterKey, ParameterNames

MAX_DOCUMENT = 65_536  # bytes
NEEDED = ("slug", "mode", "meta_read_key", "file_read_key", "mac_from")
KEYS = (*NEEDED, "params", "key_version", "tamper", "tamper_at")
PARAMETERS = tuple(name.name for name in fields(ParameterNames))
NOT_MIRRORED = ("uid", "ctr", "bulk", "tt")  # parameters that chips may do without
MASTER_KEY_KEYS = ("scheme", "master_key", "system_id", "aid")
_AES_KEY = re.compile(r"[0-9A-Fa-f]{32}")
_BYTES = re.compile(r"(?:[0-9A-Fa-f]{2}){0,24}")
_URL_SAFE = re.compile(r"[A-Za-z0-9._~-]{1,32}")  # RFC 3986 sec. 2.3, unreserved


@dataclass(frozen=True, slots=True)
class ProfileDocument:
    """A chip profile as the file says it, checked; keys are 16 bytes and never shown in a repr."""

    slug: str
    mode: str
    mac_from: str
    params: dict[str, str]
    tamper_loop: str
    tamper_at: int | None
    key_version: int
    meta_read_key: bytes | None = field(repr=False)
    file_read_key: FileReadKey = field(repr=False)


def read_profile(raw: bytes) -> ProfileDocument:
    """Return the profile. Raises ProductsError `bad_profile`, with one sentence."""
    document = _load(raw)
    _check_keys(document)
    meta = document["meta_read_key"]
    profile = ProfileDocument(
        slug=_slug(document["slug"]),
        mode=_choice(document, "mode", ChipMode.values),
        mac_from=_choice(document, "mac_from", MacInput.values),
        params=_params(document.get("params", {})),
        tamper_loop=_tamper_loop(document),
        tamper_at=_number(document, "tamper_at", MAX_TAMPER_AT, empty=None),
        key_version=_number(document, "key_version", MAX_KEY_VERSION, empty=0) or 0,
        meta_read_key=None if meta is None else _key("meta_read_key", meta),
        file_read_key=read_file_read_key(document["file_read_key"]),
    )
    _check_mirrors(profile)
    _check_tamper(profile)
    return profile


def read_file_read_key(value: Any) -> FileReadKey:
    """Return a file read key as a profile's JSON says it: 32 hex digits, or a master key with its inputs.

    Raises ProductsError `bad_profile`. A wrong key is not repeated: it may be a right one with a slip.
    """
    if not isinstance(value, dict):
        return _key("file_read_key", value)
    if value.get("scheme") != AN10922:
        raise _bad(
            _("The scheme of file_read_key must be “an10922”, or file_read_key 32 hexadecimal digits.")
        )
    for key in value:
        if key not in MASTER_KEY_KEYS:
            raise _bad(_("file_read_key holds “%(key)s”, which is not known."), key=shown(key))
    master_key = _key("master_key", value.get("master_key"))
    if not any(master_key):
        raise _bad(
            _("The master key is all zeros, as every chip leaves the factory: anybody could make your chips.")
        )
    system_id, aid = _bytes("system_id", value.get("system_id")), _bytes("aid", value.get("aid", ""))
    try:
        return MasterKey(master_key, system_id=system_id, aid=aid)
    except ValueError as error:
        raise _bad(
            _("system_id and aid are too long: they have 24 bytes together, beside the UID.")
        ) from error


def _bad(sentence: str, **values: Any) -> ProductsError:
    return ProductsError("bad_profile", sentence % values)


def _load(raw: bytes) -> dict[str, Any]:
    if len(raw) > MAX_DOCUMENT:
        raise _bad(_("The file is longer than %(most)d bytes: it is not a chip profile."), most=MAX_DOCUMENT)
    try:
        document = json.loads(raw.decode("utf-8-sig"), object_pairs_hook=_once_each)
    except (ValueError, RecursionError) as error:
        raise _bad(_("The file is not JSON.")) from error
    if not isinstance(document, dict):
        raise _bad(_("The file must hold one JSON object."))
    return document


def _once_each(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in pairs:
        if key in found:
            raise _bad(_("The key “%(key)s” stands in the file twice."), key=shown(key))
        found[key] = value
    return found


def _check_keys(document: dict[str, Any]) -> None:
    for key in document:
        if key not in KEYS:
            raise _bad(
                _("The key “%(key)s” is not known. Known keys: %(known)s."),
                key=shown(key),
                known=", ".join(KEYS),
            )
    missing = [key for key in NEEDED if key not in document]
    if missing:
        raise _bad(_("The key “%(key)s” is missing."), key=missing[0])


def _slug(value: Any) -> str:
    longest = ChipProfile._meta.get_field("slug").max_length or 0
    try:
        validate_slug(value)
    except ValidationError:
        value = None
    if not isinstance(value, str) or len(value) > longest:
        raise _bad(
            _("slug must be 1 to %(longest)d letters, digits, hyphens and underscores: it stands in links."),
            longest=longest,
        )
    return value


def _choice(document: dict[str, Any], key: str, known: list[str]) -> str:
    value = document[key]
    if not isinstance(value, str) or value not in known:
        raise _bad(
            _("%(key)s must be one of %(known)s, not “%(value)s”."),
            key=key,
            known=", ".join(known),
            value=shown(str(value)),
        )
    return value


def _key(name: str, value: Any) -> bytes:
    if not isinstance(value, str) or not _AES_KEY.fullmatch(value):
        raise _bad(_("%(name)s must be 32 hexadecimal digits: an AES key of 16 bytes."), name=name)
    return bytes.fromhex(value)


def _bytes(name: str, value: Any) -> bytes:
    if not isinstance(value, str) or not _BYTES.fullmatch(value):
        raise _bad(_("%(name)s must be an even number of hexadecimal digits, at most 48."), name=name)
    return bytes.fromhex(value)


def _number(document: dict[str, Any], key: str, most: int, *, empty: int | None) -> int | None:
    value = document.get(key)
    if value is None:
        return empty
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= most:
        raise _bad(_("%(key)s must be a whole number from 0 to %(most)d."), key=key, most=most)
    return value


def _tamper_loop(document: dict[str, Any]) -> str:
    if document.get("tamper") is None:
        return TamperLoop.NONE.value
    return _choice(document, "tamper", [TamperLoop.SEAL.value, TamperLoop.GUARD.value])


def _params(value: Any) -> dict[str, str]:
    if not isinstance(value, dict):
        raise _bad(_("params must be an object from what a parameter holds to its name in the link."))
    names = {what: _parameter(what, name) for what, name in value.items()}
    names = asdict(ParameterNames(**names))
    # What no chip of the profile mirrors by default need not be stored; a UID or counter left out must be.
    names = {what: name for what, name in names.items() if name or what in ("uid", "ctr")}
    if len({name for name in names.values() if name}) < sum(map(bool, names.values())):
        raise _bad(_("The names in params must all differ, those left at their defaults included."))
    return names


def _parameter(what: str, name: Any) -> str:
    if what not in PARAMETERS:
        raise _bad(
            _("params holds “%(what)s”, which is not known. Known: %(known)s."),
            what=shown(what),
            known=", ".join(PARAMETERS),
        )
    if name is None and what in NOT_MIRRORED:
        return ""
    if not isinstance(name, str) or not _URL_SAFE.fullmatch(name):
        raise _bad(
            _("The name of %(what)s must be 1 to 32 letters, digits and . _ ~ - to stand in a link."),
            what=what,
        )
    return name


def _check_mirrors(profile: ProfileDocument) -> None:
    names = ParameterNames(**profile.params)
    if not names.uid and not names.ctr:
        raise _bad(_("A chip mirrors its UID, its counter or both: params can't leave out both."))
    if names.bulk and profile.meta_read_key is None:
        raise _bad(_("A bulk parameter holds encrypted PICC data: it needs meta_read_key."))
    has_file_data = profile.tamper_at is not None or (profile.mac_from == MacInput.ENC and not names.bulk)
    if has_file_data and not (names.uid and names.ctr):
        raise _bad(_("Encrypted file data takes chips that mirror both their UID and their counter."))


def _check_tamper(profile: ProfileDocument) -> None:
    has_parameter = "tt" in profile.params
    if profile.tamper_loop and not has_parameter and profile.tamper_at is None:
        raise _bad(_("Say where the tamper status stands: tamper_at in the file data, or tt in params."))
    if has_parameter and profile.tamper_at is not None:
        raise _bad(_("The tamper status stands in one place: leave out either tamper_at or tt in params."))
    if not profile.tamper_loop and (has_parameter or profile.tamper_at is not None):
        raise _bad(_("Say in tamper what an open loop means: “seal” or “guard”."))
    if profile.tamper_loop and profile.mac_from == MacInput.CMAC:
        raise _bad(
            _(
                "With mac_from “cmac” the MAC covers nothing, so anybody could write the tamper status: choose another."
            )
        )
