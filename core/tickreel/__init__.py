"""Tickreel: keep, replay and backtest tick-level order-book data.

The public names load what they stand for when they are first used, so that importing
the package costs nothing.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tickreel.analysis import Analysis, analyze
    from tickreel.backtest.calls import backtest, band, sweep
    from tickreel.backtest.runs.run import Run
    from tickreel.book import Book
    from tickreel.market.types import DataType
    from tickreel.replay import Replay
    from tickreel.shared.opening import open_cache
    from tickreel.store import Cache

    __version__: str

__all__ = [
    "Analysis",
    "Book",
    "Cache",
    "DataType",
    "Replay",
    "Run",
    "__version__",
    "analyze",
    "backtest",
    "band",
    "open_cache",
    "sweep",
]

_MODULES = {
    "Analysis": "tickreel.analysis",
    "Run": "tickreel.backtest.runs.run",
    "band": "tickreel.backtest.calls",
    "sweep": "tickreel.backtest.calls",
    "Book": "tickreel.book",
    "Cache": "tickreel.store",
    "DataType": "tickreel.market.types",
    "Replay": "tickreel.replay",
    "analyze": "tickreel.analysis",
    "open_cache": "tickreel.shared.opening",
}


def __getattr__(name: str) -> object:
    if name == "__version__":
        value: object = importlib.import_module("importlib.metadata").version("tickreel")
    elif name in _MODULES:
        value = getattr(importlib.import_module(_MODULES[name]), name)
    elif name == "backtest":
        value = importlib.import_module("tickreel.backtest")  # a package that can be called
    else:
        raise AttributeError(f"module 'tickreel' has no attribute {name!r}")
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
