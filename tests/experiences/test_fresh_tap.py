"""Contested acts ask for a new tap: a higher counter, in this browser, within two minutes of being asked."""

import datetime as dt
from types import SimpleNamespace

import pytest
from django.core import signing
from django.http import HttpResponse
from django.test import RequestFactory

from experiences.fresh_tap import ask_for_fresh_tap, fresh_tap_given
from experiences.visitors import Possession, Visitor

NOW = dt.datetime(2026, 6, 15, 12, tzinfo=dt.UTC)
ME = Visitor("a" * 32, is_new=False)


def tap(counter: int | None = None, after: int = 0, *, unit: int = 1, tag: int = 2, visitor: str = ME.id):
    held = None
    if counter is not None:
        held = Possession(unit, tag, counter, visitor, NOW + dt.timedelta(seconds=after))
    return SimpleNamespace(possession=held, row=SimpleNamespace(unit_id=unit))


def asked(about, cookie: str = "", *, after: int = 0, visitor: Visitor = ME) -> str:
    """Return the cookie after the page that asks was shown; '' where it asked nothing anew."""
    response = HttpResponse()
    context = SimpleNamespace(now=NOW + dt.timedelta(seconds=after), visitor=visitor)
    ask_for_fresh_tap(response, request(cookie), about, context)
    return response.cookies["asked"].value if "asked" in response.cookies else ""


def request(cookie: str, visitor: str = ME.id):
    made = RequestFactory().get("/")
    made.COOKIES.update({"asked": cookie, "visitor": visitor})
    return made


def given(cookie: str, about, visitor: str = ME.id) -> bool:
    return fresh_tap_given(request(cookie, visitor), about)


def test_the_tap_that_opened_the_page_is_not_the_new_one():
    cookie = asked(tap(5))
    assert not given(cookie, tap(5))
    assert not given(cookie, tap(4, after=30)), "a lower counter is an older link"
    assert given(cookie, tap(6, after=30))


def test_without_being_asked_no_tap_is_a_new_one():
    assert not given("", tap(6))
    assert not given("", tap())


def test_the_new_tap_comes_within_two_minutes():
    cookie = asked(tap(5))
    assert given(cookie, tap(6, after=120))
    assert not given(cookie, tap(6, after=121))
    assert not given(cookie, tap(6, after=-1)), "before being asked"


def test_who_held_nothing_yet_may_give_a_first_tap():
    assert given(asked(tap()), tap(0, after=5))


@pytest.mark.parametrize("other", [tap(6, 5, unit=9), tap(6, 5, visitor="b" * 32)])
def test_another_unit_or_another_browser_is_no_answer(other):
    assert not given(asked(tap(5)), other)


def test_the_cookie_of_another_visitor_or_of_our_making_is_worth_nothing():
    cookie = asked(tap(5))
    assert not given(cookie, tap(6, 5), visitor="b" * 32)
    assert not given(cookie[:-1] + ("A" if cookie[-1] != "A" else "B"), tap(6, 5))
    foreign = signing.dumps([1, 2, 5, ME.id, int(NOW.timestamp())], salt="experiences.possession")
    assert not given(foreign, tap(6, 5))
    short = signing.dumps([1, 2], salt="experiences.fresh_tap")
    assert not given(short, tap(6, 5))


def test_a_reload_does_not_ask_anew_but_a_late_one_does():
    first = asked(tap(5))
    assert asked(tap(5), first, after=60) == ""
    again = asked(tap(5), first, after=121)
    assert again != ""
    assert given(again, tap(6, after=200))


def test_a_browser_that_is_new_is_asked_under_the_number_that_it_gets():
    cookie = asked(tap(), visitor=Visitor(ME.id, is_new=True))
    assert given(cookie, tap(1, after=3))
