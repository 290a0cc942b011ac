"""The axes of the charts, drawn by pyqtgraph in the colours of the theme."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pyqtgraph as pg
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QFontMetricsF

from tickreel.market.time import US_PER_SECOND
from tickreel.market.units import MINUS
from tickreel_desktop.replay.marks import PlotText, TextBox
from tickreel_desktop.replay.ticks import Ticks, log_ticks, round_ticks, time_step_us
from tickreel_desktop.theme import FontRole
from tickreel_desktop.zone.times import MILLISECONDS_BELOW_US, axis_text

if TYPE_CHECKING:
    from collections.abc import Callable

    from PySide6.QtGui import QPainter
    from PySide6.QtWidgets import QStyleOptionGraphicsItem, QWidget

    from tickreel_desktop.theme import Theme
    from tickreel_desktop.zone import DisplayZone

AXIS_WIDTH_PX = 66
"""Width of every value axis, so that charts below each other share their edges."""
AXIS_HEIGHT_PX = 22
_PX_PER_VALUE = 26
_PX_PER_OFFSET = 40
_PX_BETWEEN = 8
"""Least room between two values of a horizontal axis."""
_PX_PER_MOMENT = 72
_PX_PER_LONG_MOMENT = 100
_PX_PER_OFFSET_OF_MOMENT = 44
_MOST_VALUES = 6
_LONGEST_REPEAT_US = 2 * 3600 * US_PER_SECOND


class PaintedAxis(pg.AxisItem):  # type: ignore[misc]
    """An axis that keeps what it has to draw and draws it anew each time.

    pyqtgraph plays a picture of it, with lines that are blended: that costs several times as much.
    """

    def paint(
        self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None
    ) -> None:
        """Draw the values and the grid."""
        painter.save()
        painter.setFont(self.style["tickFont"])
        if self.picture is None:
            # Nothing while there is no room for anything.
            self.picture: Any = self.generateDrawSpecs(painter) or (None, (), ())
        _, lines, words = self.picture
        for pen, begin, end in lines:
            if begin.x() != end.x():
                grid = QRectF(begin.x(), round(begin.y()), end.x() - begin.x(), 1).normalized()
                colour = pen.color()
                colour.setAlpha(255)
                painter.fillRect(grid, colour)
        painter.setPen(self.textPen())
        for place, flags, text in words:
            painter.drawText(place, int(flags), text)
        painter.restore()


class ValueAxis(PaintedAxis):
    """An axis of round values; upright it has a fixed width and horizontal grid lines."""

    def __init__(
        self, theme: Theme, orientation: str, text: Callable[[float, int], str], *, free_px: int = 0
    ) -> None:
        """Print values by *text*, which is given the value and the decimals of the step.

        No value stands in the uppermost *free_px*, which are left to words.
        """
        super().__init__(orientation)
        self.free_px = theme.px(free_px)
        self.is_log = False
        """Whether the values are logarithms (to base 10) of what is printed."""
        self.marked: tuple[float, ...] = ()
        """The only values that are printed, where they are not sought for the range."""
        self._theme = theme
        self._text = text
        self._decimals = 0
        self.enableAutoSIPrefix(False)
        is_upright = orientation in ("left", "right")
        self._is_upright = is_upright
        self._font = QFontMetricsF(theme.font(FontRole.CAPTION))
        self._px_per_value = theme.px(_PX_PER_VALUE if is_upright else _PX_PER_OFFSET)
        if is_upright:
            self.setWidth(theme.px(AXIS_WIDTH_PX))
            self.setGrid(255)
        else:
            self.setHeight(theme.px(AXIS_HEIGHT_PX))
        self.setStyle(tickLength=0, tickTextOffset=8, tickFont=theme.font(FontRole.CAPTION))
        self.dress()

    def dress(self) -> None:
        """Take the colours of the theme in use."""
        self.setPen(None)
        self.setTickPen(pg.mkPen(self._theme.colour("grid")))
        self.setTextPen(pg.mkPen(self._theme.colour("text_2")))

    def lie_below(self) -> None:
        """Draw the grid under the data; a plot puts its axes on top when it takes them in."""
        self.setZValue(-1000)

    def tickValues(
        self,
        minVal: float,  # noqa: N803
        maxVal: float,  # noqa: N803
        size: float,
    ) -> list[tuple[float, tuple[float, ...]]]:
        """Give round values, as many as there is room for."""
        if self.marked:
            return [(1.0, self.marked)]
        maxVal -= (maxVal - minVal) * min(1.0, self.free_px / max(1.0, size))  # noqa: N806
        most = int(min(_MOST_VALUES, max(2, size / self._px_per_value)))
        if self.is_log:
            return [(1.0, log_ticks(minVal, maxVal, most))]
        ticks = round_ticks(minVal, maxVal, most)
        self._decimals = ticks.decimals
        while not self._is_upright and len(ticks.values) > 1 and self._overlap(ticks, maxVal - minVal, size):
            most -= 1
            ticks = round_ticks(minVal, maxVal, most) if most else Ticks(ticks.values[:1], ticks.decimals)
            self._decimals = ticks.decimals
        return [(1.0, ticks.values)]

    def _overlap(self, ticks: Ticks, span: float, size: float) -> bool:
        """Tell whether two of the values, printed side by side, would touch."""
        widest = max(map(self._font.horizontalAdvance, self.tickStrings(list(ticks.values), 1.0, 1.0)))
        return widest + _PX_BETWEEN > (ticks.values[1] - ticks.values[0]) / span * size

    def tickStrings(self, values: list[float], scale: float, spacing: float) -> list[str]:
        """Print the values."""
        return [
            self._text(10.0**value if self.is_log else value, self._decimals).replace("-", MINUS)
            for value in values
        ]


class MomentAxis(PaintedAxis):
    """A time axis in the display zone, whose coordinate is seconds after an origin; it marks the cursor."""

    def __init__(self, theme: Theme, zone: DisplayZone) -> None:
        super().__init__("bottom")
        self._theme = theme
        self._display = zone
        self._origin_us = 0
        self._step_us = US_PER_SECOND
        self.enableAutoSIPrefix(False)
        self.setHeight(theme.px(AXIS_HEIGHT_PX))
        self.setStyle(tickLength=0, tickTextOffset=6, tickFont=theme.font(FontRole.CAPTION))
        self._zone = PlotText(theme, self, "text_3")
        self._mark = TextBox(theme, self, inverse=True)
        self.geometryChanged.connect(self._place_zone)
        zone.changed.connect(self._relabel)
        self._relabel()
        self.dress()

    def dress(self) -> None:
        """Take the colours of the theme in use."""
        self.setPen(None)
        self.setTickPen(pg.mkPen(self._theme.colour("grid")))
        self.setTextPen(pg.mkPen(self._theme.colour("text_2")))
        self._zone.dress()
        self._mark.dress()

    def show_mark(self, at_px: float, text: str) -> None:
        """Print a moment of its own over the axis, as near to a place of it as there is room."""
        self._mark.show_text(text)
        width = self._mark.rect().width()
        self._mark.setPos(round(min(max(0.0, at_px - width / 2), self.width() - width - 1)), 0)

    def hide_mark(self) -> None:
        """Take that moment away."""
        self._mark.hide()

    def _place_zone(self) -> None:
        # Below the value axis, beside the moments; a long name begins at their edge.
        room = self._theme.px(AXIS_WIDTH_PX) - self._zone.width()
        self._zone.setPos(self.width() + max(0.0, min(8.0, room)), 5)

    def set_origin(self, origin_us: int) -> None:
        """Let coordinate 0 be another instant."""
        if origin_us != self._origin_us:
            self._origin_us = origin_us
            self._relabel()

    def zone_text(self) -> str:
        """Give the name of the zone at the end of the axis."""
        return self._zone.text()

    def _relabel(self) -> None:
        self._zone.set_text(self._display.zone.short_name(self._origin_us))
        self._place_zone()
        # The range stays as it is, so that the item would keep its picture.
        self.picture = None
        self.update()

    def generateDrawSpecs(self, painter: QPainter) -> tuple[None, tuple[()], list[tuple[QRectF, int, str]]]:
        """Place the moments whose words fit whole; there are no lines, which saves most of the work."""
        low, high = self.range
        across_px, metrics = self.width(), painter.fontMetrics()
        words = []
        for spacing, moments in self.tickValues(low, high, across_px):
            for text, at in zip(self.tickStrings(moments, 1.0, spacing), moments, strict=True):
                width = metrics.horizontalAdvance(text) + 1
                left = (at - low) / (high - low) * across_px - width / 2
                if left >= 0 and left + width <= across_px:
                    place = QRectF(left, self.style["tickTextOffset"][1], width, metrics.height())
                    words.append((place, int(Qt.AlignmentFlag.AlignCenter), text))
        return None, (), words

    def tickValues(
        self,
        minVal: float,  # noqa: N803
        maxVal: float,  # noqa: N803
        size: float,
    ) -> list[tuple[float, list[float]]]:
        """Give round moments, as many as there is room for."""
        span_us = (maxVal - minVal) * US_PER_SECOND
        if not span_us > 0:
            return []
        zone = self._display.zone
        low_us = round(self._origin_us + minVal * US_PER_SECOND)
        high_us = round(self._origin_us + maxVal * US_PER_SECOND)
        # In an hour that the clocks show twice every moment carries its offset.
        changes = zone.changes(low_us - _LONGEST_REPEAT_US, high_us + _LONGEST_REPEAT_US)
        is_repeated = any(each.after_us < each.before_us for each in changes)
        extra_px = _PX_PER_OFFSET_OF_MOMENT if is_repeated else 0
        self._step_us = time_step_us(span_us, int(size / self._theme.px(_PX_PER_MOMENT + extra_px)))
        if self._step_us < MILLISECONDS_BELOW_US:
            # Milliseconds make the words wider.
            self._step_us = time_step_us(span_us, int(size / self._theme.px(_PX_PER_LONG_MOMENT + extra_px)))
        moments = zone.round_instants(low_us, high_us, self._step_us)
        return [
            (
                self._step_us / US_PER_SECOND,
                [(at_us - self._origin_us) / US_PER_SECOND for at_us in moments],
            )
        ]

    def tickStrings(self, values: list[float], scale: float, spacing: float) -> list[str]:
        """Print the moments."""
        # Seconds as floats are exact to the microsecond after rounding: an axis spans years at most.
        moments = (self._origin_us + round(value * US_PER_SECOND) for value in values)
        return [axis_text(self._display.zone, at_us, self._step_us) for at_us in moments]
