"""Names of countries in the reader's language, from the Unicode CLDR."""

from django.utils import translation


def country_name(code: str) -> str:
    """Return the name of a country (ISO 3166-1 alpha-2) in the active language; the code where it has none."""
    from babel import Locale, UnknownLocaleError  # its data is read by the few pages that name a country

    try:
        locale = Locale.parse(translation.get_language() or "en", sep="-")
    except (UnknownLocaleError, ValueError):
        locale = Locale("en")
    return str(locale.territories.get(code.upper(), code))
