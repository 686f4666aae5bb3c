"""Links and the levels that have them: a unit, its batch, its product; pure."""

from collections.abc import Iterable
from dataclasses import dataclass

from products.digital_link.link_types import PREFIX

PIP = f"{PREFIX}pip"


@dataclass(frozen=True, slots=True)
class Link:
    """One link: what kind it is, where it leads, and for whom."""

    link_type: str  # gs1:…
    href: str  # absolute
    title: str
    languages: tuple[str, ...] = ()  # of the page; none is any
    media_type: str = "text/html"
    market: str = ""  # ISO 3166-1 alpha-2; '' is every market
    is_default: bool = False
    forwards_query: bool = True
    is_public: bool = True


@dataclass(frozen=True, slots=True)
class Level:
    """One level of what a link names, with the links that count for it."""

    path: str  # the canonical path of this level, which anchors it in a linkset
    description: str
    links: tuple[Link, ...]
    default: Link | None = None

    def of_type(self, link_type: str) -> tuple[Link, ...]:
        return tuple(link for link in self.links if link.link_type == link_type)

    def lists(self, link: Link) -> bool:
        """Return whether the link stands in the public list; the default link always does."""
        return link.is_public or link == self.default

    @property
    def default_multi(self) -> tuple[Link, ...]:
        """The default link and its sisters in other languages; empty where it has none, or they can't be told apart.

        Markets are left to the link types: a default must be found without a word about them.
        """
        if self.default is None:
            return ()
        chosen = [link for link in self.of_type(self.default.link_type) if _is_sister(link, self.default)]
        kinds = {(link.languages, link.media_type) for link in chosen}
        return tuple(chosen) if len(chosen) == len(kinds) > 1 else ()


def _is_sister(link: Link, default: Link) -> bool:
    return link == default or bool(link.is_public and link.languages and not link.market)


def merged(*groups: Iterable[Link]) -> tuple[Link, ...]:
    """Return the links of all groups, the most particular group first: it wins for each type that it has."""
    links: list[Link] = []
    for group in groups:
        taken = {link.link_type for link in links}
        links += [link for link in group if link.link_type not in taken]
    return tuple(links)


def declared_default(links: Iterable[Link]) -> Link | None:
    """Return the link that was declared to be the default one, if any."""
    return next((link for link in links if link.is_default), None)
