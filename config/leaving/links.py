"""The redirect map: every address that stands on the brand's things, and where it leads on the brand's own domain.

Written three times from one source: as CSV, as a map for nginx, and as `_redirects` for static hosts.
"""

import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import quote, urlsplit

from django.utils.translation import gettext as _

from config.leaving.archive import Archive
from products.errors import ProductsError
from products.models import Brand, ChipProfile, Unit

COLUMNS = ("kind", "path", "target", "gtin", "serial", "public_code")
PLACEHOLDERS = ("gtin", "serial", "code")
DEFAULT_UNIT, DEFAULT_CHIP = "/units/{code}", "/taps/{profile}"
# What would end a value in one of the three files, or begin a variable in nginx's.
_UNSAFE = re.compile(r"[\s\"'\\$;#<>{}]")
_CHUNK = 2000

NGINX = """\
# Every code of {brand}, for nginx. In http {{ }}:
#     include heirloom-map.conf;
# and in the server {{ }} of the domain that stands on the things:
#     if ($heirloom_target) {{ return 307 $heirloom_target; }}
# The raw path is matched, as a serial number may hold %2F; a chip's query is handed on as it is.
map_hash_bucket_size 512;
map_hash_max_size 262144;
map $request_uri $heirloom_path {{
    "~^(?<heirloom_raw>[^?]*)" $heirloom_raw;
}}
map $heirloom_path $heirloom_target {{
    default "";
"""


@dataclass(frozen=True, slots=True)
class Targets:
    """Where codes lead: for a unit with {gtin}, {serial} and {code}, for a chip's tap with {profile}."""

    unit: str
    chip: str

    def of_unit(self, gtin: str, serial: str, code: str) -> str:
        return self.unit.format(gtin=gtin, serial=quote(serial, safe=""), code=code)

    def of_chip(self, profile: str) -> str:
        return self.chip.format(profile=profile)


@dataclass(frozen=True, slots=True)
class Link:
    """One address on a thing. A chip's path is followed by its query and, without a UID, by the unit's code."""

    kind: str  # qr, gs1 or chip
    path: str
    target: str
    gtin: str = ""
    serial: str = ""
    public_code: str = ""


def read_targets(unit: str, chip: str) -> Targets:
    """Check the two patterns. Raises ProductsError `bad_target` with a sentence."""
    _check(
        unit, PLACEHOLDERS, needed=(("code",), ("gtin", "serial"))
    )  # a serial number is unique under its GTIN
    _check(chip, ("profile",), needed=(("profile",),))
    return Targets(unit, chip)


def write_links(archive: Archive, brand: Brand, targets: Targets) -> int:
    """Write the three files; return how many addresses they hold."""
    count = 0
    with archive.open_text("links/links.csv") as file:
        rows = csv.writer(file, lineterminator="\n")
        rows.writerow(COLUMNS)
        for link in _links(brand, targets):
            rows.writerow([getattr(link, column) for column in COLUMNS])
            count += 1
    with archive.open_text("links/heirloom-map.conf") as file:
        file.write(NGINX.format(brand=_comment(brand.name)))
        for link in _links(brand, targets):
            file.write(f"    {_nginx(link)};\n")
        file.write("}\n")
    with archive.open_text("links/_redirects") as file:
        for link in _links(brand, targets):
            pattern = f"{link.path}*" if link.kind == "chip" else link.path
            file.write(f"{pattern} {link.target} 302\n")
    return count


def _links(brand: Brand, targets: Targets) -> Iterator[Link]:
    """Yield the chips' addresses first: in `_redirects` the first that fits counts."""
    for slug in ChipProfile.objects.for_brand(brand).order_by("pk").values_list("slug", flat=True):
        yield Link("chip", f"/t/{slug}", targets.of_chip(slug))
    units = (
        Unit.objects.for_brand(brand).order_by("pk").values_list("trade_item__gtin", "serial", "public_code")
    )
    for gtin, serial, code in units.iterator(chunk_size=_CHUNK):
        target = targets.of_unit(gtin, serial, code)
        yield Link("qr", f"/q/{code}", target, gtin, serial, code)
        path = f"/01/{gtin}/21/{quote(serial, safe='')}"  # as it stands on the thing, even if it should not
        yield Link("gs1", path, target, gtin, serial, code)


def _nginx(link: Link) -> str:
    if link.kind == "chip":
        return f'"~^{re.escape(link.path)}(/[^/]*)?$" "{link.target}$1$is_args$args"'
    return f'"{link.path}" "{link.target}"'


def _comment(text: str) -> str:
    return " ".join(text.split()).replace("{", "(").replace("}", ")")


def _is_web_address(text: str) -> bool:
    try:
        parts = urlsplit(text)
    except ValueError:  # a bracket that is never closed
        return False
    return parts.scheme in ("http", "https") and bool(parts.hostname)


def _check(pattern: str, known: tuple[str, ...], *, needed: tuple[tuple[str, ...], ...]) -> None:
    named = re.findall(r"\{(\w*)\}", pattern)
    plain = re.sub(r"\{\w*\}", "", pattern)
    if not _is_web_address(plain) or _UNSAFE.search(plain):
        raise ProductsError(
            "bad_target",
            _(
                "“%s” is no address that codes can lead to: write it like https://care.example.com/units/{code}."
            )
            % pattern,
        )
    if set(named) - set(known) or not any(set(names) <= set(named) for names in needed):
        raise ProductsError(
            "bad_target",
            _("“%(pattern)s” must hold one of %(needed)s, and nothing else in braces but %(known)s.")
            % {
                "pattern": pattern,
                "needed": ", ".join(" + ".join(f"{{{name}}}" for name in names) for names in needed),
                "known": ", ".join(f"{{{name}}}" for name in known),
            },
        )
