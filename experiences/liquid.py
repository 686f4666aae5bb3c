"""Texts of brands with variables, in Liquid: strict, without files, within limits, and safe to show.

A variable's value never passes through Markdown or the sanitiser. Liquid writes a mark in its place
(a private-use character), Markdown and the sanitiser see only what staff wrote, and the values are
put in last, escaped for where they stand. So no serial number or attribute can become markup, and
the HTML around the marks is the same for many units and is remembered.
"""

import datetime as dt
import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from html import escape
from typing import Any, ClassVar, TextIO
from urllib.parse import quote

from django.utils.dateformat import format as format_date
from django.utils.formats import date_format
from django.utils.safestring import SafeString, mark_safe
from liquid import BoundTemplate, Environment, FalsyStrictUndefined, RenderContext
from liquid.ast import Node
from liquid.builtin.expressions.primitive import IntegerLiteral, RangeLiteral
from liquid.builtin.output import Output, OutputNode
from liquid.exceptions import (
    FilterArgumentError,
    LiquidError,
    LiquidSyntaxError,
    LiquidTypeError,
    LoopIterationLimitError,
    OutputStreamLimitError,
)
from liquid.expression import Expression
from liquid.output import LimitedStringIO
from liquid.token import TOKEN_CONTENT, TOKEN_ILLEGAL, TOKEN_OUTPUT, Token
from liquid.undefined import is_undefined

from experiences.markdown import render_markdown

MAX_LOOPS = 200  # turns of a loop, those of the loops around it multiplied in
MAX_OUTPUT = 20_000  # bytes that staff's words may come to, and characters that values may come to
MAX_NAMES = 10_000  # bytes in what a text assigns
MAX_VALUES = 4096  # values in one text: as many marks as there are

TAGS = ("assign", "break", "case", "comment", "continue", "for", "if", "unless", "#")
FILTERS = (
    "append", "capitalize", "ceil", "date", "default", "divided_by", "downcase", "floor", "minus", "plus",
    "prepend", "round", "strip", "times", "truncate", "truncatewords", "upcase",
)  # fmt: skip

_FIRST_MARK = 0xF0000
_MARKS = re.compile(f"[{chr(_FIRST_MARK)}-{chr(0xFFFFD)}]")
# A mark in a text, and as a link's address spells it: U+F0000 to U+F0FFF in UTF-8, percent-encoded.
_PLACES = re.compile(
    f"([{chr(_FIRST_MARK)}-{chr(_FIRST_MARK + MAX_VALUES - 1)}]|%F3%B0%[89AB][0-9A-F]%[89AB][0-9A-F])"
)
_UNPRINTABLE = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_STRFTIME = {
    "%d": "d", "%e": "j", "%-d": "j", "%m": "m", "%-m": "n", "%B": "F", "%b": "M", "%Y": "Y", "%y": "y",
    "%A": "l", "%a": "D", "%%": "%",
}  # fmt: skip
_NAMED = {"short": "SHORT_DATE_FORMAT", "long": "DATE_FORMAT", "month": "YEAR_MONTH_FORMAT"}


class Day(dt.date):
    """A date as texts know it: written in the reader's language, compared with `<` and `==`."""

    def __liquid__(self) -> int:
        return self.toordinal()


class Attributes(dict[str, Any]):
    """A unit's free attributes: one that is not there is nothing, not a mistake."""

    def __missing__(self, key: str) -> None:
        return None


class _ValueNode(OutputNode):
    """`{{ … }}`: keeps the value aside and writes its mark."""

    def render_to_output(self, context: RenderContext, buffer: TextIO) -> int:
        text = say(self.expression.evaluate(context))
        if not text:
            return 0
        values: list[str] = context.tag_namespace.setdefault("values", [])
        kept = context.tag_namespace.setdefault("kept", [0])
        kept[0] += len(text)
        if len(values) == MAX_VALUES or kept[0] > MAX_OUTPUT:
            raise OutputStreamLimitError("output stream limit reached", token=self.token)
        values.append(text)
        return buffer.write(chr(_FIRST_MARK + len(values) - 1))


class _Output(Output):
    node_class = _ValueNode


class BlockEnvironment(Environment):
    """What a brand's text may use: `TAGS`, `FILTERS`, nothing of the installation, and only so much of it."""

    block_nesting_limit: ClassVar[int] = 10
    context_depth_limit: ClassVar[int] = 20
    loop_iteration_limit: ClassVar[int | None] = MAX_LOOPS
    local_namespace_limit: ClassVar[int | None] = MAX_NAMES
    output_stream_limit: ClassVar[int | None] = MAX_OUTPUT

    def setup_tags_and_filters(self, *, extra: bool = False) -> None:
        super().setup_tags_and_filters(extra=extra)
        allowed = (*TAGS, TOKEN_CONTENT, TOKEN_ILLEGAL)
        self.tags = {name: tag for name, tag in self.tags.items() if name in allowed}
        self.tags[TOKEN_OUTPUT] = _Output(self)
        self.filters = {name: do for name, do in self.filters.items() if name in FILTERS}
        self.filters["date"] = write_date

    def error(
        self, exc: type[LiquidError] | LiquidError, msg: str | None = None, token: Token | None = None
    ) -> None:
        """Raise the mistake; one at the end of an expression is placed at the expression."""
        if isinstance(exc, LiquidError) and exc.token and exc.token.start_index < 0:
            exc.token = token
        super().error(exc, msg, token)


