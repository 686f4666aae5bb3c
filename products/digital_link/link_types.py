"""The link types that GS1 has ratified: what a link of the resolver may say of its target.

Source: GS1 Web Vocabulary, `link_types.json` beside this file, which names its release. Link types are
written as compact names (`gs1:pip`) or as addresses in one of the namespaces that GS1 has used for them.
"""

import json
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

NAMESPACE = "https://ref.gs1.org/voc/"
PREFIX = "gs1:"
DEFAULT_LINK, DEFAULT_LINK_MULTI = "gs1:defaultLink", "gs1:defaultLinkMulti"

_SPELLINGS = re.compile(r"(?:gs1:|https?://(?:ref\.|www\.)?gs1\.org/voc/)(?P<name>[A-Za-z][A-Za-z0-9]{0,60})")
# Said by the resolver itself, not by whoever declares a link.
_NOT_DECLARED = frozenset({"defaultLink", "defaultLinkMulti", "handledBy"})


@dataclass(frozen=True, slots=True)
class LinkType:
    """A link type as `gs1:…`, with the title and description that GS1 gives it, in English."""

    code: str
    title: str
    description: str
    is_deprecated: bool


@cache
def ratified() -> dict[str, LinkType]:
    """Return every link type of the vocabulary by its `gs1:` name."""
    stored = json.loads(Path(__file__).with_suffix(".json").read_text())["link_types"]
    return {
        PREFIX + name: LinkType(
            PREFIX + name,
            " ".join(said["title"].split()),
            said["description"],
            said["status"] == "deprecated",
        )
        for name, said in stored.items()
    }


@cache
def declarable() -> tuple[LinkType, ...]:
    """Return the link types that a brand may declare, by title: neither deprecated nor the resolver's own."""
    chosen = (
        kind
        for kind in ratified().values()
        if not kind.is_deprecated and kind.code.removeprefix(PREFIX) not in _NOT_DECLARED
    )
    return tuple(sorted(chosen, key=lambda kind: kind.title.lower()))


def read_link_type(text: str) -> str | None:
    """Return the `gs1:` name for any of its spellings; None for what is no name of GS1's."""
    match = _SPELLINGS.fullmatch(text)
    return PREFIX + match["name"] if match else None


def address_of(code: str) -> str:
    """Return the address of a `gs1:` link type, which names the relation in a linkset (RFC 9264)."""
    return NAMESPACE + code.removeprefix(PREFIX)
