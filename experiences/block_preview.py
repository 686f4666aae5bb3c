"""Reading a text before it is saved, as the page of one unit would show it."""

import datetime as dt
from dataclasses import dataclass

from django.utils import translation
from liquid.exceptions import LiquidError

from experiences.models import ContentBlock
from experiences.pages.texts import fill, variables_of
from experiences.tap import Refusal, TapContext, look_at_unit
from experiences.texts import Text, card_text
from experiences.visitors import Visitor
from products.models import Unit


@dataclass(frozen=True, slots=True)
class Preview:
    """`text` is None where nothing would be shown; `stage` is the unit's, and whether the text is for it."""

    text: Text | None
    stage: str
    is_for_stage: bool


def preview_block(block: ContentBlock, unit: Unit, locale: str, now: dt.datetime) -> Preview:
    """Return what `unit`'s page would say at `now` (an aware instant) in `locale`; writes and records nothing.

    `block` need not be saved; whoever calls it checked it with `full_clean` and that both are of one brand.
    Raises `Unit.DoesNotExist` for a unit that was deleted meanwhile.
    """
    context = TapContext(
        visitor=Visitor("", is_new=True), now=now, locale_for=lambda _known: locale, peek=True
    )
    with translation.override(locale):
        tap = look_at_unit(unit.public_code, context, None)
        if isinstance(tap, Refusal):
            raise Unit.DoesNotExist(unit.public_code)
        words = card_text(block, 0, locale, unit.brand.default_locale)
        stage = tap.decision.stage.value
        try:
            text = fill(words, variables_of(tap)) if words else None
        except (LiquidError, ArithmeticError, ValueError):
            text = None
        return Preview(text, stage, not block.stages or stage in block.stages)
