"""How the console writes instants (relative, the exact one with its zone on hover and in print) and empty lists."""

import datetime as dt
from typing import Any
from zoneinfo import ZoneInfo

from django import template
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.timesince import timesince
from django.utils.translation import gettext as _

from config.console.empty_lists import first_rows_of

register = template.Library()


@register.simple_tag
def when(instant: dt.datetime | None, zone: ZoneInfo | None = None) -> SafeString | str:
    """Return “2 months ago” with the exact time beside it for hover and print; a dash for None."""
    if instant is None:
        return "-"
    local = instant.astimezone(zone or dt.UTC)
    exact = f"{date_format(local, 'Y-m-d H:i:s')} {local.tzname()}"
    ago = timesince(instant, timezone.now(), depth=1)
    words = (
        _("just now")
        if instant > timezone.now() - dt.timedelta(minutes=1)
        else _("%(time)s ago") % {"time": ago}
    )
    return format_html(
        '<time datetime="{}" title="{}">{}<span class="exact"> {}</span></time>',
        local.isoformat(), exact, words, exact,
    )  # fmt: skip


@register.simple_tag
def first_rows(model: Any) -> Any:
    """Return where the first rows of an empty list come from."""
    return first_rows_of(model)
