"""The actions of the Backtest menu that are about a sweep in view, and about why an order was filled."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tickreel_desktop.actions.spec import ActionSpec

if TYPE_CHECKING:
    from tickreel_resources import IconName


def _action(
    action_id: str, text: str, icon: IconName | None, tip: str, words: str, *, line: bool = False
) -> ActionSpec:
    # Of no place: whether one can be done goes by the page of the workspace, not by the workspace alone.
    return ActionSpec(
        action_id,
        text,
        "Backtest",
        icon,
        "",
        tip,
        words,
        has_line_above=line,
    )


SWEEPS: tuple[ActionSpec, ...] = (
    _action(
        "sweep.refine",
        "Refine the sweep in its region",
        "ruler",
        "Set up a sweep of the selected region, with the values between those that were tried",
        "grid finer zoom parameters",
        line=True,
    ),
    _action(
        "sweep.compare",
        "Compare the runs of the region",
        "columns",
        "Put the runs of the selected region side by side",
        "sweep diff side",
    ),
    _action(
        "why.last",
        "Why: previous order",
        "caret-left",
        "Show the order before, or the one before that was filled",
        "fill queue step",
        line=True,
    ),
    _action(
        "why.next",
        "Why: next order",
        "caret-right",
        "Show the next order, or the next that was filled",
        "fill queue step",
    ),
    _action(
        "why.replay",
        "Why: open here in Replay",
        "play",
        "Replay the run at this order",
        "fill queue heat map ladder",
    ),
    _action(
        "why.analyse",
        "Why: send the window to Analysis",
        "sparkle",
        "Select the time around this order for the analysis",
        "fill queue ai window",
    ),
)
