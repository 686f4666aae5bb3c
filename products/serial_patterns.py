"""Patterns of serial numbers that staff write, run by RE2: the time grows with the text, whatever the pattern.

Syntax: https://github.com/google/re2/wiki/Syntax, which leaves out what can backtrack (back references, look-around).
"""

import re2
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

MAX_LENGTH = 120  # characters of a pattern
MAX_MEMORY = 1 << 20  # bytes that a compiled pattern may take
# Texts that no maker's rule tells from a serial number: a pattern that takes one of them takes nearly anything.
_ANYTHING = ("A", "0", "ZZZZZZZZZZZZZZZZZZZZ", *(("x-/." * 5)[:length] for length in range(4, 21)))


def check_serial_pattern(pattern: str) -> None:
    """Raise ValidationError, with the reason, where the pattern can't be used or would take nearly any text."""
    if len(pattern) > MAX_LENGTH:
        raise ValidationError(_("A pattern has at most %(most)d characters.") % {"most": MAX_LENGTH})
    try:
        compiled = _compiled(pattern)
    except re2.error as error:
        raise ValidationError(
            _("This is not a pattern that can be checked: %(reason)s.") % {"reason": _reason(error)}
        ) from error
    if any(compiled.fullmatch(text) for text in _ANYTHING):
        raise ValidationError(
            _(
                "This pattern takes nearly any text. Write what your serial numbers have in common, like K7-[0-9]{6}."
            )
        )


def spelling_that_fits(pattern: str, serial: str) -> str:
    """Return the serial as the pattern takes it, as typed or in capitals; '' where it takes neither.

    A stored pattern that can't be compiled any more takes nothing.
    """
    try:
        compiled = _compiled(pattern)
    except re2.error:
        return ""
    return next((text for text in (serial, serial.upper()) if compiled.fullmatch(text)), "")


def _compiled(pattern: str) -> "re2._Regexp":
    options = re2.Options()
    options.log_errors = False
    options.max_mem = MAX_MEMORY
    return re2.compile(pattern, options)


def _reason(error: re2.error) -> str:
    said = error.args[0] if error.args else ""
    return said.decode(errors="replace") if isinstance(said, bytes) else str(said)
