"""Every action of the program, in the order of the menus."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tickreel_desktop.actions.analysis_table import ANALYSIS
from tickreel_desktop.actions.backtest_table import BACKTEST
from tickreel_desktop.actions.data_table import DATA
from tickreel_desktop.actions.frame_table import EDIT, FILE, HELP, VIEW, WINDOW
from tickreel_desktop.actions.replay_table import REPLAY
from tickreel_desktop.actions.runs_table import RUNS
from tickreel_desktop.actions.sweep_table import SWEEPS

if TYPE_CHECKING:
    from tickreel_desktop.actions.spec import ActionSpec

ACTIONS: tuple[ActionSpec, ...] = (
    *FILE,
    *EDIT,
    *VIEW,
    *DATA,
    *REPLAY,
    *BACKTEST,
    *RUNS,
    *SWEEPS,
    *ANALYSIS,
    *WINDOW,
    *HELP,
)
"""All of them; every action's object name is its id."""
