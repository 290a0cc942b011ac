"""The actions of the Backtest menu."""

from __future__ import annotations

from tickreel_desktop.actions.spec import ActionSpec

BACKTEST: tuple[ActionSpec, ...] = (
    ActionSpec(
        "backtest.new",
        "New run",
        "Backtest",
        "plus",
        "",
        "Choose a strategy, symbols and days for a backtest",
        "strategy test form",
    ),
)
