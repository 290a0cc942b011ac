"""A map whose cells are too small for figures, as one picture: thousands of cells take a few milliseconds."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtGui import QImage

from tickreel.backtest.sweeps.ranking import less_is_better
from tickreel.backtest.sweeps.trials import TrialState

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from PySide6.QtCore import QSize
    from PySide6.QtGui import QColor

    from tickreel.backtest.sweeps.plane import Plane
    from tickreel_desktop.backtest.sweep.ramp import SweepColours
    from tickreel_desktop.theme import Theme

_OPAQUE = 0xFF000000


def map_image(
    plane: Plane,
    size: QSize,
    limit: float,
    colours: SweepColours,
    theme: Theme,
    faded_share: float,
    outside: frozenset[tuple[int, int]],
) -> QImage:
    """Paint all cells in a picture of *size*; those *outside*, by column and row, keep a share of colour."""
    rgb = _cell_colours(plane, limit, colours, theme)
    ground = _rgb(theme.colour("plot"))
    if outside:
        columns, rows = np.array(list(outside), np.intp).T
        rgb[rows, columns] = ground + faded_share * (rgb[rows, columns] - ground)
    whole = np.rint(rgb).astype(np.uint32)
    packed = _OPAQUE | whole[..., 0] << 16 | whole[..., 1] << 8 | whole[..., 2]
    rows_of = plane.shape[0] - 1 - _places(size.height(), plane.shape[0])
    pixels = np.ascontiguousarray(packed[rows_of[:, None], _places(size.width(), plane.shape[1])[None, :]])
    made = QImage(pixels.data, size.width(), size.height(), pixels.strides[0], QImage.Format.Format_RGB32)
    return made.copy()  # the pixels belong to the array


def _cell_colours(plane: Plane, limit: float, colours: SweepColours, theme: Theme) -> NDArray[np.float64]:
    """Give the colour of each cell; float64 (rows, columns, 3)."""
    by_state = {state: _rgb(theme.colour("panel")) for state in TrialState}
    by_state |= {
        TrialState.QUEUED: _rgb(theme.colour("plot")),
        TrialState.FAILED: _rgb(theme.colour("error")),
    }
    rgb = np.array([[by_state[cell.state] for cell in cells] for cells in plane.cells], np.float64)
    known = np.isfinite(plane.told)
    sign = -1.0 if less_is_better(plane.figure) else 1.0
    rgb[known] = colours.rgb_of(sign * plane.told[known] / limit if limit else np.zeros(int(known.sum())))
    return rgb


def _rgb(colour: QColor) -> NDArray[np.float64]:
    return np.array([colour.red(), colour.green(), colour.blue()], np.float64)


def _places(pixels: int, count: int) -> NDArray[np.intp]:
    """Give the cell of each pixel along a side, as :class:`MapLayout` shares it out."""
    return (np.arange(pixels) * count // max(1, pixels)).astype(np.intp)
