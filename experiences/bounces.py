"""What mail servers report back: a message of ours did not arrive."""

import datetime as dt
import re

from experiences.models import Message
from ownership.services.bouncing import mark_bounced

_OURS = re.compile(r"\A<?message-(\d{1,18})@[^<>\s]{1,255}>?\Z")


def message_of_id(message_id: str) -> Message | None:
    """Return the message that a mail's Message-ID names; None where it is none of ours."""
    match = _OURS.match(message_id.strip())
    if match is None:
        return None
    rows = Message.objects.select_related("owner", "ownership")
    found: Message | None = rows.filter(pk=int(match[1])).first()
    return found


def note_bounce(*, message: Message, address: str, now: dt.datetime) -> bool:
    """Note that the message came back, and that its owner's address does not work; return whether that is news.

    `address`: whom it did not reach, where the report says so. Twice changes nothing.
    """
    Message.objects.filter(pk=message.pk).exclude(problem="bounced").update(problem="bounced", changed_at=now)
    owner_id = message.ownership.owner_id if message.ownership else message.owner_id
    return owner_id is not None and mark_bounced(owner_id=owner_id, now=now, address=address)
