"""What is wrong with a link, as data."""

from typing import Literal

SunErrorCode = Literal[
    "missing_parameter",
    "repeated_parameter",
    "oversized",
    "not_hex",
    "wrong_length",
    "bad_picc_data",
    "mac_mismatch",
    "unknown_uid",
]


class SunError(ValueError):
    """A link that proves nothing. `code` is stable, `message` is an English sentence for logs."""

    def __init__(self, code: SunErrorCode, message: str) -> None:
        super().__init__(message)
        self.code: SunErrorCode = code
        self.message = message
