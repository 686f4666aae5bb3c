"""The visitor and possession cookies: who is looking, and whether they hold the unit."""

import datetime as dt

import pytest
from django.core import signing
from django.http import HttpResponse
from django.test import RequestFactory

from experiences.visitors import (
    Possession,
    Visitor,
    only_peeks,
    possession_of,
    remember_possession,
    remember_visitor,
    visitor_of,
)

NOW = dt.datetime(2026, 6, 15, 12, 0, 0, 900_000, tzinfo=dt.UTC)
ME = Visitor("a" * 32, is_new=False)
HELD = Possession(1, 2, 3, ME.id, NOW)


def request_with(**cookies):
    request = RequestFactory().get("/")
    request.COOKIES.update(cookies)
    return request


def cookie_of(possession: Possession) -> str:
    response = HttpResponse()
    remember_possession(response, possession)
    return response.cookies["possession"].value


def held_after(seconds: float, visitor: Visitor = ME, **cookies) -> Possession | None:
    request = request_with(**{"possession": cookie_of(HELD), **cookies})
    return possession_of(request, visitor, now=NOW + dt.timedelta(seconds=seconds))


@pytest.mark.parametrize("value", ["", "A" * 32, "a" * 31, "a" * 33, "g" * 32, "a" * 32 + "\n", "'; --"])
def test_a_value_that_we_never_gave_out_makes_a_new_visitor(value):
    visitor = visitor_of(request_with(visitor=value))
    assert visitor.is_new
    assert visitor.id != value
    assert len(visitor.id) == 32


def test_a_known_visitor_stays_and_gets_no_new_cookie():
    assert visitor_of(request_with(visitor=ME.id)) == ME
    response = HttpResponse()
    remember_visitor(response, ME)
    assert not response.cookies


def test_possession_lasts_ten_minutes_to_the_second():
    assert held_after(0) is not None
    assert held_after(598.9) is not None
    assert held_after(600) is None
    assert held_after(86400) is None


def test_possession_from_the_future_is_none():
    assert held_after(-60) is None


def test_possession_is_bound_to_unit_tag_counter_and_visitor():
    held = held_after(5)
    assert (held.unit_id, held.tag_id, held.counter, held.visitor) == (1, 2, 3, ME.id)
    assert held_after(5, Visitor("b" * 32, is_new=False)) is None
    assert held_after(5, Visitor(ME.id, is_new=True)) is None


@pytest.mark.parametrize(
    "forge",
    [
        lambda cookie: cookie[:-1] + ("A" if cookie[-1] != "A" else "B"),
        lambda cookie: cookie.replace(":", ""),
        lambda cookie: "." + cookie,
        lambda _cookie: signing.dumps([1, 2, 3, ME.id, int(NOW.timestamp())], salt="another use"),
        lambda _cookie: signing.dumps("text", salt="experiences.possession"),
        lambda _cookie: signing.dumps([1, 2], salt="experiences.possession"),
        lambda _cookie: signing.dumps([1, 2, 3, ME.id, "x"], salt="experiences.possession"),
        lambda _cookie: "\x00\xff" * 100,
    ],
)
def test_a_forged_possession_is_none(forge):
    assert held_after(5, possession=forge(cookie_of(HELD))) is None


@pytest.mark.parametrize(
    ("method", "headers", "peeks"),
    [
        ("get", {}, False),
        ("head", {}, True),
        ("get", {"User-Agent": "facebookexternalhit/1.1"}, True),
        ("get", {"User-Agent": "TelegramBot (like TwitterBot)"}, True),
        ("get", {"User-Agent": "Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) Safari/604.1"}, False),
        ("get", {"User-Agent": "Mozilla/5.0 (Linux; Android 16) Chrome/150 Mobile Safari/537.36"}, False),
    ],
)
def test_who_only_peeks(method, headers, peeks):
    assert only_peeks(getattr(RequestFactory(), method)("/", headers=headers)) is peeks


def test_a_person_in_an_app_s_browser_is_no_preview():
    """A7: the name of an app stands in the browser that it opens, too; only its robot peeks."""
    seen = RequestFactory().get
    assert not only_peeks(
        seen("/", headers={"user-agent": "Mozilla/5.0 (iPhone) Mobile/15E148 [Pinterest/iOS]"})
    )
    assert only_peeks(seen("/", headers={"user-agent": "Mozilla/5.0 (compatible; Pinterestbot/1.0)"}))
    assert only_peeks(seen("/", headers={"user-agent": "Pinterest/0.2 (+https://example.com/bot.html)"}))
