"""How lists of the console count their rows and show a state."""

from typing import Any

from django.core.paginator import Paginator
from django.db import models
from django.utils.functional import cached_property
from django.utils.html import format_html
from django.utils.safestring import SafeString

MOST_COUNTED = 10_000  # rows; a list beyond it says "more than"


def status_word(value: str, label: Any) -> SafeString:
    """Return a state as a word with the colour that this state has everywhere."""
    return format_html('<span class="state state-{}">{}</span>', value, label)


class CappedPaginator(Paginator):
    """Counts no further than a list is ever read: counting a ledger costs more than showing it."""

    @cached_property
    def count(self) -> int:
        rows: Any = self.object_list
        if isinstance(rows, models.QuerySet):
            return rows.order_by()[: MOST_COUNTED + 1].count()
        return len(rows)
