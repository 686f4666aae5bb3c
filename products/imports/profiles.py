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
from products.models import ChipProfile
from products.models.units import ChipMode, MacInput
from products.sun import ParameterNames

MAX_DOCUMENT = 65_536  # bytes
KEYS = ("slug", "mode", "meta_read_key", "file_read_key", "mac_from", "params")
PARAMETERS = tuple(name.name for name in fields(ParameterNames))
_AES_KEY = re.compile(r"[0-9A-Fa-f]{32}")
_URL_SAFE = re.compile(r"[A-Za-z0-9._~-]{1,32}")  # RFC 3986 sec. 2.3, unreserved


@dataclass(frozen=True, slots=True)
class ProfileDocument:
    """A chip profile as the file says it, checked; keys are 16 bytes and never shown in a repr."""

    slug: str
    mode: str
    mac_from: str
    params: dict[str, str]
    meta_read_key: bytes | None = field(repr=False)
    file_read_key: bytes = field(repr=False)


def read_profile(raw: bytes) -> ProfileDocument:
    """Return the profile. Raises ProductsError `bad_profile` or `unsupported`, with one sentence."""
    document = _load(raw)
    _check_keys(document)
    mode = _choice(document, "mode", ChipMode.values)
    if mode == ChipMode.LRP:
        raise ProductsError("unsupported", _("This version does not support chips in LRP mode yet."))
    return ProfileDocument(
        slug=_slug(document["slug"]),
        mode=mode,
        mac_from=_choice(document, "mac_from", MacInput.values),
        params=_params(document.get("params", {})),
        meta_read_key=None
        if document["meta_read_key"] is None
        else _key("meta_read_key", document["meta_read_key"]),
        file_read_key=_key("file_read_key", document["file_read_key"]),
    )


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
    missing = [key for key in KEYS if key not in document and key != "params"]
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
    # A wrong key is not repeated: it may be a right one with a slip.
    if isinstance(value, dict) and value.get("scheme") == "an10922":
        raise ProductsError(
            "unsupported", _("This version does not support keys derived per chip (AN10922) yet.")
        )
    if not isinstance(value, str) or not _AES_KEY.fullmatch(value):
        raise _bad(_("%(name)s must be 32 hexadecimal digits: an AES key of 16 bytes."), name=name)
    return bytes.fromhex(value)


def _params(value: Any) -> dict[str, str]:
    if not isinstance(value, dict):
        raise _bad(_("params must be an object from what a parameter holds to its name in the link."))
    for what, name in value.items():
        if what not in PARAMETERS:
            raise _bad(
                _("params holds “%(what)s”, which is not known. Known: %(known)s."),
                what=shown(what),
                known=", ".join(PARAMETERS),
            )
        if not isinstance(name, str) or not _URL_SAFE.fullmatch(name):
            raise _bad(
                _("The name of %(what)s must be 1 to 32 letters, digits and . _ ~ - to stand in a link."),
                what=what,
            )
    names: dict[str, str] = asdict(ParameterNames(**value))
    if len(set(names.values())) < len(names):
        raise _bad(_("The names in params must all differ, those left at their defaults included."))
    return names
