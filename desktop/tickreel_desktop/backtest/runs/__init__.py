"""The runs that are kept, as a list: sorted, filtered, marked, compared."""

from tickreel_desktop.backtest.runs.pane import RunsPane
from tickreel_desktop.backtest.runs.rows import ListedRun, Rows, RunningRow, rows_of

__all__ = ["ListedRun", "Rows", "RunningRow", "RunsPane", "rows_of"]
