"""The vocabulary of reads: messages under way."""

import datetime as dt
from typing import Self

from products.querysets import BrandOwnedQuerySet


class MessageQuerySet(BrandOwnedQuerySet):
    def left_waiting(self, now: dt.datetime, after: dt.timedelta) -> Self:
        """Messages that nobody has begun to send for `after`: their task was lost, or the server said no."""
        return self.filter(state="waiting", changed_at__lte=now - after)

    def left_sending(self, now: dt.datetime, after: dt.timedelta) -> Self:
        """Messages whose sender was cut off: nobody knows whether they left."""
        return self.filter(state="sending", changed_at__lte=now - after)
