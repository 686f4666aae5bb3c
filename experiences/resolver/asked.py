"""What a request to the resolver asks for: which kind of link, in which languages and formats, for which market."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from urllib.parse import parse_qsl

from django.http import HttpRequest
from django.utils.translation.trans_real import parse_accept_lang_header

from experiences.places import country_of
from products.digital_link.link_types import DEFAULT_LINK, DEFAULT_LINK_MULTI, read_link_type

LINKSET, JSON, JSON_LD, HTML = (
    "application/linkset+json",
    "application/json",
    "application/ld+json",
    "text/html",
)
# `all` is how the linkset was asked for before the standard's first release.
_LISTS = frozenset({"linkset", "all"})
_PARAMETERS = 100  # more are read by nobody; they are handed on all the same


@dataclass(frozen=True, slots=True)
class Asked:
    """A request, read."""

    link_type: (
        str | None
    )  # a `gs1:` name, or as it was sent where it is no name of GS1's; None for the default
    list_as: str | None  # the media type in which the list of all links is asked for; None for one link
    languages: tuple[str, ...]  # in small letters, the most wanted first
    market: str  # ISO 3166-1 alpha-2 in capitals, or ''
    query: str  # as sent
    by_script: bool  # sent by a script of another site: nobody is waiting for a page
    wants_html: bool  # whether a person reads what comes
    prefer: Callable[[Sequence[str]], str | None]  # of some media types the most wanted one

    @property
    def is_default(self) -> bool:
        """Whether nothing more particular than the default link is asked for."""
        return self.link_type is None and self.list_as is None

    def locale_for(self, offered: Sequence[str]) -> str:
        """Return the most wanted of the languages offered; the first where none is wanted."""
        for wanted in self.languages:
            for code in (wanted, wanted.split("-")[0]):
                if code in offered:
                    return code
        return offered[0]


def read_request(request: HttpRequest) -> Asked:
    """Read the query, by hand and kindly, and the headers."""
    query = request.META.get("QUERY_STRING", "")
    said = _first_values(query)
    link_type = said.get("linkType") or said.get("linktype") or None
    return Asked(
        link_type=None if link_type in _LISTS else _known(link_type),
        list_as=_list_format(request, link_type),
        languages=_languages(request, said.get("lang", "")),
        market=_market(said.get("context", "")) or country_of(request),
        query=query,
        by_script="Origin" in request.headers,
        wants_html=request.get_preferred_type([HTML, LINKSET, JSON, JSON_LD]) == HTML,
        prefer=request.get_preferred_type,
    )


def _first_values(query: str) -> dict[str, str]:
    """Return the first value of each parameter."""
    head = "&".join(query.split("&")[:_PARAMETERS])
    pairs = parse_qsl(head, keep_blank_values=True, errors="replace", separator="&")
    return dict(reversed(pairs))


def _known(link_type: str | None) -> str | None:
    if link_type is None:
        return None
    code = read_link_type(link_type) or link_type
    return None if code in (DEFAULT_LINK, DEFAULT_LINK_MULTI) else code


def _list_format(request: HttpRequest, link_type: str | None) -> str | None:
    if link_type in _LISTS:
        return request.get_preferred_type([LINKSET, JSON, JSON_LD, HTML]) or LINKSET
    if link_type is None:
        wanted = request.get_preferred_type([HTML, LINKSET, JSON, JSON_LD])
        return None if wanted == HTML else wanted
    return None


def _languages(request: HttpRequest, asked: str) -> tuple[str, ...]:
    header = parse_accept_lang_header(request.headers.get("Accept-Language", ""))
    return tuple(
        code for code in (asked.lower()[:20], *(code for code, _q in header)) if code and code != "*"
    )


def _market(context: str) -> str:
    """Return the country that `context` names; other contexts say nothing here."""
    code = context.upper()
    return code if len(code) == 2 and code.isascii() and code.isalpha() else ""
