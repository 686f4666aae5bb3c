"""What an act on a unit is: words before it is done, a form, one service."""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from config.console.unit_forms import UnitForm
from products.models import Unit


@dataclass(frozen=True, slots=True)
class Action:
    """An act on a unit, in words before it is done."""

    slug: str
    title: Any
    will: Any
    undo: Any
    done: Any
    form: type[UnitForm]
    run: Callable[[Unit, dict[str, Any], int, dt.datetime], object]
    fits: Callable[[Unit, Any], bool]
    is_severe: bool = False
