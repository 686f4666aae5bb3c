"""URL converters."""

from experiences.pages.section_page import SECTION_NAMES


class SectionConverter:
    """The sections that a unit's pages have; any other address is no page."""

    regex = "|".join(SECTION_NAMES)

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value
