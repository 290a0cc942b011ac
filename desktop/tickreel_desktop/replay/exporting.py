"""What is written of a chart: its figures, its picture, or a drawing of lines and letters."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QBuffer, QIODevice, QPoint
from PySide6.QtGui import QPainter
from PySide6.QtSvg import QSvgGenerator
from PySide6.QtWidgets import QGraphicsView, QWidget

from tickreel.errors import EnvironmentProblem
from tickreel_desktop.replay.chart import Chart
from tickreel_desktop.replay.heatmap import HeatmapView

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from PySide6.QtGui import QColor, QImage

    from tickreel_desktop.replay.panels import ReplayChart

FILTERS = "Figures (*.csv);;Picture (*.png);;Drawing (*.svg)"


def writing_of(chart: ReplayChart, path: Path, ground: QColor) -> Callable[[], object] | None:
    """Take what a chart shows now, and give the call that writes it, for a worker thread.

    The name of the file tells the form: CSV unless PNG or SVG. None where there is nothing to write. The
    call raises OSError or EnvironmentProblem where the file cannot be written.
    """
    if isinstance(chart, Chart):
        chart.settle()
    match path.suffix.lower():
        case ".png":
            picture = chart.grab().toImage()
            return lambda: _save(picture, path)
        case ".svg":
            drawing = svg_of(chart, ground)
            return lambda: path.write_bytes(drawing)
        case _ if isinstance(chart, HeatmapView):
            cells = chart.visible_cells()
            return None if cells is None else lambda: cells.write_csv(path)
        case _:
            table = chart.table()
            return lambda: table.write(path)


def svg_of(chart: QWidget, ground: QColor) -> bytes:
    """Give a chart as it looks now as a drawing; what is coloured pixel by pixel is an image in it."""
    written = QBuffer()
    written.open(QIODevice.OpenModeFlag.WriteOnly)
    generator = QSvgGenerator()
    generator.setOutputDevice(written)
    generator.setTitle(chart.accessibleName())
    generator.setDescription(chart.accessibleDescription())
    generator.setSize(chart.size())
    generator.setViewBox(chart.rect())
    painter = QPainter(generator)
    painter.fillRect(chart.rect(), ground)
    if isinstance(chart, QGraphicsView):
        chart.render(painter)  # of a view this is what its scene shows
    else:
        chart.render(painter, QPoint(0, 0))
    painter.end()
    return bytes(written.data().data())


def _save(picture: QImage, path: Path) -> None:
    if not picture.save(str(path)):
        raise EnvironmentProblem(f"{path}: the picture cannot be written there")
