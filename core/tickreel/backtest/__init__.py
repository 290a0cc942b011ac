"""Backtest: strategies, a simulated exchange with latencies and queues, and what comes of a run.

The names load what they stand for when they are first used. The package itself can be called:
``tickreel.backtest(...)`` is :func:`tickreel.backtest.calls.backtest`.
"""

from __future__ import annotations

import importlib
import sys
import types
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Any

    from tickreel.backtest.context import Context, Fill, KnownBook, Order, Trade
    from tickreel.backtest.engine import simulate
    from tickreel.backtest.loading import StrategyError, example_names, list_strategies, load_strategy
    from tickreel.backtest.models import Models, ProbabilityQueue, RateFees, RiskAverseQueue, VenueFees
    from tickreel.backtest.outcome import Outcome, Reason, Rule, Side, Status
    from tickreel.backtest.presets import PRESETS
    from tickreel.backtest.request import BacktestRequest
    from tickreel.backtest.runs.run import Run, RunFailed
    from tickreel.backtest.strategy import Param, StrategyClass

__all__ = [
    "PRESETS",
    "BacktestRequest",
    "Context",
    "Fill",
    "KnownBook",
    "Models",
    "Order",
    "Outcome",
    "Param",
    "ProbabilityQueue",
    "RateFees",
    "Reason",
    "RiskAverseQueue",
    "Rule",
    "Run",
    "RunFailed",
    "Side",
    "Status",
    "StrategyClass",
    "StrategyError",
    "Trade",
    "VenueFees",
    "example_names",
    "list_strategies",
    "load_strategy",
    "simulate",
]

_MODULES = {
    "PRESETS": "presets",
    "BacktestRequest": "request",
    "Context": "context",
    "Fill": "context",
    "KnownBook": "context",
    "Models": "models",
    "Order": "context",
    "Outcome": "outcome",
    "Param": "strategy",
    "ProbabilityQueue": "models",
    "RateFees": "models",
    "Reason": "outcome",
    "RiskAverseQueue": "models",
    "Rule": "outcome",
    "Run": "runs.run",
    "RunFailed": "runs.run",
    "Side": "outcome",
    "Status": "outcome",
    "StrategyClass": "strategy",
    "StrategyError": "loading",
    "Trade": "context",
    "VenueFees": "models",
    "example_names": "loading",
    "list_strategies": "loading",
    "load_strategy": "loading",
    "simulate": "engine",
}


def __getattr__(name: str) -> object:
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value: object = getattr(importlib.import_module(f"{__name__}.{_MODULES[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})


class _CallablePackage(types.ModuleType):
    """The package and the function have one name, and Python keeps the package in its place."""

    def __call__(self, *args: Any, **options: Any) -> Run:
        from tickreel.backtest.calls import backtest  # whoever only declares a strategy needs no runs

        return backtest(*args, **options)


sys.modules[__name__].__class__ = _CallablePackage
