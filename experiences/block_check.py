"""Reading a brand's text before it is saved: what is wrong, on which line, in words that help."""

import datetime as dt
import re
from collections.abc import Iterable, Iterator
from difflib import get_close_matches
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from liquid import BoundTemplate
from liquid.exceptions import (
    FilterArgumentError,
    LiquidError,
    LiquidTypeError,
    LocalNamespaceLimitError,
    LoopIterationLimitError,
    OutputStreamLimitError,
    ResourceLimitError,
    UndefinedError,
)
from liquid.static_analysis import Variable
from liquid.token import TOKEN_TAG

from experiences.liquid import (
    ENVIRONMENT,
    FILTERS,
    MAX_LOOPS,
    MAX_OUTPUT,
    TAGS,
    Attributes,
    Day,
    compile_text,
    has_variables,
    render_body,
)

MAX_TITLE = 200  # characters
MAX_BODY = 10_000

# The variables of a text, each with what it says. `unit.attributes.<name>` is any name.
VARIABLES = {
    "unit.serial": gettext_lazy("its serial number"),
    "unit.made_on": gettext_lazy("the day it was made"),
    "unit.made_in": gettext_lazy("where it was made"),
    "unit.origin": gettext_lazy("where its material comes from"),
    "unit.batch": gettext_lazy("its batch"),
    "unit.age_months": gettext_lazy("its age in months, from the sale"),
    "unit.attributes": gettext_lazy("its own attributes, as in unit.attributes.artisan"),
    "product.name": gettext_lazy("the product's name"),
    "product.model_number": gettext_lazy("the product's model number"),
    "brand.name": gettext_lazy("the brand's name"),
    "owner.since": gettext_lazy("since when it has its present owner"),
    "coverage.until": gettext_lazy("the last day of its warranty"),
    "stage": gettext_lazy("its stage, as in “unboxing”"),
    "today": gettext_lazy("the day on which the page is read"),
}
_BLOCK_TAGS = ("if", "unless", "case", "for", "comment")
_INNER_TAGS = {"else", "elsif", "when", "endif", "endunless", "endcase", "endfor", "endcomment"}


def check_block_texts(titles: dict[str, str], bodies: dict[str, str]) -> None:
    """Check a block's texts in every language.

    Raises `ValidationError` by field (`titles`, `bodies`), each message with its language and line.
    """
    mistakes: dict[str, list[str]] = {}
    for field, texts, longest in (("titles", titles, MAX_TITLE), ("bodies", bodies, MAX_BODY)):
        for code, text in texts.items() if isinstance(texts, dict) else ():
            if not isinstance(text, str):
                continue  # the field itself refuses what is not text
            try:
                check_block_source(text, longest=longest)
            except ValidationError as error:
                mistakes.setdefault(field, []).extend(
                    _("%(language)s, %(what)s") % {"language": _name_of(code), "what": what}
                    for what in error.messages
                )
    if mistakes:
        raise ValidationError(mistakes)


def _name_of(code: str) -> str:
    return str(dict(settings.LANGUAGES).get(code, code))


def check_block_source(text: str, *, longest: int = MAX_BODY) -> None:
    """Refuse a text that would fail, or never end, on a page.

    Raises `ValidationError` with one message per mistake, each with its line: too long (characters),
    a mistake of syntax, an unknown variable, filter or tag, and what goes wrong when it is tried out.
    """
    if len(text) > longest:
        raise ValidationError(
            _("it has %(count)s characters; at most %(limit)s fit.") % {"count": len(text), "limit": longest},
            code="too_long",
        )
    if not has_variables(text):
        return
    if gap := re.search(r"\s{500}", text):  # which would take the library seconds to step over
        raise _refusal([(_line_at(text, gap.start()), _("there are 500 spaces or more in a row."))])
    try:
        template = compile_text(text)
    except LiquidError as error:
        raise _refusal([(_line_of(text, error), _explain(error))]) from error
    if mistakes := sorted(_unknown_names(text, template)):
        raise _refusal(mistakes)
    _try_out(text, template)


def _refusal(mistakes: Iterable[tuple[int, str]]) -> ValidationError:
    return ValidationError(
        [
            _("line %(line)s: %(what)s") % {"line": line, "what": what} if line else what
            for line, what in mistakes
        ],
        code="broken_text",
    )


def _line_of(text: str, error: LiquidError) -> int:
    """Return the line of a mistake, from 1; the last one where the text ended too early, 0 where unknown."""
    if error.token is None:
        return 0
    if error.token.start_index < 0:
        return _opened_on(text)
    return text.count("\n", 0, error.token.start_index) + 1


def _opened_on(text: str) -> int:
    """Return the line of the first tag that is opened and not closed, else the last line."""
    open_on: list[int] = []
    for token in ENVIRONMENT.tokenizer()(text):
        if token.kind == TOKEN_TAG and token.value in _BLOCK_TAGS:
            open_on.append(_line_at(text, token.start_index))
        elif token.kind == TOKEN_TAG and token.value.startswith("end") and open_on:
            open_on.pop()
    return open_on[0] if open_on else text.rstrip().count("\n") + 1


