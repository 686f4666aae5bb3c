"""Text messages: through the gateway in `SMS_GATEWAY_URL`, else to the outbox page as a mail to the number."""

import http.client
import json
import urllib.error
import urllib.request
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage

TIMEOUT = 5  # seconds
OUTBOX_DOMAIN = "sms.invalid"


class SmsError(Exception):
    """The gateway did not take the message; `refused` where it is certain that it did not."""

    def __init__(self, sentence: str, *, refused: bool) -> None:
        super().__init__(sentence)
        self.refused = refused


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    """A gateway that sends us elsewhere would get our token and the number sent there."""

    def redirect_request(self, *args: Any, **kwargs: Any) -> None:
        return None


def send_sms(number: str, text: str) -> None:
    """Send `text` to `number` (E.164); raises SmsError if the gateway refuses or does not answer.

    The gateway gets a POST of `{"to": …, "text": …}` as JSON, with `SMS_GATEWAY_TOKEN` as bearer, and
    answers with any 2xx within five seconds.
    """
    if not settings.SMS_GATEWAY_URL:
        EmailMessage(text.splitlines()[0], text, to=[f"{number.lstrip('+')}@{OUTBOX_DOMAIN}"]).send()
        return
    opener = urllib.request.build_opener(_NoRedirects)
    try:
        with opener.open(_request(number, text), timeout=TIMEOUT):
            return
    except urllib.error.HTTPError as error:
        raise SmsError(f"The text message gateway answered {error.code}.", refused=True) from error
    except (OSError, ValueError, http.client.HTTPException) as error:
        cause = error.reason if isinstance(error, urllib.error.URLError) else error
        refused = isinstance(cause, ConnectionRefusedError)
        raise SmsError(
            f"The text message gateway did not answer: {type(cause).__name__}.", refused=refused
        ) from error


def _request(number: str, text: str) -> urllib.request.Request:
    return urllib.request.Request(  # noqa: S310 - the operator's own setting
        settings.SMS_GATEWAY_URL,
        data=json.dumps({"to": number, "text": text}).encode(),
        headers={"Content-Type": "application/json", "Authorization": f"Bearer {settings.SMS_GATEWAY_TOKEN}"},
        method="POST",
    )
