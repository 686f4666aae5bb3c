"""Text is compressed once, lightly, and only for who asked."""

import gzip

import pytest
from django.http import FileResponse, HttpResponse
from django.test import RequestFactory

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
