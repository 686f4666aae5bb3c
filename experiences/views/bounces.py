"""Where the mail provider reports what did not arrive: POST /hooks/bounces/, for whoever has the secret."""

import json
import logging
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from experiences.bounces import message_of_id, note_bounce

MOST_BYTES = 16_384
log = logging.getLogger(__name__)


@csrf_exempt
@require_POST
def bounces(request: HttpRequest) -> HttpResponse:
    """Take `{"message_id": "<message-12@…>", "address": "…"}`; the address is optional.

    Answers 204 (again, too), 401 without the secret, 400 for what is no such report, 404 for a message that is
    none of ours, and 404 always where no secret is configured.
    """
    if not settings.BOUNCE_SECRET:
        raise Http404
    given = request.headers.get("Authorization", "").removeprefix("Bearer ")
    if not constant_time_compare(given.encode(), settings.BOUNCE_SECRET.encode()):
        return JsonResponse({"detail": "The secret is missing or wrong."}, status=401)
    report = _read(request)
    if report is None:
        return JsonResponse({"detail": "Send a JSON object with message_id, a text."}, status=400)
    message = message_of_id(report["message_id"])
    if message is None:
        return JsonResponse({"detail": "This is no message of ours."}, status=404)
    if note_bounce(message=message, address=report["address"], now=timezone.now()):
        log.info("Message %s bounced", message.pk)
    return HttpResponse(status=204)


def _read(request: HttpRequest) -> dict[str, str] | None:
    """Return the report's two texts; None where it is not what was asked for."""
    if int(request.headers.get("Content-Length") or 0) > MOST_BYTES:
        return None
    try:
        report: Any = json.loads(request.body)
    except (ValueError, RecursionError):
        return None
    if not isinstance(report, dict) or not isinstance(report.get("message_id"), str):
        return None
    address = report.get("address", "")
    if not isinstance(address, str) or "\0" in address or "\0" in report["message_id"]:
        return None
    return {"message_id": report["message_id"], "address": address.strip()[:254]}
