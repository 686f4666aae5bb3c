"""NTAG 424 DNA Secure Unique NFC (SUN) messages: verify a tapped link, or produce one.

Everything here is pure: no settings, no database, no clock. Whether a counter was seen before is the
caller's question. Keys are used and dropped: setting up AES costs too little to keep keys in a cache for.
"""

from products.sun.chip import VirtualChip
from products.sun.errors import SunError, SunErrorCode
from products.sun.keys import FileReadKey, MasterKey, diversified_key
from products.sun.links import mac_input, parse_query
from products.sun.messages import PiccData, SunMessage, TamperState, decrypt_picc_data, tamper_state, verify
from products.sun.profile import MacFrom, ParameterNames, SunProfile

__all__ = [
    "FileReadKey",
    "MacFrom",
    "MasterKey",
    "ParameterNames",
    "PiccData",
    "SunError",
    "SunErrorCode",
    "SunMessage",
    "SunProfile",
    "TamperState",
    "VirtualChip",
    "decrypt_picc_data",
    "diversified_key",
    "mac_input",
    "parse_query",
    "tamper_state",
    "verify",
]
