"""Choosing among the links of a thing; pure.

The most particular level that has the wanted type wins. Among its links the market decides before
the language, the language before the format. What was not asked for decides nothing: then a link
for everybody goes before one for some, and the brand's first language before its others.
Source: GS1-Conformant Resolver Standard 1.2, sec. on matching links to requests.
"""

from collections.abc import Callable, Iterable, Sequence

from experiences.resolver.asked import HTML, Asked
from experiences.resolver.links import Level, Link


def choose(levels: Sequence[Level], asked: Asked, brand_language: str) -> tuple[Link, ...]:
    """Return the links that answer the request equally well and best: none is 404, one 307, more are 300."""
    if asked.link_type is None:
        return _default(levels, asked, brand_language)
    offered = [(level, level.of_type(asked.link_type)) for level in levels]
    # What stands in the list goes before what does not: who read the list gets what it promised.
    listed = [tuple(link for link in found if level.lists(link)) for level, found in offered]
    for found in (*listed, *(found for _level, found in offered)):
        if found:
            return _best(found, asked, brand_language)
    return ()


def _default(levels: Sequence[Level], asked: Asked, brand_language: str) -> tuple[Link, ...]:
    level = next((level for level in levels if level.default), None)
    if level is None or level.default is None:
        return ()
    sisters = level.default_multi
    if not any(_speaks(link, wanted) for link in sisters for wanted in asked.languages):
        return (level.default,)
    best = _best(sisters, asked, brand_language)
    return best if len(best) == 1 else (level.default,)


def _best(links: Iterable[Link], asked: Asked, brand_language: str) -> tuple[Link, ...]:
    links = _first_that_some_fit(
        tuple(links),
        lambda link: bool(asked.market) and link.market == asked.market,
        lambda link: not link.market,
    )
    links = _in_language(links, asked.languages, brand_language)
    wanted = asked.prefer(sorted({link.media_type for link in links}, key=lambda kind: kind != HTML))
    return _first_that_some_fit(
        links, lambda link: link.media_type == wanted, lambda link: link.media_type == HTML
    )


def _in_language(links: tuple[Link, ...], languages: Sequence[str], brand_language: str) -> tuple[Link, ...]:
    for wanted in languages:
        if fitting := _closest(links, wanted):
            return fitting
    return _fitting(links, lambda link: not link.languages) or _closest(links, brand_language) or links


def _closest(links: tuple[Link, ...], wanted: str) -> tuple[Link, ...]:
    """Return the links in exactly this language, else without its country, else of another country."""
    base = wanted.split("-")[0]
    return (
        _fitting(links, lambda link: _says(link, wanted))
        or _fitting(links, lambda link: _says(link, base))
        or _fitting(links, lambda link: _speaks(link, wanted))
    )


def _first_that_some_fit(links: tuple[Link, ...], *tests: Callable[[Link], bool]) -> tuple[Link, ...]:
    """Return the links that pass the first test that any passes; all of them where none does."""
    return next((fitting for test in tests if (fitting := _fitting(links, test))), links)


def _fitting(links: tuple[Link, ...], test: Callable[[Link], bool]) -> tuple[Link, ...]:
    return tuple(link for link in links if test(link))


def _says(link: Link, wanted: str) -> bool:
    return wanted in (code.lower() for code in link.languages)


def _speaks(link: Link, wanted: str) -> bool:
    """Return whether the link is in the wanted language, whatever the country."""
    return wanted.split("-")[0] in (code.split("-")[0].lower() for code in link.languages)
