"""Middleware of our own."""

import gzip
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.http.response import HttpResponseBase
from django.utils.cache import patch_vary_headers

from experiences.views.problems import form_opened

SMALLEST = 600  # bytes; below this the packet is one packet anyway
LEVEL = 2  # Django's own middleware compresses at 6: thrice the time for one twentieth of the bytes
TEXT = ("text/", "application/json", "application/ld+json", "application/problem+json", "image/svg+xml")


def gzip_responses(
    get_response: Callable[[HttpRequest], HttpResponseBase],
) -> Callable[[HttpRequest], HttpResponseBase]:
    """Compress text responses, lightly: the tap page is built per unit and sent once.

    Secrets in a page (the CSRF token) are masked anew per response, so that compressing beside them
    tells nothing (BREACH).
    """

    def middleware(request: HttpRequest) -> HttpResponseBase:
        response = get_response(request)
        if isinstance(response, HttpResponse) and _compressible(response):
            patch_vary_headers(response, ("Accept-Encoding",))
            if "gzip" in request.headers.get("Accept-Encoding", ""):
                response.content = gzip.compress(response.content, LEVEL, mtime=0)
                response["Content-Encoding"] = "gzip"
                response["Content-Length"] = str(len(response.content))
        return response

    return middleware


def lead_on_from_forms(
    get_response: Callable[[HttpRequest], HttpResponseBase],
) -> Callable[[HttpRequest], HttpResponseBase]:
    """Lead on a browser that opens an address which only takes what a form sends: reloaded, bookmarked, come back to."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        response = get_response(request)
        is_browser = request.method == "GET" and "text/html" in request.headers.get("Accept", "")
        return (
            form_opened(request) if isinstance(response, HttpResponseNotAllowed) and is_browser else response
        )

    return middleware


def _compressible(response: HttpResponse) -> bool:
    return (
        len(response.content) >= SMALLEST
        and not response.has_header("Content-Encoding")
        and response.get("Content-Type", "").startswith(TEXT)
    )
