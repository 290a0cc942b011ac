"""Any set of runs side by side: figures, curves, what was asked differently, the first event that differs."""

from tickreel_desktop.backtest.compare.view import CompareView

__all__ = ["CompareView"]