def say(value: object) -> str:
    """Return a value as a text says it: one line, dates in the active language, nothing for nothing.

    Raises `LiquidTypeError` for a group of variables, which is no text.
    """
    if value is None:
        return ""
    if isinstance(value, dt.date):
        return date_format(value)
    if is_undefined(value):
        return str(value)  # raises
    if isinstance(value, Mapping):
        raise LiquidTypeError("a group is not a text", token=None)
    if isinstance(value, list | tuple):
        return ", ".join(filter(None, (say(item) for item in value)))
    if isinstance(value, bool):
        return str(value).lower()
    return " ".join(_UNPRINTABLE.sub("", str(value)).split())


def write_date(value: object, pattern: str = "long") -> str:
    """Filter `date`: `"long"`, `"short"`, `"month"`, or a pattern like `"%d %B %Y"`, in the active language."""
    if value is None:
        return ""
    if value in ("now", "today"):
        raise FilterArgumentError("write today without quotation marks", token=None)
    if isinstance(value, str):
        try:
            value = dt.date.fromisoformat(value)
        except ValueError:
            return str(value)
    if not isinstance(value, dt.date):
        raise FilterArgumentError("date needs a date", token=None)
    if pattern in _NAMED:
        return date_format(value, _NAMED[pattern])
    return re.sub(r"%-?.?", lambda found: _date_part(value, found.group()), str(pattern))


def _date_part(day: dt.date, directive: str) -> str:
    if directive not in _STRFTIME:
        raise FilterArgumentError(f"date does not know “{directive}”", token=None)
    return "%" if directive == "%%" else format_date(day, _STRFTIME[directive])


ENVIRONMENT = BlockEnvironment(undefined=FalsyStrictUndefined)


def has_variables(source: str) -> bool:
    """Whether a text has anything for Liquid to do."""
    return "{{" in source or "{%" in source


def compile_text(source: str) -> BoundTemplate:
    """Return the text ready to be rendered many times.

    Raises `liquid.exceptions.LiquidError` with the place of a mistake of syntax, and of a range that is
    not two whole numbers at most `MAX_LOOPS` apart: the library would build one of any length in memory.
    """
    template = ENVIRONMENT.from_string(_MARKS.sub("", source))
    context = RenderContext(template)
    for node in template.nodes:
        for expression in _expressions_below(node, context):
            if isinstance(expression, RangeLiteral):
                _check_range(expression)
    return template


def _expressions_below(node: Node, context: RenderContext) -> Iterator[Expression]:
    pending = list(node.expressions())
    while pending:
        expression = pending.pop()
        yield expression
        pending.extend(expression.children())
    for child in node.children(context, include_partials=False):
        yield from _expressions_below(child, context)


def _check_range(found: RangeLiteral) -> None:
    start, stop = found.start, found.stop
    if not (isinstance(start, IntegerLiteral) and isinstance(stop, IntegerLiteral)):
        raise LiquidSyntaxError("a range is two whole numbers", token=found.token)
    if stop.value - start.value >= MAX_LOOPS:
        raise LoopIterationLimitError("loop iteration limit reached", token=found.token)


def render_line(template: BoundTemplate, variables: Mapping[str, object]) -> str:
    """Return plain text in one line, to be escaped by whoever shows it. Raises what the text does wrong."""
    text, values = _run(template, variables)
    return " ".join(_PLACES.sub(lambda mark: _value(mark.group(), values), text).split())


def render_body(template: BoundTemplate, variables: Mapping[str, object]) -> SafeString:
    """Return safe HTML of a Markdown text. Raises what the text does wrong, mostly `LiquidError`."""
    text, values = _run(template, variables)
    pieces = _skeleton(text.strip())
    html = "".join(_fill(piece, values) if place % 2 else piece for place, piece in enumerate(pieces))
    return mark_safe(html)  # noqa: S308 - sanitised in render_markdown, values escaped in _fill


def _run(template: BoundTemplate, variables: Mapping[str, object]) -> tuple[str, list[str]]:
    context = RenderContext(template, globals=variables)
    buffer = LimitedStringIO(limit=MAX_OUTPUT)
    template.render_with_context(context, buffer)
    return buffer.getvalue(), context.tag_namespace.get("values", [])


@lru_cache(maxsize=1024)
def _skeleton(text: str) -> tuple[str, ...]:
    """Return the HTML cut at its marks: HTML, mark, HTML, mark, … HTML."""
    return tuple(_PLACES.split(render_markdown(text)))


def _fill(mark: str, values: list[str]) -> str:
    value = _value(mark, values)
    return quote(value, safe="") if mark.startswith("%") else escape(value)


def _value(mark: str, values: list[str]) -> str:
    if mark.startswith("%"):
        mark = bytes.fromhex(mark.replace("%", "")).decode()
    place = ord(mark) - _FIRST_MARK
    return values[place] if place < len(values) else ""
