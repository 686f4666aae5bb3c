"""Cases that break one constraint each; a matter's cases stand in a module of its own here, found by itself."""

import datetime as dt
import importlib
import pkgutil
from collections.abc import Callable
from typing import Any

NOW = dt.datetime(2026, 6, 15, 12, tzinfo=dt.UTC)
CASES: dict[str, list[Callable[[Any], object]]] = {}


def breaks(*names: str) -> Callable[[Callable[[Any], object]], Callable[[Any], object]]:
    """Register a case: called with a `Cast`, it must be refused by the database."""

    def register(case: Callable[[Any], object]) -> Callable[[Any], object]:
        for name in names:
            CASES.setdefault(name, []).append(case)
        return case

    return register


def load_cases() -> None:
    """Import the modules beside this one."""
    for module in pkgutil.iter_modules(__path__):
        importlib.import_module(f"{__name__}.{module.name}")
