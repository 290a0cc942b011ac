"""A map of very many cells is one picture, with each cell where a click finds it and in its colour."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QSize

from tickreel.backtest.sweeps.plane import Cell, Plane
from tickreel.backtest.sweeps.trials import GridAxis, TrialState
from tickreel_desktop.backtest.sweep.map_view import SweepMap
from tickreel_desktop.backtest.sweep.ramp import SweepColours

if TYPE_CHECKING:
    from PySide6.QtGui import QColor
    from PySide6.QtWidgets import QApplication

    from tickreel_desktop.backtest.sweep.map_painter import MapPainter
    from tickreel_desktop.theme import Theme

_SIDE = 70


def test_each_cell_has_its_colour_where_it_is_clicked(qapp: QApplication, theme: Theme) -> None:
    values = np.add.outer(np.arange(_SIDE), 3.0 * np.arange(_SIDE)) - 100.0  # no cell stands alone
    values[3, 7] = np.nan
    cells = tuple(
        tuple(
            Cell(None, TrialState.FAILED if (row, column) == (3, 7) else TrialState.DONE)
            for column in range(_SIDE)
        )
        for row in range(_SIDE)
    )
    axes = [GridAxis(name, tuple(range(_SIDE))) for name in ("across", "up")]
    shown = SweepMap(theme)
    shown.resize(800, 600)
    shown.show()
    shown.show_plane(Plane("pnl", axes[0], axes[1], cells, values, values))
    shown.show_outside(frozenset({(0, 0)}))
    picture = shown.grab().toImage()
    colours, limit = SweepColours(theme.tokens), float(np.nanmax(np.abs(values)))
    for row in range(0, _SIDE, 7):
        for column in range(_SIDE):
            if (column, row) == (0, 0):
                continue
            point = shown.cell_center(column, row)
            ground, _ = colours.of(values[row, column] / limit)
            assert picture.pixelColor(point) == ground, (column, row)
    assert picture.pixelColor(shown.cell_center(7, 3)) == theme.colour("error")
    faded = picture.pixelColor(shown.cell_center(0, 0))
    whole, _ = colours.of(values[0, 0] / limit)
    assert _apart(faded, theme.colour("plot")) < _apart(whole, theme.colour("plot"))
    shown.close()
    shown.deleteLater()


def _apart(one: QColor, other: QColor) -> int:
    return sum(abs(a - b) for a, b in zip(one.getRgb()[:3], other.getRgb()[:3], strict=True))  # type: ignore[index]  # the stubs call it an object


def test_the_picture_stays_until_something_of_it_is_another(qapp: QApplication, theme: Theme) -> None:
    values = np.zeros((_SIDE, _SIDE))
    cells = tuple(tuple(Cell(None, TrialState.DONE) for _ in range(_SIDE)) for _ in range(_SIDE))
    axes = [GridAxis(name, tuple(range(_SIDE))) for name in ("across", "up")]
    plane = Plane("pnl", axes[0], axes[1], cells, values, values)
    shown = SweepMap(theme)
    shown.resize(800, 600)
    shown.show_plane(plane)
    painter: MapPainter = shown._painter
    shown.grab()
    first = painter._drawn
    shown.grab()
    assert painter._drawn is first
    assert first is not None
    shown.show_outside(frozenset({(1, 1)}))
    shown.grab()
    assert painter._drawn is not first
    assert isinstance(first.size(), QSize)
    shown.deleteLater()
