"""The codes of a reward, as a shop hands them over: one a line."""

import datetime as dt
import hashlib
from dataclasses import dataclass

from django.db import transaction
from django.utils.translation import gettext as _

from ownership.models import Reward, RewardCode

MOST_CODES = 20_000  # in one file
LONGEST = 100  # characters of a code


@dataclass(frozen=True, slots=True)
class Line:
    number: int
    code: str


@dataclass(frozen=True, slots=True)
class ReadCodes:
    """What a file holds: the codes, and what is wrong, by line."""

    lines: list[Line]
    problems: list[str]


@dataclass(frozen=True, slots=True)
class NewCodes:
    """How many were added, and the lines that were there before."""

    added: int
    known: list[int]


def read_codes(content: bytes) -> ReadCodes:
    """Read a text file with one code a line; empty lines don't count."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return ReadCodes([], [_("This is no text file in UTF-8.")])
    lines: list[Line] = []
    problems: list[str] = []
    first: dict[str, int] = {}
    for number, raw in enumerate(text.splitlines(), start=1):
        code = raw.strip()
        if not code:
            continue
        if problem := _problem(code, number, first):
            problems.append(problem)
        first.setdefault(code, number)
        lines.append(Line(number, code))
    if len(lines) > MOST_CODES:
        problems = [_("A file holds at most %(most)s codes.") % {"most": MOST_CODES}]
    if not lines and not problems:
        problems = [_("The file holds no code.")]
    return ReadCodes(lines, problems)


def _problem(code: str, number: int, first: dict[str, int]) -> str:
    if len(code) > LONGEST:
        return _("Line %(line)s: longer than %(most)s characters.") % {"line": number, "most": LONGEST}
    if not code.isprintable():
        return _("Line %(line)s: holds characters that can't be written.") % {"line": number}
    if code in first:
        return _("Line %(line)s: the same code as in line %(first)s.") % {
            "line": number,
            "first": first[code],
        }
    return ""


@transaction.atomic
def add_codes(*, reward: Reward, lines: list[Line], now: dt.datetime) -> NewCodes:
    """Add codes to a reward; those that it had before, used or not, are left out and told by line."""
    Reward.objects.select_for_update(no_key=True).get(pk=reward.pk)
    digests = {hashlib.sha256(line.code.encode()).hexdigest(): line for line in lines}
    known = set(RewardCode.objects.filter(reward=reward).values_list("digest", flat=True)) & set(digests)
    RewardCode.objects.bulk_create(
        [
            RewardCode(reward=reward, code=line.code, digest=digest, added_at=now)
            for digest, line in digests.items()
            if digest not in known
        ],
        batch_size=1000,
    )
    return NewCodes(len(digests) - len(known), sorted(digests[digest].number for digest in known))
