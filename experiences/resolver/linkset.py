"""The list of all links of a thing, as a linkset (RFC 9264; JSON schema of the GS1-Conformant Resolver Standard)."""

from collections.abc import Sequence
from typing import Any

from experiences.resolver.links import Level, Link
from products.digital_link.link_types import DEFAULT_LINK, DEFAULT_LINK_MULTI, address_of

CONTEXT_URL = "https://ref.gs1.org/standards/resolver/linkset-context"
# The two links of RFC 8288 that an answer carries: to the linkset, and to what makes it JSON-LD.
CONTEXT_LINK = f'<{CONTEXT_URL}>; rel="http://www.w3.org/ns/json-ld#context"; type="application/ld+json"'


def build_linkset(levels: Sequence[Level], root: str) -> dict[str, Any]:
    """Return the linkset, with an anchor for each level; `root` is scheme and host without a slash."""
    leading = next((level for level in levels if level.default), None)
    return {"linkset": [_anchored(level, root, leads=level is leading) for level in levels]}


def build_json_ld(levels: Sequence[Level], root: str) -> dict[str, Any]:
    """Return the same with its context inside."""
    return {"@context": CONTEXT_URL, **build_linkset(levels, root)}


def _anchored(level: Level, root: str, *, leads: bool) -> dict[str, Any]:
    said: dict[str, Any] = {"anchor": root + level.path, "itemDescription": level.description}
    for link in level.links:
        if level.lists(link):
            said.setdefault(address_of(link.link_type), []).append(_link_object(link))
    if level.default is not None:
        # Without any of the optional attributes, as the standard has it.
        said[address_of(DEFAULT_LINK)] = [{"href": level.default.href, "title": level.default.title}]
    if leads and (sisters := level.default_multi):
        said[address_of(DEFAULT_LINK_MULTI)] = [_link_object(link) for link in sisters]
    return said


def _link_object(link: Link) -> dict[str, Any]:
    said: dict[str, Any] = {"href": link.href, "title": link.title, "type": link.media_type}
    if link.languages:
        said["hreflang"] = list(link.languages)
    if link.market:
        said["context"] = [link.market]
    if not link.forwards_query:
        said["fwqs"] = False
    return said
