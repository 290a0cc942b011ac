"""What charts of a run have: a value axis at the left, and words for a screen reader."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QFontMetricsF, QPainter

from tickreel.market.units import MINUS, THIN_SPACE
from tickreel_desktop.backtest.charts.twin import TwinChart
from tickreel_desktop.replay.axes import AXIS_WIDTH_PX
from tickreel_desktop.replay.ticks import round_ticks
from tickreel_desktop.theme import FontRole

if TYPE_CHECKING:
    from collections.abc import Callable

    from PySide6.QtWidgets import QWidget

    from tickreel_desktop.backtest.charts.scale import Place
    from tickreel_desktop.theme import Theme

_PX_PER_VALUE = 18
_MOST_VALUES = 6
_TEXT_GAP_PX = 8


def value_text(value: float, decimals: int) -> str:
    """Print a value of an axis: thin spaces between thousands, a true minus sign."""
    text = f"{value:,.{decimals}f}".replace(",", THIN_SPACE).replace("-", MINUS)
    return text if value else text.replace(MINUS, "")


class Figure(TwinChart):
    """A chart with a value axis at the left."""

    def __init__(
        self,
        theme: Theme,
        name: str,
        text: Callable[[float, int], str] = value_text,
        parent: QWidget | None = None,
    ) -> None:
        """Print values of the axis by *text*, which is given the decimals of the step."""
        super().__init__(theme, parent)
        self._text = text
        self.axis_px = theme.px(AXIS_WIDTH_PX)
        self.foot_px = 0
        """Room for words below the plot."""
        self.setAccessibleName(name)
        theme.changed.connect(self.update)

    def words(self) -> str:
        """Say in a sentence what is drawn."""
        raise NotImplementedError

    def area(self) -> QRectF:
        """Give the rectangle of the plot."""
        return QRectF(
            self.axis_px, 0, max(1, self.width() - self.axis_px - 1), max(1, self.height() - self.foot_px)
        )

    def sizeHint(self) -> QSize:
        """Ask for a size at which it can be read."""
        return QSize(self._theme.px(420), self._theme.px(120))

    def minimumSizeHint(self) -> QSize:
        """Need room for an axis and a little more."""
        return QSize(self.axis_px + self._theme.px(60), self._theme.px(48) + self.foot_px)

    def _ground(self, painter: QPainter) -> None:
        painter.fillRect(self.rect(), self._theme.colour("plot"))
        painter.setFont(self._theme.font(FontRole.CAPTION))

    def _paint_axis(self, painter: QPainter, place: Place) -> None:
        """Draw grid lines at round values, that of zero stronger, and the values beside them."""
        area = place.area
        most = int(min(_MOST_VALUES, max(2, area.height() / self._theme.px(_PX_PER_VALUE))))
        ticks = round_ticks(place.low, place.high, most)
        grid, zero = self._theme.colour("grid"), self._theme.colour("line_strong")
        metrics = QFontMetricsF(painter.font())
        gap = self._theme.px(_TEXT_GAP_PX)
        for value in ticks.values:
            y = round(place.y_of(value))
            painter.fillRect(QRectF(area.left(), y, area.width(), 1), zero if value == 0 else grid)
            top = min(max(y - metrics.height() / 2, 0), area.bottom() - metrics.height())
            words = QRectF(0, top, self.axis_px - gap, metrics.height())
            painter.setPen(self._theme.colour("text_2"))
            align = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
            painter.drawText(words, align, self._text(value, ticks.decimals))
