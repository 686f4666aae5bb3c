"""The list of a thing's links, for somebody who reads it in a browser."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import get_language_bidi, ngettext
from django.utils.translation import gettext as _

from experiences.cards import BrandCard
from experiences.resolver.links import Level, Link
from experiences.resolver.things import Thing


@dataclass(frozen=True, slots=True)
class LinksPage:
    """What `experiences/links.html` shows."""

    title: str
    sentence: str
    levels: Sequence[Level]
    brand: BrandCard
    locale: str
    direction: str


def list_of_all(thing: Thing) -> LinksPage:
    count = sum(len(level.links) for level in _public(thing.levels))
    sentence = ngettext("%(count)d page is linked to it.", "%(count)d pages are linked to it.", count)
    return _page(thing, thing.levels[0].description, sentence % {"count": count}, thing.levels)


def list_of_choices(thing: Thing, links: tuple[Link, ...]) -> LinksPage:
    sentence = _("More than one page fits what was asked for. Choose the one that you want.")
    return _page(thing, thing.levels[0].description, sentence, [only(thing, links)])


def list_instead(thing: Thing, link_type: str) -> LinksPage:
    sentence = _("There is no page of the kind “%(kind)s” for it. These there are:") % {
        "kind": "".join(char for char in link_type[:60] if char.isprintable())
    }
    return _page(thing, _("No such page"), sentence, thing.levels)


def only(thing: Thing, links: tuple[Link, ...]) -> Level:
    """Return the first level with nothing but these links."""
    first = thing.levels[0]
    return Level(first.path, first.description, links)


def _page(thing: Thing, title: str, sentence: str, levels: Sequence[Level]) -> LinksPage:
    return LinksPage(
        title=title,
        sentence=sentence,
        levels=_public(levels),
        brand=thing.brand,
        locale=thing.locale,
        direction="rtl" if get_language_bidi() else "ltr",
    )


def _public(levels: Sequence[Level]) -> list[Level]:
    shown = [
        Level(
            level.path,
            level.description,
            tuple(link for link in level.links if level.lists(link)),
        )
        for level in levels
    ]
    return [level for level in shown if level.links]
