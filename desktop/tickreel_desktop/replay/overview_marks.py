"""What lies over the data on an overview: bookmarks, the window in view, the loop and the moment."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPolygonF

from tickreel_desktop.theme import FontRole

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tickreel_desktop.replay.bookmarks import Bookmark
    from tickreel_desktop.replay.overview_layout import OverviewLayout
    from tickreel_desktop.theme import Theme

_FRAME_ALPHA = 38
_LOOP_ALPHA = 26


class OverviewMarks:
    """Paints them; all but the bookmarks are drawn with every frame."""

    def __init__(self, theme: Theme) -> None:
        self._theme = theme

    def paint_loop(self, painter: QPainter, place: OverviewLayout, loop: tuple[int, int]) -> None:
        """Bracket the stretch that is played again and again."""
        ink = self._theme.colour("note")
        rect = place.across(*loop, least=self._theme.px(2))
        ground = QColor(ink)
        ground.setAlpha(_LOOP_ALPHA)
        painter.fillRect(rect, ground)
        thick = self._theme.px(2)
        painter.fillRect(QRectF(rect.left(), rect.top(), rect.width(), thick), ink)
        for x in (rect.left(), rect.right() - thick):  # ends that turn down, as of a bracket
            painter.fillRect(QRectF(x, rect.top(), thick, self._theme.px(7)), ink)

    def paint_frame(self, painter: QPainter, frame: QRectF) -> None:
        """Frame the window in view."""
        accent = self._theme.colour("accent")
        ground = QColor(accent)
        ground.setAlpha(_FRAME_ALPHA)
        painter.fillRect(frame, ground)
        painter.setPen(accent)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRect(
            QRectF(round(frame.left()), frame.top(), round(frame.width()) - 1, frame.height() - 1)
        )

    def paint_bookmarks(
        self, painter: QPainter, place: OverviewLayout, bookmarks: Sequence[Bookmark], *, has_names: bool
    ) -> None:
        """Draw a ribbon for each, with its name as far as there is room up to the next."""
        inside = [one for one in bookmarks if place.start_us <= one.at_us < place.end_us]
        note = self._theme.colour("note")
        wide, high, gap = self._theme.px(7), self._theme.px(10), self._theme.px(6)
        painter.setFont(self._theme.font(FontRole.CAPTION))
        metrics = painter.fontMetrics()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        for number, one in enumerate(inside):
            x = round(place.place(one.at_us))
            painter.fillRect(QRectF(x, high, 1, place.plot.bottom() - high), note)
            left = x - wide // 2
            ribbon = [(left, 1), (left + wide, 1), (left + wide, high), (x + 0.5, high - 3), (left, high)]
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(note)
            painter.drawPolygon(QPolygonF([QPointF(*corner) for corner in ribbon]))
            if not has_names:
                continue
            after = (
                place.place(inside[number + 1].at_us) - wide
                if number + 1 < len(inside)
                else place.left + place.width
            )
            room = round(after - left - wide - 2 * gap)
            text = metrics.elidedText(one.name, Qt.TextElideMode.ElideRight, room)
            if len(text) > 1:
                painter.setPen(self._theme.colour("text_2"))
                rect = QRectF(left + wide + gap, 0, room + 1, place.plot.top())
                painter.drawText(rect, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, text)

    def paint_findings(
        self, painter: QPainter, place: OverviewLayout, findings: Sequence[tuple[int, str]]
    ) -> None:
        """Draw a small pin for each at the foot of the plot, so that bookmarks stay free."""
        half, high = self._theme.px(3), self._theme.px(7)
        foot = round(place.plot.bottom())
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._theme.colour("note"))
        for at_us in {at_us for at_us, _ in findings if place.start_us <= at_us < place.end_us}:
            x = round(place.place(at_us))
            corners = [(x - half, foot - high), (x + half + 1, foot - high), (x + 0.5, foot)]
            painter.drawPolygon(QPolygonF([QPointF(*corner) for corner in corners]))

    def paint_moment(self, painter: QPainter, place: OverviewLayout, at_us: int) -> None:
        """Draw the mark of the moment that is played."""
        at = place.place(at_us)
        accent, half = self._theme.colour("accent"), self._theme.px(5)
        painter.fillRect(QRectF(round(at), 2, 1, place.band.bottom() - 2), accent)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(accent)
        middle, top = round(at) + 0.5, max(1.0, place.plot.top() - 1.4 * half)
        tip = [QPointF(middle - half, top), QPointF(middle + half, top), QPointF(middle, top + 1.4 * half)]
        painter.drawPolygon(QPolygonF(tip))
