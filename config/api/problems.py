"""Errors of the API as problem+json (RFC 9457)."""

from typing import Any

from rest_framework.response import Response
from rest_framework.views import exception_handler


def problem_json(exc: Exception, context: dict[str, Any]) -> Response | None:
    """Return the error with `type`, `title`, `status` and, for bad input, the fields that were wrong."""
    response = exception_handler(exc, context)
    if response is None:
        return None
    detail = response.data
    body: dict[str, Any] = {
        "type": "about:blank",
        "title": response.status_text,
        "status": response.status_code,
    }
    if isinstance(detail, dict) and "detail" in detail:
        body["detail"] = str(detail["detail"])
    else:
        body["errors"] = detail
    response.data = body
    response.content_type = "application/problem+json"
    return response
