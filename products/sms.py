"""Text messages: through the gateway in `SMS_GATEWAY_URL`, else to the outbox page as a mail to the number."""

import json
import urllib.error
import urllib.request

from django.conf import settings
from django.core.mail import send_mail

TIMEOUT = 5  # seconds


class SmsError(Exception):
    """The gateway did not take the message."""


def send_sms(number: str, text: str) -> None:
    """Send `text` to `number` (E.164); raises SmsError if the gateway refuses or does not answer.

    The gateway gets a POST of `{"to": …, "text": …}` as JSON, with `SMS_GATEWAY_TOKEN` as bearer, and
    answers with any 2xx.
    """
    if not settings.SMS_GATEWAY_URL:
        send_mail(text, text, None, [f"{number.lstrip('+')}@sms.invalid"])
        return
    request = urllib.request.Request(  # noqa: S310 - the operator's own setting
        settings.SMS_GATEWAY_URL,
        data=json.dumps({"to": number, "text": text}).encode(),
        headers={"Content-Type": "application/json", "Authorization": f"Bearer {settings.SMS_GATEWAY_TOKEN}"},
        method="POST",
    )
    try:
        with urllib.request.urlopen(request, timeout=TIMEOUT):  # noqa: S310
            return
    except (urllib.error.URLError, TimeoutError, OSError) as error:
        raise SmsError(f"the text message gateway did not take the message: {error}") from error
