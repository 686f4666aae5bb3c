"""Text is compressed once, lightly, and only for who asked."""

import gzip
import re

import pytest
from django.http import FileResponse, HttpResponse
from django.test import RequestFactory
from django.urls import get_resolver

from config.middleware import SMALLEST, gzip_responses

LONG = b"a sentence about care. " * 100


def respond(response, **headers):
    request = RequestFactory().get("/", headers=headers)
    return gzip_responses(lambda _request: response)(request)


def test_a_long_text_is_compressed_for_who_accepts_it():
    response = respond(HttpResponse(LONG), accept_encoding="br, gzip")

    assert response["Content-Encoding"] == "gzip"
    assert response["Content-Length"] == str(len(response.content))
    assert len(response.content) < len(LONG) / 5
    assert gzip.decompress(response.content) == LONG


def test_who_does_not_accept_it_gets_it_plain_and_caches_are_told():
    response = respond(HttpResponse(LONG))

    assert response.content == LONG
    assert "Content-Encoding" not in response
    assert response["Vary"] == "Accept-Encoding"


def test_short_texts_pictures_and_compressed_responses_are_left_alone():
    for left_alone in (
        HttpResponse(b"x" * (SMALLEST - 1)),
        HttpResponse(LONG, content_type="image/webp"),
        HttpResponse(LONG, headers={"Content-Encoding": "br"}),
    ):
        before = left_alone.content
        assert respond(left_alone, accept_encoding="gzip").content == before


@pytest.mark.django_db  # closing a response ends a request, which looks after the connections
def test_a_file_is_streamed_as_it_is(tmp_path):
    path = tmp_path / "drawing.svg"
    path.write_bytes(LONG)

    response = respond(FileResponse(path.open("rb"), content_type="image/svg+xml"), accept_encoding="gzip")

    assert b"".join(response.streaming_content) == LONG
    response.close()


def test_a_tap_page_travels_compressed(client, chip):
    response = client.get(chip.tap(), headers={"accept-encoding": "gzip"})

    assert response["Content-Encoding"] == "gzip"
    assert b"data-authenticity" in gzip.decompress(response.content)


BROWSER = {"accept": "text/html,application/xhtml+xml"}


@pytest.mark.django_db
def test_a_browser_that_opens_what_only_takes_a_form_is_led_on(client, unit):
    """A page reloaded after a code was asked for in between; programs are told the truth."""
    home = f"/u/{unit.public_code}/"
    for page in ("lost/ended/", "transfer/accept/", "transfer/code/", "mine/"):
        assert client.get(home + page, headers=BROWSER).url == home
        assert client.get(home + page).status_code == 405
        assert client.head(home + page, headers=BROWSER).status_code == 405
    told = client.get("/hooks/bounces/", headers=BROWSER)
    assert (told.status_code, b"There is nothing to open here" in told.content) == (405, True)


@pytest.mark.django_db
def test_no_page_of_the_public_answers_a_browser_with_nothing(client, unit):
    """Every address of the map that takes forms alone leads on, or says what it is."""
    bare = []
    for pattern in get_resolver().url_patterns:
        match = getattr(pattern, "name", None) and str(pattern.pattern)
        if not match or "console" in match:
            continue
        path = "/" + re.sub(r"<[^>]*code>", unit.public_code, re.sub(r"<id:[^>]*>", "1", match))
        if "<" in path:
            continue
        answer = client.get(path, headers=BROWSER)
        if answer.status_code == 405 and b"</main>" not in answer.content:
            bare.append(path)
    assert bare == []
