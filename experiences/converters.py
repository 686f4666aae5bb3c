"""URL converters: a path that can't name anything is no page, before any view or database is asked."""

from django.db.models import BigIntegerField
from django.urls.converters import IntConverter

from experiences.pages.section_page import SECTION_NAMES

MOST_DIGITS = len(str(BigIntegerField.MAX_BIGINT))


class SectionConverter:
    """The sections that a unit's pages have; any other address is no page."""

    regex = "|".join(SECTION_NAMES)

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


class IdConverter(IntConverter):
    """The number of a row. One that no row can have, because the database holds none so large, is no page."""

    def to_python(self, value: str) -> int:
        number = int(value) if len(value) <= MOST_DIGITS else 0
        if not 0 < number <= BigIntegerField.MAX_BIGINT:
            raise ValueError(value)
        return number
