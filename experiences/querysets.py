"""The vocabulary of reads: texts that lack a language, messages under way."""

import datetime as dt
from typing import Self

from django.conf import settings
from django.db.models import Q, TextField
from django.db.models.functions import Cast

from products.querysets import BrandOwnedQuerySet


class BlockQuerySet(BrandOwnedQuerySet):
    def lacking_a_language(self) -> Self:
        """Texts whose title or body is missing in a language that their brand offers."""
        lacking = Q(pk__in=[])
        for locale, _name in settings.LANGUAGES:
            has_body = Q(bodies={}) | Q(bodies__has_key=locale)
            lacking |= Q(offered__contains=f'"{locale}"') & (~Q(titles__has_key=locale) | ~has_body)
        return self.annotate(offered=Cast("brand__locales", TextField())).filter(lacking)


class MessageQuerySet(BrandOwnedQuerySet):
    def left_waiting(self, now: dt.datetime, after: dt.timedelta) -> Self:
        """Messages that nobody has begun to send for `after`: their task was lost, or the server said no."""
        return self.filter(state="waiting", changed_at__lte=now - after)

    def left_sending(self, now: dt.datetime, after: dt.timedelta) -> Self:
        """Messages whose sender was cut off: nobody knows whether they left."""
        return self.filter(state="sending", changed_at__lte=now - after)
