"""The outbox of an installation without a mail server: mail and text messages as files, newest 200."""

import datetime as dt
import email
import email.policy
import re
from collections.abc import Iterator
from dataclasses import dataclass
from email.message import EmailMessage
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import urlsplit

from django.conf import settings

from products.sms import OUTBOX_DOMAIN

KEPT = 200
_BETWEEN_MAILS = re.compile(rb"^-{79}\n", re.MULTILINE)  # as Django's file backend writes it
# A one-time code: on a line of its own in a mail, the first word of a text message.
_CODE = re.compile(r"^\s*([A-Z0-9]{3,4}-?[A-Z0-9]{3,4})\s*$", re.MULTILINE)
_FIRST_WORD = re.compile(r"([A-Z0-9]{3,4}-[A-Z0-9]{3,4})\b")


@dataclass(frozen=True, slots=True)
class OutboxMail:
    """One mail or text message; `code` is the one-time code that it carries, if any."""

    name: str
    to: str
    is_text_message: bool
    sender: str
    subject: str
    at: dt.datetime
    text: str
    html: str
    code: str


def outbox_is_open() -> bool:
    """Whether the page may show codes: no mail server, and the installation serves this machine only."""
    return settings.OUTBOX_DIR is not None and is_loopback(urlsplit(settings.PUBLIC_BASE_URL).hostname or "")


def is_loopback(host: str) -> bool:
    """Whether a name or an address is this machine's own."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


def read_outbox() -> list[OutboxMail]:
    """Return the newest mails, newest first."""
    mails: list[OutboxMail] = []
    for path in _files():
        mails.extend(reversed(list(_mails_in(path))))
        if len(mails) >= KEPT:
            break
    return mails[:KEPT]


def prune_outbox() -> int:
    """Delete all but the newest files; return how many went."""
    old = _files()[KEPT:]
    for path in old:
        path.unlink(missing_ok=True)
    return len(old)


def forget_mails_to(addresses: list[str]) -> int:
    """Delete the files that name one of the addresses (e-mail, or E.164); return how many."""
    wanted = [address.lstrip("+").lower().encode() for address in addresses if address]
    files = [path for path in _files() if any(part in path.read_bytes().lower() for part in wanted)]
    for path in files:
        path.unlink(missing_ok=True)
    return len(files)


def _files() -> list[Path]:
    """Return the files, newest first; none where a mail server takes the mail."""
    if settings.OUTBOX_DIR is None:
        return []
    dated = []
    for path in Path(settings.OUTBOX_DIR).glob("*.log"):
        try:
            dated.append((path.stat().st_mtime_ns, path.name, path))
        except FileNotFoundError:  # pruned since it was listed
            continue
    return [path for _written, _name, path in sorted(dated, reverse=True)]


def _mails_in(path: Path) -> Iterator[OutboxMail]:
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        return
    at = dt.datetime.fromtimestamp(path.stat().st_mtime, dt.UTC)
    parts = [part for part in _BETWEEN_MAILS.split(content) if part.strip()]
    for number, part in enumerate(parts):
        yield _parsed(part, f"{path.stem}-{number}", at)


def _parsed(content: bytes, name: str, at: dt.datetime) -> OutboxMail:
    mail = email.message_from_bytes(content, _class=EmailMessage, policy=email.policy.default)
    text = _part(mail, "plain")
    to = str(mail["to"] or "")
    number, _at, domain = to.rpartition("@")
    is_text_message = domain == OUTBOX_DOMAIN
    code = _FIRST_WORD.match(text) if is_text_message else _CODE.search(text)
    return OutboxMail(
        name=name,
        to=f"+{number}" if is_text_message else to,
        is_text_message=is_text_message,
        sender=str(mail["from"] or ""),
        subject=str(mail["subject"] or ""),
        at=at,
        text=text,
        html=_part(mail, "html"),
        code=code.group(1) if code else "",
    )


def _part(mail: EmailMessage, kind: str) -> str:
    body = mail.get_body(preferencelist=(kind,))
    return str(body.get_content()) if body is not None else ""
