"""The depth heatmap of a replay, its legend and the controls that choose what it shows."""

from tickreel_desktop.replay.heatmap.controls import (
    make_column_choice,
    make_group_choice,
    make_measure_choice,
    make_scale_choice,
    make_size_choice,
)
from tickreel_desktop.replay.heatmap.demand import Choices
from tickreel_desktop.replay.heatmap.legend import HeatmapLegend
from tickreel_desktop.replay.heatmap.overlay import Mark, MarkKind
from tickreel_desktop.replay.heatmap.view import HeatmapView
from tickreel_desktop.replay.heatmap.viewport import PROFILE_WIDTH_PX

__all__ = [
    "PROFILE_WIDTH_PX",
    "Choices",
    "HeatmapLegend",
    "HeatmapView",
    "Mark",
    "MarkKind",
    "make_column_choice",
    "make_group_choice",
    "make_measure_choice",
    "make_scale_choice",
    "make_size_choice",
]
