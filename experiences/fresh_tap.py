"""A new tap after being asked: what contested acts need of whoever has a chip before them.

A chip's link carries no time, so a tap alone says "the counter moved on", not "just now". A signed cookie therefore
notes when this browser was asked, and how far the chip had counted by then; a higher counter within two minutes
is the answer. It stands for as long as that tap is good for anything: see `experiences.visitors`.
"""

from dataclasses import dataclass

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse

from experiences.tap import Tap, TapContext
from experiences.visitors import POSSESSION_AGE, Possession, visitor_of

ASKED_COOKIE = "asked"
WITHIN = 120  # seconds between being asked and the new tap
_SALT = "experiences.fresh_tap"


@dataclass(frozen=True, slots=True)
class _Asked:
    unit_id: int
    tag_id: int  # 0: this browser had tapped no chip of the unit yet
    counter: int
    visitor: str
    at: int  # seconds since 1970


def ask_for_fresh_tap(response: HttpResponse, request: HttpRequest, tap: Tap, context: TapContext) -> None:
    """Note that this browser is asked to hold the phone to the unit again, unless it was asked just before.

    Call it with the response of the page that asks. A reload of that page does not ask anew, so that a tap on the
    way stays an answer.
    """
    earlier, now = _asked(request, tap), int(context.now.timestamp())
    if earlier is not None and now - earlier.at <= WITHIN and not _answered(earlier, tap.possession):
        return
    held = tap.possession
    tag_id, counter = (held.tag_id, held.counter) if held else (0, -1)
    value = [tap.row.unit_id, tag_id, counter, context.visitor.id, now]
    response.set_cookie(
        ASKED_COOKIE,
        signing.dumps(value, salt=_SALT),
        max_age=WITHIN + POSSESSION_AGE,
        httponly=True,
        samesite="Lax",
        secure=settings.COOKIES_SECURE,
    )


def fresh_tap_given(request: HttpRequest, tap: Tap) -> bool:
    """Whether this browser was asked, and then tapped the unit's chip anew in time."""
    asked = _asked(request, tap)
    return asked is not None and _answered(asked, tap.possession)


def _answered(asked: _Asked, held: Possession | None) -> bool:
    if held is None or held.visitor != asked.visitor:
        return False
    moved_on = held.tag_id != asked.tag_id or held.counter > asked.counter
    return moved_on and 0 <= int(held.since.timestamp()) - asked.at <= WITHIN


def _asked(request: HttpRequest, tap: Tap) -> _Asked | None:
    """Return what this browser was asked about this unit; nothing without a cookie that we signed."""
    visitor = visitor_of(request)
    try:
        asked = _Asked(*signing.loads(request.COOKIES.get(ASKED_COOKIE, ""), salt=_SALT))
    except (signing.BadSignature, ValueError, TypeError):
        return None
    ours = asked.unit_id == tap.row.unit_id and asked.visitor == visitor.id and not visitor.is_new
    return asked if ours else None
