"""The controls that choose what a heatmap shows: rows, columns, measure, scale and smallest size."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from PySide6.QtWidgets import QComboBox

from tickreel.book import CellMeasure
from tickreel.market.units import format_amount, format_duration_s, format_price
from tickreel_desktop.components import Segment, Segments
from tickreel_desktop.replay.heatmap.demand import COLUMNS_US, GROUPS
from tickreel_desktop.replay.heatmap.reading import MEASURE_WORDS

if TYPE_CHECKING:
    from tickreel_desktop.replay.heatmap.view import HeatmapView
    from tickreel_desktop.theme import Theme

_LEAST_SIZES: Final = (0.0, 0.01, 0.1, 0.5, 1.0, 5.0, 10.0, 50.0, 100.0, 1000.0)


def make_group_choice(heatmap: HeatmapView) -> QComboBox:
    """Choose how high a row is, in prices; automatic follows the height of the picture."""
    made = QComboBox()
    made.setAccessibleName("Group, height of a row in prices")
    made.view().setAccessibleName("Groups")

    def fill() -> None:
        made.blockSignals(True)
        made.clear()
        made.addItem("Auto", None)
        tick = heatmap.tick
        for ticks in GROUPS if tick is not None else ():
            made.addItem(format_price(ticks * (tick or 0.0), heatmap.decimals), ticks)
        made.setCurrentIndex(max(0, made.findData(heatmap.choices.group_ticks)))
        made.blockSignals(False)

    def choose(index: int) -> None:
        heatmap.choose(replace(heatmap.choices, group_ticks=made.itemData(index)))

    fill()
    heatmap.tick_changed.connect(fill)
    made.activated.connect(choose)
    return made


def make_column_choice(heatmap: HeatmapView) -> QComboBox:
    """Choose how much time a column takes; automatic is one or two pixels."""
    made = QComboBox()
    made.setAccessibleName("Column, time")
    made.view().setAccessibleName("Columns")
    made.addItem("Auto", None)
    for column_us in COLUMNS_US:
        made.addItem(format_duration_s(column_us / 1e6), column_us)
    made.setCurrentIndex(max(0, made.findData(heatmap.choices.column_us)))
    made.activated.connect(
        lambda index: heatmap.choose(replace(heatmap.choices, column_us=made.itemData(index)))
    )
    return made


def make_size_choice(heatmap: HeatmapView) -> QComboBox:
    """Choose below which size a cell is drawn as ground."""
    made = QComboBox()
    made.setAccessibleName("Size from, amount")
    made.view().setAccessibleName("Sizes")
    for least in _LEAST_SIZES:
        made.addItem(format_amount(least) if least else "Any", least)
    made.setCurrentIndex(max(0, made.findData(heatmap.choices.least)))
    made.activated.connect(lambda index: heatmap.choose(replace(heatmap.choices, least=made.itemData(index))))
    return made


def make_measure_choice(theme: Theme, heatmap: HeatmapView) -> Segments:
    """Choose what a column says of a cell: greatest, last or mean size."""
    segments = [Segment(str(measure), word.capitalize()) for measure, word in MEASURE_WORDS.items()]
    made = Segments(theme, "Cell", segments, small=True)
    made.choose(str(heatmap.choices.measure))
    made.chosen.connect(lambda key: heatmap.choose(replace(heatmap.choices, measure=CellMeasure(key))))
    return made


def make_scale_choice(theme: Theme, heatmap: HeatmapView) -> Segments:
    """Choose how colours rise with sizes."""
    made = Segments(theme, "Colours", [Segment("log", "Log"), Segment("linear", "Linear")], small=True)
    made.choose("log" if heatmap.choices.is_log else "linear")
    made.chosen.connect(lambda key: heatmap.choose(replace(heatmap.choices, is_log=key == "log")))
    return made
