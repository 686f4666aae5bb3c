"""GS1 identifiers and the links that carry them: GTINs, the other keys, and GS1 Digital Link URIs.

Sources: GS1 General Specifications sec. 7.9 (check digits), 7.11 (character sets), 3 (formats);
GS1 Digital Link Standard: URI Syntax sec. 4. The formats of application identifiers (AI) and the
standard check digit come from biip; biip's own link parser lets a wrong check digit pass, knows no
order of qualifiers and no data attributes, hence the strictness here.
"""

from products.digital_link.errors import IdentifierError, IdentifierErrorCode
from products.digital_link.gtins import GTIN_LENGTHS, gtin_check_digit, normalise_gtin
from products.digital_link.keys import MAX_VALUE_LENGTH, PRIMARY_KEYS, check_key, check_serial
from products.digital_link.uris import (
    DigitalLink,
    UnitKey,
    parse_attributes,
    parse_path,
    parse_unit_path,
    parse_uri,
    unit_path,
)

__all__ = [
    "GTIN_LENGTHS",
    "MAX_VALUE_LENGTH",
    "PRIMARY_KEYS",
    "DigitalLink",
    "IdentifierError",
    "IdentifierErrorCode",
    "UnitKey",
    "check_key",
    "check_serial",
    "gtin_check_digit",
    "normalise_gtin",
    "parse_attributes",
    "parse_path",
    "parse_unit_path",
    "parse_uri",
    "unit_path",
]