def _explain(error: LiquidError) -> str:
    message = str(error.message)
    token = error.token
    if isinstance(error, LoopIterationLimitError):
        return _("this goes round too often; a loop may take %(limit)s turns.") % {"limit": MAX_LOOPS}
    if isinstance(error, OutputStreamLimitError):
        return _("this comes to more than %(limit)s characters.") % {"limit": MAX_OUTPUT}
    if isinstance(error, LocalNamespaceLimitError):
        return _("this keeps too much in “assign”.")
    if isinstance(error, ResourceLimitError):
        return _("there are too many tags inside one another.")
    if message.startswith("unexpected tag") and token is not None:
        return _explain_tag(token.value)
    if message.startswith("expected tag end") or message.endswith("was never closed"):
        end = message.removeprefix("expected tag ").partition(",")[0]
        end = end if end.startswith("end") else f"end{end.partition(' ')[0]}"
        return _("“{%% %(tag)s %%}” is not closed; write “{%% %(end)s %%}” where it ends.") % {
            "tag": end.removeprefix("end"),
            "end": end,
        }
    if message.startswith("expected '}}'"):
        return _("“{{” is not closed; write “}}” after the name.")
    if message.startswith("missing tag name"):
        return _("“{%” is not closed, or says nothing; write it like “{% if unit.made_in %}”.")
    if message == "a range is two whole numbers":
        return _("a range is written with two whole numbers, like (1..5).")
    return _explain_rest(error)


def _explain_rest(error: LiquidError) -> str:
    if isinstance(error, UndefinedError):
        return _("a name is used here that has no value at this point; give it one with “assign” before.")
    if isinstance(error, LiquidTypeError) and error.message == "a group is not a text":
        return _("this is a group of values; name one of them, as in unit.attributes.artisan.")
    if "positional argument" in str(error.message):
        return _("a filter here has too few or too many values after its colon.")
    if isinstance(error, LiquidTypeError | FilterArgumentError):
        return _("this can't be worked out: %(why)s.") % {"why": error.message}
    if str(error.message).endswith("found end of expression"):
        return _("this can't be read; something is missing between the braces.")
    near = error.token.value if error.token is not None and error.token.start_index >= 0 else ""
    if near:
        return _("this can't be read near “%(near)s”.") % {"near": near}
    return _("this can't be read; something is missing between the braces.")


def _explain_tag(tag: str) -> str:
    if tag in _INNER_TAGS:
        return _("“{%% %(tag)s %%}” stands where nothing is open for it.") % {"tag": tag}
    return _("the tag “%(name)s” is not known; the tags are %(known)s.") % {
        "name": tag,
        "known": ", ".join(name for name in TAGS if name != "#"),
    }


def _unknown_names(text: str, template: BoundTemplate) -> Iterator[tuple[int, str]]:
    found = template.analyze(include_partials=False)
    for variables in found.globals.values():
        for variable in variables:
            if not _is_known(variable):
                yield _line_at(text, variable.span.index), _not_known(str(variable), VARIABLES)
    for name, spans in found.filters.items():
        if name not in FILTERS:
            for span in spans:
                yield _line_at(text, span.index), _not_known(name, FILTERS)


def _line_at(text: str, index: int) -> int:
    return text.count("\n", 0, index) + 1


def _is_known(variable: Variable) -> bool:
    segments = variable.segments
    if len(segments) == 3 and segments[:2] == ["unit", "attributes"]:
        return True
    return ".".join(map(str, segments)) in VARIABLES


def _not_known(name: str, known: Iterable[str]) -> str:
    close = get_close_matches(name, list(known), n=1, cutoff=0.6)
    if close:
        return _("“%(name)s” is not known; did you mean “%(close)s”?") % {"name": name, "close": close[0]}
    return _("“%(name)s” is not known; the names are %(known)s.") % {
        "name": name,
        "known": ", ".join(known),
    }


class _AnyAttribute(Attributes):
    """Attributes of a unit that has every one of them."""

    def __missing__(self, key: str) -> Any:
        return "x"


def _try_out(text: str, template: BoundTemplate) -> None:
    """Render the text for a unit of which nothing is known, and for one of which everything is."""
    for variables, guessed in ((sample_variables(known=False), False), (sample_variables(known=True), True)):
        try:
            render_body(template, variables)
        except LiquidError as error:
            # What a free attribute holds is a guess here: its kind alone is no mistake.
            if guessed and "unit.attributes" in text and isinstance(error, FilterArgumentError):
                continue
            if guessed and "unit.attributes" in text and str(error.message).startswith("'<'"):
                continue
            raise _refusal([(_line_of(text, error), _explain(error))]) from error
        except (ArithmeticError, ValueError) as error:
            raise ValidationError(
                _("this can't be worked out: a number is too large."), code="broken_text"
            ) from error


def sample_variables(*, known: bool) -> dict[str, object]:
    """Return values of every variable for trying a text out, or nothing for each that may be unknown."""
    day = Day(2024, 2, 29)

    def maybe(value: object) -> object:
        return value if known else None

    return {
        "unit": {
            "serial": "AB-0001",
            "made_on": maybe(day),
            "made_in": maybe("x"),
            "origin": maybe("x"),
            "batch": maybe("x"),
            "age_months": 24 if known else 0,
            "attributes": _AnyAttribute(edition="x", maker="x") if known else Attributes(),
        },
        "product": {"name": "x", "model_number": maybe("x")},
        "brand": {"name": "x"},
        "owner": {"since": maybe(day)},
        "coverage": {"until": maybe(day)},
        "stage": "ownership",
        "today": Day.today() if known else Day(dt.MAXYEAR, 1, 1),
    }
