"""The Backtest workspace: a form for runs and sweeps, the runs that are kept, and what came of them."""

from tickreel_desktop.backtest.keeper import RunsKeeper
from tickreel_desktop.backtest.workspace import BacktestWorkspace

__all__ = ["BacktestWorkspace", "RunsKeeper"]
