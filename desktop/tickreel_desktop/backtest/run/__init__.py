"""One run: its head and figures, equity and trades linked in time, and everything that is kept of it."""

from tickreel_desktop.backtest.run.record import RunRecord, read_run
from tickreel_desktop.backtest.run.view import RunView

__all__ = ["RunRecord", "RunView", "read_run"]
