"""What is wrong with an identifier or a link, in a stable code and a sentence."""

from typing import Literal

MAX_SHOWN_LENGTH = 40  # characters of a wrong input that a message repeats

IdentifierErrorCode = Literal[
    "missing_gtin",
    "not_digits",
    "wrong_length",
    "wrong_check_digit",
    "bad_value",
    "bad_attribute",
    "not_a_link",
    "not_a_unit_path",
]


class IdentifierError(ValueError):
    """Not an identifier. `code` is stable, `message` is an English sentence that says what is wrong."""

    def __init__(self, code: IdentifierErrorCode, message: str) -> None:
        super().__init__(message)
        self.code: IdentifierErrorCode = code
        self.message = message


def shown(text: str) -> str:
    """Make a wrong input fit to be repeated in a sentence and a log line."""
    clean = "".join(char if char.isprintable() else "\ufffd" for char in text[:MAX_SHOWN_LENGTH])
    return clean if len(text) <= MAX_SHOWN_LENGTH else f"{clean}…"
