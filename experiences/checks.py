"""A system check of the mail: codes that nobody can read are noticed before a customer waits for one."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage
from django.core.checks import Warning as CheckWarning

from experiences.outbox import is_loopback

CODES_REACH_NOBODY = "heirloom.W001"


def codes_reach_their_readers(
    *, app_configs: Sequence[AppConfig] | None, **_options: Any
) -> list[CheckMessage]:
    """An installation that others reach has a mail server: its outbox page is closed to them, and to its operator."""
    host = urlsplit(settings.PUBLIC_BASE_URL).hostname or ""
    if settings.OUTBOX_DIR is None or is_loopback(host):
        return []
    return [
        CheckWarning(
            f"PUBLIC_BASE_URL names {host}, but EMAIL_URL is not set: one-time codes become files on this machine"
            " and reach nobody. Set EMAIL_URL before a customer registers.",
            id=CODES_REACH_NOBODY,
        )
    ]
