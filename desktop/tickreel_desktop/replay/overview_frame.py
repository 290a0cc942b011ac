"""The window in view as a frame in the overview: where it is, and how it is taken hold of and moved."""

from __future__ import annotations

from enum import Enum, auto
from typing import TYPE_CHECKING

from PySide6.QtCore import QRectF

if TYPE_CHECKING:
    from PySide6.QtCore import QPointF

    from tickreel_desktop.replay.overview_layout import OverviewLayout
    from tickreel_desktop.replay.sharedview import SharedView
    from tickreel_desktop.theme import Theme

_REACH_PX = 4
"""How near to an edge of the frame the pointer takes hold of it."""
_LEAST_PX = 6


class Hold(Enum):
    """What the pointer has hold of."""

    MOMENT = auto()
    FRAME = auto()
    FRAME_FROM = auto()
    FRAME_TO = auto()


class OverviewFrame:
    """The frame, wide enough to be seen and taken hold of."""

    def __init__(self, theme: Theme, shared: SharedView) -> None:
        self._theme = theme
        self._shared = shared

    def rect(self, place: OverviewLayout) -> QRectF:
        """Give it in pixels of the overview."""
        start_us, end_us = place.start_us, place.end_us
        left = place.place(min(max(self._shared.from_us, start_us), end_us))
        right = place.place(min(max(self._shared.to_us, start_us), end_us))
        least = self._theme.px(_LEAST_PX)
        if right - left < least:
            left = max(place.left, right - least)
            right = left + least
        return QRectF(left, place.plot.top(), right - left, place.plot.height())

    def grip_at(self, place: OverviewLayout, point: QPointF) -> Hold:
        """Tell what a press would take hold of; the row of marks and the health band are the moment's."""
        frame = self.rect(place)
        if not place.plot.top() <= point.y() <= place.plot.bottom():
            return Hold.MOMENT
        reach, x = self._theme.px(_REACH_PX), point.x()
        inner = min(reach, frame.width() / 4)
        if frame.left() - reach <= x <= frame.left() + inner:
            return Hold.FRAME_FROM
        if frame.right() - inner <= x <= frame.right() + reach:
            return Hold.FRAME_TO
        return Hold.FRAME if frame.left() < x < frame.right() else Hold.MOMENT

    def drag(self, hold: Hold, at_us: int) -> None:
        """Bring what is held of the window in view to an instant; of the whole frame that is its end."""
        shared = self._shared
        match hold:
            case Hold.FRAME_FROM:
                shared.set_width(shared.to_us - at_us)
            case Hold.FRAME_TO:
                from_us = shared.from_us
                shared.pan(at_us - shared.to_us)
                shared.set_width(shared.to_us - from_us)
            case Hold.FRAME:
                shared.pan(at_us - shared.to_us)
            case Hold.MOMENT:
                pass
