"""What the charts of runs share: a stretch of time, curves cut to the screen, value axes at the left."""

from tickreel_desktop.backtest.charts.bar_chart import Bar, BarChart
from tickreel_desktop.backtest.charts.figure import Figure
from tickreel_desktop.backtest.charts.head import ChartHead, Key
from tickreel_desktop.backtest.charts.layers import Area, Band, Layer, Line, Look, Steps
from tickreel_desktop.backtest.charts.span import Span
from tickreel_desktop.backtest.charts.time_chart import Gap, Mark, TimeChart
from tickreel_desktop.backtest.charts.trace import Trace
from tickreel_desktop.backtest.charts.twin import TwinChart

__all__ = [
    "Area",
    "Band",
    "Bar",
    "BarChart",
    "ChartHead",
    "Figure",
    "Gap",
    "Key",
    "Layer",
    "Line",
    "Look",
    "Mark",
    "Span",
    "Steps",
    "TimeChart",
    "Trace",
    "TwinChart",
]
