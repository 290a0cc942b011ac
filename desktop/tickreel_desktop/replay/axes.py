"""The axes of the charts, drawn by pyqtgraph in the colours of the theme."""

from __future__ import annotations

from math import ceil, floor
from typing import TYPE_CHECKING, Any

import pyqtgraph as pg

from tickreel.market.time import US_PER_SECOND
from tickreel.market.units import MINUS
from tickreel_desktop.replay.marks import PlotText, TextBox
from tickreel_desktop.replay.ticks import (
    MILLISECONDS_BELOW_US,
    format_moment,
    round_ticks,
    time_step_us,
)
from tickreel_desktop.theme import FontRole

if TYPE_CHECKING:
    from collections.abc import Callable

    from tickreel_desktop.theme import Theme

AXIS_WIDTH_PX = 66
"""Width of every value axis, so that charts below each other share their edges."""
AXIS_HEIGHT_PX = 22
_PX_PER_VALUE = 26
_PX_PER_OFFSET = 58
_PX_PER_MOMENT = 72
_PX_PER_LONG_MOMENT = 100
_MOST_VALUES = 6


class ValueAxis(pg.AxisItem):  # type: ignore[misc]
    """An axis of round values; upright it has a fixed width and horizontal grid lines."""

    def __init__(
        self, theme: Theme, orientation: str, text: Callable[[float, int], str], *, free_px: int = 0
    ) -> None:
        """Print values by *text*, which is given the value and the decimals of the step.

        No value stands in the uppermost *free_px*, which are left to words.
        """
        super().__init__(orientation)
        self.free_px = theme.px(free_px)
        self._theme = theme
        self._text = text
        self._decimals = 0
        self.enableAutoSIPrefix(False)
        is_upright = orientation in ("left", "right")
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
        maxVal -= (maxVal - minVal) * min(1.0, self.free_px / max(1.0, size))  # noqa: N806
        most = int(min(_MOST_VALUES, max(2, size / self._px_per_value)))
        ticks = round_ticks(minVal, maxVal, most)
        self._decimals = ticks.decimals
        return [(1.0, ticks.values)]

    def tickStrings(self, values: list[float], scale: float, spacing: float) -> list[str]:
        """Print the values."""
        return [self._text(value, self._decimals).replace("-", MINUS) for value in values]


class MomentAxis(pg.AxisItem):  # type: ignore[misc]
    """A time axis whose coordinate is seconds after an origin, printed as UTC, with a mark at the cursor."""

    def __init__(self, theme: Theme) -> None:
        super().__init__("bottom")
        self._theme = theme
        self._origin_us = 0
        self._step_us = US_PER_SECOND
        self.enableAutoSIPrefix(False)
        self.setHeight(theme.px(AXIS_HEIGHT_PX))
        self.setStyle(tickLength=0, tickTextOffset=6, tickFont=theme.font(FontRole.CAPTION))
        self._zone = PlotText(theme, self, "text_3")
        self._zone.set_text("UTC")
        self._mark = TextBox(theme, self, inverse=True)
        self.geometryChanged.connect(self._place_zone)
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
        # Below the value axis, beside the moments.
        self._zone.setPos(self.width() + 8, 5)

    def set_origin(self, origin_us: int) -> None:
        """Let coordinate 0 be another instant."""
        if origin_us != self._origin_us:
            self._origin_us = origin_us
            # The range stays as it is, so that the item would keep its picture.
            self.picture: Any = None
            self.update()

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
        self._step_us = time_step_us(span_us, int(size / self._theme.px(_PX_PER_MOMENT)))
        if self._step_us < MILLISECONDS_BELOW_US:
            # Milliseconds make the words wider.
            self._step_us = time_step_us(span_us, int(size / self._theme.px(_PX_PER_LONG_MOMENT)))
        low_us = self._origin_us + minVal * US_PER_SECOND
        high_us = self._origin_us + maxVal * US_PER_SECOND
        numbers = range(ceil(low_us / self._step_us), floor(high_us / self._step_us) + 1)
        return [
            (
                self._step_us / US_PER_SECOND,
                [(n * self._step_us - self._origin_us) / US_PER_SECOND for n in numbers],
            )
        ]

    def tickStrings(self, values: list[float], scale: float, spacing: float) -> list[str]:
        """Print the moments."""
        # The coordinate is exact to the microsecond only after rounding to its step.
        moments = (
            round((self._origin_us + value * US_PER_SECOND) / self._step_us) * self._step_us
            for value in values
        )
        return [format_moment(int(at_us), self._step_us) for at_us in moments]
