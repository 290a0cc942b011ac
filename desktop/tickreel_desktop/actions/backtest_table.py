"""The actions of the Backtest menu."""

from __future__ import annotations

from tickreel_desktop.actions.spec import ActionSpec, Place

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
    ActionSpec(
        "backtest.run",
        "Run",
        "Backtest",
        "play",
        "Ctrl+R",
        "Run the strategy as the form has it",
        "start strategy backtest",
        Place.BACKTEST,
    ),
    ActionSpec(
        "backtest.sweep",
        "Sweep...",
        "Backtest",
        "stack",
        "Ctrl+Shift+R",
        "Run the strategy for many values of its parameters",
        "grid optimise parameters trials",
        Place.BACKTEST,
    ),
    ActionSpec(
        "backtest.strategy",
        "Open the strategy in its editor",
        "Backtest",
        "file-text",
        "",
        "Open its file in the program that the system has for it; an example is copied first",
        "edit code source python",
        Place.BACKTEST,
        has_line_above=True,
    ),
    ActionSpec(
        "backtest.reload",
        "Reload the strategy",
        "Backtest",
        "arrow-clockwise",
        "",
        "Read its file anew",
        "refresh parameters",
        Place.BACKTEST,
    ),
    ActionSpec(
        "backtest.template",
        "Save the form as a template...",
        "Backtest",
        "floppy-disk",
        "",
        "Keep what is filled in under a name",
        "keep form preset",
        Place.BACKTEST,
    ),
    ActionSpec(
        "backtest.sample",
        "Run the sample backtest",
        "Backtest",
        "flask",
        "",
        "Make the sample where it is not there yet, and run a strategy on it",
        "demo example try",
        has_line_above=True,
    ),
)
