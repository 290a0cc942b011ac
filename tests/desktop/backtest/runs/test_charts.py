"""Curves are cut to the screen without losing an extreme, and charts draw them where they belong."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest

from tickreel_desktop.backtest.charts import (
    Area,
    Band,
    Bar,
    BarChart,
    Gap,
    Line,
    Look,
    Mark,
    Span,
    TimeChart,
    Trace,
)
from tickreel_desktop.backtest.charts.trace import parted, stepped
from tickreel_desktop.replay.charttable import TableTwin

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

    from tickreel_desktop.theme import Theme
    from tickreel_desktop.zone import DisplayZone

S = 1_000_000
START = 1_741_964_400 * S
LOOK = Look("accent", width=3)


@pytest.mark.parametrize("count", [15_000, 1_000_000])
def test_a_long_curve_keeps_every_extreme_and_its_ends(count: int) -> None:
    at_us = START + np.arange(count, dtype=np.int64) * 1000
    values = np.random.default_rng(3).normal(size=count)
    values[count // 3], values[count // 2] = 99.0, -77.0
    trace = Trace.of(at_us, values)
    points = trace.points(int(at_us[0]), int(at_us[-1]), 900)
    assert len(points.values) <= 2 * 904
    assert (points.values.max(), points.values.min()) == (99.0, -77.0)
    assert (points.values[0], points.values[-1]) == (values[0], values[-1])
    assert (np.diff(points.at_us) >= 0).all()
    highest = points.at_us[points.values.argmax()]
    assert abs(highest - at_us[count // 3]) <= 1.5 * (at_us[-1] - at_us[0]) / 900
    assert trace.extremes(int(at_us[0]), int(at_us[-1])) == (-77.0, 99.0)
    few = trace.points(int(at_us[1000]), int(at_us[1100]), 900)
    assert few.values.tolist() == values[999:1102].tolist(), "all of them, and one at either side"
    seen = trace.points(int(at_us[count // 2 - 4000]), int(at_us[count // 2 + 4000]), 300)
    own = values[count // 2 - 4000 : count // 2 + 4001]
    assert seen.values.min() == -77.0
    assert seen.values.max() >= own.max()


def test_unknown_values_part_a_curve_and_steps_hold() -> None:
    at_us = START + np.arange(6, dtype=np.int64) * S
    values = np.arange(6.0)
    trace = parted(at_us, values, [(START + S + 1, START + 3 * S)])
    assert trace.at_us.tolist() == [START, START + S, START + S + 1, *at_us[3:].tolist()]
    assert np.isnan(trace.values[2])
    held = stepped(Trace.of(at_us[:2], values[:2]).points(START, START + 4 * S, 100), START + 4 * S)
    assert held.at_us.tolist() == [START, START + S, START + S, START + 4 * S]
    assert held.values.tolist() == [0, 0, 1, 1]


def test_a_span_stays_in_its_range() -> None:
    span = Span()
    span.show_range(0, 100 * S)
    span.zoom(0.5, 20 * S)
    assert (span.from_us, span.to_us) == (10 * S, 60 * S)
    span.pan(-30 * S)
    assert (span.from_us, span.to_us) == (0, 50 * S)
    span.bring(90 * S)
    assert span.from_us <= 90 * S <= span.to_us <= 100 * S
    assert span.cursor_us == 90 * S
    span.zoom(100, 50 * S)
    assert span.is_whole
    span.set_cursor(500 * S)
    assert span.cursor_us == 100 * S


@pytest.fixture
def span(qtbot: QtBot) -> Span:
    made = Span()
    made.show_range(START, START + 100 * S)
    return made


@pytest.fixture
def chart(qtbot: QtBot, theme: Theme, zone: DisplayZone, span: Span) -> TimeChart:
    made = TimeChart(theme, zone, "Equity", span, told=lambda value: f"{value:.1f}", has_times=True)
    made.shows_read_out = True
    qtbot.addWidget(made)
    made.resize(700, 240)
    at_us = START + np.arange(101, dtype=np.int64) * S
    values = np.sin(np.arange(101) / 8) * 10
    made.set_layers([Line("Equity", Trace.of(at_us, values), LOOK)])
    made.show()
    qtbot.waitExposed(made)
    return made


def test_a_line_is_drawn_where_its_values_lie(chart: TimeChart, theme: Theme) -> None:
    (layer,) = chart.layers
    image, place = chart.grab().toImage(), chart.place()
    colour = theme.colour("accent")
    area, low, high = place.area, float(layer.values.min()), float(layer.values.max())
    assert place.low < low < high < place.high, "there is room above and below"
    up = area.height() / (place.high - place.low)
    for number in range(2, 99, 7):
        x = round(area.left() + number / 100 * area.width())
        y = area.bottom() - (float(layer.values[number]) - place.low) * up
        column = [down for down in range(image.height()) if image.pixelColor(x, down) == colour]
        assert column, f"nothing is drawn at {x}"
        assert min(abs(down - y) for down in column) <= 2
    assert image.pixelColor(round(place.x_of(START)) + 1, 2) == theme.colour("plot")


def test_the_cursor_reads_what_is_stored_and_moves_by_keys(chart: TimeChart, span: Span) -> None:
    (layer,) = chart.layers
    span.set_cursor(START + 40 * S + 1)
    assert chart.read_out().splitlines()[1] == f"Equity  {layer.values[40]:.1f}"
    chart.setFocus()
    QTest.keyClick(chart, Qt.Key.Key_Right)
    assert span.cursor_us is not None
    first_us = span.cursor_us
    QTest.keyClick(chart, Qt.Key.Key_Right, Qt.KeyboardModifier.ShiftModifier)
    assert span.cursor_us - first_us > 5 * (first_us - START - 40 * S)
    QTest.keyClick(chart, Qt.Key.Key_Escape)
    assert span.cursor_us is None


def test_a_drag_chooses_a_part_and_a_click_points_and_lets_go(
    qtbot: QtBot, chart: TimeChart, span: Span
) -> None:
    place = chart.place()
    left, right = (QPoint(round(place.x_of(START + second * S)), 80) for second in (20, 60))
    QTest.mousePress(chart, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, left)
    QTest.mouseMove(chart, (left + right) / 2)
    QTest.mouseMove(chart, right)
    QTest.mouseRelease(chart, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, right)
    assert span.chosen is not None
    assert [round((at_us - START) / S) for at_us in span.chosen] == [20, 60]
    with qtbot.waitSignal(chart.pointed) as pointed:
        QTest.mouseClick(chart, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, left)
    assert abs(pointed.args[0] - START - 20 * S) < S
    assert span.chosen is None


def test_the_twin_has_the_stored_numbers_and_a_chart_has_words(chart: TimeChart) -> None:
    (layer,) = chart.layers
    table = chart.table()
    assert table.columns == ("time UTC", "Equity")
    assert [float(row[1]) for row in table.rows] == layer.values.tolist()
    assert table.rows[0][0].startswith("2025-03-14")
    chart.setFocus()
    QTest.keyClick(chart, Qt.Key.Key_T, Qt.KeyboardModifier.ControlModifier)
    (twin,) = chart.window().findChildren(TableTwin)
    assert twin.rows.model().rowCount() == 101
    twin.close()
    assert chart.accessibleName() == "Equity"
    assert f"{layer.values[-1]:.1f}" in chart.words()


def test_bands_gaps_and_marks_are_drawn(chart: TimeChart, theme: Theme, span: Span) -> None:
    at_us = START + np.arange(101, dtype=np.int64) * S
    low, high, fall = (Trace.of(at_us, np.full(101, value)) for value in (-5.0, 5.0, -8.0))
    chart.set_layers([Band("Band", low, LOOK, high), Area("Fall", fall, LOOK)])
    plain_image = chart.grab().toImage()
    place = chart.place()
    inside = QPoint(round(place.x_of(START + 30 * S)), round(place.y_of(2.2)))
    outside = QPoint(inside.x(), round(place.y_of(5.5)))
    assert plain_image.pixelColor(inside) != plain_image.pixelColor(outside)
    chart.set_gaps([Gap(START + 70 * S, START + 80 * S, "1 day not in the data")])
    chart.set_marks([Mark(START + 30 * S, None, "first divergence")])
    image = chart.grab().toImage()
    gap = QPoint(round(place.x_of(START + 75 * S)), round(place.y_of(5.5)))
    assert image.pixelColor(gap) == theme.colour("line")
    assert image.pixelColor(round(place.x_of(START + 30 * S)), 100) == theme.colour("note")
    span.set_cursor(START + 50 * S)
    assert "Band  -5.0 to 5.0" in chart.read_out()


def test_bars_stand_on_zero_and_say_their_values(qtbot: QtBot, theme: Theme) -> None:
    chart = BarChart(theme, "PnL by hour", "hour", told=lambda value: f"{value:g}")
    qtbot.addWidget(chart)
    chart.resize(400, 200)
    chart.set_bars([Bar("00", 4.0, "00:00"), Bar("01", -2.0, "01:00"), Bar("02", 0.0)])
    chart.show()
    first, second = chart.bar_rect(0), chart.bar_rect(1)
    assert first.bottom() == pytest.approx(second.top(), abs=1)
    assert first.height() == pytest.approx(2 * second.height(), abs=2)
    image = chart.grab().toImage()
    assert image.pixelColor(first.center().toPoint()) == theme.colour("present")
    QTest.keyClick(chart, Qt.Key.Key_Right)
    assert chart.words() == "00:00: 4"
    QTest.keyClick(chart, Qt.Key.Key_Right)
    assert chart.accessibleDescription() == "01:00: -2"
    assert chart.table().rows[1] == ("01:00", "-2")
