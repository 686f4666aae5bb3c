"""Characters of serial numbers that the eye confuses on a worn plate."""

from itertools import product

GROUPS = ("0O", "1IL", "5S", "8B", "2Z")
MOST = 512  # spellings; a serial of which there are more is looked for as it is written

_SAME = {letter: group for group in GROUPS for letter in group}


def look_alikes(serial: str) -> list[str]:
    """Return the serial in capitals and every spelling that looks like it, itself first."""
    written = serial.upper()
    choices = [_SAME.get(letter, letter) for letter in written]
    count = 1
    for choice in choices:
        count *= len(choice)
    if count > MOST:
        return [written]
    spellings = ["".join(letters) for letters in product(*choices)]
    return [written, *(spelling for spelling in spellings if spelling != written)]
