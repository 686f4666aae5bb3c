"""Who is looking, without a log-in: the visitor and possession cookies.

*Visitor*: random, tells a reload from a copy. *Possession*: signed, says that this browser opened a
genuine chip link of this unit less than ten minutes ago; a reload never renews it.
"""

import datetime as dt
import re
import uuid
from dataclasses import dataclass

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse

VISITOR_COOKIE = "visitor"
VISITOR_AGE = 400 * 24 * 3600  # seconds; browsers cap cookies at 400 days
POSSESSION_COOKIE = "possession"
POSSESSION_AGE = 600  # seconds
_SALT = "experiences.possession"
_VISITOR = re.compile(r"[0-9a-f]{32}")
# Fetchers of link previews, by the names that they give themselves.
_PREVIEWERS = re.compile(
    r"facebookexternalhit|whatsapp|telegrambot|twitterbot|slackbot|discordbot|linkedinbot|skypeuripreview"
    r"|applebot|googlebot|bingbot|embedly|pinterestbot|pinterest/0|redditbot|mastodon|iframely",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Visitor:
    """The visitor's random id, and whether the browser already had it."""

    id: str
    is_new: bool


@dataclass(frozen=True, slots=True)
class Possession:
    """Proof that this browser held the unit: bound to unit, tag, counter and visitor."""

    unit_id: int
    tag_id: int
    counter: int
    visitor: str
    since: dt.datetime


def visitor_of(request: HttpRequest) -> Visitor:
    value = request.COOKIES.get(VISITOR_COOKIE, "")
    if _VISITOR.fullmatch(value):
        return Visitor(value, is_new=False)
    return Visitor(uuid.uuid4().hex, is_new=True)


def only_peeks(request: HttpRequest) -> bool:
    """True for requests that nobody looks at: HEAD, and fetchers of link previews."""
    return request.method == "HEAD" or bool(_PREVIEWERS.search(request.headers.get("User-Agent", "")))


def fetches_ahead(request: HttpRequest) -> bool:
    """True where a browser asks before anybody tapped: it is sent away, and asks again when somebody does.

    Answering with a page would use up the link, or show one that was never checked.
    """
    purpose = request.headers.get("Sec-Purpose", "") or request.headers.get("Purpose", "")
    return "prefetch" in purpose


def possession_of(request: HttpRequest, visitor: Visitor, *, now: dt.datetime) -> Possession | None:
    """Return the possession that this browser can show, if it is younger than ten minutes."""
    cookie = request.COOKIES.get(POSSESSION_COOKIE)
    if not cookie or visitor.is_new:
        return None
    try:
        unit_id, tag_id, counter, holder, since = signing.loads(cookie, salt=_SALT)
        possession = Possession(unit_id, tag_id, counter, holder, dt.datetime.fromtimestamp(since, dt.UTC))
    except (signing.BadSignature, ValueError, TypeError):
        return None
    age = (now - possession.since).total_seconds()
    return possession if 0 <= age < POSSESSION_AGE and possession.visitor == visitor.id else None


def remember_visitor(response: HttpResponse, visitor: Visitor) -> None:
    if visitor.is_new:
        _set(response, VISITOR_COOKIE, visitor.id, VISITOR_AGE)


def remember_possession(response: HttpResponse, possession: Possession) -> None:
    value = signing.dumps(
        [
            possession.unit_id,
            possession.tag_id,
            possession.counter,
            possession.visitor,
            int(possession.since.timestamp()),
        ],
        salt=_SALT,
    )
    _set(response, POSSESSION_COOKIE, value, POSSESSION_AGE)


def _set(response: HttpResponse, name: str, value: str, age: int) -> None:
    response.set_cookie(
        name, value, max_age=age, httponly=True, samesite="Lax", secure=settings.COOKIES_SECURE
    )
